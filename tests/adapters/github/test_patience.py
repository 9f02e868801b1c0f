from __future__ import annotations

import pytest

from bot.adapters.github.errors import RateLimited
from bot.adapters.github.patience import Patience
from tests.adapters.github.scripted import Clock


def test_writes_keep_a_second_between_them(clock: Clock) -> None:
    patience = Patience(0, clock=clock.now, sleep=clock.sleep)
    patience.before_write()
    patience.after_write()
    clock.time += 0.25
    patience.before_write()
    patience.after_write()
    clock.time += 5
    patience.before_write()
    assert clock.slept == [0.75]


def test_budget_is_for_all_waits_together(clock: Clock) -> None:
    patience = Patience(100, clock=clock.now, sleep=clock.sleep)
    patience.wait(60, "read")
    with pytest.raises(RateLimited, match=r"wants 60 s .* may post the review, and 40 s are left"):
        patience.wait(60, "post the review")
    patience.wait(40, "read")
    assert clock.slept == [60, 40]
