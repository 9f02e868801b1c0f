"""The files below a folder, as candidates: what is a manifest by its name, and what .gitignore leaves of it.

Only folders that are really there are entered, never links to folders: so there are no loops, and everything in the
repository is walked where it stands.

Invariant: nothing is opened but .gitignore files; what cannot be looked at is a Skip.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.adapters.files.gitignore import Patterns
from bot.adapters.files.text import unreadable
from bot.model import Skip

LEFT_OUT = frozenset(
    (
        *(".direnv", ".git", ".hg", ".mypy_cache", ".nox", ".pytest_cache", ".ruff_cache", ".svn", ".terraform"),
        *(".terragrunt-cache", ".tox", ".venv", "__pycache__", "node_modules", "site-packages", "venv"),
    )
)
"""Folders that are not entered unless they are named or taken back with `!`: what tools put there, not people.

`vendor`, `dist` and `build` are entered: rendered and vendored manifests, which are deployed, live there too.
"""

ENDINGS = (".yaml", ".yml", ".json")
_MAX_PATTERNS = 1_000_000


@dataclass(frozen=True, slots=True)
class Scope:
    """Patterns and the folder they are relative to, as an absolute path with a slash at its end."""

    base: str
    patterns: Patterns

    def verdict(self, path: str, *, folder: bool) -> bool | None:
        """What the patterns say about an absolute path: True is left out, False taken back."""
        if not path.startswith(self.base):
            return None
        return self.patterns.verdict(path[len(self.base) :], folder=folder)

    def leaves_out(self, path: str, *, folder: bool) -> bool:
        """Whether the path or a folder it lies in is left out."""
        place = path.find("/", len(self.base)) if path.startswith(self.base) else -1
        while place > 0:
            if self.verdict(path[:place], folder=True):
                return True
            place = path.find("/", place + 1)
        return bool(self.verdict(path, folder=folder))


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file or folder that .gitignore or `exclude` leaves out."""

    path: str


def walk(top: str, root: Path | None, exclude: Scope) -> Iterator[os.DirEntry[str] | Skip | LeftOut]:
    """Files with the ending of a manifest, and links of any name, below the real folder `top` (a slash at its end).

    The paths in what is returned are absolute; the order is that of the file system. `root` is the repository's.
    """
    pending = [(top, _scopes_above(root, top))]
    while pending:
        folder, scopes = pending.pop()
        try:
            with os.scandir(folder) as listing:
                entries = list(listing)
        except OSError as error:
            yield unreadable(folder.rstrip("/"), error)
            continue
        if any(entry.name == ".gitignore" for entry in entries):
            inner = _patterns(folder + ".gitignore")
            if isinstance(inner, Skip):
                yield inner
            elif inner:
                scopes = (Scope(folder, inner), *scopes)
        for entry in entries:
            try:
                is_folder = entry.is_dir(follow_symlinks=False)
                if not (is_folder or entry.name.lower().endswith(ENDINGS) or entry.is_symlink()):
                    continue
            except OSError as error:
                yield unreadable(entry.path, error)
                continue
            left_out = _left_out(entry, is_folder, scopes, exclude)
            if left_out:
                yield LeftOut(entry.path)
            elif left_out is None:
                continue
            elif is_folder:
                pending.append((entry.path + "/", scopes))
            else:
                yield entry


def _left_out(entry: os.DirEntry[str], is_folder: bool, scopes: tuple[Scope, ...], exclude: Scope) -> bool | None:
    """Whether somebody's patterns leave an entry out; None for the folders that nobody wants to hear of."""
    excluded = exclude.verdict(entry.path, folder=is_folder) if exclude.patterns else None
    if excluded is None and is_folder and entry.name in LEFT_OUT:
        return None
    if excluded:
        return True
    for scope in scopes:
        verdict = scope.verdict(entry.path, folder=is_folder)
        if verdict is not None:
            return verdict
    return False


def _patterns(path: str) -> Patterns | Skip | None:
    """The patterns of a .gitignore; None when it is no regular file (git reads no linked ones either)."""
    try:
        if not stat.S_ISREG(Path(path).lstat().st_mode):
            return None
        with Path(path).open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
            return Patterns(file.read(_MAX_PATTERNS).split("\n"))
    except FileNotFoundError:
        return None
    except OSError as error:
        return Skip("read", "gitignore", f"its patterns do not count, it cannot be read: {error.strerror}", path)


def _scopes_above(root: Path | None, top: str) -> tuple[Scope, ...]:
    """Of the folders above a walked one, up to the root of its repository: the closest first, git's own last."""
    if root is None:
        return ()
    above = [folder for folder in Path(top).parents if folder.is_relative_to(root)]
    places = [(folder, folder / ".gitignore") for folder in above]
    places.append((root, _git_folder(root) / "info" / "exclude"))
    found = ((folder, _patterns(str(path))) for folder, path in places)
    return tuple(Scope(with_slash(str(folder)), each) for folder, each in found if isinstance(each, Patterns) and each)


def _git_folder(root: Path) -> Path:
    """The folder with git's own files; of a worktree or submodule it is named in the file .git."""
    git = root / ".git"
    try:
        if git.is_dir():
            return git
        named = root / git.read_text(encoding="utf-8").removeprefix("gitdir:").strip()
        common = named / "commondir"
        return named / common.read_text(encoding="utf-8").strip() if common.is_file() else named
    except (OSError, ValueError):
        return git


def with_slash(path: str) -> str:
    """A folder's path with a slash at its end."""
    return path if path.endswith("/") else path + "/"
