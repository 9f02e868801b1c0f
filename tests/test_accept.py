"""A finding is accepted in the form that its object uses, and the text is looked at again."""

from __future__ import annotations

from datetime import date

import pytest

from bot import schema
from bot.accept import Accepted, NoForm, accept
from bot.detect.context import look_around
from bot.detect.detect import Detector, Environment
from bot.detect.marks import known
from bot.manifest import read
from bot.pipeline import Bot, look
from bot.policy import load
from bot.propose.acceptance import Wish

POLICIES = load(examples=False)
NAMES = known(POLICIES)
SOME = ("host-pid", "host-network", "memory-limit-missing", "allow-privilege-escalation", "insufficient-replicas")
DETECTOR = Detector(
    [policy for policy in POLICIES if policy.id in SOME],
    Environment({}, schema.OLDEST_SUPPORTED, schema.NEWEST, schema.with_crds(())),
)
WISH = Wish("fine here")

POD = """\
# the agent of every node
apiVersion: v1
kind: Pod
metadata:
  name: agent{annotations}
spec:
  hostPID: true{end}
  hostNetwork: "no"   # odd, and kept
  securityContext: {seccompProfile: {type: RuntimeDefault}}
  containers:
    - name: agent
      image: agent:1
      resources: {limits: {memory: 1Gi}}
    - name: helper
      image: helper:1
"""
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 1
  template:
    metadata:
      labels: {app: web}
    spec:
      hostPID: true
      securityContext: {seccompProfile: {type: RuntimeDefault}}
      containers: [{name: web, image: web, resources: {limits: {memory: 1Gi}}}]
