"""`suppress`: a finding is accepted in its file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.material import CLEAN, UNSAFE, run

Put = Callable[[str, str | bytes], Path]


def fingerprint(*options: str) -> str:
    (found,) = json.loads(run("scan", ".", "--format", "json", *options).out)["findings"]
    return str(found["fingerprint"])


def test_the_finding_is_accepted_and_nothing_else_changes(put: Put) -> None:
    path = put("a.yaml", UNSAFE)
    done = run("suppress", fingerprint(), "--reason", "reads  /proc")
    said = "hostPID: true  # for the profiler  # k8s-auto-fix: ignore[host-pid] reads /proc"
    assert (done.code, done.out, done.err) == (0, f"a.yaml:9: {said}\n", "")
    assert path.read_text() == UNSAFE.replace("hostPID: true  # for the profiler", said)
    assert run("scan", ".").code == 0


def test_with_a_last_day_and_the_beginning_of_a_fingerprint(put: Put) -> None:
    path = put("a.yaml", UNSAFE)
    assert (
        run("suppress", fingerprint()[:8].upper(), "--reason", "moves", "--expires", "2099-12-31", "a.yaml").code == 0
    )
    assert "ignore[host-pid] until=2099-12-31 moves" in path.read_text()


def test_one_of_a_policy_that_is_off(put: Put) -> None:
    path = put("a.yaml", UNSAFE)
    name = fingerprint("--select", "memory-limit-missing")
    assert run("suppress", name, "--reason", "sized by the node").code == 0
    assert "- name: web  # k8s-auto-fix: ignore[memory-limit-missing] sized by the node\n" in path.read_text()


def test_in_the_form_of_another_tool(put: Put) -> None:
    annotated = UNSAFE.replace(
        "metadata: {name: web}", "metadata:\n  name: web\n  annotations:\n    checkov.io/skip1: CKV_K8S_18=ipc"
    )
    path = put("a.yaml", annotated)
    assert run("suppress", fingerprint(), "--reason", "reads /proc").code == 0
    assert "    checkov.io/skip2: CKV_K8S_17=reads /proc\n" in path.read_text()


def test_one_that_is_accepted_already(put: Put) -> None:
    path = put("a.yaml", UNSAFE)
    name = fingerprint()
    run("suppress", name, "--reason", "first")
    before = path.read_bytes()
    done = run("suppress", name, "--reason", "second")
    assert (done.code, done.out, done.err) == (0, "", "a.yaml:9: host-pid is accepted already: first\n")
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["0123456789abcdef", "--reason", "a"], "error: no finding has the fingerprint 0123456789abcdef; "),
        (["abc", "--reason", "a"], "error: 'abc' is no fingerprint; "),
        (["0123456789abcdef", "--reason", " "], "error: --reason is empty; say why"),
        (["0123456789abcdef", "--reason", "a\x1b[31m"], "error: --reason has characters that cannot be printed"),
        (["0123456789abcdef", "--reason", "until=2027-01-31 a"], "error: --reason is plain words; "),
        (["0123456789abcdef", "--reason", "a", "--expires", "soon"], "error: --expires 'soon' is no date; "),
        (["0123456789abcdef", "--reason", "a", "--expires", "20990101"], "error: --expires '20990101' is no date; "),
        (["0123456789abcdef", "--reason", "a", "--expires", "2020-01-01"], "error: --expires 2020-01-01 is past"),
        (["0123456789abcdef", "--reason", "a", "-"], "error: a finding is accepted in its file; "),
    ],
)
def test_wrong_use_is_one_line(arguments: list[str], words: str, put: Put) -> None:
    path = put("a.yaml", UNSAFE)
    done = run("suppress", *arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(words)
    assert done.err.count("\n") == 1
    assert path.read_text() == UNSAFE


def test_without_a_finding_nothing_is_written(put: Put) -> None:
    path = put("a.yaml", CLEAN)
    assert run("suppress", "0123456789abcdef", "--reason", "a").code == 2
    assert path.read_text() == CLEAN
