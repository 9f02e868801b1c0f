"""The text of a file, or a Skip that says why it has none.

Invariant: never blocks (a pipe is refused, not opened), reads a bounded number of bytes (`MAX_SIZE`), keeps every
character as it is: byte order mark, line ends, blanks.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from bot.model import Skip

MAX_SIZE = 10_000_000
"""Bytes; the largest manifests people write (bundles of CustomResourceDefinitions) have about 5 million."""

_BYTE_ORDER_MARKS = (
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)


def read_text(path: str, most: int = MAX_SIZE) -> str | Skip:
    """The text of the file at `path`, decoded as UTF-8; one of more than `most` bytes is not read."""
    try:
        data = read_bytes(path, most)
    except OSError as error:
        return unreadable(path, error)
    if isinstance(data, Skip):
        return data
    return decode(path, data, most)


def decode(path: str, data: bytes, most: int = MAX_SIZE) -> str | Skip:
    """The text that `data` is; `path` is only a name (standard input is read by others)."""
    if len(data) > most:
        return too_large(path, None, most)
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            reason = f"{encoding}, says its byte order mark; save it as UTF-8"
            return Skip("read", "not-utf-8", reason, path, line=1, error=True)
    place = data.find(b"\0")
    if place >= 0:
        reason = "a NUL byte; a binary file, or text that is not UTF-8"
        return Skip("read", "nul-byte", reason, path, line=data.count(b"\n", 0, place) + 1, error=True)
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        reason = f"not UTF-8: byte 0x{data[error.start]:02x}; save it as UTF-8"
        line = data.count(b"\n", 0, error.start) + 1
        return Skip("read", "not-utf-8", reason, path, line=line, error=True)


def read_bytes(path: str, most: int = MAX_SIZE) -> bytes | Skip:
    """The bytes of a regular file; raises OSError when it cannot be read."""
    mode = Path(path).stat().st_mode
    if not stat.S_ISREG(mode):
        return not_a_file(path, mode)
    # O_NONBLOCK: should a pipe have taken the file's place since, opening it still does not wait for a writer.
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        size = os.fstat(descriptor).st_size
        if size > most:
            return too_large(path, size, most)
        data = os.read(descriptor, size + 1)
        while len(data) <= most:
            more = os.read(descriptor, most + 1 - len(data))
            if not more:
                break
            data += more
        return data
    finally:
        os.close(descriptor)


def unreadable(path: str, error: OSError) -> Skip:
    """The Skip for what the system says about a path."""
    code = "no-such-file" if isinstance(error, (FileNotFoundError, NotADirectoryError)) else "unreadable"
    return Skip("read", code, f"cannot be read: {error.strerror}", path, error=True)


def too_large(path: str, size: int | None, most: int = MAX_SIZE) -> Skip:
    """The Skip for a file above the limit."""
    amount = f"{size:,}" if size is not None else f"more than {most:,}"
    return Skip("read", "too-large", f"{amount} bytes; at most {most:,} are read", path, error=True)


def not_a_file(path: str, mode: int) -> Skip:
    """The Skip for pipes, sockets, devices and folders where a file is wanted."""
    kinds = (
        (stat.S_ISDIR, "a folder"),
        (stat.S_ISFIFO, "a named pipe"),
        (stat.S_ISSOCK, "a socket"),
        (stat.S_ISCHR, "a device"),
        (stat.S_ISBLK, "a device"),
    )
    kind = next((word for test, word in kinds if test(mode)), "something else")
    hint = "; `-` reads standard input" if kind == "a named pipe" else ""
    return Skip("read", "not-a-file", f"{kind}, not a regular file{hint}", path, error=True)
