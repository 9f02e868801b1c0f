"""What the stages did, in numbers, from their files alone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.detect.comments import find
from bot.manifest import Manifest, read
from bot.model import GateStatus, Json
from bot.report.lines import differences
from bot.stages.detections import Detected
from bot.stages.patches import Proposed
from bot.stages.verified import Verdict

_COMMENT = re.compile("#")
_PERCENTILES = (50, 95, 99)


@dataclass(frozen=True, slots=True)
class Numbers:
    """What an evaluation says.

    `fixed` is the share of findings whose fix is accepted. `skipped` and `refused` count reasons, `gates` the answers
    (passed, failed, skipped) of each gate. `brought` are findings that accepted fixes bring along, in `files` files.
    `changed` lines are compared with the `ideal`: those that differ when both objects are written one field a line.
    `comments` of the documents, and how many of these are `kept`, fix by fix. `measured` fixes are those whose record
    carries the text before. `latency` are percentiles of the milliseconds of a fix.
    """

    findings: int
    proposals: int
    accepted: int
    skipped: Mapping[str, int]
    refused: Mapping[str, int]
    gates: Mapping[str, tuple[int, int, int]]
    brought: int
    files: int
    measured: int
    changed: int
    ideal: int
    comments: int
    kept: int
    latency: Mapping[int, float]

    @property
    def fixed(self) -> float:
        """Accepted fixes of all findings, 0 to 1."""
        return self.accepted / self.findings if self.findings else 0.0


def numbers(found: Sequence[Detected], proposed: Sequence[Proposed], verdicts: Sequence[Verdict]) -> Numbers:
    """Evaluate one run."""
    texts = {each.id: each.manifest_yaml for each in found}
    accepted = [each for each in verdicts if each.accepted]
    changed = ideal = comments = kept = measured = 0
    before: dict[str, Manifest] = {}
    for each in accepted:
        text = texts.get(each.id)
        if text is None or each.patched_yaml is None or each.changed_lines is None:
            continue
        measured += 1
        changed += each.changed_lines
        old = before.setdefault(text, read("", text))
        new = read("", each.patched_yaml)
        ideal += fewest(old, new)
        was, now = _comments(old), _comments(new)
        comments += was.total()
        kept += (was & now).total()
    spent = sorted(each.milliseconds for each in verdicts if each.milliseconds is not None)
    return Numbers(
        len(found),
        sum(bool(each.ways) for each in proposed),
        len(accepted),
        _counted(each.skipped.code for each in proposed if each.skipped is not None),
        _counted(failed_gate(each) for each in verdicts if not each.accepted),
        _gates(verdicts),
        sum(len(each.notes) for each in accepted),
        len({each.manifest_path for each in accepted}),
        measured,
        changed,
        ideal,
        comments,
        kept,
        {each: percentile(spent, each) for each in _PERCENTILES},
    )


def failed_gate(verdict: Verdict) -> str:
    """The gate that refused."""
    return next((each.gate for each in verdict.gates if each.status is GateStatus.FAILED), "unknown")


def percentile(ordered: Sequence[float], percent: int) -> float:
    """The smallest value that so many percent of the values do not exceed; 0 without values."""
    if not ordered:
        return 0.0
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


def fewest(old: Manifest, new: Manifest) -> int:
    """How many lines differ between the objects of two texts when each is written one field a line."""
    return sum(
        max(each.old_end - each.old_start, each.new_end - each.new_start)
        for each in differences(_canonical(old), _canonical(new))
    )


def _canonical(manifest: Manifest) -> list[str]:
    return [line for document in manifest.documents for line in _lines(document.value, "")]


def _lines(value: Json, indent: str) -> Iterator[str]:
    """A value in block style: a line for each scalar, and for each key of a mapping or list."""
    if isinstance(value, dict) and value:
        for name, child in value.items():
            if isinstance(child, (dict, list)) and child:
                yield f"{indent}{name}:"
                yield from _lines(child, indent + "  ")
            else:
                yield f"{indent}{name}: {child!r}"
    elif isinstance(value, list) and value:
        for child in value:
            first, *rest = _lines(child, indent + "  ")
            yield f"{indent}- {first.removeprefix(indent + '  ')}"
            yield from rest
    else:
        yield f"{indent}{value!r}"


def _comments(manifest: Manifest) -> Counter[str]:
    return Counter(each.text for each in find(manifest, _COMMENT))


def _gates(verdicts: Iterable[Verdict]) -> dict[str, tuple[int, int, int]]:
    found: dict[str, Counter[GateStatus]] = {}
    for verdict in verdicts:
        for each in verdict.gates:
            found.setdefault(each.gate, Counter())[each.status] += 1
    order = (GateStatus.PASSED, GateStatus.FAILED, GateStatus.SKIPPED)
    return {name: (counts[order[0]], counts[order[1]], counts[order[2]]) for name, counts in found.items()}


def _counted(words: Iterable[str]) -> dict[str, int]:
    return dict(Counter(words).most_common())


@dataclass(frozen=True, slots=True)
class Without:
    """What happens when one gate is switched off: what it `refused`, what then `passed` all others."""

    gate: str
    refused: int
    passed: int


def without(gate: str, verdicts: Sequence[Verdict], again: Sequence[Verdict]) -> Without:
    """Compare verdicts with those of the same proposals when `gate` was not asked."""
    passed = {each.id for each in again if each.accepted} - {each.id for each in verdicts if each.accepted}
    return Without(gate, sum(failed_gate(each) == gate for each in verdicts if not each.accepted), len(passed))
