"""A report as workflow commands, which GitHub Actions turns into annotations beside the changed lines.

GitHub shows ten errors, ten warnings and ten notices of a step; the worst come first, and a last notice says how many
there are besides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.model import Finding, Report, Severity, Skip
from bot.report.tally import Tally, in_order, tally
from bot.report.terminal import prose, visible

LIMIT = 10
"""Annotations of each level that GitHub shows of one step."""

_LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "notice",
}


@dataclass(frozen=True, slots=True)
class _Annotation:
    level: str
    path: str
    lines: tuple[int, int] | None
    column: int | None
    title: str
    message: str


def render(report: Report) -> str:
    """One line a command; nothing at all when there is nothing to say."""
    totals = tally(report)
    every = [*map(_error, totals.errors), *_findings(totals)]
    shown, left_out = _within_limits(every)
    lines = [_command(each) for each in shown]
    if left_out:
        lines.append(f"::notice title=k8s-auto-fix::{_data(_more(left_out))}")
    return "".join(line + "\n" for line in lines)


def error_command(message: str) -> str:
    """The annotation of a run that failed, or could not do all that it should."""
    return f"::error title=k8s-auto-fix::{_data(visible_lines(message))}\n"


def visible_lines(text: str) -> str:
    """Text of several lines, each safe to print."""
    return "\n".join(map(visible, text.split("\n")))


def _findings(totals: Tally) -> Iterator[_Annotation]:
    """The worst first, those of one severity in the order of the files."""
    for each in sorted(in_order(totals.open), key=lambda finding: -finding.severity):
        offered = totals.offers.fix(each)
        hint = f"\nFix ({offered.fix.applicability}): {prose(offered.fix.title)}" if offered else ""
        yield _annotation(each, hint)


def _annotation(finding: Finding, hint: str) -> _Annotation:
    place = finding.location
    return _Annotation(
        level=_LEVELS[finding.severity],
        path=place.path,
        lines=(place.start_line, place.end_line),
        # Columns of an annotation over several lines are refused.
        column=place.column if place.start_line == place.end_line else None,
        title=f"{finding.policy_id} ({finding.severity})",
        message=prose(finding.message) + hint,
    )


def _error(skip: Skip) -> _Annotation:
    lines = None if skip.line is None else (skip.line, skip.line)
    return _Annotation("error", skip.path, lines, None, f"{skip.code} (not read)", prose(skip.reason))


def _within_limits(every: Iterable[_Annotation]) -> tuple[list[_Annotation], dict[str, int]]:
    """What is shown, and how many of each level are not; the last notice is kept for saying so."""
    levels: dict[str, list[_Annotation]] = {"error": [], "warning": [], "notice": []}
    for each in every:
        levels[each.level].append(each)
    too_many = any(len(group) > LIMIT for group in levels.values())
    limits = {level: LIMIT - (level == "notice" and too_many) for level in levels}
    left_out = {level: len(group) - limits[level] for level, group in levels.items() if len(group) > limits[level]}
    return [each for level, group in levels.items() for each in group[: limits[level]]], left_out


def _more(left_out: dict[str, int]) -> str:
    counts = ", ".join(f"{number} {level}{'s' if number > 1 else ''}" for level, number in left_out.items())
    return f"{counts} more: GitHub shows {LIMIT} of each in a step; --format text or sarif has all of them"


def _command(each: _Annotation) -> str:
    properties = {"file": visible(each.path.removeprefix("./"))}
    if each.lines is not None:
        properties |= {"line": str(each.lines[0]), "endLine": str(each.lines[1])}
    if each.column is not None:
        properties["col"] = str(each.column)
    properties["title"] = prose(each.title)
    joined = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{each.level} {joined}::{_data(each.message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
