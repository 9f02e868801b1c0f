"""The file of earlier suggestions (`bot.rank.history`): read, and added to by any number of runs at a time.

Invariant: what stands there is never changed. All lines of a run are one write under a lock; a torn end is closed with
a line feed first, so that it costs itself alone. No link is followed: the file may lie in a strangers' checkout.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from collections.abc import Iterable
from pathlib import Path

from bot.errors import InputError
from bot.rank.history import Event, History, fresh, line, parse

FILE = "history.jsonl"
LARGEST = 64_000_000
"""Bytes: some 400,000 events."""

_FLAGS = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK


def read(path: Path) -> History:
    """The history in a file, an empty one where there is none; InputError when it cannot be read, with its line."""
    try:
        with open(path, "rb", opener=_without_blocking) as file:
            _check(path, os.fstat(file.fileno()))
            return parse(str(path), file.read().decode("utf-8", "replace"))
    except FileNotFoundError:
        return History()
    except OSError as error:
        raise InputError(f"{path}: the history cannot be read: {error.strerror}") from None


def append(path: str | Path, events: Iterable[Event], *, folder: int | None = None) -> int:
    """Add those events that the file lacks; how many those were. The file is made where it is missing.

    `folder` is an open folder that `path` is relative to. InputError when the file is of another version, or cannot be
    written; then it is as it was.
    """
    try:
        descriptor = os.open(path, _FLAGS, 0o644, dir_fd=folder)
    except OSError as error:
        why = "a link is not followed" if error.errno == errno.ELOOP else error.strerror
        raise InputError(f"{path}: the history cannot be written: {why}") from None
    with os.fdopen(descriptor, "r+b", buffering=0) as file:
        try:
            _check(path, os.fstat(descriptor))
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            there = file.read() or b""
            new = fresh(events, parse(str(path), there.decode("utf-8", "replace")))
            if new:
                closed = b"\n" if there and not there.endswith(b"\n") else b""
                file.write(closed + "".join(map(line, new)).encode())
                os.fsync(descriptor)
        except OSError as error:
            raise InputError(f"{path}: the history cannot be written: {error.strerror}") from None
    return len(new)


def _without_blocking(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK | os.O_CLOEXEC)


def _check(path: str | Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise InputError(f"{path}: the history is no regular file")
    if status.st_size > LARGEST:
        raise InputError(
            f"{path}: the history has more than {LARGEST:,} bytes; move the file away, and a new one begins"
        )
