"""Workflow commands: lines of the output that the runner obeys. `Quiet` keeps it from obeying others' text.

The runner reads a line as a command when it begins with `::name` (blanks before it are passed over); file names and
values of a repository may look like that. Between `::stop-commands::word` and `::word::` it obeys nothing.

Invariant: the word is random, so that nobody who writes a repository can end the silence.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TextIO


class Quiet:
    """Between entering and leaving, the runner obeys nothing that is written, except within `speaking`.

    Both streams are told, because the runner reads each on its own and may see the later line first.
    """

    def __init__(self, out: TextIO, errors: TextIO) -> None:
        self._streams = (out, errors)
        self._word = ""

    def __enter__(self) -> Quiet:
        self._stop()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._resume()

    @contextmanager
    def speaking(self) -> Iterator[None]:
        """Commands of our own are obeyed: whatever of others is in them has to be escaped (`bot.report.github`)."""
        self._resume()
        try:
            yield
        finally:
            self._stop()

    def _stop(self) -> None:
        self._word = secrets.token_hex(16)
        self._say(f"::stop-commands::{self._word}\n")

    def _resume(self) -> None:
        self._say(f"::{self._word}::\n")

    def _say(self, line: str) -> None:
        for stream in self._streams:
            stream.flush()
        for stream in self._streams:
            stream.write(line)
            stream.flush()


def mask(value: str) -> str:
    """The commands by which the runner hides a value in its log from then on: one for each line of it."""
    return "".join(f"::add-mask::{line.replace('%', '%25')}\n" for line in value.splitlines() if line.strip())
