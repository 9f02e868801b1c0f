"""The last lines of the text report: how many findings, what can be fixed and how, what was skipped and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from bot.model import Applicability, Severity, Skip
from bot.report.excerpt import where
from bot.report.tally import Tally, by_code
from bot.report.terminal import Paint, fold, prose

_NAMED = 3
"""How many of a group are named; the others are counted."""


def summary(totals: Tally, paint: Paint, width: int | None) -> list[str]:
    """The lines of the summary."""
    lines = _found(totals, paint, width)
    unwritten = sum(each.stage == "write" for each in totals.errors)
    engines = sum(each.stage == "engine" for each in totals.errors)
    unread = len(totals.errors) - unwritten - engines
    for number, noun, verb in ((unread, "input", "read"), (unwritten, "file", "written"), (engines, "engine", "run")):
        if number:
            lines.append(paint(f"{counted(number, noun)} could not be {verb}", "error"))
    lines += _fixable(totals, paint, width)
    lines += _without(totals, width)
    lines += _skipped(totals, paint, width)
    for notice in totals.report.notices:
        lines += _folded(f"note: {prose(notice)}", width)
    lines += _looked_at(totals.report.counts)
    return lines


def counted(number: int, noun: str) -> str:
    """`1 file`, `2 files`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _folded(text: str, width: int | None) -> list[str]:
    """`text` on lines that fit, all but the first indented."""
    words = text.split(" ") if text else []
    return [f"  {line}" if place else line for place, line in enumerate(fold(words, width, 0, 2))]


def _found(totals: Tally, paint: Paint, width: int | None) -> list[str]:
    """`7 findings: 1 critical, 2 high, 4 low (1 suppressed)`."""
    suppressed = [f"({totals.suppressed:,} suppressed)"] if totals.suppressed else []
    if not totals.open:
        return [" ".join([paint("No findings", "bold"), *suppressed])]
    severities = [each for each in sorted(Severity, reverse=True) if totals.severities.get(each)]
    parts = {f"{totals.severities[each]:,} {each}": str(each) for each in severities}
    head = counted(len(totals.open), "finding")
    words = [f"{head}:", *", ".join(parts).replace(", ", ",\n").split("\n"), *suppressed]
    lines = [f"  {line}" if place else line for place, line in enumerate(fold(words, width, 0, 2))]
    for part, style in {head: "bold", **parts}.items():
        lines = [line.replace(part, paint(part, style), 1) for line in lines]
    return lines


def _fixable(totals: Tally, paint: Paint, width: int | None) -> list[str]:
    """`3 fixable with 'k8s-auto-fix fix', 5 more with --unsafe; 2 to be applied by hand`."""
    safe = totals.fixable.get(Applicability.SAFE, 0)
    unsafe = totals.fixable.get(Applicability.UNSAFE, 0)
    by_hand = totals.fixable.get(Applicability.DISPLAY_ONLY, 0)
    parts = []
    if safe:
        parts.append(
            f"{safe:,} fixable with 'k8s-auto-fix fix'" + (f", {unsafe:,} more with --unsafe" if unsafe else "")
        )
    elif unsafe:
        parts.append(f"{unsafe:,} fixable with 'k8s-auto-fix fix --unsafe'")
    if by_hand:
        parts.append(f"{by_hand:,} with a fix to apply by hand")
    return [paint(line, "green") for line in _folded("; ".join(parts), width)]


def _without(totals: Tally, width: int | None) -> list[str]:
    """Why findings have no fix, counted by reason; nothing when no fix was looked for."""
    offers = totals.offers
    if not offers:
        return []
    reasons: Counter[str] = Counter()
    for finding in totals.open:
        if offers.fix(finding) is None:
            skip = offers.skip(finding)
            reasons["did not pass" if offers.rejected(finding) else skip.code if skip else "none known"] += 1
    if not reasons:
        return []
    parts = [f"{number:,} {prose(code)}" for code, number in reasons.most_common()]
    return _folded(f"{reasons.total():,} without a fix: {', '.join(parts)}", width)


def _skipped(totals: Tally, paint: Paint, width: int | None) -> Iterator[str]:
    if not totals.left_alone:
        return
    yield f"{len(totals.left_alone):,} skipped:"
    for code, group in by_code(totals.left_alone):
        yield from _group(code, group, paint, width)


def _group(code: str, group: Sequence[Skip], paint: Paint, width: int | None) -> Iterator[str]:
    """One code: its reason once when it is the same for all, and the first places."""
    head = f"  {len(group):,} {prose(code)}"
    more = len(group) - _NAMED
    rest = [f"and {more:,} more"] if more > 0 else []
    if len({skip.reason for skip in group}) == 1:
        words = prose(group[0].reason).split(" ")
        first, *others = fold([f"{head}:", *words], width, 0, 4)
        yield paint(f"{head}:", "bold") + first.removeprefix(f"{head}:")
        yield from ("    " + line for line in others)
        named = [where(skip.path, skip.line) for skip in group[:_NAMED]]
        places = [f"{place}," for place in named[:-1]] + [named[-1]]
        if rest:
            places[-1] += ","
        yield from ("    " + paint(line, "dim") for line in fold([*places, *rest], width, 4, 4))
        return
    yield paint(f"{head}:", "bold")
    for skip in group[:_NAMED]:
        words = f"{where(skip.path, skip.line)}: {prose(skip.reason)}".split(" ")
        first, *others = fold(words, width, 4, 6)
        yield "    " + first
        yield from ("      " + line for line in others)
    yield from ("    " + paint(line, "dim") for line in rest)


def _looked_at(counts: dict[str, int]) -> list[str]:
    """`Looked at 61 objects in 38 files`."""
    if "files" not in counts:
        return []
    files = counted(counts["files"], "file")
    if "resources" not in counts:
        return [f"Looked at {files}"]
    return [f"Looked at {counted(counts['resources'], 'object')} in {files}"]
