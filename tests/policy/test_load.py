"""Loading with and without examples."""

from __future__ import annotations

from dataclasses import replace

from bot.policy import load


def test_examples_come_last_so_that_a_scan_can_leave_them_out() -> None:
    whole, short = load(), load(examples=False)
    assert [replace(policy, examples=()) for policy in whole] == list(short)
    assert all(policy.examples for policy in whole)
