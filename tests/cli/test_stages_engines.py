"""Findings of other tools in the stages: ours where a policy knows them, and then fixed; the rest shown without."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from tests.adapters.engines.test_sarif_in import log, result
from tests.cli.material import UNSAFE, UNSAFE_FIXED, run

Put = Callable[[str, str | bytes], Path]


def records(name: str) -> list[dict]:
    return json.loads(Path("data", name).read_text(encoding="utf-8"))


def test_findings_of_another_tool(put: Put) -> None:
    put("unsafe.yaml", UNSAFE)
    put("t.sarif", log(result("KSV-0010", "unsafe.yaml", 9), result("XYZ-1", "unsafe.yaml", 12), name="Trivy"))
    done = run("detect", "--in", "unsafe.yaml", "--sarif", "t.sarif", "--select", "removed-api-version")
    assert (done.code, done.err) == (0, "detect: 2 findings in 1 file, 1 object -> data/detections.json\n")
    ours, theirs = records("detections.json")
    # The policy is off, and looked with because the tool reports it.
    assert (ours["policy_id"], ours["engine"], ours["also"]) == ("host-pid", "k8s-auto-fix", ["Trivy: KSV-0010"])
    assert (theirs["engine"], theirs["policy_id"].rpartition(":")[2]) == ("trivy", "XYZ-1")
    assert run("propose").code == 0
    fixed, left = records("patches.json")
    assert fixed["skipped"] is None
    assert left["skipped"]["code"] == "unknown-policy"
    assert run("verify", "--select", "removed-api-version").code == 0
    (verdict,) = records("verified.json")
    assert verdict["patched_yaml"] == UNSAFE_FIXED
    assert run("schedule").code == 0
    assert [each["id"] for each in records("schedule.json")] == [ours["id"]]


def test_a_patch_for_what_only_another_tool_knows_is_refused(put: Put) -> None:
    put("unsafe.yaml", UNSAFE)
    finding = {"id": "x", "manifest_path": "unsafe.yaml", "policy_id": "trivy:XYZ-1", "violation_text": "odd"}
    patch = [{"op": "remove", "path": "/spec/template/spec/hostPID"}]
    put("data/detections.json", json.dumps([finding | {"engine": "Trivy"}]))
    put("data/patches.json", json.dumps([{"id": "x", "policy_id": "XYZ-1", "source": "engine", "patch": patch}]))
    assert run("verify").code == 0
    (verdict,) = records("verified.json")
    assert not verdict["accepted"]
    assert verdict["reason"].startswith("unknown-policy: ")
