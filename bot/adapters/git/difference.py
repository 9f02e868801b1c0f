"""The difference of two commits: files with their modes, renames, and hunks as GitHub shows them.

One `git diff-tree` gives records and patches, in the same order. It is plumbing: of the options that people set for
`git diff` it knows few, and those that matter are said here. Names are quoted by git, so that no name can pass for
another line.
https://git-scm.com/docs/diff-format
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.adapters.git.objects import decoded
from bot.review.hunks import Hunk, Status, parse

OPTIONS = (
    *("-r", "--raw", "--patch", "--no-abbrev", "--no-commit-id"),
    *("--find-renames=50%", "-l1000", "--no-relative", "--ignore-submodules=none", "--submodule=short"),
    *("--unified=3", "--inter-hunk-context=0", "--diff-algorithm=myers", "--indent-heuristic"),
    *("--src-prefix=a/", "--dst-prefix=b/", "--no-color", "--no-ext-diff", "--no-textconv"),
)
"""What git and GitHub do unless told otherwise, said aloud."""

_STATUS = {b"A": Status.ADDED, b"D": Status.REMOVED, b"R": Status.RENAMED}
_GONE = "000000"
_QUOTED = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)
_ESCAPES = {b"a": b"\a", b"b": b"\b", b"t": b"\t", b"n": b"\n", b"v": b"\v", b"f": b"\f", b"r": b"\r"}


@dataclass(frozen=True, slots=True)
class Change:
    """What differs at one file; modes are git's, `000000` where it is not."""

    path: str
    old_path: str | None
    status: Status
    old_mode: str
    new_mode: str
    binary: bool = False
    hunks: tuple[Hunk, ...] = ()

    @property
    def mode(self) -> str:
        """The mode at the head; of a removed file that of before."""
        return self.old_mode if self.new_mode == _GONE else self.new_mode

    @property
    def sections(self) -> int:
        """How many parts of the patch are about it: what becomes another kind of thing is removed, then added."""
        return 2 if _GONE not in (self.old_mode, self.new_mode) and self.old_mode[:3] != self.new_mode[:3] else 1


def changes(lines: Iterator[bytes]) -> Iterator[Change]:
    """The changes in the output of `git diff-tree` with `OPTIONS`, in its order."""
    records = []
    for line in lines:
        if not line.startswith(b":"):
            break
        records.append(_record(line))
    patches = _sections(lines)
    for record in records:
        section = [next(patches) for _ in range(record.sections)][-1]
        yield Change(
            record.path,
            record.old_path,
            record.status,
            record.old_mode,
            record.new_mode,
            any(line.startswith("Binary files ") for line in section[:8]),
            parse(section),
        )


def _record(line: bytes) -> Change:
    """A record: `:OLD_MODE MODE OLD_NAME NAME STATUS`, a tab, the path; of a rename two paths."""
    fields, *names = line.split(b"\t")
    old_mode, new_mode, _, _, letter = fields[1:].decode("ascii").split()
    status = _STATUS.get(letter[:1].encode(), Status.MODIFIED)
    paths = [decoded(unquoted(name)) for name in names]
    old_path = None if status is Status.ADDED else paths[0]
    return Change(paths[-1], old_path, status, old_mode, new_mode)


def _sections(lines: Iterable[bytes]) -> Iterator[list[str]]:
    """The patch file by file: each line's first character, as no more counts, but the headers of hunks whole."""
    section: list[str] | None = None
    for line in lines:
        if line.startswith(b"diff --git "):
            if section is not None:
                yield section
            section = []
        elif section is not None:
            section.append(line[:80].decode("latin-1") if line[:1] in (b"@", b"B") else line[:1].decode("latin-1"))
    if section is not None:
        yield section


def unquoted(name: bytes) -> bytes:
    """A name as git quotes it: as it is, or in double quotes with C's escapes."""
    if not (name.startswith(b'"') and name.endswith(b'"') and len(name) > 1):
        return name
    return _QUOTED.sub(lambda found: _plain(found[1]), name[1:-1])


def _plain(escape: bytes) -> bytes:
    return bytes([int(escape, 8)]) if len(escape) == 3 else _ESCAPES.get(escape, escape)
