"""`policies`: the list, and the trial of one's own."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.policy import load
from tests.cli.material import CLEAN, POLICY, run

Put = Callable[[str, str | bytes], Path]

NAME = "own/team-label-missing.yaml"
ESCAPES = POLICY.replace("title: Object names no team", 'title: "Object \\e[31mnames\\e[0m no team"')


def test_the_list_has_every_policy_and_marks_the_default_ones() -> None:
    done = run("policies")
    assert (done.code, done.err) == (0, "")
    for policy in load():
        mark = "*" if policy.default else " "
        (line,) = [line for line in done.out.splitlines() if line.startswith(f"{mark} {policy.id} ")]
        assert str(policy.severity) in line
        assert line.endswith(policy.title)
    on = sum(policy.default for policy in load())
    assert f"{len(load())} policies, {on} on by default (*)." in done.out


def test_json_has_every_policy() -> None:
    done = run("policies", "--format", "json")
    assert (done.code, done.err) == (0, "")
    rows = {row["id"]: row for row in json.loads(done.out)}
    assert set(rows) == {policy.id for policy in load()}
    assert rows["host-pid"]["severity"] == "high"
    assert rows["host-pid"]["default"] is True
    assert rows["host-pid"]["fixes"] == [{"title": "Remove hostPID", "applicability": "unsafe"}]


@pytest.mark.parametrize("form", ["text", "json"])
def test_ones_own_are_listed_too(form: str, put: Put) -> None:
    put(NAME, POLICY)
    done = run("policies", "--policies", "own", "--format", form)
    assert done.code == 0
    assert "team-label-missing" in done.out
    assert "host-pid" in done.out


def test_ones_own_are_used(put: Put) -> None:
    put(NAME, POLICY)
    put("clean.yaml", CLEAN)
    assert run("scan", "clean.yaml").code == 0
    done = run("scan", "--policies", "own", "clean.yaml", "--format", "concise")
    assert done.code == 1
    assert done.out == "clean.yaml:4:3: team-label-missing [low] ConfigMap web names no team\n"


def test_one_of_ones_own_replaces_the_built_in_one(put: Put) -> None:
    put("own/host-pid.yaml", POLICY.replace("team-label-missing", "host-pid"))
    done = run("policies", "--policies", "own", "--format", "json")
    titles = [row["title"] for row in json.loads(done.out) if row["id"] == "host-pid"]
    assert titles == ["Object names no team"]


def test_trial_of_good_ones(put: Put) -> None:
    put(NAME, POLICY)
    done = run("policies", "test", "own")
    assert (done.code, done.err) == (0, "")
    assert done.out == "ok     team-label-missing (4 examples)\n\n1 passed, 0 failed\n"


def test_trial_of_one_that_does_not_do_what_its_examples_say(put: Put) -> None:
    put(NAME, POLICY.replace("labels: {team: c}}", "labels: {tame: c}}"))
    done = run("policies", "test", "own")
    assert (done.code, done.err) == (1, "")
    assert done.out.startswith("failed team-label-missing (4 examples)\n       team-label-missing: there: ")
    assert done.out.endswith("\n0 passed, 1 failed\n")


@pytest.mark.parametrize(
    ("files", "folder", "words"),
    [
        ({}, "own", "own: no folder; name a folder of policy files"),
        ({"own/README.md": "x"}, "own", "own:1: no policy files here; a policy is a file named ID.yaml"),
        ({NAME: "id: [\n"}, "own", "own/team-label-missing.yaml:2: "),
        (
            {NAME: POLICY.replace("severity: low", "severity: awful")},
            "own",
            "own/team-label-missing.yaml:3: severity is 'awful'",
        ),
        (
            {NAME: POLICY.replace("severity:", "severty:")},
            "own",
            ":3: unknown key 'severty' in the policy, did you mean 'severity'?",
        ),
        ({NAME: POLICY.replace("has(object", "has(objekt")}, "own", ":12: "),
        ({"own/other.yaml": POLICY}, "own", "own/other.yaml:1: "),
    ],
    ids=["no folder", "empty", "not YAML", "severity", "key", "expression", "file name"],
)
def test_what_is_no_policy_is_refused_with_its_place(files: dict[str, str], folder: str, words: str, put: Put) -> None:
    for name, text in files.items():
        put(name, text)
    done = run("policies", "test", folder)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: ")
    assert words in done.err
    assert done.err.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [["policies"], ["scan", "."], ["diff", "."], ["fix", "."], ["explain", "host-pid"]],
    ids=lambda arguments: arguments[0],
)
@pytest.mark.parametrize(("folder", "words"), [("nope", "nope: no folder"), ("own", "own/x.yaml:1: ")])
def test_a_folder_that_cannot_be_used(arguments: list[str], folder: str, words: str, put: Put) -> None:
    put("own/x.yaml", "a: 1\n")
    done = run(*arguments, "--policies", folder)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"error: {words}")


def test_escape_sequences_of_a_policy_do_not_reach_the_terminal(put: Put) -> None:
    put(NAME, ESCAPES.replace("names no team\n  at", 'names no team ${"\\u001b[1m"}\n  at'))
    put("clean.yaml", CLEAN)
    for arguments in (["policies"], ["explain", "team-label-missing"], ["scan", "clean.yaml"]):
        done = run(*arguments, "--policies", "own")
        assert "names" in done.out
        assert "\x1b" not in done.out


def test_coverage_counts_and_names_what_is_left_out() -> None:
    done = run("policies", "--coverage")
    counts = json.loads(run("policies", "--coverage", "--format", "json").out)
    assert (done.code, done.err) == (0, "")
    first, *rest = done.out.splitlines()
    assert first == (
        f"{counts['detected']} of 237 known misconfigurations are detected,"
        f" {counts['fixed']} of the 137 that have a fix defined are fixed."
    )
    for each in (*counts["undetected"], *counts["unfixed"]):
        (line,) = [line for line in rest if line.startswith(f"  {each['id']} ")]
        assert line.endswith(f"  {each['reason']}")
        assert len(line) <= 160
    assert counts["detected"] + len(counts["undetected"]) == counts["known"] == 237
    assert counts["beyond"]
    assert all(each.startswith("control-plane-") for each in counts["beyond"])


def test_coverage_with_ones_own(put: Put) -> None:
    put(NAME, POLICY)
    out = run("policies", "--coverage", "--policies", "own").out
    assert out.endswith("\n  team-label-missing\n")
    assert "\nBeyond the list (6)\n" in out
