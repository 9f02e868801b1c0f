"""Write a file so that it holds the old text or the new one, never part of either.

Invariant: whatever happens before the last step (a full disk, Ctrl-C, a read-only folder) the original is as it was and
no temporary file is left.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterable
from pathlib import Path

from bot.adapters.files.text import read_bytes
from bot.model import Skip


def write_atomic(path: str, old_text: str, new_text: str) -> Skip | None:
    """Replace the text of `path`, if it still is `old_text`; a Skip says why it was left as it is.

    A symbolic link stays, and its target is written. Mode and owner are kept as far as the system lets us; a further
    hard link to the file keeps the old text.
    """
    try:
        target = Path(os.path.realpath(path, strict=True))  # Path.resolve raises RuntimeError for a loop
        return _replace(path, target, old_text.encode(), new_text.encode())
    except FileNotFoundError:
        return _left(path, "changed-meanwhile", "the file is gone")
    except OSError as error:
        return _left(path, "not-written", f"cannot be written: {error.strerror}")


def _replace(path: str, target: Path, old: bytes, new: bytes) -> Skip | None:
    before = target.stat()
    found = read_bytes(str(target))
    if isinstance(found, Skip):
        return _left(path, found.code, found.reason)
    if found != old:
        return _left(path, "changed-meanwhile", "the file changed since it was read; run again")
    if not os.access(target, os.W_OK):  # replacing it would get around its mode
        return _left(path, "read-only", "the file is read-only")
    # The name is drawn before the file is made, so that no interrupt in between can leave the file behind.
    temporary = target.with_name(f".k8s-auto-fix.{os.urandom(8).hex()}.tmp")
    try:
        with open(temporary, "xb", opener=_private) as file:
            _keep_owner_and_mode(file.fileno(), before)
            file.write(new)
            file.flush()
            os.fsync(file.fileno())
        if _identity(target.stat()) != _identity(before):
            return _left(path, "changed-meanwhile", "the file changed since it was read; run again")
        temporary.replace(target)
    finally:
        with contextlib.suppress(OSError):  # after the replacement the name is free already
            temporary.unlink()
    return None


def put_atomic(path: str, text: str | Iterable[str]) -> Skip | None:
    """Make `path` hold `text`, whatever was there; folders are made on the way. A Skip says why it could not be.

    Of a text in pieces only one is held at a time.

    What is no regular file (`/dev/stdout`, a named pipe) is written to as it is.
    """
    pieces = (text,) if isinstance(text, str) else text
    try:
        target = Path(os.path.realpath(path))
        if target.exists() and not target.is_file() and not target.is_dir():
            with target.open("wb") as file:
                file.writelines(map(str.encode, pieces))
            return None
        target.parent.mkdir(parents=True, exist_ok=True)
        _put(target, pieces)
    except OSError as error:
        return _left(path, "not-written", f"cannot be written: {error.strerror}")
    return None


def _put(target: Path, pieces: Iterable[str]) -> None:
    before = target.stat() if target.exists() else None
    temporary = target.with_name(f".k8s-auto-fix.{os.urandom(8).hex()}.tmp")
    try:
        with temporary.open("xb") as file:
            if before is not None:
                _keep_owner_and_mode(file.fileno(), before)
            file.writelines(map(str.encode, pieces))
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    finally:
        with contextlib.suppress(OSError):  # after the replacement the name is free already
            temporary.unlink()


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _keep_owner_and_mode(descriptor: int, before: os.stat_result) -> None:
    with contextlib.suppress(OSError):  # only root may give files away; the owner comes first, it resets mode bits
        os.fchown(descriptor, before.st_uid, before.st_gid)
    os.fchmod(descriptor, stat.S_IMODE(before.st_mode))


def _identity(status: os.stat_result) -> tuple[int, ...]:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def _left(path: str, code: str, reason: str) -> Skip:
    return Skip("write", code, reason, path, error=True)
