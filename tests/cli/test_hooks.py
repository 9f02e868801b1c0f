"""The hooks for pre-commit, run as pre-commit runs them: entry, arguments, names of files."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tests.cli.material import CLEAN, SAFE, SAFE_FIXED, UNSAFE, UNSAFE_FIXED, Done, run
from tests.material import ROOT

Put = Callable[[str, str | bytes], Path]

HOOKS = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))}
COMPOSE = "services:\n  web: {image: nginx}\n"
CHART = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Values.name }}\n"


def commit(hook: str, *names: str, args: list[str] | None = None) -> Done:
    """What pre-commit runs for a commit of these files."""
    program, *rest = shlex.split(HOOKS[hook]["entry"])
    assert program == "k8s-auto-fix"
    return run(*rest, *(HOOKS[hook]["args"] if args is None else args), *names)


def test_each_hook_says_what_pre_commit_needs() -> None:
    assert set(HOOKS) == {"k8s-auto-fix", "k8s-auto-fix-scan"}
    for hook in HOOKS.values():
        assert hook["language"] == "python"
        assert hook["types"] == ["yaml"]
        assert hook["require_serial"] is True
        assert hook["args"][-1] == "--"
        assert hook["name"]
        assert hook["description"]


@pytest.mark.parametrize(
    ("text", "codes", "after"),
    [
        (SAFE, (1, 0), SAFE_FIXED),
        (UNSAFE, (0, 0), UNSAFE),
        (CLEAN, (0, 0), CLEAN),
        (COMPOSE, (0, 0), COMPOSE),
        (CHART, (0, 0), CHART),
        ("", (0, 0), ""),
        ("a: [\n", (2, 2), "a: [\n"),
    ],
    ids=["safe", "unsafe", "clean", "compose", "chart", "empty", "broken"],
)
def test_the_fixing_hook_fails_when_it_changed_something(
    text: str, codes: tuple[int, int], after: str, put: Put
) -> None:
    path = put("a.yaml", text)
    assert commit("k8s-auto-fix", "a.yaml").code == codes[0]
    assert path.read_text(encoding="utf-8") == after
    assert commit("k8s-auto-fix", "a.yaml").code == codes[1]


@pytest.mark.parametrize(
    ("text", "code"), [(SAFE, 1), (UNSAFE, 1), (CLEAN, 0), (COMPOSE, 0), (CHART, 0), ("a: [\n", 2)]
)
def test_the_scanning_hook_fails_when_there_are_findings_and_writes_nothing(text: str, code: int, put: Put) -> None:
    path = put("a.yaml", text)
    assert commit("k8s-auto-fix-scan", "a.yaml").code == code
    assert path.read_text(encoding="utf-8") == text


def test_arguments_of_ones_own(put: Put) -> None:
    path = put("a.yaml", UNSAFE)
    assert commit("k8s-auto-fix", "a.yaml", args=["--unsafe", "--"]).code == 1
    assert path.read_text(encoding="utf-8") == UNSAFE_FIXED


@pytest.mark.parametrize("hook", sorted(HOOKS))
@pytest.mark.parametrize("name", ["--unsafe", "--output=b.yaml", "-q", "--help", "with blank.yaml", "ü.yaml", "*.yaml"])
def test_no_name_of_a_file_is_an_option(hook: str, name: str, put: Put) -> None:
    path = put(name, SAFE)
    other = put("other.yaml", UNSAFE)
    done = commit(hook, name, "other.yaml")
    assert done.code == 1
    assert path.read_text(encoding="utf-8") == (SAFE_FIXED if hook == "k8s-auto-fix" else SAFE)
    assert other.read_text(encoding="utf-8") == UNSAFE
    assert name in done.out
    assert not Path("b.yaml").exists()


@pytest.mark.parametrize("hook", sorted(HOOKS))
def test_what_the_settings_exclude_stays_out_when_it_is_named(hook: str, put: Put) -> None:
    path = put("vendor/a.yaml", SAFE)
    put(".k8s-auto-fix.yaml", "exclude: [vendor/]\n")
    assert commit(hook, "vendor/a.yaml").code == 0
    assert path.read_text(encoding="utf-8") == SAFE
