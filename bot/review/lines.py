"""Text edits as whole lines that are replaced: what a suggestion, a patch and a person's eye work with.

Lines are 1-based, end with a line feed (the last one may lack it), and a carriage return before it belongs to them.

Invariant: `replace(text, blocks(text, edits)) == apply(text, edits)`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate

from bot.model import TextEdit
from bot.review.model import Block


class Lines:
    """A text by lines."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = text.split("\n")
        if self.lines[-1] == "":
            self.lines.pop()
            self.lines = [line + "\n" for line in self.lines]
        else:
            self.lines = [*(line + "\n" for line in self.lines[:-1]), self.lines[-1]]
        self._starts = [0, *accumulate(map(len, self.lines))]

    def __len__(self) -> int:
        return len(self.lines)

    def of(self, offset: int) -> int:
        """The line of an offset; behind the last line feed it is one more than there are lines."""
        return bisect_right(self._starts, offset) if offset < len(self.text) else self._last(offset)

    def _last(self, offset: int) -> int:
        unfinished = bool(self.lines) and not self.lines[-1].endswith("\n") and offset >= len(self.text)
        return len(self.lines) if unfinished else len(self.lines) + 1

    def between(self, first: int, last: int) -> str:
        """The text of the lines `first` to `last`; empty when there is none between."""
        return "".join(self.lines[first - 1 : last])

    def start(self, line: int) -> int:
        """The offset at which a line starts."""
        return self._starts[line - 1]

    def is_blank(self, line: int) -> bool:
        """Whether a line holds nothing to see."""
        return not self.lines[line - 1].strip()


def blocks(lines: Lines, edits: Iterable[TextEdit]) -> tuple[Block, ...]:
    """The fewest whole lines that say what the edits say, from top to bottom, no two of them adjacent."""
    windows: list[tuple[int, int, list[TextEdit]]] = []
    for edit in sorted(edits, key=lambda each: (each.span.start, each.span.end)):
        first = lines.of(edit.span.start)
        # The line feed that ends a replaced span belongs to the line before.
        last = max(first, lines.of(edit.span.end - 1) if edit.span.end > edit.span.start else first)
        if windows and first <= windows[-1][1] + 1:
            start, end, held = windows[-1]
            windows[-1] = (start, max(end, last), [*held, edit])
        else:
            windows.append((first, last, [edit]))
    found = []
    for first, last, held in windows:
        begin = lines.start(first) if first <= len(lines) else len(lines.text)
        old = lines.between(first, min(last, len(lines)))
        found += _minimal(first, old, _edited(old, begin, held))
    return tuple(found)


def _edited(old: str, begin: int, edits: Sequence[TextEdit]) -> str:
    parts, position = [], 0
    for edit in edits:
        parts += [old[position : edit.span.start - begin], edit.new_text]
        position = edit.span.end - begin
    return "".join([*parts, old[position:]])


def _minimal(first: int, old: str, new: str) -> list[Block]:
    """A block without the lines at its ends that stay; none when nothing changes."""
    before, after = split(old), split(new)
    head = 0
    while head < min(len(before), len(after)) and before[head] == after[head]:
        head += 1
    tail = 0
    while tail < min(len(before), len(after)) - head and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    gone, come = before[head : len(before) - tail], after[head : len(after) - tail]
    if not gone and not come:
        return []
    start = first + head
    return [Block(start, start + len(gone) - 1, "".join(gone), "".join(come))]


def split(text: str) -> list[str]:
    """The lines of a text with their line feeds; no line for an empty text."""
    parts = text.split("\n")
    return [part + "\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


def replace(lines: Lines, found: Iterable[Block]) -> str:
    """The text with blocks applied that do not overlap."""
    parts, position = [], 1
    for block in sorted(found, key=lambda each: (each.start, each.end)):
        parts += [lines.between(position, block.start - 1), block.new]
        position = block.end + 1
    return "".join([*parts, lines.between(position, len(lines))])


def spanning(lines: Lines, found: Sequence[Block]) -> Block:
    """One block from the first to the last of several."""
    first, last = found[0].start, max(block.end for block in found)
    parts, position = [], first
    for block in found:
        parts += [lines.between(position, block.start - 1), block.new]
        position = block.end + 1
    parts.append(lines.between(position, last))
    return Block(first, last, lines.between(first, last), "".join(parts))


def grown(lines: Lines, block: Block, *, above: int, below: int) -> Block | None:
    """A block with so many of the lines around it, unchanged; None where the text has not as many."""
    start, end = block.start - above, block.end + below
    if start < 1 or end > len(lines):
        return None
    head, tail = lines.between(start, block.start - 1), lines.between(block.end + 1, end)
    return Block(start, end, head + block.old + tail, head + block.new + tail)
