"""The files of a commit, as a run over files wants them: texts, the manifests of a folder, never a link.

Workers of a run are forked, and a conversation with git does not survive that: each process opens its own.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from bot.adapters.files.text import decode
from bot.adapters.files.walk import ENDINGS
from bot.model import Skip


class Entry(Protocol):
    """Something in a commit."""

    @property
    def path(self) -> str:
        """Its path from the root of the repository."""

    @property
    def is_file(self) -> bool:
        """Whether it is a regular file, not a link or a submodule."""


class Repository(Protocol):
    """What of a repository is used here: see `bot.adapters.git`."""

    def read(self, commit: str, path: str) -> bytes | None:
        """The content of a regular file of a commit."""

    def files(self, commit: str) -> Iterable[Entry]:
        """Everything in a commit."""


class Tree:
    """A commit. `commit` is its full name; `opened` opens the repository, once a process."""

    def __init__(self, commit: str, opened: Callable[[], Repository]) -> None:
        self.commit = commit
        self._opened = opened
        self._repository: Repository | None = None
        self._process = 0
        self._folders: dict[str, list[str]] | None = None

    def text(self, path: str) -> str | Skip | None:
        """The text of a file, a Skip when it is none that can be read, None when there is no regular file."""
        data = self.data(path)
        return None if data is None else decode(path, data)

    def data(self, path: str) -> bytes | None:
        """The bytes of a regular file; None when there is none at the path, or it leaves the repository."""
        normal = posixpath.normpath(path)
        if "\0" in path or normal.startswith(("/", "../")) or normal == "..":
            return None
        return self._mine().read(self.commit, normal)

    def read(self, path: str) -> str | None:
        """The text of a file; None for all that has none."""
        found = self.text(path)
        return found if isinstance(found, str) else None

    def manifests_in(self, folder: str) -> Sequence[str]:
        """The files in a folder that may be manifests, those of folders below left out."""
        return self._listed().get("" if folder == "." else folder, ())

    def below(self, folder: str) -> list[str]:
        """The paths of all regular files below a folder, that may be manifests."""
        inside = folder.rstrip("/") + "/" if folder not in ("", ".") else ""
        return sorted(path for paths in self._listed().values() for path in paths if path.startswith(inside))

    def _listed(self) -> dict[str, list[str]]:
        if self._folders is None:
            self._folders = {}
            for entry in self._mine().files(self.commit):
                if entry.is_file and entry.path.lower().endswith(ENDINGS):
                    self._folders.setdefault(posixpath.dirname(entry.path), []).append(entry.path)
        return self._folders

    def _mine(self) -> Repository:
        if self._repository is None or self._process != os.getpid():
            self._repository, self._process = self._opened(), os.getpid()
        return self._repository
