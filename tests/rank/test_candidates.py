"""From a verified fix of a file to a candidate; measured rates of the gates."""

from __future__ import annotations

import pytest

from bot.detect.inventory import alone
from bot.manifest import read
from bot.model import (
    Applicability,
    Change,
    Finding,
    Fix,
    GateResult,
    GateStatus,
    Location,
    Severity,
    Span,
    TextEdit,
    Tier,
    Verification,
)
from bot.policy import load
from bot.rank.candidates import around, candidate, changed_lines, owner
from bot.rank.gates import MEASURED, passed

TEXT = """\
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}}
---
apiVersion: v1
kind: List
items:
  - apiVersion: v1
    kind: ConfigMap
    metadata: {name: a}
  - apiVersion: v1
    kind: Pod
    metadata: {name: b, labels: {app: web}}
    spec:
      containers: []
"""


def finding(document: int, target: str, severity: Severity = Severity.LOW) -> Finding:
    manifest = read("x.yaml", TEXT)
    ref = manifest.documents[document].resources[0].ref
    place = Location("x.yaml", document, target, Span(0, 1), 1, 1, 1)
    return Finding("host-pid", severity, "m", ref, target, place, fingerprint=f"{severity:016x}")


def verified(*findings: Finding, edits: tuple[TextEdit, ...] = ()) -> Verification:
    fix = Fix(findings, (Change("x.yaml", 1, (), edits),), "t", "w", Applicability.SAFE)
    passed_ = [GateResult(name, GateStatus.PASSED, "", 1.5) for name in ("edit", "schema")]
    return Verification(fix, tuple(passed_), Tier.SCHEMA)


@pytest.mark.parametrize(
    ("document", "target", "name"),
    [(0, "", "web"), (0, "/spec", "web"), (1, "/items/0", "a"), (1, "/items/1/spec/containers/0", "b")],
)
def test_the_object_of_a_finding(document: int, target: str, name: str) -> None:
    found = owner(read("x.yaml", TEXT), finding(document, target))
    assert found is not None
    assert found.ref.name == name


def test_a_finding_about_no_object_has_none() -> None:
    assert owner(read("x.yaml", TEXT), finding(1, "/kind")) is None


def test_a_fix_of_several_findings_is_as_severe_as_the_worst() -> None:
    both = verified(finding(0, ""), finding(0, "/spec", Severity.HIGH))
    resource = read("x.yaml", TEXT).documents[0].resources[0]
    found = candidate(both, resource, changed_lines=3)
    assert (found.severity, found.fingerprint, found.verify_ms) == (Severity.HIGH, f"{1:016x}", 3.0)
    assert candidate(both, resource, changed_lines=3, measured=False).verify_ms is None


@pytest.mark.parametrize(
    ("start", "end", "new", "lines"),
    [
        ("Service", "Service", "x: 1\n", 1),
        ("Service", "metadata", "", 1),
        ("apiVersion", "---", "", 4),
        ("Service", "Service", "a\nb\nc\n", 3),
    ],
)
def test_changed_lines(start: str, end: str, new: str, lines: int) -> None:
    edit = TextEdit(Span(TEXT.index(start), TEXT.index(end)), new)
    assert changed_lines(verified(finding(0, ""), edits=(edit,)), TEXT) == lines
    assert changed_lines(verified(finding(0, ""), edits=(edit, edit)), TEXT) == 2 * lines


def test_neighbours_are_what_exposure_looks_at_each_once() -> None:
    found = around(alone(read("x.yaml", TEXT).resources))
    assert [body["kind"] for body in found] == ["Service", "Pod"]


def test_measured_rates_are_those_of_policies() -> None:
    assert set(MEASURED) <= {policy.id for policy in load(examples=False)}
    assert all(0 <= good < proposed for good, proposed in MEASURED.values())
    assert passed("nobody-knows-it") == 1.0
    assert [0.0 < passed(each) < 1.0 for each in MEASURED] == [True] * len(MEASURED)
