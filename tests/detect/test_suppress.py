"""Which suppression holds for which finding, and which ones do not hold."""

from __future__ import annotations

from datetime import date

import pytest

from bot.detect.suppress import known, suppress
from bot.manifest import read
from tests.detect.made import NAMES, TODAY, finding

POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: agent
spec:
  hostPID: true  {end}
  {above}
  hostNetwork: true
  containers:
    - name: agent
      image: agent:1
    - image: helper:1  {dash}
      name: helper  {name}
"""

PID, NETWORK = ("host-pid", "/spec/hostPID"), ("host-network", "/spec/hostNetwork")
AGENT, HELPER = (("memory-limit-missing", f"/spec/containers/{place}/resources/limits/memory") for place in (0, 1))


def pod(**comments: str) -> str:
    text = POD
    for place in ("end", "above", "dash", "name"):
        text = text.replace("{" + place + "}", comments.get(place, ""))
    return text


def suppressed(text: str, *places: tuple[str, str], document: int = 0, today: date = TODAY) -> list[str | None]:
    """For each (policy, pointer) the reason that suppresses it."""
    manifest = read("agent.yaml", text)
    found = suppress(manifest, [finding(manifest, *place, document=document) for place in places], NAMES, today=today)
    return [None if each is None else each.reason for each in found.suppressions]


def void(text: str, today: date = TODAY) -> list[tuple[int | None, str]]:
    """(line, reason) of the suppressions that do not hold."""
    skips = suppress(read("agent.yaml", text), [], NAMES, today=today).skips
    assert all(skip.code == "suppression-void" and not skip.error for skip in skips)
    return [(skip.line, skip.reason) for skip in skips]


@pytest.mark.parametrize(
    ("text", "reasons"),
    [
        (pod(), [None, None, None, None]),
        (pod(end="# k8s-auto-fix: ignore[host-pid] reads /proc"), ["reads /proc", None, None, None]),
        (pod(end="#k8s-auto-fix: ignore[host-pid]: reads /proc"), ["reads /proc", None, None, None]),
        (pod(end="# k8s-auto-fix: ignore[CKV_K8S_17] reads /proc"), ["reads /proc", None, None, None]),
        (pod(end="# k8s-auto-fix: ignore[trivy:AVD-KSV-0010] reads /proc"), ["reads /proc", None, None, None]),
        (pod(dash="# k8s-auto-fix: ignore[container-resources] tiny"), [None, None, None, "tiny"]),
        (pod(end="# legacy # k8s-auto-fix: ignore[host-pid] reads /proc"), ["reads /proc", None, None, None]),
        (pod(end="# k8s-auto-fix: ignore[host-network] elsewhere"), [None, None, None, None]),
        (pod(above="# k8s-auto-fix: ignore[host-network] a CNI"), [None, "a CNI", None, None]),
        (
            pod(above="# k8s-auto-fix: ignore[host-network] a CNI\n  # and a comment about it"),
            [None, "a CNI", None, None],
        ),
        (pod(above="# k8s-auto-fix: ignore[host-network] a CNI\n"), [None, None, None, None]),
        (pod(dash="# k8s-auto-fix: ignore[memory-limit-missing] tiny"), [None, None, None, "tiny"]),
        (pod(name="# k8s-auto-fix: ignore[memory-limit-missing] tiny"), [None, None, None, "tiny"]),
        (
            pod(end="# k8s-auto-fix: ignore[host-pid] one # k8s-auto-fix: ignore[host-network] two"),
            ["one", None, None, None],
        ),
        (
            "# Copyright\n\n# k8s-auto-fix: ignore[host-pid, host-network] node agent\n---\n" + pod(),
            ["node agent", "node agent", None, None],
        ),
        ("--- # k8s-auto-fix: ignore[memory-limit-missing] batch\n" + pod(), [None, None, "batch", "batch"]),
        (pod().replace("spec:", "spec: # k8s-auto-fix: ignore[host-pid,host-network] all"), ["all", "all", None, None]),
        (
            pod().replace("  containers:", "  # k8s-auto-fix: ignore[memory-limit-missing] all\n  containers:"),
            [None, None, "all", "all"],
        ),
        (
            pod(end="# k8s-auto-fix: ignore[host-pid] reads /proc").replace("\n", "\r\n"),
            ["reads /proc", None, None, None],
        ),
        ("\ufeff# k8s-auto-fix: ignore[host-pid] reads /proc\n" + pod(), ["reads /proc", None, None, None]),
    ],
)
def test_where_a_comment_holds(text, reasons):
    assert suppressed(text, PID, NETWORK, AGENT, HELPER) == reasons


@pytest.mark.parametrize(
    "text",
    [
        "kind: ConfigMap\napiVersion: v1\ndata:\n  a: |\n    # k8s-auto-fix: ignore[host-pid] text\n  b: x\n",
        'kind: ConfigMap\napiVersion: v1\ndata:\n  a: "\n    # k8s-auto-fix: ignore[host-pid] text"\n  b: x\n',
        "kind: ConfigMap\napiVersion: v1\ndata:\n  a: '# k8s-auto-fix: ignore[host-pid] text'\n  b: x\n",
        "kind: ConfigMap\napiVersion: v1\ndata:\n  a: x#k8s-auto-fix:ignore[host-pid] text\n  b: x\n",
        "kind: ConfigMap\napiVersion: v1\ndata:\n  a: >-\n    x\n\n     # k8s-auto-fix: nonsense\n  b: x\n",
    ],
)
def test_text_inside_a_scalar_is_no_comment(text):
    assert suppressed(text, ("host-pid", "/data/a"), ("host-pid", "/data/b")) == [None, None]
    assert void(text) == []


def test_a_comment_behind_the_header_of_a_literal_is_one():
    text = "kind: ConfigMap\napiVersion: v1\ndata:\n  a: |  # k8s-auto-fix: ignore[host-pid] a script\n    x\n  b: x\n"
    assert suppressed(text, ("host-pid", "/data/a"), ("host-pid", "/data/b")) == ["a script", None]


def test_a_comment_behind_closing_brackets_is_about_what_they_close():
    text = "kind: Pod\napiVersion: v1\nspec: {\n  hostPID: true\n} # k8s-auto-fix: ignore[host-pid] reads /proc\n"
    assert suppressed(text, PID) == ["reads /proc"]


def test_a_comment_holds_for_its_document_only():
    second = "---\n# k8s-auto-fix: ignore[host-pid] second only\n" + pod()
    text = pod() + second
    assert suppressed(text, PID, document=0) == [None]
    assert suppressed(text, PID, document=1) == ["second only"]


def test_a_comment_above_an_item_of_a_list_holds_for_the_item():
    item = "  - apiVersion: v1\n    kind: Pod\n    spec: {hostPID: true}\n"
    text = "apiVersion: v1\nkind: List\nitems:\n" + item + "  # k8s-auto-fix: ignore[host-pid] second\n" + item
    assert suppressed(text, ("host-pid", "/items/0/spec/hostPID"), ("host-pid", "/items/1/spec/hostPID")) == [
        None,
        "second",
    ]


def test_a_finding_about_a_container_may_point_elsewhere():
    text = pod().replace("    - name: agent", "    # k8s-auto-fix: ignore[host-pid] why\n    - name: agent")
    manifest = read("agent.yaml", text)
    about = finding(manifest, "host-pid", "/spec/volumes", target="/spec/containers/0/env/0")
    assert suppress(manifest, [about], NAMES, today=TODAY).suppressions[0].reason == "why"


@pytest.mark.parametrize(
    ("rest", "today", "expected"),
    [
        ("until=2027-01-31 moves out", date(2027, 1, 31), ("moves out", "2027-01-31")),
        ("moves out until=2027-01-31", date(2026, 1, 1), ("moves out", "2027-01-31")),
        ("moves until=2027-01-31 out", date(2026, 1, 1), ("moves out", "2027-01-31")),
        ("valid until=", date(2026, 1, 1), "until= is no date"),
        ("until=2027-01-31 moves out", date(2027, 2, 1), "expired on 2027-01-31"),
        ("until=2027-02-30 moves out", date(2026, 1, 1), "is no date, write until=2027-01-31"),
        ("until=31.01.2027 moves out", date(2026, 1, 1), "is no date"),
        ("until=2027-01-31", date(2026, 1, 1), "gives no reason"),
        ("", date(2026, 1, 1), "gives no reason"),
        (" : ", date(2026, 1, 1), "gives no reason"),
    ],
)
def test_reason_and_expiry(rest, today, expected):
    commented = pod(end=f"# k8s-auto-fix: ignore[host-pid] {rest}")
    annotated = pod().replace(
        "  name: agent\nspec", f"  annotations:\n    k8s-auto-fix.io/ignore.host-pid: '{rest}'\nspec"
    )
    for text in (commented, annotated) if rest != " : " else (commented,):
        manifest = read("agent.yaml", text)
        (found,), skips = suppress(manifest, [finding(manifest, *PID)], NAMES, today=today)
        if isinstance(expected, tuple):
            assert (found.reason, found.expires) == expected
            assert skips == ()
        else:
            assert found is None
            assert [expected in skip.reason for skip in skips] == [True]


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        (
            pod(end="# k8s-auto-fix: ignore[host-pidd] why"),
            6,
            "no policy is called 'host-pidd', did you mean 'host-pid'?",
        ),
        (pod(end="# k8s-auto-fix: ignore[*] why"), 6, "no policy is called '*'"),
        (
            pod(end="# k8s-auto-fix: ignore[CKV_K8S_71] why"),
            6,
            "ignore[CKV_K8S_71]: no policy is called 'CKV_K8S_71', did you mean 'CKV_K8S_17'?",
        ),
        (
            pod(end="# k8s-auto-fix: ignore[shared] why"),
            6,
            "means different things to different tools, name one: datree:shared is cpu-limit-missing; ",
        ),
        (pod(end="# k8s-auto-fix: ignore host-pid why"), 6, "not understood: `ignore host-pid why`"),
        (pod(end="# k8s-auto-fix: ignore[] why"), 6, "not understood"),
        (pod(end="# k8s-auto-fix: ingore[host-pid] why"), 6, "not understood"),
        (pod() + "# k8s-auto-fix: ignore[host-pid] why\n", 14, "about nothing"),
        (pod() + "# k8s-auto-fix: ignore[host-pid] why\n---\n" + pod(), 14, "about nothing"),
        (pod(above="# k8s-auto-fix: ignore[host-pid] why\n\n"), 7, "about nothing"),
    ],
)
def test_a_comment_that_does_not_hold_is_said_aloud(text, line, why):
    ((where, reason),) = void(text)
    assert where == line
    assert why in reason
    assert suppressed(text, PID) == [None]


def test_known_ids_hold_beside_an_unknown_one():
    text = pod(end="# k8s-auto-fix: ignore[host-pid, no-such-thing] why")
    assert suppressed(text, PID) == ["why"]
    assert [line for line, _ in void(text)] == [6]


DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  annotations:
    {object}
spec:
  replicas: 1
  template:
    metadata:
      annotations:
        {template}
    spec:
      hostPID: true
      containers: [{name: web, image: web}]
"""
DEPLOYED_PID = ("host-pid", "/spec/template/spec/hostPID")
REPLICAS = ("insufficient-replicas", "/spec/replicas")


