"""The folder of report files inside a workspace whose content nobody vouches for.

Invariants: no symbolic link is followed and no path leaves the workspace, also when somebody swaps folders meanwhile
(every step is taken from an open folder, never by name from the root). What root writes belongs to the workspace's
owner: a runner without root's rights has to be able to clear it away.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath

from bot.adapters import history
from bot.errors import InputError, UsageError
from bot.rank.history import Event

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class Folder:
    """An open folder; to be used as a context manager, or closed. `path` is relative to the workspace, with `/`."""

    def __init__(self, path: str, descriptor: int, owner: tuple[int, int] | None) -> None:
        self.path = path
        self._descriptor = descriptor
        self._owner = owner

    def __enter__(self) -> Folder:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the folder."""
        os.close(self._descriptor)

    def write(self, name: str, data: bytes) -> str:
        """Write a file anew; its path relative to the workspace. A link or file of that name is replaced.

        An InputError says why it cannot be written; then an old file is as it was.
        """
        assert name == PurePosixPath(name).name, name
        temporary = f".{name}.{secrets.token_hex(8)}.tmp"
        try:
            self._create(temporary, data)
            os.rename(temporary, name, src_dir_fd=self._descriptor, dst_dir_fd=self._descriptor)
        except OSError as error:
            with suppress(OSError):
                os.unlink(temporary, dir_fd=self._descriptor)
            raise InputError(f"{self.path}/{name}: cannot be written: {error.strerror}") from None
        return f"{self.path}/{name}"

    def add(self, name: str, events: Iterable[Event]) -> int:
        """Add events to the history `name`, which is made where it is missing; how many were new."""
        added = history.append(name, events, folder=self._descriptor)
        if self._owner is not None:
            os.chown(name, *self._owner, dir_fd=self._descriptor, follow_symlinks=False)
        return added

    def _create(self, name: str, data: bytes) -> None:
        with os.fdopen(os.open(name, _NEW_FILE, 0o644, dir_fd=self._descriptor), "wb") as file:
            if self._owner is not None:
                os.fchown(file.fileno(), *self._owner)
            file.write(data)


def check_folder(path: str) -> None:
    """A UsageError when the path leads out of the workspace; nothing is looked at or made."""
    _parts(path)


def open_folder(workspace: Path, path: str) -> Folder:
    """The folder `path` of the workspace, made where it is missing.

    A UsageError says that the path leads out of it, an InputError that it cannot be used (a link, a file).
    """
    return _opened(workspace, _parts(path))


def open_folder_of(workspace: Path, path: str) -> tuple[Folder, str]:
    """The folder that the file `path` of the workspace lies in, made where it is missing, and the file's name."""
    *folder, name = _parts(path, "history", "file")
    return _opened(workspace, folder), name


def _opened(workspace: Path, parts: Sequence[str]) -> Folder:
    try:
        descriptor = os.open(workspace, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise InputError(f"{workspace}: the workspace cannot be opened: {error.strerror}") from None
    status = os.fstat(descriptor)
    owner = (status.st_uid, status.st_gid) if os.geteuid() == 0 else None
    for depth, part in enumerate(parts, start=1):
        try:
            inner = _enter(descriptor, part, owner)
        except OSError as error:
            name = "/".join(parts[:depth])
            raise InputError(f"{name}: is no folder to write reports to: {error.strerror}") from None
        finally:
            os.close(descriptor)
        descriptor = inner
    return Folder("/".join(parts), descriptor, owner)


def _parts(path: str, name: str = "report", kind: str = "folder") -> tuple[str, ...]:
    parts = tuple(part for part in path.split("/") if part not in ("", "."))
    if path.startswith("/") or not parts or ".." in parts or "\0" in path or parts[0] == ".git":
        raise UsageError(
            f"{name}: {path!r} is no {kind} inside of the workspace; it is a relative path such as {name}s"
        )
    return parts


def _enter(descriptor: int, name: str, owner: tuple[int, int] | None) -> int:
    """Open the folder `name` of an open one, and make it before when it is missing."""
    made = False
    with suppress(FileExistsError):
        os.mkdir(name, 0o755, dir_fd=descriptor)
        made = True
    inner = os.open(name, _DIRECTORY, dir_fd=descriptor)
    if made and owner is not None:
        os.fchown(inner, *owner)
    return inner
