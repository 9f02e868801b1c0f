"""Fixes against the gates: together, one by one, and no more work than the change makes necessary."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot import schema
from bot.detect.detect import Detection, Detector, Environment, detect_all
from bot.manifest import Manifest, Resource, read
from bot.model import Applicability, Change, Fix, Operation, Skip, Tier
from bot.policy import load
from bot.propose.template import proposals
from bot.verify.verify import Verifier

POD = "{apiVersion: v1, kind: Pod, metadata: {name: %s}, spec: {hostPID: %s, containers: [{name: a, image: 'a:1'}]}}"
POLICIES = [policy for policy in load() if policy.id in ("host-pid", "number-field-quoted", "schema-invalid")]


class Counting(Detector):
    """A detector that remembers what it was asked to look at."""

    def __init__(self) -> None:
        super().__init__(POLICIES, Environment({}, "1.31", "1.36", schema.with_crds(())))
        self.seen: list[str] = []

    def detect(self, manifest: Manifest, resource: Resource) -> tuple[list[Detection], list[Skip]]:
        self.seen.append(resource.ref.name)
        return super().detect(manifest, resource)


@pytest.fixture
def detector() -> Counting:
    return Counting()


def text_of(form: str, pods: list[str]) -> str:
    if form == "list":
        return "apiVersion: v1\nkind: List\nitems:\n" + "".join(f"- {pod}\n" for pod in pods)
    return "".join(f"---\n{pod}\n" for pod in pods)


def fixes_of(detections: list[Detection]) -> Iterator[Fix]:
    for detection in detections:
        fix = next(proposals(detection))
        assert isinstance(fix, Fix)
        yield fix


@pytest.mark.parametrize("form", ["list", "documents"])
def test_only_objects_that_change_are_looked_at_again(form: str, detector: Counting) -> None:
    manifest = read("pods.yaml", text_of(form, [POD % (f"p{number}", "true") for number in range(20)]))
    found, _ = detect_all(detector, manifest, manifest.resources)
    fixes = list(fixes_of(found))
    assert len(fixes) == 20
    detector.seen.clear()
    verified = Verifier(detector, lambda each: each.resources).verify(manifest, fixes[3:5], found)
    assert [each.passed for each in verified.verifications] == [True, True]
    assert detector.seen == ["p3", "p4"]
    assert verified.edited is not None
    assert verified.edited.text == manifest.text.replace("p3}, spec: {hostPID: true, ", "p3}, spec: {").replace(
        "p4}, spec: {hostPID: true, ", "p4}, spec: {"
    )


def test_a_number_is_not_the_boolean_it_equals(detector: Counting) -> None:
    """`hostUsers: 1` to `true` is a change that has to be looked at, although Python takes the two for equal."""
    manifest = read("pod.yaml", POD.replace("hostPID: %s", "hostUsers: 1") % "p" + "\n")
    found, _ = detect_all(detector, manifest, manifest.resources)
    (hit,) = [each for each in found if each.finding.location.pointer == "/spec/hostUsers"]
    change = Change("pod.yaml", 0, (Operation("replace", "/spec/hostUsers", True),))
    fix = Fix((hit.finding,), (change,), "Say true", "", Applicability.SAFE)
    detector.seen.clear()
    (verification,) = Verifier(detector, lambda each: each.resources).verify(manifest, [fix], found).verifications
    assert detector.seen == ["p"]
    assert verification.passed
    assert (verification.tier, verification.server) == (Tier.SCHEMA, "1.36")
