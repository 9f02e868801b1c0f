"""`fix PATH...`: the verified fixes, written into the files."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from bot.cli import options
from bot.cli.streams import terminal_width, wants_color, write_output

if TYPE_CHECKING:
    from bot.model import Report, Skip


@click.command()
@options.selection_or_base
@click.option("--unsafe", is_flag=True, help="Include fixes that may change what runs.")
@click.option("--fix-only", is_flag=True, help="Leave out what remains, in the report and in the exit code.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors.")
@options.engines
@options.colour
def command(
    unsafe: bool, fix_only: bool, quiet: bool, color: str, base: str | None, sarif: tuple[str, ...], **selection: Any
) -> int:
    """Fix the Kubernetes manifests in PATH in place. Only the lines that a fix needs are touched.

    Safe fixes cannot change what a running pod does; --unsafe applies the others too. With - the text is read from
    stdin and the fixed text written to stdout. With --base exactly those fixes are applied that `review` offers.
    """
    from bot.cli import engines
    from bot.cli import session as runs
    from bot.model import Applicability
    from bot.report import fixed

    if base is not None:
        if click.get_current_context().get_parameter_source("severity") is ParameterSource.DEFAULT:
            selection["severity"] = "medium"  # as in a review
        return _of_branch(base, quiet, color, {**selection, "sarif": sarif})
    session = runs.Session(runs.request(**selection))
    engines.listen(session, sarif)
    least = Applicability.UNSAFE if unsafe else Applicability.SAFE
    report = session.repair(least=least)
    if session.stdin is not None:
        write_output(report.changed[0][2] if report.changed else session.stdin)
        runs.tell_errors(report)
    else:
        report = _written(report)
        if quiet:
            runs.tell_errors(report)
        else:
            width = terminal_width()
            write_output(fixed.render(report, color=wants_color(color), width=width, remains=not fix_only))
    if fix_only:
        report = replace(report, findings=())
    return runs.exit_code(report, changed=bool(report.changed))


def _of_branch(base: str, quiet: bool, color: str, selection: dict[str, Any]) -> int:
    """Apply what a review of the checked out commit offers; the exit code."""
    from bot.cli import offered

    report = _written(offered.report(base, selection))
    if quiet:
        from bot.cli.session import tell_errors

        tell_errors(report)
    else:
        from bot.report import fixed

        write_output(fixed.render(report, color=wants_color(color), width=terminal_width()))
    return 2 if any(skip.error for skip in report.skips) else int(bool(report.changed))


def _written(report: Report) -> Report:
    """Write the changed files; the report with those that could be written, and why not the others."""
    from bot.adapters import files

    written = []
    failed: list[Skip] = []
    for path, before, after in report.changed:
        problem = files.write_atomic(path, before, after)
        if problem is None:
            written.append((path, before, after))
        else:
            failed.append(problem)
    return replace(report, changed=tuple(written), skips=(*report.skips, *failed))
