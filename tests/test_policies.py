"""Every policy file is tried on its own examples; adding the file is all there is to do."""

from __future__ import annotations

import pytest

from bot import schema
from bot.detect import functions
from bot.detect.detect import Detector, Environment, detect_all
from bot.manifest import read
from bot.model import Applicability
from bot.pipeline import Bot, repair
from bot.policy import Policy, load
from bot.trial import Alone, try_policy

POLICIES = load()
ENVIRONMENT = Environment({}, schema.OLDEST_SUPPORTED, schema.NEWEST, schema)


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.id)
def test_examples(policy: Policy) -> None:
    assert [str(failure) for failure in try_policy(policy, POLICIES, ENVIRONMENT)] == []


def test_there_are_policies() -> None:
    assert len(POLICIES) >= 33


def test_every_function_that_a_policy_names_is_there_and_none_is_left_over() -> None:
    named = {policy.check.function for policy in POLICIES if policy.check.function}
    assert named == set(functions.names())


def test_superseded_policies_exist() -> None:
    known = {policy.id for policy in POLICIES}
    assert {other for policy in POLICIES for other in policy.supersedes} <= known


PRIVILEGED = """\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - name: web
      image: web
      securityContext:
        privileged: true
        capabilities: {add: [SYS_ADMIN, SYS_MODULE, NET_RAW, BPF, CHOWN]}
"""
PLAIN = PRIVILEGED.partition("      securityContext")[0]


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        (PRIVILEGED, ("capabilit", "privilege", "net-raw"), ["privileged-container"]),
        (PLAIN, ("capabilit", "net-raw"), ["capabilities-drop-all-missing"]),
        (PLAIN, ("image-tag", "image-digest"), ["image-tag-latest-or-missing"]),
    ],
)
def test_one_finding_per_cause(text: str, words: tuple[str, ...], expected: list[str]) -> None:
    detector = Detector(POLICIES, ENVIRONMENT)
    manifest = read("a.yaml", text)
    detections, _ = detect_all(detector, manifest, manifest.resources)
    found = [each.policy.id for each in detector.one_per_cause(detections)]
    assert [policy_id for policy_id in found if any(word in policy_id for word in words)] == expected


def test_a_privileged_pod_is_mended_with_all_default_policies_on() -> None:
    """What exempts a container while it is privileged must not forbid to end that (the gate `nothing-new`)."""
    text = (
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n  - name: web\n"
        "    image: registry.example.com/web:1.2\n    securityContext:\n      privileged: true # legacy\n"
    )
    default = [policy for policy in POLICIES if policy.default]
    result = repair(Bot(Detector(default, ENVIRONMENT), Alone()), "web.yaml", text, least=Applicability.UNSAFE)
    assert result.findings == []
    assert result.after == (
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n  - name: web\n"
        "    image: registry.example.com/web:1.2\n    securityContext:\n      privileged: false # legacy\n"
        "      allowPrivilegeEscalation: false\n  securityContext:\n    seccompProfile:\n      type: RuntimeDefault\n"
    )
