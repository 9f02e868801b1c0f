"""Text edits as whole lines."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.manifest.edits import apply
from bot.model import Span, TextEdit
from bot.review.lines import Lines, blocks, grown, replace, spanning, split
from bot.review.model import Block


def edit(text: str, old: str, new: str) -> TextEdit:
    """Replace the one place of `old`."""
    start = text.index(old)
    return TextEdit(Span(start, start + len(old)), new)


TEXT = "a: 1\nb: 2\n\nc: 3\n"


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        ([edit(TEXT, "2", "3")], [Block(2, 2, "b: 2\n", "b: 3\n")]),
        ([edit(TEXT, "b: 2\n", "")], [Block(2, 2, "b: 2\n", "")]),
        # New lines need none of the old ones.
        ([TextEdit(Span(5, 5), "x: 1\n")], [Block(2, 1, "", "x: 1\n")]),
        # An insertion that is written at the end of the line before is the same insertion.
        ([TextEdit(Span(4, 4), "\nx: 1")], [Block(2, 1, "", "x: 1\n")]),
        ([TextEdit(Span(len(TEXT), len(TEXT)), "d: 4\n")], [Block(5, 4, "", "d: 4\n")]),
        # Two places of one line, and of two lines in a row, are one block.
        ([edit(TEXT, "a", "A"), edit(TEXT, "1", "2")], [Block(1, 1, "a: 1\n", "A: 2\n")]),
        ([edit(TEXT, "1", "2"), edit(TEXT, "2", "3")], [Block(1, 2, "a: 1\nb: 2\n", "a: 2\nb: 3\n")]),
        (
            [edit(TEXT, "1", "2"), edit(TEXT, "3", "4")],
            [Block(1, 1, "a: 1\n", "a: 2\n"), Block(4, 4, "c: 3\n", "c: 4\n")],
        ),
        # What changes nothing is nothing.
        ([edit(TEXT, "1", "1")], []),
    ],
)
def test_the_fewest_lines(edits: list[TextEdit], expected: list[Block]) -> None:
    assert list(blocks(Lines(TEXT), edits)) == expected


def test_a_last_line_without_its_end() -> None:
    lines = Lines("a: 1\nb: 2")
    assert blocks(lines, [TextEdit(Span(9, 9), "\nc: 3\n")]) == (Block(2, 2, "b: 2", "b: 2\nc: 3\n"),)
    assert len(lines) == 2


def test_a_block_around_several() -> None:
    lines = Lines(TEXT)
    found = blocks(lines, [edit(TEXT, "1", "2"), edit(TEXT, "3", "4")])
    assert spanning(lines, found) == Block(1, 4, TEXT, "a: 2\nb: 2\n\nc: 4\n")


def test_lines_around_a_block_stay() -> None:
    lines = Lines(TEXT)
    block = Block(2, 1, "", "x: 1\n")
    assert grown(lines, block, above=1, below=0) == Block(1, 1, "a: 1\n", "a: 1\nx: 1\n")
    assert grown(lines, block, above=0, below=1) == Block(2, 2, "b: 2\n", "x: 1\nb: 2\n")
    assert grown(lines, block, above=2, below=0) is None


@st.composite
def edited(draw: st.DrawFn) -> tuple[str, list[TextEdit]]:
    text = draw(st.text("a\nb\r", max_size=16))
    places = sorted(draw(st.lists(st.integers(0, len(text)), max_size=6)))
    pairs = zip(places[::2], places[1::2], strict=False)
    return text, [TextEdit(Span(start, end), draw(st.text("x\ny", max_size=4))) for start, end in pairs]


@given(edited())
def test_replacing_blocks_is_applying_edits(given_: tuple[str, list[TextEdit]]) -> None:
    text, edits = given_
    lines = Lines(text)
    found = blocks(lines, edits)
    assert replace(lines, found) == apply(text, edits)
    assert all(before.end < after.start for before, after in itertools.pairwise(found))
    assert all(block.old == lines.between(block.start, block.end) for block in found)
    if found:
        assert replace(lines, [spanning(lines, found)]) == apply(text, edits)


@given(st.text("a\n\r\u2028\x0b", max_size=20))
def test_lines_end_with_line_feeds_alone(text: str) -> None:
    assert "".join(split(text)) == text
    assert Lines(text).lines == split(text)
