"""What can be said as one suggestion, and which lines it names."""

from __future__ import annotations

import pytest

from bot.review.fit import MAX_LINES, fit
from bot.review.hunks import FileDiff, Hunk, Status
from bot.review.lines import Lines
from bot.review.model import Block

TEXT = "".join(f"line {number}\n" for number in range(1, 61))


def diff(*hunks: Hunk, mode: str = "100644", generated: bool = False) -> FileDiff:
    return FileDiff("web.yaml", "web.yaml", Status.MODIFIED, mode, generated=generated, hunks=hunks)


def replaced(first: int, last: int | None = None, new: str = "new\n") -> Block:
    last = first if last is None else last
    return Block(first, last, Lines(TEXT).between(first, last), new)


def inserted(above: int, new: str = "new\n") -> Block:
    return Block(above, above - 1, "", new)


WIDE = Hunk(10, 50)


@pytest.mark.parametrize(
    ("hunks", "blocks", "expected"),
    [
        # One line.
        ((WIDE,), [replaced(20)], (20, 20, "new\n")),
        ((WIDE,), [replaced(10)], (10, 10, "new\n")),
        ((WIDE,), [replaced(50)], (50, 50, "new\n")),
        ((WIDE,), [replaced(9)], "outside the diff"),
        ((WIDE,), [replaced(51)], "outside the diff"),
        # New lines stand below the line above, which is repeated; at the top of a hunk above the line below.
        ((WIDE,), [inserted(20)], (19, 19, "line 19\nnew\n")),
        ((WIDE,), [inserted(51)], (50, 50, "line 50\nnew\n")),
        ((WIDE,), [inserted(10)], (10, 10, "new\nline 10\n")),
        ((WIDE,), [inserted(52)], "outside the diff"),
        # Lines that go leave nothing.
        ((WIDE,), [replaced(20, 22, "")], (20, 22, "")),
        # Several places: everything between them is repeated.
        ((WIDE,), [replaced(20), replaced(22)], (20, 22, "new\nline 21\nnew\n")),
        ((Hunk(10, 20), Hunk(21, 30)), [replaced(20), replaced(21)], "in two places of the diff"),
        ((Hunk(10, 20), Hunk(40, 50)), [replaced(20), replaced(40)], "in two places of the diff"),
        # Length.
        ((WIDE,), [replaced(11, 10 + MAX_LINES)], (11, 10 + MAX_LINES, "new\n")),
        ((WIDE,), [replaced(11, 11 + MAX_LINES)], f"more than {MAX_LINES} lines"),
        # Deleted lines above the first are no harm, inside they are.
        ((Hunk(10, 50, cuts=frozenset({20})),), [replaced(20, 21)], (20, 21, "new\n")),
        ((Hunk(10, 50, cuts=frozenset({21})),), [replaced(20, 21)], "lines were deleted in between"),
        ((Hunk(10, 50, cuts=frozenset({22})),), [replaced(20, 21)], (20, 21, "new\n")),
        # Nothing is in the diff at all.
        ((), [replaced(20)], "outside the diff"),
    ],
)
def test_lines(hunks: tuple[Hunk, ...], blocks: list[Block], expected: tuple[int, int, str] | str) -> None:
    found = fit(diff(*hunks), Lines(TEXT), blocks)
    assert (found if isinstance(found, str) else (found.start, found.end, found.new)) == expected


def test_ends_are_never_blank() -> None:
    text = "a:\n\n\n  b: 1\n\n"
    hunk = diff(Hunk(1, 5))
    above_blank = fit(hunk, Lines(text), [Block(3, 2, "", "  x: 1\n")])
    assert above_blank == Block(1, 4, "a:\n\n\n  b: 1\n", "a:\n\n  x: 1\n\n  b: 1\n")
    # What comes in ends with a blank line: the next line with something on it closes the range.
    closed = fit(hunk, Lines(text), [Block(3, 3, "\n", "  x: 1\n\n")])
    assert closed == Block(1, 4, text[: text.index("1") + 2], "a:\n\n  x: 1\n\n  b: 1\n")


@pytest.mark.parametrize(
    ("text", "block", "reason"),
    [
        ("a: 1\r\nb: 2\r\n", Block(1, 1, "a: 1\r\n", "a: 2\r\n"), "CRLF line ends"),
        # Line ends of another line are no harm.
        ("a: 1\nb: 2\r\n", Block(1, 1, "a: 1\n", "a: 2\n"), ""),
        ("\ufeffa: 1\nb: 2\n", Block(1, 1, "\ufeffa: 1\n", "\ufeffa: 2\n"), "a byte order mark"),
        ("\ufeffa: 1\nb: 2\n", Block(2, 2, "b: 2\n", "b: 3\n"), ""),
        ("a: 1\nb: 2", Block(2, 2, "b: 2", "b: 3"), "no newline at the end of the file"),
        ("a: 1\nb: 2", Block(1, 1, "a: 1\n", "a: 2\n"), ""),
    ],
)
def test_bytes_that_a_suggestion_cannot_say(text: str, block: Block, reason: str) -> None:
    found = fit(diff(Hunk(1, 2)), Lines(text), [block])
    assert (found if isinstance(found, str) else "") == reason


@pytest.mark.parametrize(
    ("mode", "generated", "reason"),
    [
        ("100755", False, ""),
        ("120000", False, "not a regular file"),
        ("160000", False, "not a regular file"),
        ("100644", True, "a generated file"),
    ],
)
def test_files_that_take_none(mode: str, generated: bool, reason: str) -> None:
    found = fit(diff(WIDE, mode=mode, generated=generated), Lines(TEXT), [replaced(20)])
    assert (found if isinstance(found, str) else "") == reason


def test_what_it_belongs_to_is_seen() -> None:
    """A key whose parent is out of sight is not suggested beside a line that happens to be in the diff."""
    assert fit(diff(WIDE), Lines(TEXT), [inserted(20)], beside=(5,)) == "what it belongs to is outside the diff"
    assert not isinstance(fit(diff(WIDE), Lines(TEXT), [inserted(20)], beside=(12,)), str)
