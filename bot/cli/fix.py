"""`fix PATH...`: the verified fixes, written into the files."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import click

from bot.cli import options


@click.command()
@options.selection
@click.option("--unsafe", is_flag=True, help="Include fixes that may change what runs.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors.")
@options.colour
def command(unsafe: bool, quiet: bool, color: str, **selection: Any) -> int:
    """Fix the Kubernetes manifests in PATH in place. Only the lines that a fix needs are touched.

    Safe fixes cannot change what a running pod does; --unsafe applies the others too. With - the text is read from
    stdin and the fixed text written to stdout.
    """
    from bot.adapters import files
    from bot.cli import session as runs
    from bot.model import Applicability, Skip
    from bot.report import fixed

    session = runs.Session(runs.request(**selection))
    least = Applicability.UNSAFE if unsafe else Applicability.SAFE
    report = session.run(partial(runs.repair_it, least=least))
    if session.stdin is not None:
        options.write_output(report.changed[0][2] if report.changed else session.stdin, None)
        runs.tell_errors(report)
        return runs.exit_code(report, changed=bool(report.changed))
    written = []
    failed: list[Skip] = []
    for path, before, after in report.changed:
        problem = files.write_atomic(path, before, after)
        if problem is None:
            written.append((path, before, after))
        else:
            failed.append(problem)
    report = replace(report, changed=tuple(written), skips=(*report.skips, *failed))
    if not quiet:
        page = fixed.render(report, color=options.wants_color(color), width=options.terminal_width())
        options.write_output(page, None)
    else:
        runs.tell_errors(report)
    return runs.exit_code(report, changed=bool(written))
