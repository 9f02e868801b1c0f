"""What tests of a run on a pull request share: bots over texts, diffs of two texts."""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Callable, Iterable

from bot import schema
from bot.cli.session import load_policies
from bot.detect.context import look_around
from bot.detect.detect import Detector, Environment
from bot.detect.marks import known
from bot.model import Severity
from bot.pipeline import Bot
from bot.pull import Brought, Changed, bring
from bot.pull.brought import Task
from bot.review.hunks import FileDiff, Status, parse
from bot.review.introduced import Scope

POLICIES = load_policies(None, examples=False)
Reader = Callable[[str], str | None]


def task(
    paths: Iterable[str] = (),
    read: Reader = lambda _: None,
    *,
    every: bool = False,
    scope: Scope = Scope.INTRODUCED,
    severity: Severity = Severity.LOW,
) -> Task:
    """A task over texts, with the default policies or with every one."""
    chosen = [policy for policy in POLICIES if every or policy.default]
    environment = Environment({}, schema.OLDEST_SUPPORTED, schema.NEWEST, schema.with_crds([]), {})
    around = look_around(paths, read, known(POLICIES), today=dt.date(2026, 11, 25))
    bot = Bot(Detector(chosen, environment), around, severity)
    return Task(bot, bot, scope, severity)


def changed(path: str, before: str | None, after: str) -> Changed:
    """A file of a pull request, with the hunks of the unified diff of its texts."""
    lines = difflib.unified_diff(_lines(before or ""), _lines(after), n=3, lineterm="")
    status = Status.ADDED if before is None else Status.MODIFIED
    diff = FileDiff(path, None if before is None else path, status, "100644", hunks=parse(lines))
    return Changed(diff, after, before)


def brought(before: str | None, after: str, path: str = "web.yaml", **said: object) -> Brought:
    """What a pull request brings that changes one file."""
    return bring(task([path], **said), changed(path, before, after))  # type: ignore[arg-type]


def _lines(text: str) -> list[str]:
    return text.split("\n")[:-1] if text.endswith("\n") else text.split("\n") if text else []
