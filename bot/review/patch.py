"""The patch of a review as a person may see it: not the lines of secrets, and nothing that copying would spoil."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.manifest import read
from bot.manifest.secrets import hidden_lines
from bot.review.markdown import visible

_FILE = re.compile(r"^(?=diff --git )", re.MULTILINE)
_HUNK = re.compile(r"@@ -(\d+)(?:,\d+)? \+\d+(?:,\d+)? @@")


@dataclass(frozen=True, slots=True)
class Shown:
    """What may be shown of a patch; `kept_back` are the paths whose part shows secrets or cannot be copied."""

    text: str
    kept_back: tuple[str, ...] = ()


def shown(patch: str, paths: Sequence[str], texts: Mapping[str, str]) -> Shown:
    """The parts of `patch`, about `paths` in their order, without those that should not or cannot be read.

    `texts` are the files before the patch: in a part whose lines hold a value of a Secret or a literal of the
    environment, GitHub would show what it does not show elsewhere. Carriage returns are lost when text is copied.
    """
    parts = _FILE.split(patch)[1:]
    if len(parts) != len(paths):
        return Shown("", tuple(paths))
    good: list[str] = []
    kept_back: list[str] = []
    for path, part in zip(paths, parts, strict=True):
        lines = part[:-1].split("\n")
        unsafe = path not in texts or not part.endswith("\n") or any(visible(line) != line for line in _plain(lines))
        if unsafe or _numbers(lines) & hidden_lines(read(path, texts[path])):
            kept_back.append(path)
        else:
            good.append(part)
    return Shown("".join(good), tuple(kept_back))


def _plain(lines: Sequence[str]) -> list[str]:
    """Lines without the tabs, which survive copying."""
    return [line.replace("\t", " ") for line in lines]


def _numbers(lines: Sequence[str]) -> set[int]:
    """The numbers of the old lines that a part shows."""
    found: set[int] = set()
    number = 0
    for line in lines:
        hunk = _HUNK.match(line)
        if hunk is not None:
            number = int(hunk[1])
        elif number and line[:1] in (" ", "-"):
            found.add(number)
            number += 1
    return found
