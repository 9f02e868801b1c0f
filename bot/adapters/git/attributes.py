"""What .gitattributes of a commit say about its files.

git 2.41 and newer can be told to read them from a commit (`--attr-source`), older ones cannot. So the few files that
count, those beside and above the paths in question, are put into an index of ours, and git reads them there: the same
with every version.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.adapters.git.commands import Git
from bot.adapters.git.objects import Entry, Objects, decoded, encoded

_FILE = ".gitattributes"
_GENERATED = "linguist-generated"


@dataclass(frozen=True, slots=True)
class Marked:
    """The paths that are marked as generated, and those whose differences are not to be shown (`-diff`, `binary`)."""

    generated: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()


def marked(git: Git, objects: Objects, commit: str, paths: Sequence[str]) -> Marked:
    """What a commit's .gitattributes say about paths. `git` points at a directory of ours: its index is replaced."""
    sources = _sources(objects, commit, paths)
    if not sources:
        return Marked()
    (git.directory / "index").unlink(missing_ok=True)
    lines = (f"{each.mode} {each.name}\t".encode() + encoded(each.path) + b"\0" for each in sources)
    git.output("update-index", "-z", "--index-info", given=b"".join(lines))
    asked = b"".join(encoded(path) + b"\0" for path in paths)
    said = git.output("check-attr", "-z", "--cached", "--stdin", "diff", _GENERATED, given=asked).split(b"\0")
    found = list(zip(said[0::3], said[1::3], said[2::3], strict=False))
    return Marked(
        frozenset(decoded(path) for path, name, value in found if name == _GENERATED.encode() and _is_true(value)),
        frozenset(decoded(path) for path, name, value in found if name == b"diff" and value == b"unset"),
    )


def _sources(objects: Objects, commit: str, paths: Sequence[str]) -> list[Entry]:
    """The .gitattributes beside and above some paths; git follows no linked ones either."""
    folders = {""}
    for path in paths:
        place = path.rfind("/")
        while place > 0 and path[:place] not in folders:
            folders.add(path[:place])
            place = path.rfind("/", 0, place)
    entries = (objects.entry(commit, f"{folder}/{_FILE}" if folder else _FILE) for folder in sorted(folders))
    return [entry for entry in entries if entry is not None and entry.is_file]


def _is_true(value: bytes) -> bool:
    """Whether an attribute is on: `name`, or `name=true`."""
    return value in (b"set", b"true")
