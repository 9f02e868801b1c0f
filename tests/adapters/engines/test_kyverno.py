"""Kyverno's report, which calls are made for it, and what becomes of policies that it does not take."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from bot.adapters.engines import kyverno
from bot.adapters.engines.given import Given
from bot.adapters.engines.kyverno_policies import Policies, read_policies
from bot.adapters.engines.shape import NotAsDescribed
from bot.model import ResourceRef, Severity
from tests.adapters.engines import programs

POLICY = {"apiVersion": "kyverno.io/v1", "kind": "ClusterPolicy", "metadata": {"name": "no-host-pid"}}


def given(path: str, name: str = "web", namespace: str | None = None, kind: str = "Pod") -> Given:
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    body = {"apiVersion": "v1", "kind": kind, "metadata": metadata}
    return Given(path, (0, ""), ResourceRef("v1", kind, namespace, name), body)


def result(**more: object) -> dict:
    """A result as `openreports.io/v1alpha1` encodes it."""
    return {
        "source": "kyverno",
        "policy": "no-root",
        "rule": "autogen-no-root",
        "severity": "high",
        "timestamp": {"seconds": 1795572318, "nanos": 0},
        "result": "fail",
        "scored": True,
        "resources": [
            {"kind": "Pod", "namespace": "default", "name": "web", "uid": "k8s-auto-fix-0", "apiVersion": "v1"}
        ],
        "message": "no",
        "properties": {"process": "background scan"},
        **more,
    }


def report(*results: object, kind: str = "ClusterReport") -> str:
    return json.dumps({"kind": kind, "apiVersion": "openreports.io/v1alpha1", "results": list(results)})


def test_results() -> None:
    output = "\n".join(
        ["Warning: deprecated", report(result()), "---", report(result(severity=None), kind="PolicyReport"), "{}"]
    )
    found, unread = kyverno.parse(output)
    assert unread == 0
    assert [(each.policy, each.result, each.uid, each.severity) for each in found] == [
        ("no-root", "fail", "k8s-auto-fix-0", Severity.HIGH),
        ("no-root", "fail", "k8s-auto-fix-0", Severity.MEDIUM),
    ]


@pytest.mark.parametrize(
    ("message", "said", "at"),
    [
        ("label it", "label it", ""),
        ("", "does not meet no-root", ""),
        (
            "validation error: Requests are required. rule r failed at path /spec/containers/0/resources/",
            "Requests are required",
            "/spec/containers/0/resources",
        ),
        (
            "validation error: No root. rule r[0] failed at path /spec/x/ rule r[1] failed at path /spec/containers/0/",
            "No root",
            "/spec",
        ),
        ("validation error: no. rule r failed at path /", "no", ""),
        ("failed expression: object.spec.x == 'rule'", "failed expression: object.spec.x == 'rule'", ""),
    ],
)
def test_what_a_message_says_and_where(message: str, said: str, at: str) -> None:
    ((one,), _) = kyverno.parse(report(result(message=message)))
    assert (one.message, one.at) == (said, at)


@pytest.mark.parametrize("broken", [None, 1, {}, {**result(), "policy": ""}, {**result(), "resources": {}}])
def test_one_result_that_is_not_as_described_costs_no_other(broken: object) -> None:
    found, unread = kyverno.parse(report(result(), broken))
    assert (len(found), unread) == (1, 1)


def test_a_report_that_is_cut_short_is_of_no_use() -> None:
    with pytest.raises(NotAsDescribed, match="its report is no JSON"):
        kyverno.parse(report(result())[:-30])


def run(program: str, objects: list[Given], policies: Policies | None = None, limit: float = 20) -> tuple:
    chosen = policies or Policies((("policies.yaml", POLICY),))
    return kyverno.run(program, objects, chosen, {}, deadline=time.monotonic() + limit)


def test_objects_of_one_name_are_told_apart(tmp_path: Path) -> None:
    """As Kyverno does, the program fails over two objects of one name in one call."""
    before = """
keys = [(b["kind"], b["metadata"].get("namespace", "default"), b["metadata"]["name"]) for b in bodies]
if len(set(keys)) < len(keys):
    sys.exit("panic: already exists")
