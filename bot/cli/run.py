"""Errors to exit codes, in one place."""

from __future__ import annotations

import os
import sys
import traceback

import click

from bot.cli.group import cli
from bot.errors import BotError

INTERRUPTED = 130
OUR_FAULT = 3


def run(arguments: list[str] | None = None) -> int:
    """Run the command line; the exit code. Whatever goes wrong is one line on stderr, never a traceback."""
    try:
        code = cli.main(arguments, prog_name="k8s-auto-fix", standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted: no file was left half written", err=True)
        return INTERRUPTED
    except BotError as error:
        click.echo(f"error: {error}", err=True)
        return error.exit_code
    except BrokenPipeError:
        # The reader of our output went away (`| head`): that is its right, and not worth a word.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # noqa: BLE001 the one broad except: whatever is left is our fault
        return _our_fault(error)
    return code if isinstance(code, int) else 0


def _our_fault(error: Exception) -> int:
    if os.environ.get("K8S_AUTO_FIX_DEBUG"):
        traceback.print_exc()
    line = str(error).splitlines()[0] if str(error) else ""
    name = error.__class__.__name__
    click.echo(f"internal error: {name}{': ' + line if line else ''}", err=True)
    click.echo(
        "this is a defect of k8s-auto-fix; with K8S_AUTO_FIX_DEBUG=1 it shows where. Please report it.", err=True
    )
    return OUR_FAULT
