"""`diff PATH...`: the unified diff of what `fix` would do."""

from __future__ import annotations

from typing import Any

import click

from bot.cli import options
from bot.cli.streams import is_terminal, tell, wants_color, write_output


@click.command()
@options.selection
@click.option("--unsafe", is_flag=True, help="Include fixes that may change what runs.")
@click.option("--output", type=click.Path(), metavar="FILE", help="Write the diff to a file.  [default: stdout]")
@options.engines
@options.colour
def command(unsafe: bool, output: str | None, color: str, sarif: tuple[str, ...], **selection: Any) -> int:
    """Show what `fix` would change in PATH, as a diff that `git apply` takes. Nothing is written."""
    from bot.cli import engines
    from bot.cli import session as runs
    from bot.model import Applicability
    from bot.report import diff, fixed

    session = runs.Session(runs.request(**selection))
    engines.listen(session, sarif)
    least = Applicability.UNSAFE if unsafe else Applicability.SAFE
    report = session.repair(least=least)
    written = diff.render(report)
    if output is None and (wants_color(color) or is_terminal()):
        written = diff.paint(written, color=wants_color(color))
    write_output(written, output)
    for line in fixed.sources(report):
        tell(f"note: {line}")
    runs.tell_errors(report)
    return 2 if runs.unreadable(report) else 1 if report.changed else 0
