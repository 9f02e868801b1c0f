"""The diff that a pull request shows: git's own, read by the fake's own eyes.

Nothing here is shared with the bot: a mistake in how the bot reads hunks must not be made here as well.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from tests.fakes.github.repository import Repository

_HEADER = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_STATUS = {"A": "added", "D": "removed", "M": "modified", "R": "renamed", "T": "changed"}
OPTIONS = ("--no-ext-diff", "--no-textconv", "--no-color", "--find-renames", "--unified=3", "--full-index")


@dataclass(frozen=True)
class Line:
    """A line of a hunk: ` `, `+` or `-`, its number on both sides (None: not there), and its place in the hunk."""

    sign: str
    left: int | None
    right: int | None
    at: int


@dataclass(frozen=True)
class Hunk:
    """One hunk with its text, header first."""

    text: str
    lines: tuple[Line, ...]

    def find(self, side: str, number: int) -> Line | None:
        """A line by its number on a side. A context line is on both, but GitHub takes it on the right only."""
        for line in self.lines:
            if side == "LEFT" and line.sign == "-" and line.left == number:
                return line
            if side == "RIGHT" and line.sign != "-" and line.right == number:
                return line
        return None


@dataclass(frozen=True)
class Change:
    """A file of a pull request as `pulls/list-files` lists it. `patch` is None for binaries and bare renames."""

    path: str
    old_path: str | None
    status: str
    blob: str
    mode: str
    additions: int
    deletions: int
    patch: str | None

    @cached_property
    def hunks(self) -> tuple[Hunk, ...]:
        """The hunks of the patch."""
        return parse(self.patch or "")

    def find(self, side: str, number: int) -> tuple[Hunk, Line] | None:
        """The hunk and the line that a number on a side means."""
        for hunk in self.hunks:
            line = hunk.find(side, number)
            if line is not None:
                return hunk, line
        return None

    def position(self, side: str, number: int) -> int | None:
        """GitHub's old way of naming a line: how far it stands below the first `@@`."""
        place = 0
        for at, hunk in enumerate(self.hunks):
            place += at > 0
            line = hunk.find(side, number)
            if line is not None:
                return place + line.at + 1
            place += hunk.text.count("\n")
        return None


def parse(patch: str) -> tuple[Hunk, ...]:
    """The hunks of a patch; lines end with line feeds and with nothing else."""
    found: list[list[str]] = []
    for line in patch.split("\n") if patch else ():
        if _HEADER.match(line):
            found.append([line])
        else:
            found[-1].append(line)
    return tuple(_hunk(lines) for lines in found)


def _hunk(text: list[str]) -> Hunk:
    header = _HEADER.match(text[0])
    assert header is not None
    left, right = int(header[1]), int(header[3])
    lines = []
    for at, line in enumerate(text[1:]):
        sign = line[:1]
        if sign == "\\":
            continue
        lines.append(Line(sign, left if sign in " -" else None, right if sign in " +" else None, at))
        left += sign in " -"
        right += sign in " +"
    return Hunk("\n".join(text), tuple(lines))


def changes(repository: Repository, base: str, head: str, options: tuple[str, ...] = OPTIONS) -> tuple[Change, ...]:
    """What changes from one commit to another, in the order in which git lists it."""
    listing = tuple(each for each in options if not each.startswith("--unified"))  # which would print the patch too
    raw = repository.git("diff", *listing, "--raw", "--numstat", "-z", base, head)
    patch = repository.git("diff", *options, "--patch", base, head).decode(errors="replace")
    patches = iter(re.split(r"(?m)^diff --git .*\n", patch)[1:])
    listed, counts = _raw(raw.decode(errors="surrogateescape").split("\0"))
    found = []
    for (path, old, status, blob, mode), count in zip(listed, counts, strict=True):
        text = _patch(next(patches))
        if status == "changed":  # a file became a link: git shows one go and the other come
            next(patches)
            text = None
        found.append(Change(path, old, status, blob, mode, *count, text))
    assert next(patches, None) is None, "git listed fewer files than it showed"
    return tuple(found)


def _patch(text: str) -> str | None:
    _, at, rest = ("\n" + text).partition("\n@@ ")
    return (at + rest)[1:].removesuffix("\n") if at else None


Listed = tuple[str, "str | None", str, str, str]


def _raw(fields: list[str]) -> tuple[list[Listed], list[tuple[int, int]]]:
    """Of `--raw --numstat -z`: path, old path, status, blob, mode of each file, and its counts."""
    listed: list[Listed] = []
    counts: list[tuple[int, int]] = []
    queue = iter(fields)
    for head in queue:
        if head.startswith(":"):
            old_mode, mode, old_blob, blob, letter = head[1:].split()
            first = next(queue)
            second = next(queue) if letter[0] in "RC" else None
            gone = letter[0] == "D"
            listed.append(
                (
                    second or first,
                    first if second else None,
                    _STATUS[letter[0]],
                    old_blob if gone else blob,
                    old_mode if gone else mode,
                )
            )
        elif head:
            added, removed, name = head.split("\t")
            if not name:  # a rename: both names follow
                next(queue), next(queue)
            counts.append((0, 0) if added == "-" else (int(added), int(removed)))
    return listed, counts


@dataclass(frozen=True)
class Moves:
    """How the lines of a file move between two commits: blocks of (old start, old length, new start, new length)."""

    blocks: tuple[tuple[int, int, int, int], ...]

    def move(self, first: int, last: int) -> tuple[int, int] | None:
        """Where lines `first` to `last` are now; None when one changed, or when something came in between."""
        shift = 0
        for start, length, _, new_length in self.blocks:
            if length == 0:  # after line `start`
                if first <= start < last:
                    return None
                shift += new_length if start < first else 0
            elif start <= last and first <= start + length - 1:
                return None
            elif start + length - 1 < first:
                shift += new_length - length
        return first + shift, last + shift


def moves(repository: Repository, old: str, new: str) -> dict[str, Moves | None]:
    """Of every file that differs: how its lines moved, None when it is gone (or goes by another name)."""
    options = ("--no-ext-diff", "--no-textconv", "--no-color", "--no-renames", "--unified=0", "--full-index")
    found: dict[str, Moves | None] = {}
    for change in changes(repository, old, new, options):
        blocks = tuple(_block(hunk) for hunk in change.hunks)
        found[change.path] = None if change.status == "removed" else Moves(blocks)
    return found


def _block(hunk: Hunk) -> tuple[int, int, int, int]:
    header = _HEADER.match(hunk.text)
    assert header is not None
    start, length, new_start, new_length = (int(each) if each else 1 for each in header.groups())
    return start, length, new_start, new_length
