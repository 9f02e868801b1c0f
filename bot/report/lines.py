"""Two texts as lines, and where they differ. Lines end with a line feed and with nothing else, as for git.

Edits are few and local, so the texts are walked side by side and meet again soon after each difference; only what lies
between is compared more closely. Time is linear in the text but for the size of a single difference.

Invariant: the hunks turn the old lines into the new ones, whatever the texts are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

_AGREE = 3
"""Lines in a row that have to be equal before the texts count as walking together again."""

_SEARCH = 1_000
"""How far apart, in lines, the texts may walk before what is left is compared as a whole."""

_CLOSELY = 1_500
"""Lines up to which a difference is compared closely; a larger one is shown as replaced."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Old lines `old_start:old_end` (0-based, half open) become new lines `new_start:new_end`."""

    old_start: int
    old_end: int
    new_start: int
    new_end: int


def split(text: str) -> list[str]:
    """The lines of `text` with their line feeds; the last one may lack it. Empty text has no line."""
    lines = text.split("\n")
    last = lines.pop()
    return [line + "\n" for line in lines] + ([last] if last else [])


def differences(old: Sequence[str], new: Sequence[str]) -> list[Difference]:
    """Where `old` and `new` differ, in order; equal lines lie between any two."""
    found: list[Difference] = []
    for apart in _apart(old, new):
        found += _closely(old, new, apart)
    return found


def _apart(old: Sequence[str], new: Sequence[str]) -> Iterator[Difference]:
    """The stretches where the texts do not walk together."""
    old_end, new_end = len(old), len(new)
    while old_end and new_end and old[old_end - 1] == new[new_end - 1]:
        old_end, new_end = old_end - 1, new_end - 1
    i = j = 0
    while i < old_end or j < new_end:
        if i < old_end and j < new_end and old[i] == new[j]:
            i, j = i + 1, j + 1
            continue
        skip_old, skip_new = _meet(old, new, i, j, old_end, new_end)
        yield Difference(i, i + skip_old, j, j + skip_new)
        i, j = i + skip_old, j + skip_new


def _meet(old: Sequence[str], new: Sequence[str], i: int, j: int, old_end: int, new_end: int) -> tuple[int, int]:
    """How many old and new lines to pass over, the fewest together, until `_AGREE` lines agree; else all."""
    left_old, left_new = old_end - i, new_end - j
    for total in range(1, min(left_old + left_new, _SEARCH) + 1):
        for skip_old in range(max(0, total - left_new), min(total, left_old) + 1):
            skip_new = total - skip_old
            here, there = i + skip_old, j + skip_new
            length = min(_AGREE, old_end - here, new_end - there)
            if length and old[here] == new[there] and old[here : here + length] == new[there : there + length]:
                return skip_old, skip_new
    return left_old, left_new


def _closely(old: Sequence[str], new: Sequence[str], apart: Difference) -> list[Difference]:
    before, after = old[apart.old_start : apart.old_end], new[apart.new_start : apart.new_end]
    if not before or not after or len(before) + len(after) > _CLOSELY:
        return [apart]
    blocks = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    return [
        Difference(apart.old_start + i, apart.old_start + end_i, apart.new_start + j, apart.new_start + end_j)
        for tag, i, end_i, j, end_j in blocks
        if tag != "equal"
    ]


@dataclass(frozen=True, slots=True)
class Hunk:
    """Differences near each other with the equal lines around them: (" ", "-" or "+", line) in the order of a diff.

    `old_line` and `new_line` are the 1-based numbers of the first line on each side.
    """

    old_line: int
    new_line: int
    lines: tuple[tuple[str, str], ...]

    def count(self, sign: str) -> int:
        """Lines on the old side (`-`) or the new side (`+`)."""
        return sum(1 for mark, _ in self.lines if mark in (" ", sign))


def hunks(old: Sequence[str], new: Sequence[str], context: int) -> list[Hunk]:
    """The differences with up to `context` equal lines around them, those that touch joined."""
    found: list[Hunk] = []
    group: list[Difference] = []
    for each in differences(old, new):
        if group and each.old_start - group[-1].old_end > 2 * context:
            found.append(_hunk(old, new, group, context))
            group = []
        group.append(each)
    if group:
        found.append(_hunk(old, new, group, context))
    return found


def _hunk(old: Sequence[str], new: Sequence[str], group: Sequence[Difference], context: int) -> Hunk:
    lead = min(context, group[0].old_start)
    start = position = group[0].old_start - lead
    lines: list[tuple[str, str]] = []
    for each in group:
        lines += [(" ", line) for line in old[position : each.old_start]]
        lines += [("-", line) for line in old[each.old_start : each.old_end]]
        lines += [("+", line) for line in new[each.new_start : each.new_end]]
        position = each.old_end
    lines += [(" ", line) for line in old[position : position + context]]
    return Hunk(start + 1, group[0].new_start - lead + 1, tuple(lines))
