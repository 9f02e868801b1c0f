"""What may be printed, how wide it is, and where it is folded or cut."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.report.terminal import cells, crop, fold, painter, prose, visible, width_of


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text, ünïcode, 日本", "plain text, ünïcode, 日本"),
        ("\x1b[31mred\x1b[0m", "␛[31mred␛[0m"),
        ("\x00\x07\x7f", "␀␇␡"),
        ("\x9b31m", "<U+009B>31m"),
        ("ab\u202etxt.exe\u2066", "ab<U+202E>txt.exe<U+2066>"),
        ("zero\u200bwidth\ufeff", "zero<U+200B>width<U+FEFF>"),
        ("a\u2028b", "a<U+2028>b"),
        ("name-\udcff.yaml", "name-\\xff.yaml"),
        ("\ud800", "<U+D800>"),
        ("two  blanks\tand\nmore", "two  blanks␉and␊more"),
    ],
)
def test_visible(text, shown):
    assert visible(text) == shown


def test_prose_is_one_line():
    assert prose("  a message\n\tof  two lines\u2028 or three\r\n") == "a message of two lines or three"


@given(st.text())
def test_nothing_shown_can_steer_a_terminal(text):
    for shown in (visible(text), prose(text), "".join(part for part, _ in cells(text))):
        assert not [c for c in shown if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")]


@pytest.mark.parametrize(
    ("text", "width"),
    [("abc", 3), ("日本", 4), ("e\u0301", 1), ("👍", 2), ("ｶﾞ", 2), ("\t", 4), ("\x1b", 1), ("\u202e", 8), ("ㄱ", 2)],
)
def test_width(text, width):
    assert sum(wide for _, wide in cells(text)) == width
    assert width_of("".join(shown for shown, _ in cells(text))) == width


@pytest.mark.parametrize(
    ("text", "start", "width", "expected"),
    [
        ("abcdef", 0, 6, "abcdef"),
        ("abcdef", 0, None, "abcdef"),
        ("abcdef", 0, 4, "abc…"),
        ("abcdef", 2, 4, "…def"),
        ("abcdefgh", 2, 4, "…de…"),
        ("日本語文", 0, 5, "日本…"),
        ("日本語文", 0, 6, "日本 …"),
        ("日本語文字", 2, 6, "… 語 …"),
        ("a\tbcdefgh", 0, 4, "a  …"),
        ("ab", 5, 4, ""),
    ],
)
def test_crop(text, start, width, expected):
    assert crop(cells(text), start, width) == expected


@given(st.text(), st.integers(0, 30), st.integers(2, 20))
def test_a_cropped_line_fits(text, start, width):
    assert sum(wide for _, wide in cells(crop(cells(text), start, width))) <= width


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("one two three", None, ["one two three"]),
        ("one two three", 7, ["one two", "three"]),
        ("one two three", 6, ["one", "two", "three"]),
        ("a path/that/is/too/long b", 8, ["a", "path/that/is/too/long", "b"]),
        ("日本 語文 字", 7, ["日本", "語文 字"]),
        ("", 10, []),
    ],
)
def test_fold(text, width, expected):
    assert fold(text.split(), width, 0, 0) == expected


def test_fold_leaves_room_for_what_stands_before():
    assert fold(["aa", "bb", "cc", "dd"], 8, 3, 6) == ["aa bb", "cc", "dd"]


def test_colour_only_when_told():
    assert painter(color=False)("high", "high") == "high"
    assert painter(color=True)("high", "high") == "\x1b[31mhigh\x1b[0m"
    assert painter(color=True)("", "high") == ""