def deployment(on_object: str = "a: b", on_template: str = "a: b") -> str:
    return DEPLOYMENT.replace("{object}", on_object).replace("{template}", on_template)


@pytest.mark.parametrize(
    ("text", "reasons"),
    [
        (deployment("k8s-auto-fix.io/ignore.host-pid: the agent"), ["the agent", None]),
        (deployment("k8s-auto-fix.io/ignore.insufficient-replicas: one is enough"), [None, "one is enough"]),
        (deployment(on_template="k8s-auto-fix.io/ignore.host-pid: the agent"), ["the agent", None]),
        (deployment(on_template="k8s-auto-fix.io/ignore.insufficient-replicas: one is enough"), [None, None]),
        (
            deployment("k8s-auto-fix.io/ignore.host-pid: |\n      the agent\n      reads /proc"),
            ["the agent reads /proc", None],
        ),
    ],
)
def test_where_an_annotation_holds(text, reasons):
    assert suppressed(text, DEPLOYED_PID, REPLICAS) == reasons
    assert void(text) == []


@pytest.mark.parametrize(
    ("annotation", "why"),
    [
        ("k8s-auto-fix.io/ignore.host-pid:", "gives no reason"),
        ("k8s-auto-fix.io/ignore.host-pid: {}", "gives no reason"),
        ("k8s-auto-fix.io/ignore.hostpid: why", "did you mean 'host-pid'?"),
        ("k8s-auto-fix.io/ignore: host-pid=why", "write `k8s-auto-fix.io/ignore.<policy-id>: reason`"),
    ],
)
def test_an_annotation_that_does_not_hold_is_said_aloud(annotation, why):
    text = deployment(annotation)
    ((line, reason),) = void(text)
    assert line == 6
    assert why in reason
    assert suppressed(text, DEPLOYED_PID) == [None]


