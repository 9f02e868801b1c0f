"""Suppressions written for other tools."""

from __future__ import annotations

import pytest

from bot.detect.suppress import suppress
from bot.manifest import read
from tests.detect.made import NAMES, TODAY, finding

JOB = """\
apiVersion: batch/v1
kind: CronJob
metadata:
  name: night
  annotations:
    {object}
spec:
  jobTemplate:
    spec:
      template:
        metadata:
          annotations:
            {template}
        spec:
          hostPID: true
          hostNetwork: true
          containers: [{name: night, image: night}]
"""
POD = "/spec/jobTemplate/spec/template/spec"
PLACES = [
    ("host-pid", f"{POD}/hostPID"),
    ("host-network", f"{POD}/hostNetwork"),
    ("memory-limit-missing", f"{POD}/containers/0/resources"),
    ("cpu-limit-missing", f"{POD}/containers/0/resources"),
]


def look(text, places=PLACES):
    """({policy: reason} of what is suppressed, reasons of what does not hold)."""
    manifest = read("night.yaml", text)
    findings = [finding(manifest, *place) for place in places]
    found, skips = suppress(manifest, findings, NAMES, today=TODAY)
    pairs = zip(findings, found, strict=True)
    return {each.policy_id: found.reason for each, found in pairs if found is not None}, [skip.reason for skip in skips]


BOTH = {"memory-limit-missing", "cpu-limit-missing"}


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        ("ignore-check.kube-linter.io/host-pid: reads /proc", {"host-pid": "reads /proc"}),
        ('ignore-check.kube-linter.io/host-pid: ""', {"host-pid": "skipped for kube-linter (host-pid)"}),
        ("ignore-check.kube-linter.io/no-such-check: why", {}),
        (
            "kube-linter.io/ignore-all: test only",
            dict.fromkeys(["host-pid", "memory-limit-missing"], "test only"),
        ),
        ('polaris.fairwinds.com/hostPIDSet-exempt: "true"', {"host-pid": "skipped for Polaris (hostPIDSet)"}),
        ("polaris.fairwinds.com/hostPIDSet-exempt: true", {"host-pid": "skipped for Polaris (hostPIDSet)"}),
        ('polaris.fairwinds.com/hostPIDSet-exempt: "TRUE"', {"host-pid": "skipped for Polaris (hostPIDSet)"}),
        ('polaris.fairwinds.com/hostPIDSet-exempt: "false"', {}),
        ('polaris.fairwinds.com/exempt: "true"', {"host-pid": "skipped for Polaris"}),
        ("checkov.io/skip1: CKV_K8S_17=reads /proc", {"host-pid": "reads /proc"}),
        ("bridgecrew.io/skip23: CKV_K8S_17=a=b", {"host-pid": "a=b"}),
        ("cortex.io/skip: CKV_K8S_17", {"host-pid": "skipped for Checkov (CKV_K8S_17)"}),
        ("checkov.io/skipped: CKV_K8S_17=no", {}),
        ("kubescape.io/skip-controls: C-0038, C-9999", {"host-pid": "skipped for Kubescape (C-0038)"}),
        (
            "kube-score/ignore: pod-networkpolicy, container-resources",
            dict.fromkeys(BOTH, "skipped for kube-score (container-resources)"),
        ),
        ('kube-score/ignore: "*"', dict.fromkeys(BOTH, "skipped for kube-score (*)")),
        ('kube-score/skip: "true"', dict.fromkeys(BOTH, "skipped for kube-score")),
        ("datree.skip/CONTAINERS_INCORRECT_PID: no longer maintained", {}),
    ],
)
def test_annotations_on_object_and_template(annotation, expected):
    on_object = JOB.replace("{object}", annotation).replace("{template}", "a: b")
    on_template = JOB.replace("{object}", "a: b").replace("{template}", annotation)
    assert look(on_object) == (expected, [])
    assert look(on_template) == (expected, [])


