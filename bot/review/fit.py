"""Whether whole lines can be said as one suggestion of GitHub, and which lines it then has to name.

A suggestion replaces a range of lines that lies in one hunk of the diff. New lines need a line that is there to stand
beside: it is repeated as it is. Ends are never blank lines, so that nothing depends on how blanks at the ends of a
comment are treated.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from bot.review.hunks import FileDiff
from bot.review.lines import Lines, grown, spanning, split
from bot.review.model import Block

MAX_LINES = 30
"""Lines of a range; what is longer is read better as a patch."""

REGULAR = ("100644", "100755")


def fit(diff: FileDiff, lines: Lines, blocks: Sequence[Block], beside: Collection[int] = ()) -> Block | str:
    """The block of one suggestion that does what `blocks` do, or why there is none, for people.

    `beside` are lines that a reader has to see (the keys that something is added below): they lie in the same hunk.
    """
    if diff.mode not in REGULAR:
        return "not a regular file"
    if diff.generated:
        return "a generated file"
    reason = ""
    for block in _candidates(lines, spanning(lines, blocks)):
        why = _why_not(diff, lines, block, beside)
        if not why:
            return block
        reason = reason or why
    return reason or "no line to stand beside"


def _candidates(lines: Lines, block: Block) -> Iterator[Block]:
    """The block with ends that are there and not blank: below the line above first, then above the one below."""
    starts = [block] if block.old else [grown(lines, block, above=1, below=0), grown(lines, block, above=0, below=1)]
    for start in starts:
        ends = _ends(lines, start) if start is not None else None
        if ends is not None:
            yield ends


def _ends(lines: Lines, block: Block) -> Block | None:
    found: Block | None = block
    while found is not None and len(split(found.old)) <= MAX_LINES:
        above = any(text and _blank(split(text)[0]) for text in (found.old, found.new))
        below = any(text and _blank(split(text)[-1]) for text in (found.old, found.new))
        if not above and not below:
            break
        found = grown(lines, found, above=int(above), below=int(below))
    return found


def _blank(line: str) -> bool:
    return not line.strip()


def _why_not(diff: FileDiff, lines: Lines, block: Block, beside: Collection[int]) -> str:
    first, last = block.start, block.end
    hunk = diff.hunk_of(first, last)
    if hunk is None:
        shown = [any(each.holds(line, line) for each in diff.hunks) for line in (first, last)]
        return "in two places of the diff" if all(shown) else "outside the diff"
    if not all(hunk.holds(line, line) for line in beside):
        return "what it belongs to is outside the diff"
    if not hunk.whole(first, last):
        return "lines were deleted in between"
    if last - first + 1 > MAX_LINES:
        return f"more than {MAX_LINES} lines"
    if "\r" in block.old or "\r" in block.new:
        return "CRLF line ends"
    if first == 1 and lines.text.startswith("\ufeff"):
        return "a byte order mark"
    if not block.old.endswith("\n") or (block.new and not block.new.endswith("\n")):
        return "no newline at the end of the file"
    return ""
