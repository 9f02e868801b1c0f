"""`schedule`: accepted fixes in the order of the scheduler, from any file of verdicts."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.material import UNSAFE, run

Put = Callable[[str, str | bytes], Path]
Record = dict[str, Any]

POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec: {containers: [{name: a, image: 'a:1'}]}
"""
BALANCER = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {type: LoadBalancer, selector: {app: web}}\n"


def verdict(name: str, **said: Any) -> Record:
    return {"id": name, "accepted": True, "ok_schema": True, "ok_policy": True, "patched_yaml": POD, **said}


def schedule(*found: Record, code: int = 0) -> tuple[list[Record], str]:
    done = run("schedule", "--verified", "-", "--out", "-", stdin=json.dumps(found))
    assert done.code == code, done.err
    return json.loads(done.out or "[]"), done.err


def order(*found: Record) -> list[str]:
    return [each["id"] for each in schedule(*found)[0]]


def test_records_by_hand_with_no_more_than_has_to_be_there() -> None:
    found, said = schedule(verdict("b"), verdict("a"), verdict("c", accepted=False, patched_yaml=None))
    assert [each["id"] for each in found] == ["a", "b"]
    assert said == "schedule: 2 fixes in order\n"
    assert found[0]["score"] == found[1]["score"] > 0
    assert found[0]["wait"] is None
    assert found[0]["object"] == {"apiVersion": "v1", "kind": "Pod", "namespace": None, "name": "web"}
    assert sum(found[0]["parts"].values()) == pytest.approx(found[0]["R"])


@pytest.mark.parametrize(
    ("less", "more"),
    [
        ({"severity": "medium"}, {"severity": "critical"}),
        ({"applicability": "unsafe"}, {"applicability": "safe"}),
        ({"changed_lines": 40}, {"changed_lines": 1}),
        ({"patched_yaml": POD}, {"patched_yaml": POD.replace("{containers", "{hostNetwork: true, containers")}),
        ({"policy_id": "cpu-limit-missing"}, {"policy_id": "privileged-container"}),
    ],
)
def test_what_moves_a_fix_up(less: Record, more: Record) -> None:
    assert order(verdict("a", **less), verdict("b", **more)) == ["b", "a"]
    assert order(verdict("a", **more), verdict("b", **less)) == ["a", "b"]


def test_the_manifests_around_tell_what_is_exposed(put: Put) -> None:
    put("quiet/pod.yaml", POD)
    put("loud/pod.yaml", POD + "---\n" + BALANCER)
    found, _ = schedule(
        verdict("a", manifest_path="quiet/pod.yaml", document=0),
        verdict("b", manifest_path="loud/pod.yaml", document=0),
    )
    assert [each["id"] for each in found] == ["b", "a"]
    assert found[0]["parts"]["exposure"] > found[1]["parts"]["exposure"] == 0
    assert "exposed by a load balancer" in found[0]["why"]


def test_git_tells_how_long_a_finding_is_there(put: Put, here: Path) -> None:
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org", "-C", str(here)]
    (here / ".git").rmdir()
    subprocess.run([*git, "init", "-q"], check=True)
    put("old.yaml", UNSAFE)
    for name, date in (("old.yaml", "2020-01-01T00:00:00Z"), ("new.yaml", "2020-01-03T00:00:00Z")):
        put(name, UNSAFE)
        subprocess.run([*git, "add", name], check=True)
        subprocess.run(
            [*git, "commit", "-qm", name], check=True, env={"GIT_COMMITTER_DATE": date, "GIT_AUTHOR_DATE": date}
        )
    put("changed.yaml", UNSAFE)
    found, _ = schedule(*(verdict(name, manifest_path=f"{name}.yaml", line=9) for name in ("old", "new", "changed")))
    assert {each["id"]: each["wait"] for each in found} == {"old": 48.0, "new": 0.0, "changed": None}
    assert found[0]["id"] == "old"


def test_history_and_weights_of_the_settings(put: Put) -> None:
    events = [
        {
            "v": 1,
            "event": event,
            "fingerprint": f"{number:016x}",
            "policy": "host-pid",
            "pull": number,
            "head": "abcdef0",
        }
        for number in range(20)
        for event in ("posted", "dismissed")
    ]
    two = [verdict("a", policy_id="host-pid", severity="high"), verdict("b", policy_id="host-ipc", severity="high")]
    assert order(*two) == ["a", "b"]
    put(".k8s-auto-fix/history.jsonl", "".join(json.dumps(each) + "\n" for each in events))
    assert order(*two) == ["b", "a"]
    put(".k8s-auto-fix.yaml", "scheduler: {weights: {explore: 0}}\n")
    assert {each["id"]: each["p"] for each in schedule(*two)[0]}["a"] < 0.4


def test_a_history_of_another_version_is_an_error(put: Put) -> None:
    put(".k8s-auto-fix/history.jsonl", '{"v": 2}\n')
    put("data/verified.json", json.dumps([verdict("a")]))
    kept = put("data/schedule.json", "kept")
    done = run("schedule")
    assert done.code == 2
    assert "history.jsonl:1: " in done.err
    assert kept.read_text() == "kept"


def test_the_same_input_gives_the_same_order(put: Put) -> None:
    found = [verdict(f"{number:03}", fingerprint=f"{number * 7919 % 100:016x}") for number in range(100)]
    first = order(*found)
    assert first == order(*reversed(found))
    assert first == [each["id"] for each in sorted(found, key=lambda each: (each["fingerprint"], each["id"]))]


def test_explained(put: Put) -> None:
    put("data/verified.json", json.dumps([verdict("a", severity="low"), verdict("b", severity="critical")]))
    done = run("schedule", "--explain")
    assert done.code == 0
    assert done.out.index("adds R * p / E[t]") < done.out.index("note: no history")
    assert "note: the order is that of a plain sort by severity\n" in done.out
    assert run("schedule", "--explain", "--out", "-").code == 2


def test_nothing_accepted() -> None:
    found, said = schedule(verdict("a", accepted=False, patched_yaml=None))
    assert found == []
    assert said == "schedule: nothing to put in order: - has no accepted fix\n"


def test_a_wrong_record_is_named() -> None:
    done = run("schedule", "--verified", "-", stdin='[{"id": "a", "accepted": "yes"}]')
    assert (done.code, done.err) == (
        2,
        "error: stdin: record 1 (id 'a'): accepted is the text 'yes'; it is true or false\n",
    )