@pytest.mark.parametrize(
    ("expiry", "suppressed", "why"),
    [
        ('"2027-01-01T00:00:00Z"', True, None),
        ('"2027-01-01T00:00:00.5+02:00"', True, None),
        ('"2026-01-01T00:00:00Z"', False, "expired on 2026-01-01"),
        ('"2027-01-01"', False, "no RFC 3339 time"),
        ('"2027-13-01T00:00:00Z"', False, "no RFC 3339 time"),
        ('"next year"', False, "no RFC 3339 time"),
    ],
)
def test_kubescape_expiry(expiry, suppressed, why):
    annotations = f"kubescape.io/skip-controls: C-0038\n    kubescape.io/skip-expiry: {expiry}"
    annotations += "\n    kubescape.io/skip-reason: until the agent moves"
    found, skips = look(JOB.replace("{object}", annotations).replace("{template}", "a: b"))
    assert found == ({"host-pid": "until the agent moves"} if suppressed else {})
    assert [why in skip for skip in skips] == ([] if why is None else [True])


KICS_POD = """\
{start}
apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  {pid}
  hostPID: true
  {containers}
  containers:
    - name: a
      securityContext:
        {privileged}
        privileged: true
"""
KICS_PLACES = [
    ("host-pid", "/spec/hostPID"),
    ("privileged-container", "/spec/containers/0/securityContext/privileged"),
    ("host-network", "/spec/hostNetwork"),
]
PID_QUERY = "302736f4-b16c-41b8-befe-c0baffa0bd9d"
PRIVILEGED_QUERY = "dd29336b-fe57-445b-a26e-e6aa867ae609"


@pytest.mark.parametrize(
    ("comments", "expected"),
    [
        ({"start": "# kics-scan ignore"}, {"host-pid": "kics-scan ignore", "privileged-container": "kics-scan ignore"}),
        ({"start": f"# kics-scan disable={PID_QUERY}"}, {"host-pid": "kics-scan disable"}),
        (
            {"start": f"# kics-scan disable={PID_QUERY},{PRIVILEGED_QUERY} a test"},
            {"host-pid": "a test", "privileged-container": "a test"},
        ),
        ({"start": f"# kics-scan enable={PID_QUERY}"}, {"privileged-container": "kics-scan enable"}),
        ({"start": "# kics-scan disable=00000000-0000-0000-0000-000000000000"}, {}),
        ({"pid": "# kics-scan ignore"}, {}),
        ({"pid": "# kics-scan ignore-line"}, {"host-pid": "kics-scan ignore-line"}),
        ({"pid": "#kics-scan ignore-line: reads /proc"}, {"host-pid": "reads /proc"}),
        ({"privileged": "# kics-scan ignore-line"}, {"privileged-container": "kics-scan ignore-line"}),
        ({"containers": "# kics-scan ignore-line"}, {}),
        ({"containers": "# kics-scan ignore-block"}, {"privileged-container": "kics-scan ignore-block"}),
        (
            {"start": "---\n# kics-scan ignore-block"},
            dict.fromkeys(["host-pid", "privileged-container"], "kics-scan ignore-block"),
        ),
        ({"pid": "# kics-scan something"}, {}),
    ],
)
def test_kics_comments(comments, expected):
    text = KICS_POD
    for place in ("start", "pid", "containers", "privileged"):
        text = text.replace("{" + place + "}", comments.get(place, "# nothing"))
    assert look(text, KICS_PLACES) == (expected, [])


def test_kics_file_commands_hold_for_the_whole_file():
    manifest = read("a.yaml", "# kics-scan ignore\n" + "---\napiVersion: v1\nkind: Pod\nspec: {hostPID: true}\n" * 2)
    findings = [finding(manifest, "host-pid", "/spec/hostPID", document=document) for document in (0, 1)]
    assert None not in suppress(manifest, findings, NAMES, today=TODAY).suppressions


def test_our_own_suppression_comes_first():
    own = "k8s-auto-fix.io/ignore.host-pid: ours\n    checkov.io/skip1: CKV_K8S_17=theirs"
    text = JOB.replace("{object}", own).replace("{template}", "ignore-check.kube-linter.io/host-pid: theirs")
    assert look(text)[0] == {"host-pid": "ours"}


def test_query_ids_are_those_of_the_reference(cases):
    import yaml

    from bot.detect.data.kics_queries import NAMES as QUERIES

    with (cases / "policy-matrix.yaml").open(encoding="utf-8") as file:
        rows = yaml.load(file, Loader=yaml.CSafeLoader)["tool_checks"]["kics"]
    wanted = {row["uuid"].lower(): row["id"] for row in rows if row["scope"] == "manifest"}
    assert wanted == QUERIES
