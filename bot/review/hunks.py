"""Which lines of a file may carry a review comment: those of the diff between merge base and head, hunk by hunk.

GitHub takes a comment on a line that the diff shows on the right side (added, or context), and a range when all of it
lies in one hunk; ranges that have deleted lines inside cannot hold a suggestion.
https://docs.github.com/en/rest/pulls/reviews#create-a-review-for-a-pull-request

Lines are 1-based and count line feeds only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

_HEADER = re.compile(r"@@ -\d+(?:,\d+)? \+(?P<start>\d+)(?:,(?P<length>\d+))? @@")


class Status(StrEnum):
    """What a pull request does to a file."""

    ADDED = "added"
    MODIFIED = "modified"
    REMOVED = "removed"
    RENAMED = "renamed"


@dataclass(frozen=True, slots=True)
class Hunk:
    """One hunk, seen from the head: lines `start` to `end` (inclusive; `end < start` when all of it was deleted).

    `added` are the runs of lines that are new or changed, from top to bottom, no two of them adjacent (a range each:
    files of many thousand lines are added). `cuts` are the lines directly above which the diff shows deleted ones;
    `end + 1` is among them when the hunk ends with a deletion.
    """

    start: int
    end: int
    added: tuple[range, ...] = ()
    cuts: frozenset[int] = frozenset()

    def holds(self, first: int, last: int) -> bool:
        """Whether all lines from `first` to `last` are in this hunk."""
        return self.start <= first <= last <= self.end

    def touches(self, first: int, last: int) -> bool:
        """Whether a line from `first` to `last` is new or changed."""
        return any(max(first, run.start) <= min(last, run.stop - 1) for run in self.added)

    def whole(self, first: int, last: int) -> bool:
        """Whether no deleted lines stand inside of the range: above its first line they do no harm."""
        return not any(first < cut <= last for cut in self.cuts)


@dataclass(frozen=True, slots=True)
class FileDiff:
    """What a pull request does to one file.

    `path` is that of the head (of the merge base for a removed file), `old_path` that of the merge base, None for an
    added file. `mode` is git's at the head: `100644`, `100755`, `120000` (a link), `160000` (a submodule). `generated`:
    .gitattributes at the head say `linguist-generated`.
    """

    path: str
    old_path: str | None
    status: Status
    mode: str
    binary: bool = False
    generated: bool = False
    hunks: tuple[Hunk, ...] = ()

    def hunk_of(self, first: int, last: int) -> Hunk | None:
        """The hunk that holds all lines of a range."""
        return next((hunk for hunk in self.hunks if hunk.holds(first, last)), None)

    def touches(self, first: int, last: int) -> bool:
        """Whether a line of the range is new or changed."""
        return any(hunk.touches(first, last) for hunk in self.hunks)


def parse(lines: Iterable[str]) -> tuple[Hunk, ...]:
    """The hunks of one file's unified diff; lines before the first `@@` are passed over.

    `lines` are without their line feed. This is git's own output and what GitHub calls `patch`.
    """
    return tuple(_hunk(header, body) for header, body in _split(lines))


def _split(lines: Iterable[str]) -> Iterator[tuple[re.Match[str], Sequence[str]]]:
    header: re.Match[str] | None = None
    body: list[str] = []
    for line in lines:
        found = _HEADER.match(line)
        if found is None:
            body.append(line)
            continue
        if header is not None:
            yield header, body
        header, body = found, []
    if header is not None:
        yield header, body


def _hunk(header: re.Match[str], body: Sequence[str]) -> Hunk:
    length = int(header["length"]) if header["length"] is not None else 1
    # Of no lines at all git names the line before.
    start = int(header["start"]) + (length == 0)
    end = start + length - 1
    line = start
    added: list[range] = []
    cuts = set()
    for each in body:
        if each.startswith("+"):
            first = added.pop().start if added and added[-1].stop == line else line
            line += 1
            added.append(range(first, line))
        elif each.startswith("-"):
            cuts.add(line)
        elif each.startswith("\\"):
            continue  # "\ No newline at end of file"
        elif line <= end:
            line += 1  # context; some strip the blank of an empty line
    return Hunk(start, end, tuple(added), frozenset(cuts))


def common(ours: Sequence[Hunk], theirs: Sequence[Hunk]) -> tuple[Hunk, ...]:
    """The parts of our hunks that the other diff shows too: what a server with another diff would refuse is left out.

    Where either diff shows deleted lines there is a cut.
    """
    return tuple(
        _overlap(mine, other)
        for mine in ours
        for other in theirs
        if max(mine.start, other.start) <= min(mine.end, other.end)
    )


def _overlap(mine: Hunk, other: Hunk) -> Hunk:
    start, end = max(mine.start, other.start), min(mine.end, other.end)
    clipped = (range(max(start, run.start), min(end + 1, run.stop)) for run in mine.added)
    cuts = frozenset(cut for cut in mine.cuts | other.cuts if start <= cut <= end + 1)
    return Hunk(start, end, tuple(run for run in clipped if run), cuts)
