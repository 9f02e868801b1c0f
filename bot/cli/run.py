"""Errors to exit codes, in one place."""

from __future__ import annotations

import gc
import io
import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

import click

from bot.cli.group import cli
from bot.cli.streams import discard_output, open_closed, tell
from bot.errors import BotError

OUR_FAULT = 3
_GARBAGE_AFTER = 200_000
"""Objects made before the collector looks for cycles."""
INTERRUPTED = 130
TERMINATED = 143


class _Terminated(BaseException):
    """SIGTERM, as something that unwinds: temporary files are removed and workers ended on the way."""


def run(arguments: list[str] | None = None) -> int:
    """Run the command line; the exit code. Whatever goes wrong is one line on stderr, never a traceback."""
    open_closed()
    # Trees of nodes hold no cycles: looking for some after every 700 new objects would take a fifth of the time.
    gc.set_threshold(_GARBAGE_AFTER)
    try:
        with _terminable():
            code = cli.main(arguments, prog_name="k8s-auto-fix", standalone_mode=False)
            sys.stdout.flush()
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.ClickException as error:
        tell(_as_shown(error))
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        tell("interrupted: no file was left half written")
        return INTERRUPTED
    except _Terminated:
        tell("terminated: no file was left half written")
        return TERMINATED
    except BotError as error:
        tell(f"error: {error}")
        return error.exit_code
    except BrokenPipeError:
        # The reader of our output went away (`| head`): that is its right, and not worth a word.
        discard_output()
        return 0
    except OSError as error:
        discard_output()
        what = f"{error.filename}: " if error.filename is not None else ""
        tell(f"error: {what}{error.strerror or error}")
        return BotError.exit_code
    except MemoryError:
        tell("error: not enough memory")
        return BotError.exit_code
    except Exception as error:  # noqa: BLE001 the one broad except: whatever is left is our fault
        return _our_fault(error)
    return code if isinstance(code, int) else 0


@contextmanager
def _terminable() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _terminate(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise _Terminated


def _as_shown(error: click.ClickException) -> str:
    """What click says about wrong use, usage included."""
    page = io.StringIO()
    error.show(page)
    return page.getvalue().rstrip("\n")


def _our_fault(error: Exception) -> int:
    if os.environ.get("K8S_AUTO_FIX_DEBUG"):
        traceback.print_exc()
    line = str(error).splitlines()[0] if str(error) else ""
    name = error.__class__.__name__
    tell(f"internal error: {name}{': ' + line if line else ''}")
    tell("this is a defect of k8s-auto-fix; with K8S_AUTO_FIX_DEBUG=1 it shows where. Please report it.")
    return OUR_FAULT
