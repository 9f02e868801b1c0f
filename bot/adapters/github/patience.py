"""Waiting: between writes, and when GitHub asks for it; never longer than the budget.

GitHub wants at least a second between requests that change something.
https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from bot.adapters.github.errors import RateLimited

SPACING = 1.0
"""Seconds from the end of one write to the start of the next."""

_log = logging.getLogger(__name__)


class Patience:
    """A budget of seconds for all rate limits of a run. `clock` gives seconds since 1970."""

    def __init__(
        self, budget: float, *, clock: Callable[[], float] = time.time, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._left = budget
        self._clock = clock
        self._sleep = sleep
        self._written = float("-inf")

    def now(self) -> float:
        """The time."""
        return self._clock()

    def pause(self, seconds: float) -> None:
        """Wait a moment that is not counted."""
        if seconds > 0:
            self._sleep(seconds)

    def wait(self, seconds: float, doing: str) -> None:
        """Wait as GitHub asks for; RateLimited when the budget does not reach."""
        if seconds > self._left:
            raise RateLimited(
                f"GitHub's rate limit: it wants {seconds:.0f} s of waiting before this token may {doing}, and "
                f"{self._left:.0f} s are left for that; the next run tries again"
            )
        self._left -= seconds
        _log.info("GitHub's rate limit: waiting %.0f s to %s", seconds, doing)
        self._sleep(seconds)

    def before_write(self) -> None:
        """Keep the distance to the last write."""
        self.pause(self._written + SPACING - self._clock())

    def after_write(self) -> None:
        """A write has ended, well or not."""
        self._written = self._clock()
