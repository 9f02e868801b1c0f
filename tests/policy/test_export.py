"""What an export looks like; `tests/cluster/test_export.py` asks a real server whether it means the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.manifest.workloads import workload_kinds
from bot.policy import Policy, load
from bot.policy.enforceable import Circumstances, uses
from bot.policy.export import Action, Exported, export
from bot.policy.kinds import is_built_in

POLICIES = {policy.id: policy for policy in load()}
HERE = Circumstances("1.36", {})


def of(*ids: str, here: Circumstances = HERE, actions: tuple[Action, ...] = (Action.WARN,)) -> Exported:
    return export([POLICIES[policy_id] for policy_id in ids], here, actions=actions)


def spec(exported: Exported) -> Any:
    return exported.objects[0]["spec"]


def watched(exported: Exported) -> list[tuple[str, list[str]]]:
    return [(rule["apiGroups"][0], rule["resources"]) for rule in spec(exported)["matchConstraints"]["resourceRules"]]


def own(tmp_path: Path, check: str, match: str = "{kinds: [Service], target: object}", example: str = "") -> Policy:
    bad = example or "{apiVersion: v1, kind: Service, metadata: {name: a}}"
    (tmp_path / "own.yaml").write_text(
        f"""\
id: own
title: Own
severity: low
category: custom
description: own
remediation: own
references: []
match: {match}
check:
  expression: >-
    {check}
  message: own
examples:
  - {{name: first, bad: '{bad}'}}
