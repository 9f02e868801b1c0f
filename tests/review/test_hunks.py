"""Which lines carry a comment, from patches as git and GitHub write them."""

from __future__ import annotations

import difflib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.review.hunks import FileDiff, Hunk, Status, common, parse


def lines(first: int, last: int) -> tuple[range, ...]:
    return (range(first, last + 1),)


# A patch, and the hunks in it.
PATCHES = {
    "nothing": ("", ()),
    "headers only": ("diff --git a/x b/x\nold mode 100644\nnew mode 100755", ()),
    "replaced": ("@@ -1,3 +1,3 @@\n a\n-b\n+B\n c", (Hunk(1, 3, lines(2, 2), frozenset([2])),)),
    "added": ("@@ -1,2 +1,4 @@\n a\n+b\n+c\n d", (Hunk(1, 4, lines(2, 3)),)),
    "two runs": ("@@ -7,2 +7,4 @@\n+b\n a\n+c\n d", (Hunk(7, 10, (range(7, 8), range(9, 10))),)),
    "deleted inside": ("@@ -1,3 +1,2 @@\n a\n-b\n c", (Hunk(1, 2, (), frozenset([2])),)),
    "deleted at the start": ("@@ -1,3 +1,2 @@\n-a\n b\n c", (Hunk(1, 2, (), frozenset([1])),)),
    "deleted at the end": ("@@ -1,3 +1,2 @@\n a\n b\n-c", (Hunk(1, 2, (), frozenset([3])),)),
    "two deletions": ("@@ -5,4 +5,2 @@\n-a\n b\n-c\n-d\n e", (Hunk(5, 6, (), frozenset([5, 6])),)),
    "a run goes on below a deletion": (
        "@@ -1,2 +1,2 @@\n+A\n-a\n+B\n-b",
        (Hunk(1, 2, lines(1, 2), frozenset([2, 3])),),
    ),
    "a new file": ("--- /dev/null\n+++ b/x\n@@ -0,0 +1,2 @@\n+a\n+b", (Hunk(1, 2, lines(1, 2)),)),
    "a new file of one line": ("@@ -0,0 +1 @@\n+a", (Hunk(1, 1, lines(1, 1)),)),
    "a removed file": ("@@ -1,2 +0,0 @@\n-a\n-b", (Hunk(1, 0, (), frozenset([1])),)),
    "deleted, without context": ("@@ -4,2 +3,0 @@ spec:\n-a\n-b", (Hunk(4, 3, (), frozenset([4])),)),
    "no final line feed": (
        "@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+B\n\\ No newline at end of file",
        (Hunk(1, 2, lines(2, 2), frozenset([2])),),
    ),
    "final line feed added": (
        "@@ -1 +1 @@\n-b\n\\ No newline at end of file\n+b",
        (Hunk(1, 1, lines(1, 1), frozenset([1])),),
    ),
    "text after the header": ("@@ -10,2 +10,3 @@ @@ -1 +1 @@ spec:\n a\n+b\n c", (Hunk(10, 12, lines(11, 11)),)),
    "two hunks": (
        "@@ -1,2 +1,3 @@\n a\n+b\n c\n@@ -20,2 +21,1 @@\n d\n-e",
        (Hunk(1, 3, lines(2, 2)), Hunk(21, 21, (), frozenset([22]))),
    ),
    "content that looks like a diff": (
        "--- a/x\n+++ b/x\n@@ -1,4 +1,4 @@\n @@ -9 +9 @@\n--- a/y\n+++ b/y\n+@@ -8 +8 @@\n-@@ -7 +7 @@\n \\ no",
        (Hunk(1, 4, lines(2, 3), frozenset([2, 4])),),
    ),
    "the blank of empty lines stripped": ("@@ -1,3 +1,4 @@\n\n\n+a\n", (Hunk(1, 4, lines(3, 3)),)),
    "a line feed at the end": ("@@ -1 +1,2 @@\n a\n+b\n", (Hunk(1, 2, lines(2, 2)),)),
    "carriage returns": ("@@ -1,2 +1,2 @@\n a\r\n-b\r\n+b\rc\r", (Hunk(1, 2, lines(2, 2), frozenset([2])),)),
}


@pytest.mark.parametrize("name", PATCHES)
def test_parse(name: str) -> None:
    patch, hunks = PATCHES[name]
    assert parse(patch.split("\n")) == hunks


@given(st.lists(st.sampled_from("abc+-@ "), max_size=30), st.lists(st.sampled_from("abc+-@ "), max_size=30))
def test_another_diff(before: list[str], after: list[str]) -> None:
    """Of a diff that Python writes, hunks know exactly the lines that it shows, and what of them is new."""
    shown: dict[int, str] = {}
    for group in difflib.SequenceMatcher(None, before, after, autojunk=False).get_grouped_opcodes(3):
        for tag, _, _, first, last in group:
            shown |= dict.fromkeys(range(first + 1, last + 1), "context" if tag == "equal" else "added")
    hunks = parse(list(difflib.unified_diff(before, after, lineterm="")))
    known = {line: "context" for hunk in hunks for line in range(hunk.start, hunk.end + 1)}
    known |= {line: "added" for hunk in hunks for run in hunk.added for line in run}
    assert known == shown
    assert all(one.stop < other.start for hunk in hunks for one, other in zip(hunk.added, hunk.added[1:], strict=False))

    diff = FileDiff("x", "x", Status.MODIFIED, "100644", hunks=hunks)
    for line in range(len(after) + 2):
        assert (diff.hunk_of(line, line) is not None) == (line in shown)
        assert diff.touches(line, line) == (shown.get(line) == "added")


