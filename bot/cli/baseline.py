"""`baseline [PATH...]`: write down today's findings, so that only new ones count."""

from __future__ import annotations

from typing import Any

import click

from bot.cli import options
from bot.cli.streams import tell


@click.command()
@options.selection_or_all
@click.option(
    "--output",
    type=click.Path(),
    metavar="FILE",
    help="Where to write it.  [default: .k8s-auto-fix-baseline.json at the root of the repository]",
)
def command(output: str | None, **selection: Any) -> int:
    """Write down the findings of today in a file: `scan` then counts only those that are new.

    \b
    k8s-auto-fix baseline          # once; commit .k8s-auto-fix-baseline.json
    k8s-auto-fix scan .            # exits with 1 for new findings only

    Without PATH the whole repository is looked at; with it what is known of other files stays. Findings that are
    accepted otherwise are not written down. Run it again when findings are gone: scan says which.
    """  # noqa: D301
    from bot.cli import baselines, engines
    from bot.cli import session as runs
    from bot.cli.streams import write_output
    from bot.report.baseline import render

    session = runs.Session(runs.request(**selection))
    engines.listen(session)
    report = session.scan(verify=False)
    runs.tell_errors(report)
    if runs.unreadable(report):
        return 2
    path = output or baselines.place(session)
    kept = baselines.kept(session, path)
    write_output(render(report, lambda file: baselines.from_root(session, file), kept), path)
    number = sum(each.suppression is None for each in report.findings)
    words = f"{number:,} {'finding' if number == 1 else 'findings'} written to {path}"
    tell(f"{words}, {len(kept):,} of other files kept" if kept else words)
    return 0
