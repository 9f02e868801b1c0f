"""`eval`: the numbers of a run, for people and programs, and what each gate catches."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from tests.cli.material import SAFE, UNSAFE, run
from tests.cli.test_stages import NO_ESCALATION, NOT_PRIVILEGED, PRIVILEGED, by_hand, patch_of, put_records

Put = Callable[[str, str | bytes], Path]


def test_a_run_of_ours(put: Put) -> None:
    put("a.yaml", SAFE + "---\n" + UNSAFE)
    for stage in (("detect", "--in", "."), ("propose",), ("verify",)):
        assert run(*stage).code == 0
    done = run("eval", "--format", "json")
    found = json.loads(done.out)
    assert (found["findings"], found["proposals"], found["accepted"], found["fix_rate"]) == (2, 2, 2, 1.0)
    assert (found["changed_lines"], found["ideal_lines"], found["new_findings"]) == (2, 2, 0)
    # The fix of hostPID takes the line with its comment away.
    assert (found["comments"], found["comments_kept"]) == (3, 2)
    assert found["gates"]["schema"] == {"passed": 2, "failed": 0, "skipped": 0}
    assert found["milliseconds"]["p50"] > 0
    text = run("eval").out
    assert "accepted       2, 100.0% of the findings\n" in text
    assert "changed lines  2, the fewest are 2\n" in text


def test_what_each_gate_catches(put: Put) -> None:
    harms = {
        "identity": [NOT_PRIVILEGED, {"op": "replace", "path": "/metadata/name", "value": "other"}],
        "nothing-lost": [NOT_PRIVILEGED, {"op": "replace", "path": "/spec/containers/0/image", "value": "other:1"}],
        "finding-gone": [NO_ESCALATION],
        "schema": [NOT_PRIVILEGED, {"op": "add", "path": "/spec/containers/0/nonsense", "value": 1}],
    }
    put("a.yaml", PRIVILEGED)
    put_records("detections.json", *(by_hand(id=name) for name in harms))
    put_records("patches.json", *(patch_of(*steps, id=name) for name, steps in harms.items()))
    ignored = ("--ignore", "schema-error")
    assert run("verify", *ignored).err.startswith("verify: none accepted of 4 proposals")
    found = json.loads(run("eval", "--gates", "--format", "json", *ignored).out)
    # Under another name every old finding is a new one: what changes the identity is caught twice.
    assert {name: said["passed"] for name, said in found["without"].items()} == {
        "identity": 0, "nothing-lost": 1, "nothing-lowered": 0, "finding-gone": 1, "nothing-new": 0, "schema": 1,
    }  # fmt: skip
    assert [found["without"][name]["refused"] for name in harms] == [1, 1, 1, 1]
    assert "switched off      refused  pass without it\n" in run("eval", "--gates", *ignored).out


def test_no_files() -> None:
    done = run("eval")
    assert (done.code, done.out) == (2, "")
    assert "data/detections.json: cannot be read" in done.err
