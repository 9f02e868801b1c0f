"""The bytes of a feed or a report: of a regular file, within a limit, unpacked where gzip packed it."""

from __future__ import annotations

import stat
import zlib
from pathlib import Path

from bot.errors import InputError

LARGEST = 100_000_000
"""Bytes of a feed or a report, unpacked; the daily EPSS file has about 10 million."""

_GZIP = b"\x1f\x8b"


def text(path: Path, said: str) -> str:
    """The text of a file, which errors call `said`; InputError when it has none."""
    try:
        return unpacked(said, content(path, said)).decode()
    except UnicodeDecodeError:
        raise InputError(f"{said}: not UTF-8") from None


def content(path: Path, said: str) -> bytes:
    """What stands in a file, as it is."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise InputError(f"{said}: no regular file")
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except ValueError:
        raise InputError(f"{said!r}: no path") from None
    except OSError as error:
        raise InputError(f"{said}: cannot be read: {error.strerror}") from None
    if len(data) > LARGEST:
        raise InputError(f"{said}: more than {LARGEST:,} bytes")
    return data


def unpacked(said: str, data: bytes) -> bytes:
    """What gzip packed, within the limit; anything else as it is."""
    if not data.startswith(_GZIP):
        return data
    unpacker = zlib.decompressobj(wbits=31)
    try:
        found = unpacker.decompress(data, LARGEST + 1)
    except zlib.error as error:
        raise InputError(f"{said}: cannot be unpacked: {error}") from None
    if len(found) > LARGEST:
        raise InputError(f"{said}: more than {LARGEST:,} bytes when unpacked")
    if not unpacker.eof:
        raise InputError(f"{said}: cut off; what is packed does not end")
    return found