"""


def bot(text, path="a.yaml"):
    return Bot(DETECTOR, look_around([path], {path: text}.get, NAMES, today=date(2026, 11, 24)))


def accepted(text, policy_id, wish=WISH, path="a.yaml", place=0):
    run = bot(text, path)
    findings = [each for each in look(run, path, text, propose=False).findings if each.policy_id == policy_id]
    return accept(run, path, text, findings[place], NAMES, wish)


def pod(annotations="", end=""):
    if annotations:
        annotations = f"\n  annotations:\n    {annotations}"
    return POD.replace("{annotations}", annotations).replace("{end}", end)


IMAGE = "image: agent:1\n      securityContext: {allowPrivilegeEscalation: false}"
COMMENT = "# k8s-auto-fix: ignore[host-pid] fine here"


@pytest.mark.parametrize(
    ("text", "policy_id", "old", "new"),
    [
        (pod(), "host-pid", "hostPID: true", f"hostPID: true  {COMMENT}"),
        (pod(end="  # legacy"), "host-pid", "true  # legacy", f"true  # legacy  {COMMENT}"),
        (pod(end="  "), "host-pid", "hostPID: true  ", f"hostPID: true  {COMMENT}  "),
        (pod().replace("\n", "\r\n"), "host-pid", "hostPID: true\r\n", f"hostPID: true  {COMMENT}\r\n"),
        ("\ufeff" + pod(), "host-pid", "hostPID: true", f"hostPID: true  {COMMENT}"),
        (pod(end="  # " + "x" * 90), "host-pid", "  hostPID", f"  {COMMENT}\n  hostPID"),
        (
            pod(end="  # " + "x" * 90).replace("\n", "\r\n"),
            "host-pid",
            "  hostPID",
            f"  {COMMENT}\r\n  hostPID",
        ),
        (
            pod(),
            "memory-limit-missing",
            "    - name: helper",
            "    - name: helper  # k8s-auto-fix: ignore[memory-limit-missing] fine here",
        ),
        (
            pod(end="  # k8s-auto-fix: ignore[host-network] theirs"),
            "host-pid",
            "theirs",
            f"theirs  {COMMENT}",
        ),
        # Annotations of another tool that accept nothing of the kind, or keep no reason, are no form to follow.
        (pod("polaris.fairwinds.com/cpu-exempt: 'true'"), "host-pid", "ID: true", f"ID: true  {COMMENT}"),
        (pod("kube-score/ignore: a"), "host-pid", "ID: true", f"ID: true  {COMMENT}"),
        (
            pod("ignore-check.kube-linter.io/host-ipc: why"),
            "host-pid",
            "host-ipc: why\n",
            "host-ipc: why\n    ignore-check.kube-linter.io/host-pid: fine here\n",
        ),
        # kube-linter's check means SYS_ADMIN as well: too much.
        (
            pod("ignore-check.kube-linter.io/host-ipc: why").replace("image: agent:1", IMAGE),
            "allow-privilege-escalation",
            "- name: helper",
            "- name: helper  # k8s-auto-fix: ignore[allow-privilege-escalation] fine here",
        ),
        (
            pod("checkov.io/skip3: CKV_K8S_18=why"),
            "host-pid",
            "CKV_K8S_18=why\n",
            "CKV_K8S_18=why\n    checkov.io/skip4: CKV_K8S_17=fine here\n",
        ),
        (
            pod("bridgecrew.io/skip1: CKV_K8S_18=why"),
            "host-pid",
            "CKV_K8S_18=why\n",
            "CKV_K8S_18=why\n    bridgecrew.io/skip2: CKV_K8S_17=fine here\n",
        ),
        (
            pod("k8s-auto-fix.io/ignore.host-ipc: why"),
            "host-pid",
            "host-ipc: why\n",
            "host-ipc: why\n    k8s-auto-fix.io/ignore.host-pid: fine here\n",
        ),
        (
            DEPLOYMENT,
            "insufficient-replicas",
            "replicas: 1",
            "replicas: 1  # k8s-auto-fix: ignore[insufficient-replicas] fine here",
        ),
        ("a: b\n---\n" + pod(), "host-pid", "hostPID: true", f"hostPID: true  {COMMENT}"),
    ],
)  # fmt: skip
def test_the_form_and_every_other_byte(text, policy_id, old, new):
    done = accepted(text, policy_id)
    assert isinstance(done, Accepted), done
    assert text.count(old) == 1
    assert done.form.text == text.replace(old, new)
    assert done.others == ()


def test_the_last_day_is_written_in_a_form_that_has_one():
    wish = Wish("moves out", date(2027, 1, 31))
    done = accepted(pod("ignore-check.kube-linter.io/host-ipc: why"), "host-pid", wish)
    assert done.form.written == "hostPID: true  # k8s-auto-fix: ignore[host-pid] until=2027-01-31 moves out"
    done = accepted(pod("k8s-auto-fix.io/ignore.host-ipc: why"), "host-pid", wish)
    assert done.form.written == "k8s-auto-fix.io/ignore.host-pid: until=2027-01-31 moves out"


JSON = '{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"},\n "spec": {"hostPID": true, "containers": []}}\n'


def test_json_has_no_comments():
    done = accepted(JSON, "host-pid", path="a.json")
    annotation = '{"k8s-auto-fix.io/ignore.host-pid": "fine here"}'
    assert done.form.text == JSON.replace('"a"}', f'"a", "annotations": {annotation}}}')


def test_in_json_the_pod_template_comes_before_the_object():
    text = (
        '{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a"}, "spec": {"template": {"metadata": '
        '{"labels": {}}, "spec": {"hostPID": true, "containers": []}}}}\n'
    )
    done = accepted(text, "host-pid", path="a.json")
    assert '"labels": {}, "annotations": {"k8s-auto-fix.io/ignore.host-pid": "fine here"}' in done.form.text


def test_what_a_form_accepts_besides_is_told():
    text = pod().replace("      resources: {limits: {memory: 1Gi}}\n", "")
    text = text.replace("    - name: helper\n      image: helper:1\n", "").replace(
        "    - name: agent\n      image: agent:1\n", ""
    )
    text = text.replace("  containers:\n", "  containers: [{name: a, image: a}, {name: b, image: b}]\n")
    done = accepted(text, "memory-limit-missing")
    assert [each.policy_id for each in done.others] == ["memory-limit-missing"]


def test_a_reason_may_have_any_words():
    for reason in ('a "quoted": one', "# a hash", "it's - [odd] {x}", "k8s-auto-fix.io", "ünïcode ✓"):
        for text in (pod(), pod("ignore-check.kube-linter.io/host-ipc: why"), pod("checkov.io/skip1: CKV_K8S_18=x")):
            done = accepted(text, "host-pid", Wish(reason))
            assert isinstance(done, Accepted), reason
            (found,) = [
                each for each in look(bot(text), "a.yaml", done.form.text).findings if each.policy_id == "host-pid"
            ]
            assert found.suppression.reason == reason


def test_a_finding_that_is_gone():
    run = bot(pod())
    (finding,) = [each for each in look(run, "a.yaml", pod()).findings if each.policy_id == "host-pid"]
    done = accept(run, "a.yaml", pod().replace("  hostPID: true\n", ""), finding, NAMES, WISH)
    assert done == NoForm("it is not there any more; scan again")


def test_the_objects_say_the_same_as_before():
    for text in (pod(), DEPLOYMENT, JSON):
        done = accepted(text, "host-pid", path="a.json" if text is JSON else "a.yaml")
        before, after = read("a", text).documents[0].value, read("a", done.form.text).documents[0].value
        assert before["spec"] == after["spec"]


@pytest.mark.corpus
def test_every_finding_of_the_corpus_can_be_accepted(corpus, corpus_plain):
    refused = []
    number = 0
    for path in corpus_plain:
        text = path.read_bytes().decode()
        around = look_around([str(path)], lambda _: None, NAMES, today=date(2026, 11, 24))
        run = Bot(DETECTOR, around)
        for finding in look(run, str(path), text, propose=False).findings:
            number += 1
            if number % 11 or finding.suppression is not None:
                continue
            done = accept(run, str(path), text, finding, NAMES, WISH)
            if not isinstance(done, Accepted):
                refused.append((path.relative_to(corpus), finding.location.start_line, finding.policy_id))
    assert refused == []
    assert number > 500
