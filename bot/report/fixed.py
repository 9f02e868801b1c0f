"""What `fix` did: a line for each fix, the refused ones with their reason, then what is left."""

from __future__ import annotations

from collections.abc import Iterator

from bot.model import Finding, Report, Verification
from bot.report.excerpt import where
from bot.report.summary import counted, summary
from bot.report.tally import failure, in_order, tally
from bot.report.terminal import Paint, painter, prose


def render(report: Report, *, color: bool = False, width: int | None = None, remains: bool = True) -> str:
    """The page for a terminal of `width` cells; `report` is that of a repair, its findings are those that remain.

    Without `remains` only what was done is told: nothing at all when nothing was.
    """
    paint = painter(color)
    totals = tally(report)
    written = {path for path, _, _ in report.changed}
    applied = [each for each in report.verifications if each.results and each.passed and _path(each) in written]
    refused = [each for each in report.verifications if not each.passed]
    blocks = [
        list(_applied(applied, paint)),
        list(_refused(refused, paint)) if remains else [],
        [f"{paint('error', 'error')} {where(each.path, each.line)}: {prose(each.reason)}" for each in totals.errors],
    ]
    if remains:
        done = _done(applied, len(written), paint) if applied else "Nothing was changed."
        blocks.append([f"{done} What remains:", *summary(totals, paint, width)])
    elif applied:
        blocks.append([_done(applied, len(written), paint)])
    return "\n".join("\n".join(lines) + "\n" for lines in blocks if lines)


def sources(report: Report) -> Iterator[str]:
    """A line for each fix of a repair that has taken a value from somewhere, for those who see only the changes."""
    for each in report.verifications:
        if each.results and each.passed and each.fix.evidence:
            place = each.fix.findings[0].location
            found = ", ".join(one.source for one in each.fix.evidence)
            yield f"{where(place.path, place.start_line)}: {prose(each.fix.title)}: value from {prose(found)}"


def _path(verification: Verification) -> str:
    return verification.fix.changes[0].path


def _done(applied: list[Verification], files: int, paint: Paint) -> str:
    done = sum(len(each.fix.findings) for each in applied)
    return paint(f"Fixed {counted(done, 'finding')} in {counted(files, 'file')}.", "green")


def _applied(applied: list[Verification], paint: Paint) -> Iterator[str]:
    titles: dict[Finding, Verification] = {finding: each for each in applied for finding in each.fix.findings}
    path = None
    for finding in in_order(titles):
        if finding.location.path != path:
            path = finding.location.path
            yield paint(prose(path), "bold")
        fix = titles[finding].fix
        title = paint(prose(fix.title), "green")
        source = "".join(f"; value from {each.source}" for each in fix.evidence)
        about = paint(prose(f"{finding.resource}, {finding.policy_id}{source}"), "dim")
        yield f"  {finding.location.start_line:>4}  {title}  {about}"


def _refused(refused: list[Verification], paint: Paint) -> Iterator[str]:
    for each in refused:
        place = each.fix.findings[0].location
        gate = failure(each)
        at = where(place.path, place.start_line)
        yield f"{paint('not fixed', 'yellow')} {at}: {prose(each.fix.title)}: {prose(gate.reason)}"