"""
    objects = [given("a"), given("b"), given("c", namespace="default"), given("d", namespace="x"), given("e", "other")]
    reported, notices = run(programs.kyverno(tmp_path, before=before), objects)
    assert sorted(each.path for each in reported) == ["a", "b", "c", "d", "e"]
    assert notices == []
    assert {(each.tool, each.label, each.check, each.severity) for each in reported} == {
        ("kyverno", "Kyverno", "no-host-pid", Severity.HIGH)
    }


def test_more_objects_of_one_name_than_calls_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kyverno, "MOST_CALLS", 2)
    reported, notices = run(programs.kyverno(tmp_path), [given(name) for name in "abcde"])
    assert [each.path for each in reported] == ["a", "b"]
    assert notices == ["3 objects are left out: more than 2 share a name"]


def test_a_policy_that_it_does_not_take_costs_no_other(tmp_path: Path) -> None:
    """As Kyverno does, the program says nothing and ends well when one of the policies is broken."""
    broken = {"apiVersion": "kyverno.io/v1", "kind": "ClusterPolicy", "metadata": {"name": "broken"}}
    program = programs.kyverno(tmp_path, before='\nif "broken" in policies: sys.exit(0)\n')
    policies = Policies((("good.yaml", POLICY), ("bad.yaml", broken)))
    reported, notices = run(program, [given("a")], policies)
    assert [each.path for each in reported] == ["a"]
    assert notices == ["it does not take bad.yaml (broken); the other policies are applied"]


def test_when_it_takes_none_of_the_policies_nothing_was_looked_at(tmp_path: Path) -> None:
    program = programs.kyverno(tmp_path, before="\nsys.exit(0)\n")
    with pytest.raises(NotAsDescribed, match=r"takes none of the policies, such as policies.yaml \(no-host-pid\)"):
        run(program, [given("a")])


@pytest.mark.parametrize(
    ("before", "why"),
    [
        ("\nsys.exit('Error: unknown flag: --continue-on-fail')\n", "exit code 1: Error: unknown flag"),
        ("\nsys.exit(2)\n", "exit code 2"),
        ("\nimport time; time.sleep(60)\n", "did not end within"),
        ('\nprint(\'{"kind": "Clus\'); sys.exit(1)\n', "its report is no JSON"),
    ],
)
def test_a_run_that_is_of_no_use(tmp_path: Path, before: str, why: str) -> None:
    with pytest.raises(NotAsDescribed, match=why):
        run(programs.kyverno(tmp_path, before=before), [given("a")], limit=2)


def test_errors_and_objects_that_nobody_gave_are_counted(tmp_path: Path) -> None:
    before = """
def answers(body, policies):
    return [("k8s-auto-fix-witness", "seen")] if body["metadata"]["uid"] == "k8s-auto-fix-witness" else []
uids = ["k8s-auto-fix-7", "", "k8s-auto-fix-0"]
print(json.dumps(dict(results=[
    dict(policy="p", result=result, message="m", resources=[dict(uid=uid)])
    for uid, result in [("k8s-auto-fix-7", "fail"), ("k8s-auto-fix-0", "error"), ("k8s-auto-fix-0", "pass")]
])))
"""
    reported, notices = run(programs.kyverno(tmp_path, before=before), [given("a")])
    assert reported == []
    assert notices == [
        "1 of its results is undecided, such as p: m",
        "1 of its results is about objects that it was not given, such as p",
    ]


def test_policies_are_what_must_hold_and_nothing_else() -> None:
    text = """\
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: a}
---
apiVersion: policies.kyverno.io/v1
kind: ValidatingPolicy
metadata: {name: b}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: c}
---
apiVersion: kyverno.io/v2
kind: PolicyException
metadata: {name: d}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: e}
---
apiVersion: kyverno.io/v2
kind: ClusterCleanupPolicy
metadata: {name: f}
"""
    found = read_policies([("all.yaml", text), ("broken.yaml", "a: [\n")])
    assert [body["metadata"]["name"] for _, body in found.policies] == ["a", "b", "c"]
    assert [body["metadata"]["name"] for _, body in found.exceptions] == ["d"]
    assert [problem.partition(": ")[0] for problem in found.problems] == ["broken.yaml:2"]
