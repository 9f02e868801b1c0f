"""Lines, differences and hunks: whatever the texts are, the hunks turn one into the other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.report.lines import Difference, differences, hunks, split

FEW = st.lists(st.sampled_from(["a\n", "b\n", "c\n", "\n"]), max_size=30)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", []),
        ("a", ["a"]),
        ("a\n", ["a\n"]),
        ("a\n\nb", ["a\n", "\n", "b"]),
        ("a\r\nb\r", ["a\r\n", "b\r"]),
        ("a\x0cb\u2028c\x85d\n", ["a\x0cb\u2028c\x85d\n"]),
    ],
)
def test_only_line_feeds_end_lines(text, lines):
    assert split(text) == lines


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("abc", "abc", []),
        ("", "abc", [Difference(0, 0, 0, 3)]),
        ("abc", "", [Difference(0, 3, 0, 0)]),
        ("abcdef", "abXdef", [Difference(2, 3, 2, 3)]),
        ("abcdef", "abcXYdef", [Difference(3, 3, 3, 5)]),
        ("abcdefghi", "abdefgXhi", [Difference(2, 3, 2, 2), Difference(7, 7, 6, 7)]),
        ("aXbYc", "aPbQc", [Difference(1, 2, 1, 2), Difference(3, 4, 3, 4)]),
        ("a", "aa", [Difference(0, 0, 0, 1)]),
    ],
)
def test_differences(old, new, expected):
    assert differences(old, new) == expected


@given(FEW, FEW, st.integers(0, 3))
def test_hunks_turn_old_into_new(old, new, context):
    rebuilt, position = [], 0
    for hunk in hunks(old, new, context):
        start = hunk.old_line - 1
        assert start >= position
        rebuilt += old[position:start]
        assert hunk.new_line - 1 == len(rebuilt)
        assert [line for sign, line in hunk.lines if sign != "+"] == old[start : start + hunk.count("-")]
        rebuilt += [line for sign, line in hunk.lines if sign != "-"]
        position = start + hunk.count("-")
    assert rebuilt + old[position:] == new


def test_a_few_changes_of_a_large_text_stay_small():
    old = [f"- name: item-{number}\n" if number % 3 else "  value: 1\n" for number in range(200_000)]
    new = list(old)
    new[5] = "changed\n"
    new[100_000:100_000] = ["added\n"] * 5
    del new[199_000:199_002]
    assert differences(old, new) == [
        Difference(5, 6, 5, 6),
        Difference(100_000, 100_000, 100_000, 100_005),
        Difference(198_995, 198_997, 199_000, 199_000),
    ]


def test_texts_that_never_meet_again_are_replaced_as_a_whole():
    old, new = [f"a{n}\n" for n in range(2_000)], [f"b{n}\n" for n in range(2_000)]
    assert differences(old, new) == [Difference(0, 2_000, 0, 2_000)]


def test_a_hunk_has_the_lines_around_it_and_touching_ones_are_joined():
    old = [f"{n}\n" for n in range(20)]
    new = [line.replace("5\n", "five\n") if line in ("5\n", "8\n") else line for line in old]
    new[8] = "eight\n"
    (joined,) = hunks(old, new, 1)
    assert (joined.old_line, joined.new_line) == (5, 5)
    assert "".join(sign + line for sign, line in joined.lines) == " 4\n-5\n+five\n 6\n 7\n-8\n+eight\n 9\n"
    assert len(hunks(old, new, 0)) == 2
