"""`detect --in PATH...`: the first stage, findings as records."""

from __future__ import annotations

from typing import Any

import click

from bot.cli import options, staging
from bot.cli.streams import tell
from bot.stages import detections


@click.command()
@options.selection_in
@options.engines
@staging.target(detections.FILE)
def command(
    output: str, paths: tuple[str, ...], more: tuple[str, ...], sarif: tuple[str, ...], **selection: Any
) -> int:
    """Write the findings of PATH (files, folders, or - for stdin) as records: the first of four stages.

    \b
    k8s-auto-fix detect --in deploy/ base/    # data/detections.json
    k8s-auto-fix propose                      # data/patches.json
    k8s-auto-fix verify                       # data/verified.json
    k8s-auto-fix schedule                     # data/schedule.json

    The exit code is 0 when the file was written, also without a finding.
    """  # noqa: D301
    from bot.cli import engines
    from bot.cli import session as runs
    from bot.pipeline import gather
    from bot.steps.detect import detect_file, detected

    session = runs.Session(runs.request((*paths, *more), **selection))
    engines.listen(session, sarif)
    results = session.run(detect_file)
    report = gather(results, session.skips, session.notices)
    runs.tell_errors(report)
    for notice in report.notices:
        tell(f"note: {notice}")
    found = list(detected(results, report))
    staging.write(output, detections.dump(found))
    files, objects = report.counts["files"], report.counts["resources"]
    seen = f"{staging.counted(files, 'file')}, {staging.counted(objects, 'object')}"
    accepted = sum(each.suppression is not None for each in report.findings)
    what = f"{staging.counted(len(found), 'finding')} in {seen}"
    what += f"; {accepted:,} accepted ones left out" if accepted else ""
    if not found:
        what = f"nothing found in {seen} with {staging.counted(len(session.policies), 'policy')}".replace(
            "policys", "policies"
        )
    left = [(skip.code, f"{skip.code}: {skip.path}: {skip.reason}") for skip in report.skips if not skip.error]
    staging.told("detect", what, output, left if not found else ())
    return 2 if runs.unreadable(report) else 0
