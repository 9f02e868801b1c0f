"""`detect`, `propose`, `verify`: files between the stages, each of which works alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonpatch
import pytest
import yaml

from tests.cli.material import CLEAN, SAFE, SAFE_FIXED, UNSAFE, UNSAFE_FIXED, run

Put = Callable[[str, str | bytes], Path]
Record = dict[str, Any]

PRIVILEGED = """\
apiVersion: v1
kind: Pod
metadata: {name: sensor}
spec:
  containers:
    - name: sensor
      image: registry.example/sensor:1.4.2
      securityContext:
        privileged: true   # why?
"""


def records(name: str) -> list[Record]:
    return json.loads(Path("data", name).read_text(encoding="utf-8"))


def put_records(name: str, *found: Record) -> None:
    Path("data").mkdir(exist_ok=True)
    Path("data", name).write_text(json.dumps(found), encoding="utf-8")


def stage(*arguments: str, code: int = 0, **said: Any) -> str:
    done = run(*arguments, **said)
    assert done.code == code, done.err
    assert "internal error" not in done.err
    return done.err


def by_hand(**said: Any) -> Record:
    return {"id": "mine", "manifest_path": "a.yaml", "policy_id": "privileged-container", "violation_text": "x", **said}


def patch_of(*steps: Any, **said: Any) -> Record:
    return {"id": "mine", "policy_id": "privileged-container", "source": "vllm", "patch": list(steps), **said}


NOT_PRIVILEGED = {"op": "replace", "path": "/spec/containers/0/securityContext/privileged", "value": False}
NO_ESCALATION = {"op": "add", "path": "/spec/containers/0/securityContext/allowPrivilegeEscalation", "value": False}


def test_three_stages_one_after_the_other(put: Put) -> None:
    put("a.yaml", CLEAN + "---\n" + SAFE)
    put("deploy/b.yaml", UNSAFE.replace("\n", "\r\n"))
    assert stage("detect", "--in", "a.yaml", "deploy") == (
        "detect: 2 findings in 2 files, 3 objects -> data/detections.json\n"
    )
    first, second = records("detections.json")
    assert (first["manifest_path"], first["document"], first["manifest_yaml"]) == ("a.yaml", 1, SAFE)
    assert (first["policy_id"], first["severity"], first["line"]) == ("removed-api-version", "high", 10)
    assert (second["manifest_path"], second["manifest_yaml"]) == ("deploy/b.yaml", UNSAFE.replace("\n", "\r\n"))
    assert stage("propose") == "propose: 2 proposals for 2 findings -> data/patches.json\n"
    proposed = records("patches.json")
    assert [each["id"] for each in proposed] == [first["id"], second["id"]]
    assert [each["source"] for each in proposed] == ["rules", "rules"]
    assert proposed[0]["patch"] == [{"op": "replace", "path": "/apiVersion", "value": "batch/v1"}]
    (edit,) = proposed[0]["edits"]
    assert SAFE[edit["start"] : edit["end"]] == "batch/v1beta1"
    assert edit["text"] == "batch/v1"
    assert stage("verify") == "verify: 2 of 2 proposals accepted -> data/verified.json\n"
    verdicts = records("verified.json")
    assert [each["patched_yaml"] for each in verdicts] == [SAFE_FIXED, UNSAFE_FIXED.replace("\n", "\r\n")]
    assert all(each["accepted"] is each["ok_schema"] is each["ok_policy"] is True for each in verdicts)
    assert [each["changed_lines"] for each in verdicts] == [1, 1]
    assert [each["gate"] for each in verdicts[0]["gates"]] == [
        "edit", "identity", "nothing-lost", "nothing-lowered", "finding-gone", "nothing-new", "schema",
    ]  # fmt: skip
    assert not list(Path("data").glob(".*"))


def test_ids_stay_when_the_file_changes_around_them(put: Put) -> None:
    put("a.yaml", SAFE)
    stage("detect", "--in", "a.yaml")
    (before,) = records("detections.json")
    put("a.yaml", "# a licence\n" + CLEAN + "---\n" + SAFE + "\n# the end\n")
    put("b.yaml", SAFE)
    stage("detect", "--in", ".")
    after = records("detections.json")
    assert after[0]["id"] == before["id"]
    assert len({each["id"] for each in after}) == 2


def test_the_same_input_gives_the_same_files(put: Put) -> None:
    for name in ("a", "b", "c"):
        put(f"{name}.yaml", UNSAFE + "---\n" + SAFE)
    texts = []
    for jobs in ("1", "2"):
        stage("detect", "--in", ".", "--jobs", jobs)
        stage("propose", "--jobs", jobs)
        texts.append([Path("data", name).read_bytes() for name in ("detections.json", "patches.json")])
    assert texts[0] == texts[1]


def test_stdin_and_stdout(put: Put) -> None:
    done = run("detect", "--in", "-", "--out", "-", stdin=UNSAFE)
    (found,) = json.loads(done.out)
    assert (found["manifest_path"], found["manifest_yaml"]) == ("stdin.yaml", UNSAFE)
    done = run("propose", "--detections", "-", "--out", "-", stdin=done.out)
    assert done.err == "propose: 1 proposal for 1 finding\n"
    put("found.json", json.dumps([found]))
    done = run("verify", "--patches", "-", "--detections", "found.json", "--out", "-", stdin=done.out)
    assert json.loads(done.out)[0]["patched_yaml"] == UNSAFE_FIXED
    assert run("verify", "--patches", "-", "--detections", "-").code == 2


def test_a_finding_written_by_hand(put: Put) -> None:
    put("a.yaml", PRIVILEGED)
    put_records("detections.json", by_hand())
    assert "1 proposal for 1 finding" in stage("propose")
    (proposed,) = records("patches.json")
    assert proposed["patch"] == [NOT_PRIVILEGED]
    assert stage("verify") == "verify: 1 of 1 proposal accepted -> data/verified.json\n"
    (verdict,) = records("verified.json")
    assert "privileged: false   # why?\n" in verdict["patched_yaml"]
    assert verdict["id"] == "mine"


@pytest.mark.parametrize("name", ["privileged-container", "CKV_K8S_16", "kube-linter:privileged-container"])
def test_a_finding_whose_manifest_is_in_the_record(name: str) -> None:
    put_records("detections.json", by_hand(policy_id=name, manifest_yaml=PRIVILEGED, document=3, line=40))
    stage("propose")
    stage("verify")
    (verdict,) = records("verified.json")
    assert verdict["accepted"]
    assert yaml.safe_load(verdict["patched_yaml"]) == jsonpatch.apply_patch(
        yaml.safe_load(PRIVILEGED), verdict["patch"]
    )


def test_a_policy_that_is_off_is_used_when_a_record_names_it(put: Put) -> None:
    put("a.yaml", UNSAFE)
    put_records("detections.json", by_hand(policy_id="read-only-root-filesystem-missing"))
    stage("propose", "--ignore", "all")
    assert records("patches.json")[0]["policy_id"] == "read-only-root-filesystem-missing"
    assert "does not" not in json.dumps(records("patches.json")[0]["skipped"])


DECLINED = {
    "no such finding": (
        by_hand(policy_id="host-pid"),
        "not-found: host-pid finds nothing like it in a.yaml",
    ),
    "another line": (
        by_hand(line=2),
        "not-found: privileged-container finds nothing like it in a.yaml:2",
    ),
    "another object": (
        by_hand(object={"apiVersion": "v1", "kind": "Pod", "namespace": None, "name": "other"}),
        "not-found: privileged-container finds nothing like it in a.yaml",
    ),
    "no such document": (by_hand(document=1), "no-document: a.yaml has no document 1, counted from 0"),
    "no such policy": (
        by_hand(policy_id="privileged-containers"),
        "unknown-policy: no policy is called 'privileged-containers', did you mean 'privileged-container'?",
    ),
    "another text": (
        by_hand(manifest_yaml=PRIVILEGED.replace("sensor", "other")),
        "changed-meanwhile: a.yaml has changed since it was looked at; run detect again",
    ),
    "another hash": (
        by_hand(document_sha256="0" * 64),
        "changed-meanwhile: a.yaml has changed since it was looked at; run detect again",
    ),
    "no manifest": (
        by_hand(manifest_path="gone.yaml"),
        "no-manifest: gone.yaml is not there, and the record carries no manifest_yaml",
    ),
    "no YAML": (by_hand(manifest_path="b.yaml", manifest_yaml="a: ["), "not-yaml: "),
}


@pytest.mark.parametrize(("record", "reason"), DECLINED.values(), ids=DECLINED)
def test_a_finding_without_a_proposal_says_why(record: Record, reason: str, put: Put) -> None:
    put("a.yaml", PRIVILEGED)
    put_records("detections.json", record)
    said = stage("propose")
    assert said.startswith("propose: 0 proposals for 1 finding -> data/patches.json\n      1 " + reason)
    (proposed,) = records("patches.json")
    assert proposed["patch"] == []
    assert f"{proposed['skipped']['code']}: {proposed['skipped']['reason']}".startswith(reason)
    assert stage("verify") == (
        "verify: nothing to verify: data/patches.json has no proposal; 1 finding without one -> data/verified.json\n"
    )
    assert records("verified.json") == []


REFUSED: dict[str, tuple[Any, str]] = {
    "prose": ("I would leave it.", "no top-level JSON array: line 1 column 1: Expecting value"),
    "an object": (NOT_PRIVILEGED, "no top-level JSON array: a mapping"),
    "null": (None, "no top-level JSON array: empty"),
    "unknown operation": (
        [{**NOT_PRIVILEGED, "op": "set"}],
        "invalid op: operation 0: op is 'set'; it is one of add, remove, replace, move, copy, test",
    ),
    "no place": (
        [NOT_PRIVILEGED, {"op": "remove", "path": "/spec/hostPID"}],
        "path does not exist: operation 1: remove /spec/hostPID",
    ),
    "not gone": ([NO_ESCALATION], "finding-gone: still found after the fix: privileged-container"),
    "another object": (
        [NOT_PRIVILEGED, {"op": "replace", "path": "/metadata/name", "value": "other"}],
        "identity: ",
    ),
    "brings a finding": (
        [NOT_PRIVILEGED, {"op": "add", "path": "/spec/hostPID", "value": True}],
        "nothing-new: the patch would bring a new finding: host-pid: the pod sees the processes of its node",
    ),
    "drops the container": (
        [{"op": "remove", "path": "/spec/containers/0"}],
        "nothing-lost: ",
    ),
    "no object any more": ([{"op": "replace", "path": "", "value": []}], "identity: "),
}


@pytest.mark.parametrize(("patch", "reason"), REFUSED.values(), ids=REFUSED)
def test_a_refused_patch_is_a_record_and_the_others_go_on(patch: Any, reason: str, put: Put) -> None:
    put("a.yaml", PRIVILEGED)
    put("b.yaml", PRIVILEGED)
    put_records("detections.json", by_hand(), by_hand(id="other", manifest_path="b.yaml"))
    put_records("patches.json", patch_of() | {"patch": patch}, patch_of(NOT_PRIVILEGED, NO_ESCALATION, id="other"))
    assert stage("verify").startswith("verify: 1 of 2 proposals accepted -> data/verified.json\n      1 ")
    refused, accepted = records("verified.json")
    assert accepted["accepted"]
    assert not refused["accepted"]
    assert refused["patched_yaml"] is None
    assert refused["reason"].startswith(reason)
    failed = [each for each in refused["gates"] if each["status"] == "failed"]
    assert [each["reason"] in refused["reason"] for each in failed] == [True]


def test_a_fenced_patch_of_a_model(put: Put) -> None:
    put("a.yaml", PRIVILEGED)
    put_records("detections.json", by_hand())
    put_records("patches.json", patch_of() | {"patch": f"```json\n{json.dumps([NOT_PRIVILEGED, NO_ESCALATION])}\n```"})
    stage("verify")
    (verdict,) = records("verified.json")
    assert verdict["accepted"]
    assert verdict["source"] == "vllm"
    assert verdict["patch"] == [NOT_PRIVILEGED, NO_ESCALATION]


def test_an_alternative_is_taken_when_the_first_is_refused(put: Put) -> None:
    put("a.yaml", PRIVILEGED)
    put_records("detections.json", by_hand())
    good = {"patch": [NOT_PRIVILEGED, NO_ESCALATION], "title": "Better"}
    put_records("patches.json", patch_of(NO_ESCALATION, title="First", alternatives=[good]))
    stage("verify")
    (verdict,) = records("verified.json")
    assert verdict["accepted"]
    assert verdict["title"] == "Better"


def test_a_manifest_that_changed_meanwhile(put: Put) -> None:
    put("a.yaml", PRIVILEGED)
    stage("detect", "--in", "a.yaml", "--select", "privileged-container")
    stage("propose")
    put("a.yaml", PRIVILEGED.replace("1.4.2", "1.4.3"))
    assert stage("verify") == (
        "verify: none accepted of 1 proposal -> data/verified.json\n"
        "      1 changed-meanwhile: a.yaml has changed since it was looked at; run detect again\n"
    )
    stage("detect", "--in", "a.yaml", "--select", "privileged-container")
    assert "changed-meanwhile: the patch is for another text of a.yaml; run propose again" in stage("verify")


def test_a_document_that_moved_within_its_file_is_found(put: Put) -> None:
    put("a.yaml", PRIVILEGED)
    stage("detect", "--in", "a.yaml", "--select", "privileged-container")
    stage("propose")
    put("a.yaml", CLEAN + "---\n" + PRIVILEGED)
    stage("verify")
    (verdict,) = records("verified.json")
    assert (verdict["accepted"], verdict["document"]) == (True, 1)
    assert verdict["patched_yaml"].startswith(PRIVILEGED.partition("privileged")[0])


def test_a_patch_for_nothing_known(put: Put) -> None:
    put("a.yaml", PRIVILEGED)
    put_records("detections.json", by_hand())
    put_records("patches.json", patch_of(NOT_PRIVILEGED, id="strange"))
    before = put("data/verified.json", "kept")
    assert stage("verify", code=2) == (
        "error: data/patches.json: record 1 (id 'strange'): data/detections.json has no finding of this id\n"
    )
    assert before.read_text() == "kept"


BAD = {
    "absent": (None, "cannot be read: No such file or directory; `k8s-auto-fix detect` writes it"),
    "cut short": ("[", "not JSON, or cut short: line 1 column 2: Expecting value"),
    "a field": ('[{"id": "a"}]', "record 1 (id 'a'): manifest_path is missing"),
    "UTF-16": ("[]".encode("utf-16"), "UTF-16, says its byte order mark; save it as UTF-8"),
}


@pytest.mark.parametrize(("data", "said"), BAD.values(), ids=BAD)
@pytest.mark.parametrize("command", ["propose", "verify"])
def test_a_file_that_cannot_be_used(command: str, data: str | bytes | None, said: str, put: Put) -> None:
    if data is not None:
        put("data/detections.json", data)
    put("data/patches.json", "[]")
    assert stage(command, code=2) == f"error: data/detections.json: {said}\n"
    assert Path("data/patches.json").read_text(encoding="utf-8") == "[]"
    assert not Path("data/verified.json").exists()


def test_nothing_found_says_why(put: Put) -> None:
    put("a.yaml", CLEAN)
    put("chart/Chart.yaml", "apiVersion: v2\nname: a\nversion: 1.0.0\n")
    put("chart/templates/b.yaml", UNSAFE)
    said = stage("detect", "--in", ".", "--select", "host-pid,host-ipc")
    assert said == (
        "detect: nothing found in 3 files, 1 object with 2 policies -> data/detections.json\n"
        "      1 template: chart/templates/b.yaml: a template of the Helm chart chart\n"
    )
    assert records("detections.json") == []
    assert stage("propose") == "propose: nothing to propose: data/detections.json has no finding -> data/patches.json\n"


def test_accepted_findings_are_left_out_and_counted(put: Put) -> None:
    put("a.yaml", UNSAFE.replace("# for the profiler", "# k8s-auto-fix: ignore[host-pid] the profiler"))
    assert stage("detect", "--in", ".").startswith("detect: nothing found in 1 file, 1 object with ")
    assert records("detections.json") == []


def test_an_input_that_cannot_be_read(put: Put) -> None:
    put("a.yaml", UNSAFE)
    put("b.yaml", "a: [\n")
    said = stage("detect", "--in", ".", code=2)
    assert said.startswith("error: b.yaml:")
    assert len(records("detections.json")) == 1


def test_a_file_that_cannot_be_written(put: Put) -> None:
    put("data", "a file where a folder is wanted")
    put("a.yaml", UNSAFE)
    assert "data/detections.json: cannot be written: " in stage("detect", "--in", "a.yaml", code=2)


def test_a_link_is_written_through(put: Put, here: Path) -> None:
    put("a.yaml", UNSAFE)
    put("real.json", "old")
    Path("data").mkdir()
    Path("data/detections.json").symlink_to(here / "real.json")
    stage("detect", "--in", "a.yaml")
    assert Path("data/detections.json").is_symlink()
    assert json.loads(Path("real.json").read_text(encoding="utf-8"))
