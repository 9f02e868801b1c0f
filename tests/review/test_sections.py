"""Sections within a limit: cut between rows, and counted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.review.sections import Section, joined, text

TABLE = Section(("| 1 |", "| 2 |", "| 3 |"), "| # |\n|---|\n", share=1.0)


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        (40, "| # |\n|---|\n| 1 |\n| 2 |\n| 3 |"),
        (31, "| # |\n|---|\n| 1 |\n| 2 |\n| 3 |"),
        (30, ""),
        (38, "| # |\n|---|\n| 1 |\n| 2 |\n| 3 |"),
    ],
)
def test_a_table_that_fits_or_not(limit: int, expected: str) -> None:
    assert joined([TABLE], limit, len) == expected


def test_rows_that_do_not_fit_are_counted() -> None:
    many = Section(tuple(f"| {number:03} |" for number in range(100)), "| # |\n|---|\n", share=1.0)
    cut = joined([many], 101, len)
    assert (
        cut == "| # |\n|---|\n" + "".join(f"| {number:03} |\n" for number in range(9)).rstrip() + "\n\n… and 91 more."
    )
    assert len(cut) <= 100


def test_a_share_leaves_room_for_those_after() -> None:
    long = Section(("x" * 10,) * 20, share=0.5)
    cut = joined([long, text("the end")], 100, len)
    assert cut.endswith("\n\nthe end")
    assert "… and" in cut


def test_nothing_to_say_takes_no_place() -> None:
    assert joined([Section(()), text("a"), Section((), "head"), text("b")], 20, len) == "a\n\nb"


@given(
    st.lists(
        st.builds(
            Section, st.lists(st.text(max_size=9), max_size=9).map(tuple), st.text(max_size=9), st.text(max_size=9)
        ),
        max_size=5,
    ),
    st.integers(0, 200),
)
def test_never_longer_than_the_limit(sections: list[Section], limit: int) -> None:
    for measure in (len, lambda written: len(written.encode())):
        assert measure(joined(sections, limit, measure)) <= limit
