"""`scan` with other tools: which are run, how their findings are shown, what is said when one fails."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import jsonschema_rs
import pytest

import bot.report
from bot.cli.engines import wanted
from tests.adapters.engines import programs
from tests.adapters.engines.test_kube_linter import printing, report
from tests.adapters.engines.test_sarif_in import log, result
from tests.cli.material import SAFE, UNSAFE, UNSAFE_FIXED, Done, run

Put = Callable[[str, str | bytes], Path]

NAMES = {"namespace": "", "name": "web"}
HOST_PID = report("host-pid", "unsafe.yaml", "Deployment", "apps", **NAMES)
ODD = report("odd-thing", "unsafe.yaml", "Deployment", "apps", 'container "web" is odd', **NAMES)
POLICY = "apiVersion: kyverno.io/v1\nkind: ClusterPolicy\nmetadata: {name: no-host-pid}\n"


@pytest.fixture
def tools(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all of the PATH."""
    folder = tmp_path_factory.mktemp("tools")
    monkeypatch.setenv("PATH", str(folder))
    return folder


def scan(*arguments: str, code: int = 1, **env: str) -> Done:
    done = run("scan", ".", *arguments, env=env)
    assert (done.code, done.err) == (code, "")
    return done


def as_json(*arguments: str, code: int = 1) -> dict:
    document = json.loads(scan(*arguments, "--format", "json", code=code).out)
    schema = json.loads((Path(bot.report.__file__).parent / "report.schema.json").read_text(encoding="utf-8"))
    jsonschema_rs.validate(schema, document)
    return document


@pytest.mark.parametrize(
    ("words", "names", "optional", "required"),
    [
        ((), (), (), False),
        (("none",), (), (), False),
        (("kyverno",), ("kyverno",), (), False),
        (("auto",), ("kube-linter", "kyverno"), ("kube-linter", "kyverno"), False),
        (("auto", "kyverno"), ("kube-linter", "kyverno"), ("kube-linter",), False),
        (("required",), ("kube-linter", "kyverno"), (), True),
        (("kyverno", "required"), ("kyverno",), (), True),
        (("kyverno=/x/kyverno",), ("kyverno",), (), False),
    ],
)
def test_what_the_words_ask_for(words: tuple, names: tuple, optional: tuple, required: bool) -> None:
    found = wanted(words)
    assert (found.names, found.optional, found.required) == (names, optional, required)


def test_nothing_is_run_that_nobody_asked_for(tools: Path, put: Put) -> None:
    programs.program(tools, "kube-linter", printing(HOST_PID))
    put("unsafe.yaml", UNSAFE)
    assert "kube-linter" not in scan().out


def test_text_names_who_reports_a_finding(tools: Path, put: Put) -> None:
    programs.program(tools, "kube-linter", printing(HOST_PID, ODD))
    put("unsafe.yaml", UNSAFE)
    out = scan("--engine", "kube-linter").out
    assert "  = fix (unsafe): Remove hostPID\n" in out
    assert "   = also reported by: kube-linter (host-pid)\n" in out
    assert 'kube-linter:odd-thing[medium]: container "web" is odd\n  --> unsafe.yaml:13:11  Deployment web\n' in out
    assert "explain kube-linter" not in out
    assert "2 findings: 1 high, 1 medium\n" in out


def test_json_says_whose_a_finding_is(tools: Path, put: Put) -> None:
    programs.program(tools, "kube-linter", printing(HOST_PID, ODD))
    put("unsafe.yaml", UNSAFE)
    document = as_json("--engine", "kube-linter", "--show-fixes")
    assert [(each["policy"], each["origin"], each["also"], each["fix"] is None) for each in document["findings"]] == [
        ("host-pid", "policy", ["kube-linter: host-pid"], False),
        ("kube-linter:odd-thing", "engine", [], True),
    ]


def test_sarif_has_a_rule_for_what_others_know(tools: Path, put: Put) -> None:
    programs.program(tools, "kube-linter", printing(HOST_PID, ODD))
    put("unsafe.yaml", UNSAFE)
    ran = json.loads(scan("--engine", "kube-linter", "--format", "sarif").out)["runs"][0]
    assert [rule["id"] for rule in ran["tool"]["driver"]["rules"]] == ["host-pid", "kube-linter:odd-thing"]
    assert [each.get("properties") for each in ran["results"]] == [
        {"origin": "policy", "reportedBy": ["kube-linter: host-pid"]},
        {"origin": "engine", "reportedBy": []},
    ]


