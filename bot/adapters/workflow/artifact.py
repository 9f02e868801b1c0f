"""One file of a folder that a stranger's workflow left: bytes to look at, and nothing that it could lead us to.

Invariants: only a regular file is opened, no link is followed, nothing waits for a writer, and no more is read than was
asked for.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Collection
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from bot.errors import InputError

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_COUNTED = 1_000
"""Names of a folder that are looked at."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """The bytes of the file that was asked for, and the names of what else lies there and was not expected."""

    data: bytes
    others: tuple[str, ...] = ()


def read_artifact(folder: Path, name: str, *, most: int, expected: Collection[str]) -> Artifact:
    """The file `name` of `folder`, of `most` bytes at most; `expected` are names that may lie beside it.

    An InputError says why it is not there or cannot be used.
    """
    try:
        descriptor = os.open(folder, _FOLDER)
    except OSError as error:
        raise InputError(
            f"{folder}: {_reason(error)}; it has to be the report of the first workflow, as"
            " actions/download-artifact leaves it (input `artifact`)"
        ) from None
    try:
        return Artifact(_content(descriptor, folder, name, most), _others(descriptor, {name, *expected}))
    finally:
        os.close(descriptor)


def _content(descriptor: int, folder: Path, name: str, most: int) -> bytes:
    try:
        opened = os.open(name, _FILE, dir_fd=descriptor)
    except OSError as error:
        raise InputError(f"{folder}/{name}: {_reason(error)}") from None
    if not stat.S_ISREG(os.fstat(opened).st_mode):
        os.close(opened)
        raise InputError(f"{folder}/{name}: no regular file")
    with os.fdopen(opened, "rb") as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise InputError(f"{folder}/{name}: larger than {most:,} bytes, which no report is")
    return data


def _others(descriptor: int, known: Collection[str]) -> tuple[str, ...]:
    with os.scandir(descriptor) as entries:
        return tuple(sorted(entry.name for entry in islice(entries, _COUNTED) if entry.name not in known))


def _reason(error: OSError) -> str:
    if error.errno == errno.ELOOP:
        return "a link, which is not followed"
    return {errno.ENOENT: "not there", errno.ENOTDIR: "no folder"}.get(error.errno or 0, error.strerror or "unreadable")
