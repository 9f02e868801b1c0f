"""Events for the history, written where the settings or the report have it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bot.adapters import history
from bot.adapters.workflow.folder import open_folder_of
from bot.cli.left import FOLDER
from bot.cli.streams import tell
from bot.errors import BotError
from bot.rank.history import Event
from bot.settings import SchedulerSettings


def remember(
    events: Sequence[Event], settings: SchedulerSettings, *, workspace: Path | None, report: str | None
) -> None:
    """Add events to the file of the settings, else to that of the report; `report` is a folder of the workspace.

    A history that cannot be written is a line for people: the review stands.
    """
    if not events or not settings.enabled:
        return
    path = settings.history or f"{report or FOLDER}/{history.FILE}"
    try:
        if Path(path).is_absolute():
            history.append(path, events)
        elif workspace is not None:
            folder, name = open_folder_of(workspace, path)
            with folder:
                folder.add(name, events)
    except BotError as error:
        tell(f"warning: what became of suggestions is not written down: {error}")