def test_a_policy_that_is_off_brings_its_fix(tools: Path, put: Put) -> None:
    programs.program(tools, "kube-linter", printing(HOST_PID))
    put("unsafe.yaml", UNSAFE)
    found = as_json("--engine", "kube-linter", "--select", "removed-api-version", "--show-fixes")["findings"]
    assert [(each["policy"], each["origin"], each["also"]) for each in found] == [
        ("host-pid", "policy", ["kube-linter: host-pid"])
    ]
    assert found[0]["fix"]["verification"]["passed"] is True


def test_what_is_ignored_is_not_taken_from_others(tools: Path, put: Put) -> None:
    programs.program(tools, "kube-linter", printing(HOST_PID))
    put("unsafe.yaml", UNSAFE)
    assert as_json("--engine", "kube-linter", "--ignore", "host-pid", code=0)["findings"] == []


def test_a_comment_accepts_what_only_another_tool_knows(tools: Path, put: Put) -> None:
    programs.program(tools, "kube-linter", printing(ODD))
    accepted = UNSAFE.replace("- name: web\n", "- name: web  # k8s-auto-fix: ignore[kube-linter:odd-thing] it is\n")
    put("unsafe.yaml", accepted)
    found = as_json("--engine", "kube-linter")["findings"]
    assert [(each["policy"], each["suppressed"]) for each in found] == [
        ("host-pid", None),
        ("kube-linter:odd-thing", {"kind": "comment", "reason": "it is"}),
    ]


def test_settings_name_engines_and_options_beat_them(tools: Path, put: Put) -> None:
    programs.program(tools, "kube-linter", printing(HOST_PID))
    put("unsafe.yaml", UNSAFE)
    put(".k8s-auto-fix.yaml", "engines: auto\n")
    assert "also reported by: kube-linter" in scan().out
    assert "also reported by" not in scan("--engine", "none").out
    assert "also reported by" not in scan(K8S_AUTO_FIX_ENGINES="none").out


@pytest.mark.parametrize("folder", ["kyverno", ".kyverno"])
def test_kyverno_takes_the_policies_of_the_repository(tools: Path, put: Put, folder: str) -> None:
    programs.kyverno(tools, "disallow-host-namespaces", "no")
    put("unsafe.yaml", UNSAFE)
    put(f"{folder}/p.yaml", POLICY)
    found = as_json("--engine", "kyverno")["findings"]
    assert [each["also"] for each in found if each["policy"] == "host-pid"] == [["Kyverno: disallow-host-namespaces"]]


def test_kyverno_takes_the_policies_that_are_named(tools: Path, put: Put) -> None:
    programs.kyverno(tools, "disallow-host-namespaces", "no")
    put("a/unsafe.yaml", UNSAFE)
    put("b/policies/p.yaml", POLICY)
    put(".k8s-auto-fix.yaml", "engines: kyverno\nkyverno: {policies: b/policies}\n")
    assert "Kyverno (disallow-host-namespaces)" in scan().out
    put(".k8s-auto-fix.yaml", "")
    out = scan("--engine", "kyverno", "--kyverno-policies", str(Path("b/policies").absolute())).out
    assert "Kyverno (disallow-host-namespaces)" in out
    assert run("scan", ".", "--engine", "kyverno", "--kyverno-policies", "gone").code == 2


def test_sarif_of_other_tools(put: Put) -> None:
    put("deploy/unsafe.yaml", UNSAFE)
    place = {"artifactLocation": {"uri": "deploy/unsafe.yaml"}, "region": {"startLine": 1, "endLine": 15}}
    put("c.sarif", log(result("CKV_K8S_17", locations=[{"physicalLocation": place}]), name="Checkov"))
    put("t.sarif", log(result("KSV-0010", "deploy/unsafe.yaml", 9), name="Trivy"))
    found = as_json("--sarif", "c.sarif", "--sarif", "t.sarif")["findings"]
    assert [(each["policy"], each["also"]) for each in found] == [
        ("host-pid", ["Checkov: CKV_K8S_17", "Trivy: KSV-0010"])
    ]


def test_standard_input(tools: Path) -> None:
    programs.program(tools, "kube-linter", printing(report("host-pid", "stdin.yaml", "Deployment", "apps", **NAMES)))
    done = run("scan", "-", "--engine", "kube-linter", stdin=UNSAFE)
    assert "also reported by: kube-linter (host-pid)" in done.out