def test_an_annotation_in_a_list_holds_for_its_object():
    item = "  - apiVersion: v1\n    kind: Pod\n    metadata: {annotations: %s}\n    spec: {hostPID: true}\n"
    text = "apiVersion: v1\nkind: List\nitems:\n" + item % "{}" + item % "{k8s-auto-fix.io/ignore.host-pid: agent}"
    places = [("host-pid", f"/items/{place}/spec/hostPID") for place in (0, 1)]
    assert suppressed(text, *places) == [None, "agent"]


def test_where_a_suppression_stands():
    manifest = read("agent.yaml", pod(end="# k8s-auto-fix: ignore[host-pid] reads /proc"))
    (found,), _ = suppress(manifest, [finding(manifest, *PID)], NAMES, today=TODAY)
    assert found.kind == "comment"
    span = found.location.span
    assert manifest.text[span.start : span.end] == "# k8s-auto-fix: ignore[host-pid] reads /proc"
    assert (found.location.start_line, found.location.column, found.location.pointer) == (6, 18, "/spec/hostPID")


def test_known_policies_and_their_twins(tmp_path):
    from bot.policy.files import parse

    text = """\
id: host-pid
title: Pod shares the process namespace of the node
severity: high
category: pod-security
description: It sees every process.
match: {kinds: [workload], target: pod-spec}
check: {expression: "true", message: it sees all}
twins: {checkov: [CKV_K8S_17], kubescape: [C-0038]}
"""
    names = known([parse("host-pid.yaml", text)])
    assert names.meaning("host-pid") == names.meaning("C-0038") == {"host-pid"}
    assert names.twin("checkov", "CKV_K8S_17") == {"host-pid"}
    assert names.twin("polaris", "CKV_K8S_17") == frozenset()
    assert names.all_of("kubescape") == {"host-pid"}
    assert names.categories["host-pid"] == "pod-security"
