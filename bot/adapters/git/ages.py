"""How long lines have been in a branch, for the files that somebody asks about, within a limit of time."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Mapping

from bot.adapters.git.errors import GitError
from bot.adapters.git.repository import Repository

BUDGET = 30.0
"""Seconds that all files may take together; what is left then stays unknown."""

_HOUR = 3600.0
_log = logging.getLogger(__name__)


def ages(
    repository: Repository,
    commit: str,
    wanted: Mapping[str, Collection[int]],
    *,
    budget: float = BUDGET,
    clock: Callable[[], float] = time.monotonic,
) -> dict[tuple[str, int], float]:
    """Hours from the commit that brought a line to `commit`, by path and line (1-based); unknown ones are not there.

    One `git blame` for each file of `wanted`. What git cannot tell is no error: a shallow clone, a file that is not in
    the commit, a history that takes too long.
    """
    found: dict[tuple[str, int], float] = {}
    end = clock() + budget
    try:
        now = repository.time(commit)
    except GitError as error:
        _log.debug("no ages: %s", error)
        return {}
    for path, lines in sorted(wanted.items()):
        left = end - clock()
        if left <= 0:
            _log.debug("no ages for %s and what follows: %s s are over", path, budget)
            break
        try:
            times = repository.blame(commit, path, lines, left)
        except GitError as error:
            _log.debug("no ages for %s: %s", path, error)
            continue
        found |= {(path, line): max(0.0, (now - at) / _HOUR) for line, at in times.items() if at is not None}
    return found
