"""How long findings have been in the checked out commit, as git tells."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bot.settings import repository_root

if TYPE_CHECKING:
    from bot.adapters.git import Repository
    from bot.stages.verified import Verdict


def age_of(places: Iterable[tuple[str, int | None]], paths: Sequence[str]) -> Callable[[Verdict], float | None]:
    """What tells the age of a fix's finding in hours; None when nobody knows.

    `places` are paths and 1-based lines, `paths` the files that are there. A file that differs from the commit has
    other lines: its findings have no age. Without git or a repository nothing has one.
    """
    root = repository_root(paths[0]) if paths else None
    if root is None:
        return lambda _: None
    wanted: dict[str, set[int]] = {}
    there = set(paths)
    for path, line in places:
        if line is not None and path in there:
            wanted.setdefault(path, set()).add(line)
    found = _ages(root, wanted)
    return lambda each: found.get((each.manifest_path or "", each.line or 0))


def _ages(root: Path, wanted: dict[str, set[int]]) -> dict[tuple[str, int], float]:
    from bot.adapters.git import GitError, Repository, ages

    base = os.path.realpath(root)
    inside = {os.path.relpath(os.path.realpath(path), base): path for path in wanted}
    try:
        with Repository(root) as repository:
            commit = repository.resolve("HEAD")
            lines = {name: wanted[path] for name, path in inside.items() if _is_same(repository, commit, name, path)}
            found = ages(repository, commit, lines)
    except GitError:
        return {}
    return {(inside[name], line): hours for (name, line), hours in found.items()}


def _is_same(repository: Repository, commit: str, name: str, path: str) -> bool:
    """Whether a file is as the commit has it."""
    try:
        return repository.read(commit, name) == Path(path).read_bytes()
    except OSError:
        return False