@pytest.mark.parametrize(
    ("first", "last", "held"),
    [
        (5, 9, True),
        (5, 5, True),
        (9, 9, True),
        (6, 8, True),
        (4, 5, False),
        (9, 10, False),
        (4, 10, False),
        (7, 6, False),
    ],
)
def test_holds(first: int, last: int, held: bool) -> None:
    assert Hunk(5, 9).holds(first, last) is held


def test_an_empty_hunk_holds_nothing() -> None:
    hunk = Hunk(4, 3, (), frozenset([4]))
    assert not any(hunk.holds(first, last) for first in range(7) for last in range(7))


@pytest.mark.parametrize(
    ("first", "last", "whole"),
    [
        (3, 5, True),
        (6, 6, True),
        (6, 9, True),
        (5, 6, False),
        (3, 9, False),
        (1, 6, False),
        (9, 9, True),
        (9, 10, False),
    ],
)
def test_whole(first: int, last: int, whole: bool) -> None:
    """Lines were deleted above line 6, and below line 9, the last of the hunk."""
    assert Hunk(1, 9, (), frozenset([6, 10])).whole(first, last) is whole


def test_two_hunks_are_never_one() -> None:
    """Not even when no line is between them: GitHub refuses a range that crosses their border."""
    diff = FileDiff("x", "x", Status.MODIFIED, "100644", hunks=(Hunk(1, 5), Hunk(6, 9)))
    assert diff.hunk_of(5, 6) is None
    assert diff.hunk_of(4, 5) == Hunk(1, 5)
    assert diff.hunk_of(6, 6) == Hunk(6, 9)


def test_touches() -> None:
    diff = FileDiff("x", "x", Status.MODIFIED, "100644", hunks=(Hunk(1, 9, (range(3, 5), range(8, 9))), Hunk(20, 25)))
    touched = {(first, last) for first in range(1, 10) for last in range(first, 10) if diff.touches(first, last)}
    assert touched == {
        (first, last) for first in range(1, 10) for last in range(first, 10) if {3, 4, 8} & set(range(first, last + 1))
    }
    assert not diff.touches(9, 10**12)
    assert diff.touches(1, 10**12)


# (ours, theirs, what both show)
COMMON = [
    ([], [Hunk(1, 9)], ()),
    ([Hunk(1, 9)], [], ()),
    (
        [Hunk(1, 9, lines(4, 5), frozenset([4]))],
        [Hunk(1, 9, lines(4, 5), frozenset([4]))],
        (Hunk(1, 9, lines(4, 5), frozenset([4])),),
    ),
    ([Hunk(1, 9, lines(4, 8))], [Hunk(5, 7)], (Hunk(5, 7, lines(5, 7)),)),
    ([Hunk(1, 9, lines(2, 2))], [Hunk(5, 12)], (Hunk(5, 9),)),
    ([Hunk(1, 4)], [Hunk(5, 9)], ()),
    ([Hunk(1, 20, lines(10, 10))], [Hunk(1, 8), Hunk(10, 14)], (Hunk(1, 8), Hunk(10, 14, lines(10, 10)))),
    ([Hunk(1, 8), Hunk(12, 20)], [Hunk(5, 15)], (Hunk(5, 8), Hunk(12, 15))),
    ([Hunk(1, 9, (), frozenset([3]))], [Hunk(1, 9, (), frozenset([5]))], (Hunk(1, 9, (), frozenset([3, 5])),)),
    ([Hunk(1, 9, (), frozenset([2, 10]))], [Hunk(4, 6, (), frozenset([7]))], (Hunk(4, 6, (), frozenset([7])),)),
    ([Hunk(4, 3, (), frozenset([4]))], [Hunk(1, 9)], ()),
]


@pytest.mark.parametrize(("ours", "theirs", "both"), COMMON)
def test_common(ours: list[Hunk], theirs: list[Hunk], both: tuple[Hunk, ...]) -> None:
    assert common(ours, theirs) == both


HUNKS = st.lists(st.tuples(st.integers(1, 6), st.integers(0, 6)), max_size=5).map(
    lambda steps: [
        Hunk(start, start + length - 1, (range(start, start + length // 2),) if length > 1 else (), frozenset([start]))
        for start, length in _placed(steps)
    ]
)


def _placed(steps: list[tuple[int, int]]) -> list[tuple[int, int]]:
    place, found = 0, []
    for gap, length in steps:
        found.append((place + gap, length))
        place += gap + length
    return found


@given(HUNKS, HUNKS)
def test_common_is_what_both_hold(ours: list[Hunk], theirs: list[Hunk]) -> None:
    both = common(ours, theirs)
    for first in range(1, 40):
        for last in range(first, 40):
            held = any(hunk.holds(first, last) for hunk in both)
            assert held == all(any(hunk.holds(first, last) for hunk in side) for side in (ours, theirs))
            if not held:
                continue
            here = [hunk for hunk in both if hunk.holds(first, last)]
            mine = [hunk for hunk in ours if hunk.holds(first, last)]
            other = [hunk for hunk in theirs if hunk.holds(first, last)]
            assert here[0].touches(first, last) == mine[0].touches(first, last)
            assert here[0].whole(first, last) == (mine[0].whole(first, last) and other[0].whole(first, last))