"""
    )
    (policy,) = load(tmp_path)
    return policy


def reason(policy: Policy, here: Circumstances = HERE) -> str:
    exported = export([policy], here)
    return exported.left_out[0].reason if exported.left_out else ""


def test_every_policy_is_exported_or_left_out_with_its_reason() -> None:
    exported = export(list(POLICIES.values()), HERE)
    left_out = {each.policy_id: each.reason for each in exported.left_out}
    assert sorted([*exported.policy_ids, *left_out]) == sorted(POLICIES)
    assert all(left_out.values())
    assert len(exported.policy_ids) > 140
    functions = {policy.id for policy in POLICIES.values() if policy.check.function}
    assert functions <= left_out.keys()


def test_the_order_of_the_policies_does_not_matter() -> None:
    chosen = list(POLICIES.values())
    assert export(chosen, HERE) == export(chosen[::-1], HERE)


def test_the_most_severe_comes_first_as_a_server_may_cut_off_the_rest() -> None:
    exported = of("interactive-tty", "privileged-container", "host-pid", "host-ipc")
    assert exported.policy_ids == ("privileged-container", "host-ipc", "host-pid", "interactive-tty")
    said = [each["message"].partition(":")[0] for each in spec(exported)["validations"]]
    assert said == list(exported.policy_ids)


def test_one_policy_and_a_binding_for_each_action() -> None:
    exported = of("host-pid", actions=(Action.WARN, Action.DENY, Action.WARN))
    kinds = [(each["kind"], each["metadata"]["name"]) for each in exported.objects]
    assert kinds == [
        ("ValidatingAdmissionPolicy", "k8s-auto-fix"),
        ("ValidatingAdmissionPolicyBinding", "k8s-auto-fix-deny"),
        ("ValidatingAdmissionPolicyBinding", "k8s-auto-fix-warn"),
    ]
    deny, warn = (each["spec"] for each in exported.objects[1:])
    assert deny["validationActions"] == ["Deny"]
    assert "kube-system" in str(deny["matchResources"])
    assert warn == {"policyName": "k8s-auto-fix", "validationActions": ["Warn"]}


def test_nothing_is_made_when_no_policy_can_run() -> None:
    assert of("schema-invalid").objects == ()


@pytest.mark.parametrize(
    ("policy_id", "expected"),
    [
        ("service-node-port", [("", ["services"])]),
        ("ingress-tls-missing", [("networking.k8s.io", ["ingresses"])]),
        ("network-policy-allow-all", [("networking.k8s.io", ["networkpolicies"])]),
        ("scc-privileged-allowed", [("security.openshift.io", ["securitycontextconstraints"])]),
        ("naked-pod", [("", ["pods"])]),
        ("system-namespace-used", [("*", ["*"])]),
        (
            "host-pid",
            [
                ("", ["pods", "podtemplates", "replicationcontrollers"]),
                ("apps", ["daemonsets", "deployments", "replicasets", "statefulsets"]),
                ("batch", ["cronjobs", "jobs"]),
            ],
        ),
    ],
)
def test_only_what_the_policies_look_at_is_sent_to_them(policy_id: str, expected: list[tuple[str, list[str]]]) -> None:
    assert watched(of(policy_id)) == expected


def test_every_kind_of_kubernetes_with_pods_is_looked_at() -> None:
    served = {kind.lower() + "s" for group, kind in workload_kinds() if is_built_in(group)}
    assert {name for _, names in watched(of("host-pid")) for name in names} == served


def test_who_watches_everything_leaves_out_what_nobody_writes() -> None:
    unwatched = spec(of("system-namespace-used"))["matchConstraints"]["excludeResourceRules"]
    assert "leases" not in str(unwatched)
    assert "coordination.k8s.io" in str(unwatched)
    assert "excludeResourceRules" not in spec(of("host-pid"))["matchConstraints"]


def test_containers_are_named() -> None:
    (validation,) = spec(of("privileged-container"))["validations"]
    assert validation["message"] == "privileged-container: Container runs privileged"
    assert validation["messageExpression"].startswith('"privileged-container: Container runs privileged: " + ')
    (validation,) = spec(of("host-pid"))["validations"]
    assert "messageExpression" not in validation


def test_values_of_the_configuration_are_written_into_it() -> None:
    here = Circumstances("1.36", {"registries": ['a"b'], "cpu-limit": "1"})
    (validation,) = spec(of("image-registry-untrusted", here=here))["validations"]
    assert '[dyn({"registries": dyn(["a\\"b"])})].all(values, ' in validation["expression"]
    assert "cpu-limit" not in validation["expression"]


def test_policies_of_ones_own(tmp_path: Path) -> None:
    assert reason(own(tmp_path, 'object.?spec.?externalName.orValue("") == ""')) == ""
    assert "several objects" in reason(own(tmp_path, "inventory.Service.size() == 0"))
    assert "fills in" in reason(own(tmp_path, 'object.?spec.?type.orValue("") != ""'))
    assert "a list of texts and numbers" in reason(own(tmp_path, 'object.kind in [1, "a"]'))
    assert reason(own(tmp_path, 'object.kind in ["1, [2", \'a\', "b"]')) == ""
    assert "index" in reason(own(tmp_path, "key != 1", "{kinds: [Service], target: object, each: /spec/ports/*}"))
    assert reason(own(tmp_path, 'key != "a"', "{kinds: [Service], target: object, each: /spec/selector/*}")) == ""


def test_custom_resources_are_watched_as_a_whole_and_not_for_their_templates(tmp_path: Path) -> None:
    rollout = "{apiVersion: argoproj.io/v1alpha1, kind: Rollout, metadata: {name: a}}"
    whole = own(tmp_path, "false", "{kinds: [argoproj.io/Rollout], target: object}", rollout)
    assert watched(export([whole], HERE)) == [("argoproj.io", ["rollouts"])]
    template = own(tmp_path, "false", "{kinds: [argoproj.io/Rollout], target: pod-spec}", rollout)
    assert reason(template) == "it looks at pod templates of custom resources only"


@pytest.mark.parametrize(
    ("expression", "used"),
    [
        ("key == 1", True),
        ("item[key]", True),
        ('"key" == x', False),
        ("item.key == x", False),
        ("item.?key.orValue(1)", False),
        ("keys == 1", False),
        ("'\\'' + key", True),
    ],
)
def test_uses(expression: str, used: bool) -> None:
    assert uses(expression, "key") is used
