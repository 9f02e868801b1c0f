"""What the order of a review's offers needs from outside: history, feeds, ages of lines.

None of it is worth failing a review for: what cannot be used is a line for people, and the order does without.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bot.adapters import history as histories
from bot.adapters.tree import Tree
from bot.errors import InputError
from bot.pull.brought import Brought
from bot.pull.order import Known, Neighbours, Sort, ordered, plain, unknown_ages
from bot.rank import Feeds, History, Weights
from bot.rank.history import parse
from bot.review.model import Offer
from bot.settings import SchedulerSettings

if TYPE_CHECKING:
    from bot.adapters.git import Repository

HISTORY = ".k8s-auto-fix/history.jsonl"
"""Where the history is when the settings name no other file."""


@dataclass(slots=True)
class Ordering:
    """How a review is put in order. `base` and `head` are its commits, `workspace` where files of the run lie.

    Without a workspace no file outside of the commits counts, but a history that the settings name by an absolute path:
    what lies around may be a stranger's.

    `notes` are the lines for people, once it is `sorted`.
    """

    settings: SchedulerSettings
    base: Tree
    head: Tree
    opened: Callable[[], Repository]
    workspace: Path | None = None
    notes: list[str] = field(default_factory=list)
    history: History = field(default_factory=History)

    def sort(self, found: Sequence[Brought], neighbours: Neighbours) -> Sort:
        """What puts the offers of the files that were looked at in order."""
        if not self.settings.enabled:
            return plain
        return partial(self._sorted, found, neighbours)

    def _sorted(self, found: Sequence[Brought], neighbours: Neighbours, offers: Sequence[Offer]) -> Sequence[Offer]:
        if not offers:
            return offers
        self.history = self._history()
        known = Known(Weights(**self.settings.weights), self.history, self._feeds(), self._ages(found, offers))
        return ordered(offers, found, known, neighbours)

    def _history(self) -> History:
        """What the merge base holds, and what lies in the workspace, unless the pull request brings it there."""
        path = self.settings.history or HISTORY
        try:
            if Path(path).is_absolute():
                return histories.read(Path(path))
            events = parse(path, self.base.read(path) or "")
            if self.workspace is None or self.head.data(path) is not None:
                return events
            more = histories.read(self.workspace / path)
            return History((*events.events, *more.events), events.torn + more.torn)
        except InputError as error:
            self.notes.append(f"the order knows no history: {error}")
            return History()

    def _feeds(self) -> Feeds:
        if not self.settings.trivy or self.workspace is None:
            return Feeds()
        from bot.adapters import feeds

        today = dt.datetime.now(tz=dt.UTC).date()
        try:
            return feeds.load(self.settings, root=self.workspace, folder=feeds.cache_folder(), today=today).feeds
        except InputError as error:
            self.notes.append(f"the order knows nothing of images: {error}")
            return Feeds()

    def _ages(self, found: Sequence[Brought], offers: Sequence[Offer]) -> dict[tuple[str, int], float]:
        wanted = unknown_ages(offers, found)
        if not wanted:
            return {}
        from bot.adapters.git import GitError, Repository, ages

        known = ages(self.opened(), self.head.commit, wanted)
        if known or self.workspace is None or self.opened().root == self.workspace:
            return known
        # What a workflow fetches by itself has no history; what an earlier step has checked out may have it.
        try:
            with Repository(self.workspace) as checkout:
                return ages(checkout, self.head.commit, wanted)
        except GitError:
            return {}
