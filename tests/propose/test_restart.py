"""What is said of running pods, and what a fix may be called safe for."""

from __future__ import annotations

import pytest

from bot import schema
from bot.detect.detect import Detector, Environment, detect_all
from bot.manifest import read
from bot.model import Applicability, Fix
from bot.policy import load
from bot.propose import restart
from bot.propose.template import proposals

POLICIES = {policy.id: policy for policy in load()}
ENVIRONMENT = Environment({}, schema.OLDEST_SUPPORTED, schema.NEWEST, schema)

POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  hostPID: true
  containers: [{name: web, image: web:2.1.0}]
  ephemeralContainers: [{name: debugger, image: busybox:1.37.0}]
"""
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      hostPID: true
      containers: [{name: web, image: web:2.1.0}]
      ephemeralContainers: [{name: debugger, image: busybox:1.37.0}]
"""


def first_fix(policy_id: str, text: str) -> Fix:
    manifest = read("a.yaml", text)
    detections, _ = detect_all(Detector([POLICIES[policy_id]], ENVIRONMENT), manifest, manifest.resources)
    return next(offer for each in detections for offer in proposals(each) if isinstance(offer, Fix))


@pytest.mark.parametrize("text", [POD, DEPLOYMENT], ids=["pod", "deployment"])
def test_what_the_server_refuses_runs_nowhere(text: str) -> None:
    fix = first_fix("ephemeral-containers-in-manifest", text)
    assert fix.applicability is Applicability.SAFE
    assert fix.why == POLICIES["ephemeral-containers-in-manifest"].fixes[0].why


@pytest.mark.parametrize(("text", "remark"), [(POD, "must be re-created"), (DEPLOYMENT, "rolls the pods")])
def test_other_members_of_a_pod_spec(text: str, remark: str) -> None:
    assert remark in first_fix("host-pid", text).why


@pytest.mark.parametrize(
    ("why", "parted"),
    [
        ("sudo stops; rolls the pods", ("sudo stops", ("rolls the pods",))),
        ("rolls the pods", ("", ("rolls the pods",))),
        ("a; b; rolls the pods; c; rolls the pods", ("a; b; c", ("rolls the pods",))),
        ("it rolls the pods of others", ("it rolls the pods of others", ())),
        ("", ("", ())),
    ],
)
def test_a_reason_and_its_remarks(why: str, parted: tuple[str, tuple[str, ...]]) -> None:
    assert restart.parted(why) == parted


@pytest.mark.parametrize(
    "text", [POD, DEPLOYMENT.replace("apps/v1", "batch/v1").replace("Deployment", "Job"), DEPLOYMENT]
)
def test_every_remark_is_told_from_its_reason(text: str) -> None:
    policy = POLICIES["host-pid"]
    why, remarks = restart.parted(first_fix("host-pid", text).why)
    assert why == policy.fixes[0].why
    assert len(remarks) == 1
