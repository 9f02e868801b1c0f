"""An evaluation: what is counted, and against what."""

from __future__ import annotations

import pytest

from bot.manifest import read
from bot.model import GateResult, GateStatus
from bot.stages.detections import Detected
from bot.stages.patches import Declined, Proposal, Proposed, Source
from bot.stages.verified import Verdict
from bot.steps.evaluate import Without, fewest, numbers, percentile, without

BEFORE = "# head\na: 1  # one\nb: {c: [x, y]}  # two\n"

FEWEST = {
    "a value": ("a: 2\nb: {c: [x, y]}", 1),
    "nothing but the style": ("a: 1\nb:\n  c:\n  - x\n  - y\n", 0),
    "one in a flow": ("a: 1\nb: {c: [x, z]}", 1),
    "one more": ("a: 1\nb: {c: [x, y], d: {e: 1}}", 2),
    "one less": ("b: {c: [x, y]}", 1),
    "an empty list": ("a: 1\nb: {c: []}", 3),
}


@pytest.mark.parametrize(("text", "lines"), FEWEST.values(), ids=FEWEST)
def test_the_fewest_lines_that_a_change_needs(text: str, lines: int) -> None:
    assert fewest(read("", BEFORE), read("", text)) == lines


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [([], 50, 0.0), ([3.0], 99, 3.0), ([1.0, 2.0], 50, 1.0), ([1.0, 2.0, 3.0], 50, 2.0), (list(range(1, 101)), 95, 95)],
)
def test_percentiles(values: list[float], percent: int, expected: float) -> None:
    assert percentile(values, percent) == expected


def detected(name: str) -> Detected:
    return Detected(name, f"{name}.yaml", "host-pid", "", BEFORE)


def verdict(name: str, after: str | None, gate: str = "", lines: int = 1, **said: object) -> Verdict:
    status = GateStatus.FAILED if gate else GateStatus.PASSED
    gates = (GateResult(gate or "edit", status, "why" * bool(gate)),)
    return Verdict(
        name, after is not None, None, None, after, gates=gates, changed_lines=lines, milliseconds=1.0,
        manifest_path=f"{name}.yaml", **said,  # type: ignore[arg-type]
    )  # fmt: skip


def test_the_numbers_of_a_run() -> None:
    proposed = [
        *(Proposed(name, "host-pid", Source.RULES, (Proposal([]),)) for name in "abc"),
        Proposed("d", "host-pid", Source.RULES, skipped=Declined("no-fix", "none")),
    ]
    found = numbers(
        [detected(name) for name in "abcd"],
        proposed,
        [
            verdict("a", BEFORE.replace("1  # one", "2  # one"), notes=("x: y",)),
            verdict("b", "# head\na: 3\nb: {c: [x, y]}  # two\n", lines=2),
            verdict("c", None, "identity"),
        ],
    )
    assert (found.findings, found.proposals, found.accepted, found.fixed) == (4, 3, 2, 0.5)
    assert (found.skipped, found.refused) == ({"no-fix": 1}, {"identity": 1})
    assert found.gates == {"edit": (2, 0, 0), "identity": (0, 1, 0)}
    assert (found.brought, found.files, found.measured) == (1, 2, 2)
    assert (found.changed, found.ideal) == (3, 2)
    assert (found.comments, found.kept) == (6, 5)


def test_what_a_gate_catches() -> None:
    whole = [verdict("a", BEFORE), verdict("b", None, "identity"), verdict("c", None, "identity")]
    again = [verdict("a", BEFORE), verdict("b", BEFORE), verdict("c", None, "schema")]
    assert without("identity", whole, again) == Without("identity", 2, 1)
