"""stdin, stdout and stderr: what is read, what is written, and how it looks there.

Invariant: results are bytes that nothing translates (line ends, encodings); whatever goes to stderr is safe to print.
"""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from bot.errors import InputError

if TYPE_CHECKING:
    from bot.model import Skip

STDIN = "-"
STDIN_NAME = "stdin.yaml"
"""What reports call the text that came from stdin."""

_WIDTHS = (40, 120)
_NO_COLOR = ("0", "false")
"""Values of FORCE_COLOR that forbid colours, as in Node."""


def open_closed() -> None:
    """Somewhere to write to when stdout or stderr are closed (`>&-`), so that no file gets their numbers."""
    if sys.stdout is None:
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 as long as the process lives
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115


def read_stdin(most: int | None = None) -> str | Skip:
    """The text on stdin, of at most so many bytes (None: as of a manifest), or why it has none."""
    from bot.adapters.files.text import MAX_SIZE, decode

    limit = most or MAX_SIZE

    if sys.stdin is None:
        raise InputError("stdin is closed; '-' reads from it")
    return decode(STDIN_NAME, sys.stdin.buffer.read(limit + 1), limit)


def write_output(text: str, output: str | None = None) -> None:
    """Print a result, or write it to the file that --output names."""
    data = text.encode("utf-8", "surrogateescape")
    try:
        if output is not None and output != STDIN:
            Path(output).write_bytes(data)
            return
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        # The reader went away (`| head`): its right, and not worth a word. What was found still decides the exit code.
        discard_output()
    except OSError as error:
        if output is None:
            discard_output()
        raise InputError(f"{output or 'stdout'}: cannot be written: {error.strerror}") from None


def discard_output() -> None:
    """Send what is left for stdout nowhere, so that it does not fail once more at the end."""
    with suppress(OSError, io.UnsupportedOperation):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def tell(text: str) -> None:
    """Write to stderr. Paths, names and parts of files are made safe to print."""
    from bot.report.terminal import visible

    with suppress(OSError):  # nobody listens
        sys.stderr.write("".join(visible(line) + "\n" for line in text.split("\n")))
        sys.stderr.flush()


def is_terminal() -> bool:
    """Whether stdout is shown to a person as it is."""
    return sys.stdout.isatty()


def wants_color(choice: str) -> bool:
    """Whether stdout is coloured: https://no-color.org, and FORCE_COLOR as in Node."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    forced = os.environ.get("FORCE_COLOR")
    if forced:
        return forced.lower() not in _NO_COLOR
    return is_terminal() and os.environ.get("TERM") != "dumb"


def terminal_width() -> int | None:
    """Columns of the terminal, within reason; None when the output is no terminal."""
    if not is_terminal() and not os.environ.get("COLUMNS"):
        return None
    import shutil

    least, most = _WIDTHS
    return max(least, min(shutil.get_terminal_size((80, 24)).columns, most))
