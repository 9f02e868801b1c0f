"""When lines came into a branch: `git blame` along first parents, so that a merged line dates from its merge.

https://git-scm.com/docs/git-blame#_the_porcelain_format
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

OPTIONS = ("--porcelain", "--first-parent", "--root", "-w", "--no-progress")
"""`-w`: lines that were only indented anew keep their date. `--root`: the first commit is one like any other."""

MOST_RANGES = 200
"""Ranges that are asked for one by one; of more the whole file is looked at."""

_HEADER = re.compile(rb"([0-9a-f]{40}(?:[0-9a-f]{24})?) \d+ (\d+)(?: \d+)?")
_TIME = b"committer-time "


def ranges(lines: Iterable[int]) -> tuple[str, ...]:
    """The options that limit a blame to some lines, runs of them together."""
    runs: list[list[int]] = []
    for line in sorted(set(lines)):
        if runs and line == runs[-1][1] + 1:
            runs[-1][1] = line
        else:
            runs.append([line, line])
    return () if len(runs) > MOST_RANGES else tuple(f"-L{first},{last}" for first, last in runs)


def times(pieces: Iterator[bytes], cut: Collection[str]) -> dict[int, int | None]:
    """For each line of the output, 1-based: seconds since 1970, None when its commit is where the history is `cut`."""
    known: dict[str, int] = {}
    found: dict[int, str] = {}
    commit = ""
    for piece in pieces:
        if piece.startswith(b"\t"):  # the line itself
            continue
        header = _HEADER.fullmatch(piece)
        if header is not None:
            commit = header[1].decode("ascii")
            found[int(header[2])] = commit
        elif piece.startswith(_TIME):
            known[commit] = int(piece.removeprefix(_TIME))
    return {line: None if name in cut else known[name] for line, name in found.items()}
