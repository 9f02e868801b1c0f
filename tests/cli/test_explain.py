"""`explain`: the page of a policy."""

from __future__ import annotations

import pytest

from bot.policy import load
from tests.cli.material import run

WHOLE = ("- ", "# k8s-auto-fix: ", "https://", "on by default", "off by default", "profiles: ", "Example: ")
"""Beginnings of lines that are not folded, so that they can be copied."""


def test_the_page() -> None:
    done = run("explain", "host-pid")
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[1] == "host-pid · high · pod-security"
    for title in ("What to do", "Fixes", "Selection", "Accept a finding", "In other tools", "Read more"):
        assert lines[lines.index(title) - 1] == ""
    assert "- Remove hostPID (unsafe)" in lines
    assert "# k8s-auto-fix: ignore[host-pid] why it is fine here" in lines
    assert "  -       hostPID: true" in lines


@pytest.mark.parametrize("policy", load(), ids=lambda policy: policy.id)
def test_every_policy_has_a_page_that_fits(policy: object) -> None:
    done = run("explain", policy.id, env={"COLUMNS": "70"})
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(policy.title)
    example = done.out.partition("\nExample: ")[2].partition("\nSelection\n")[0].splitlines()
    folded = [line for line in done.out.splitlines() if line not in example and not line.startswith(WHOLE)]
    assert [line for line in folded if len(line) > 70] == []


def test_another_tools_id_will_do() -> None:
    assert run("explain", "CKV_K8S_17").out == run("explain", "host-pid").out


def test_colours_are_for_terminals() -> None:
    plain, coloured = run("explain", "host-pid"), run("explain", "host-pid", "--color", "always")
    assert "\x1b" not in plain.out
    assert coloured.out.startswith("\x1b[1m")
    assert "\x1b[31m  -       hostPID: true\x1b[0m\n" in coloured.out


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("host-pdi", "no policy is called 'host-pdi', did you mean 'host-pid'?"),
        ("zzz", "no policy is called 'zzz'; `k8s-auto-fix policies` lists them"),
        ("C-0038", "C-0038 stands for 2 policies, explain one of them: host-ipc, host-pid"),
        ("", "no policy is called ''; "),
        ("\x1b[31m", "no policy is called "),
    ],
)
def test_unknown(name: str, hint: str) -> None:
    done = run("explain", name)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"error: {hint}")
    assert "\x1b" not in done.err