@pytest.mark.parametrize(
    ("source", "line"),
    [
        (None, "note: kube-linter: kube-linter is not on the PATH; https://docs.kubelinter.io"),
        ("print('{\"Reports\": [')", "note: kube-linter: its output is no JSON"),
        ("import sys; sys.exit('Error: no')", "note: kube-linter: exit code 1: Error: no; its findings are left out"),
    ],
)
def test_an_engine_that_fails_is_one_line_and_the_rest_is_shown(
    tools: Path, put: Put, source: str | None, line: str
) -> None:
    if source is not None:
        programs.program(tools, "kube-linter", source)
    put("safe.yaml", SAFE)
    out = scan("--engine", "kube-linter").out
    assert out.count("kube-linter: ") in (1, 2)
    assert line in out
    assert "1 finding: 1 high\n" in out


def test_an_engine_that_is_required_is_an_error_and_the_rest_is_shown(tools: Path, put: Put) -> None:
    put("safe.yaml", SAFE)
    out = scan("--engine", "kube-linter,required", code=2).out
    assert "engine-failed[error]: kube-linter is not on the PATH; https://docs.kubelinter.io" in out
    assert "1 engine could not be run\n" in out
    assert "1 finding: 1 high\n" in out


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (None, "cannot be read: No such file or directory"),
        ('{"version": "2.1.0", "runs": [', "sarif-unreadable[error]: no JSON: "),
        ("{}", "sarif-unreadable[error]: no SARIF: it has no runs"),
    ],
)
def test_sarif_that_cannot_be_read_is_an_error_and_the_rest_is_shown(put: Put, text: str | None, line: str) -> None:
    put("safe.yaml", SAFE)
    if text is not None:
        put("half.sarif", text)
    out = scan("--sarif", "half.sarif", code=2).out
    assert line in out
    assert "--> half.sarif" in out
    assert "1 finding: 1 high\n" in out


@pytest.mark.parametrize("word", ["kubelinter", "kyverno=", "foo=/bin/foo", "none,auto"])
def test_words_that_mean_nothing_are_refused(put: Put, word: str) -> None:
    put("safe.yaml", SAFE)
    done = run("scan", ".", "--engine", word)
    assert done.code == 2
    assert "--engines: " in done.err


def test_what_an_engine_prints_cannot_move_the_cursor(tools: Path, put: Put) -> None:
    nasty = report("odd", "unsafe.yaml", "Deployment", "apps", "bad \x1b[2J \u202e words\nand lines", **NAMES)
    programs.program(tools, "kube-linter", printing(nasty))
    put("unsafe.yaml", UNSAFE)
    out = scan("--engine", "kube-linter").out
    assert "\x1b" not in out
    assert "\u202e" not in out


TWO = UNSAFE + "          tty: true\n"
"""Something that a tool says of the lines below another one that is fixed."""


def test_fix_applies_what_a_tool_reports_of_a_policy_that_is_off(tools: Path, put: Put) -> None:
    programs.program(tools, "kube-linter", printing(HOST_PID, ODD))
    path = put("unsafe.yaml", UNSAFE)
    done = run("fix", ".", "--unsafe", "--select", "removed-api-version", "--engine", "kube-linter")
    assert (done.code, done.err) == (1, "")
    assert path.read_text(encoding="utf-8") == UNSAFE_FIXED
    assert "host-pid" in done.out
    again = run("fix", ".", "--unsafe", "--select", "removed-api-version")
    assert again.code == 0


def test_what_a_fix_has_cured_is_cured_for_the_tool_that_reports_it(put: Put) -> None:
    put("unsafe.yaml", TWO)
    put("a.sarif", log(result("KSV-0010", "unsafe.yaml", 9), result("X9", "unsafe.yaml", 16), name="Trivy"))
    done = run("fix", ".", "--unsafe", "--sarif", "a.sarif", "--ignore", "interactive-tty")
    assert "Fixed 1 finding in 1 file. What remains:\n1 finding: 1 medium\n" in done.out


def test_diff_shows_what_fix_would_do(tools: Path, put: Put) -> None:
    programs.program(tools, "kube-linter", printing(HOST_PID))
    put("unsafe.yaml", UNSAFE)
    done = run("diff", ".", "--unsafe", "--select", "removed-api-version", "--engine", "kube-linter")
    assert "-      hostPID: true  # for the profiler\n" in done.out
