"""`export-policies`: what is written, and what is said about the rest."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from bot.policy import load
from tests.cli.material import POLICY, call, run

Put = Callable[[str, str | bytes], Path]


def test_the_default_policies_with_a_warning() -> None:
    done = run("export-policies")
    assert done.code == 0
    policy, binding = yaml.safe_load_all(done.out)
    assert (policy["kind"], policy["apiVersion"]) == (
        "ValidatingAdmissionPolicy",
        "admissionregistration.k8s.io/v1",
    )
    assert binding["spec"] == {"policyName": policy["metadata"]["name"], "validationActions": ["Warn"]}
    exported = [each["message"].partition(": ")[0] for each in policy["spec"]["validations"]]
    default = {one.id for one in load() if one.default}
    left_out = [line.split(": ")[1] for line in done.err.splitlines() if line.startswith("# left out: ")]
    assert sorted([*exported, *left_out]) == sorted(default)
    assert all(line.startswith("# ") for line in done.err.splitlines()), "stderr is comments, so both may go to a file"
    assert done.err.endswith(f"# {len(exported)} policies exported, {len(left_out)} left out\n")


def test_two_runs_write_the_same_bytes() -> None:
    first, second = (
        call("export-policies", "--select", "all", env={"PYTHONHASHSEED": seed}).stdout for seed in ("1", "2")
    )
    assert first == second


def test_selection_and_actions() -> None:
    done = run("export-policies", "--select", "host-pid,host-ipc", "--ignore", "host-ipc", "--action", "deny")
    policy, binding = yaml.safe_load_all(done.out)
    (validation,) = policy["spec"]["validations"]
    assert validation["message"] == "host-pid: Pod sees the processes of its node"
    assert binding["spec"]["validationActions"] == ["Deny"]
    assert done.err == "# 1 policy exported, 0 left out\n"
    done = run("export-policies", "--select", "host-pid", "--action", "warn", "--action", "audit", "--format", "json")
    assert [each["metadata"]["name"] for each in json.loads(done.out)["objects"]] == [
        "k8s-auto-fix",
        "k8s-auto-fix-audit",
        "k8s-auto-fix-warn",
    ]


def test_json_lists_what_is_left_out() -> None:
    document = json.loads(run("export-policies", "--select", "host-pid,schema-invalid", "--format", "json").out)
    assert document["policies"] == ["host-pid"]
    assert document["leftOut"] == [
        {"policy": "schema-invalid", "reason": "its check is a function of k8s-auto-fix, not CEL"}
    ]


def test_the_configuration_of_the_repository_counts(put: Put) -> None:
    put(".k8s-auto-fix.yaml", "select: [image-registry-untrusted]\nvalues: {registries: [registry.example]}\n")
    done = run("export-policies")
    (validation,) = next(yaml.safe_load_all(done.out))["spec"]["validations"]
    assert 'dyn(["registry.example"])' in validation["expression"]


def test_policies_of_ones_own(put: Put) -> None:
    put("mine/team-label-missing.yaml", POLICY)
    done = run("export-policies", "--policies", "mine", "--select", "team-label-missing", "-o", "out.yaml")
    assert (done.code, done.out) == (0, "")
    policy, _ = yaml.safe_load_all(Path("out.yaml").read_text(encoding="utf-8"))
    (validation,) = policy["spec"]["validations"]
    assert validation["message"] == "team-label-missing: Object names no team"
    assert policy["spec"]["matchConstraints"]["resourceRules"][0]["resources"] == ["configmaps"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--select", "schema-invalid"], "none of the selected policies can run on a server"),
        (["--select", "host-pid", "--ignore", "host-pid"], "no policy is selected"),
        (["--select", "host-pidd"], "host-pidd"),
        (["--action", "block"], "block"),
        (["--policies", "nowhere"], "nowhere: no folder"),
        (["--select", "host-pid", "-o", "no/such/folder"], "cannot be written"),
    ],
)
def test_wrong_use(arguments: list[str], words: str) -> None:
    done = run("export-policies", *arguments)
    assert (done.code, done.out) == (2, "")
    assert words in done.err
