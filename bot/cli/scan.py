"""`scan PATH...`: findings, and whether each has a fix."""

from __future__ import annotations

from typing import Any

import click

from bot import __version__
from bot.cli import options
from bot.cli.streams import terminal_width, wants_color, write_output
from bot.errors import UsageError

FORMATS = ("text", "concise", "json", "sarif", "github")


@click.command()
@options.selection
@click.option(
    "--format", "form", type=click.Choice(FORMATS), default="text", show_default=True, help="How to write the report."
)
@click.option("--output", type=click.Path(), metavar="FILE", help="Write the report to a file.  [default: stdout]")
@click.option("--show-fixes", is_flag=True, help="Show each fix, verified, with what it changes.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 even when there are findings.")
@click.option(
    "--baseline",
    type=click.Path(),
    metavar="FILE",
    help="Findings that are known and do not count.  [default: .k8s-auto-fix-baseline.json, where it is there]",
)
@click.option("--no-baseline", is_flag=True, help="Count known findings too.")
@options.engines
@options.colour
def command(
    form: str,
    output: str | None,
    show_fixes: bool,
    exit_zero: bool,
    baseline: str | None,
    no_baseline: bool,
    sarif: tuple[str, ...],
    color: str,
    **selection: Any,
) -> int:
    """Show what is wrong with the Kubernetes manifests in PATH (files, folders, or - for stdin)."""
    from bot.cli import baselines, engines
    from bot.cli import session as runs

    if no_baseline and baseline is not None:
        raise UsageError("--baseline and --no-baseline say the opposite of each other")
    session = runs.Session(runs.request(**selection))
    engines.listen(session, sarif)
    known = None if no_baseline else baselines.found(session, baseline)
    verify = show_fixes or form == "sarif"
    report = session.scan(verify=verify)
    if known is not None:
        report = baselines.compared(session, report, known)
    sources = runs.sources_of(session, report)
    coloured = wants_color(color) and output is None
    if form == "text":
        from bot.report import text

        width = terminal_width() if output is None else None
        written = text.render(report, sources, color=coloured, width=width, show_fixes=show_fixes)
    elif form == "concise":
        from bot.report import text

        written = text.concise(report, color=coloured)
    elif form == "json":
        from bot.report import json

        written = json.render(report, sources, show_fixes=show_fixes)
    elif form == "sarif":
        from bot.report import sarif as as_sarif

        written = as_sarif.render(report, sources, session.known_policies, version=__version__)
    else:
        from bot.report import github

        written = github.render(report)
    write_output(written, output)
    code = runs.exit_code(report)
    return 0 if exit_zero and code == 1 else code
