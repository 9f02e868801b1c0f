"""Several tools in one run: what each of them says comes together, and what fails is one line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.adapters.engines import run as engines
from bot.adapters.engines.given import Given
from bot.adapters.engines.paths import Files
from bot.adapters.engines.run import Material, Wanted
from bot.model import ResourceRef, Skip
from bot.settings.model import ENGINES
from tests.adapters.engines import programs
from tests.adapters.engines.test_kube_linter import printing, report
from tests.adapters.engines.test_sarif_in import log, result

POD = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": "shop"}}
GIVEN = [Given("web.yaml", (0, ""), ResourceRef("v1", "Pod", "shop", "web"), POD)]
FILES = Files({"/work/web.yaml": "web.yaml"}, ("/work",))
POLICY = json.dumps({"apiVersion": "kyverno.io/v1", "kind": "ClusterPolicy", "metadata": {"name": "p"}})
POLICIES = [("p.yaml", POLICY)]


def run(folder: Path, *names: str, sarif: tuple = (), given: list = GIVEN, policies: list = POLICIES, **more: object):
    wanted = Wanted(names, **more)  # type: ignore[arg-type]
    material = Material(given, FILES, lambda: policies, sarif=sarif)
    return engines.run(wanted, material, {"PATH": str(folder)}, limit=20)


def checks(outcome: engines.Outcome) -> list[str]:
    return [each.name for reported in outcome.by_path.values() for each in reported]


def test_the_settings_know_the_tools_that_there_are() -> None:
    assert engines.TOOLS == ENGINES


def test_what_all_of_them_say(tmp_path: Path) -> None:
    programs.program(tmp_path, "kube-linter", printing(report("host-pid", "web.yaml")))
    programs.kyverno(tmp_path)
    outcome = run(tmp_path, *ENGINES, sarif=(("trivy.sarif", log(result(), name="Trivy")),))
    assert checks(outcome) == ["kube-linter: host-pid", "Kyverno: no-host-pid", "Trivy: X1"]
    assert (outcome.notices, outcome.errors) == ([], [])


@pytest.mark.parametrize("name", ENGINES)
def test_one_that_is_missing_is_one_line_and_costs_no_other(tmp_path: Path, name: str) -> None:
    outcome = run(tmp_path, name, sarif=(("a.sarif", log(result())),))
    assert checks(outcome) == ["Tool: X1"]
    (notice,) = outcome.notices
    assert notice.startswith(f"{name}: ")
    assert "is not on the PATH; https://" in notice


def test_one_that_is_wanted_only_where_it_is_there_is_not_missed(tmp_path: Path) -> None:
    outcome = run(tmp_path, *ENGINES, optional=("kyverno",))
    assert [notice.partition(":")[0] for notice in outcome.notices] == ["kube-linter"]


def test_one_that_is_required_and_missing_is_an_error(tmp_path: Path) -> None:
    outcome = run(tmp_path, "kyverno", required=True)
    assert outcome.notices == []
    assert [(each.code, each.path, each.error) for each in outcome.errors] == [("engine-failed", "kyverno", True)]


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("import sys; sys.exit(3)", "exit code 3"),
        ("print('{\"Reports\": [')", "its output is no JSON: Expecting value: line 2 column 1 (char 14)"),
    ],
)
def test_one_that_fails_is_one_line(tmp_path: Path, source: str, why: str) -> None:
    programs.program(tmp_path, "kube-linter", source)
    outcome = run(tmp_path, "kube-linter")
    assert outcome.notices == [f"kube-linter: {why}; its findings are left out"]


def test_one_that_is_required_and_fails_is_an_error(tmp_path: Path) -> None:
    programs.program(tmp_path, "kube-linter", "import sys; sys.exit(3)")
    (error,) = run(tmp_path, "kube-linter", required=True).errors
    assert (error.reason, error.error) == ("exit code 3; its findings are left out", True)


def test_a_program_that_was_named_is_the_one_that_is_run(tmp_path: Path) -> None:
    programs.program(tmp_path / "path", "kube-linter", "import sys; sys.exit(9)")
    named = programs.program(tmp_path, "my-linter", printing(report("host-pid", "web.yaml")))
    outcome = run(tmp_path / "path", "kube-linter", programs={"kube-linter": named})
    assert checks(outcome) == ["kube-linter: host-pid"]


def test_without_objects_nothing_is_run(tmp_path: Path) -> None:
    programs.program(tmp_path, "kube-linter", "import sys; sys.exit(9)")
    assert run(tmp_path, "kube-linter", given=[]) == engines.Outcome()


@pytest.mark.parametrize(
    ("policies", "why"),
    [
        ([], "no policies: put them into kyverno/ or .kyverno/, or name their folder under kyverno.policies"),
        ([("a.yaml", "kind: ConfigMap\napiVersion: v1\n")], "no policies"),
        ([("a.yaml", "a: [")], "none of its policies can be read, such as a.yaml:1: "),
    ],
)
def test_without_policies_kyverno_has_nothing_to_say(tmp_path: Path, policies: list, why: str) -> None:
    programs.kyverno(tmp_path)
    (notice,) = run(tmp_path, "kyverno", policies=policies).notices
    assert notice.startswith(f"kyverno: {why}")


def test_sarif_that_cannot_be_read_is_an_error_and_costs_no_other() -> None:
    gone = Skip("read", "no-such-file", "cannot be read: No such file or directory", "gone.sarif", error=True)
    outcome = run(Path("/none"), sarif=(("gone.sarif", gone), ("half.sarif", '{"runs": ['), ("a.sarif", log(result()))))
    assert checks(outcome) == ["Tool: X1"]
    assert [(each.path, each.code, each.error) for each in outcome.errors] == [
        ("gone.sarif", "no-such-file", True),
        ("half.sarif", "sarif-unreadable", True),
    ]


def test_results_about_other_files_are_counted() -> None:
    files = ["Dockerfile", "main.tf", "main.tf", "a.json", "z.yaml"]
    outcome = run(Path("/none"), sarif=(("a.sarif", log(*(result(uri=each) for each in files), None, result())),))
    assert checks(outcome) == ["Tool: X1"]
    assert outcome.notices == [
        "a.sarif: 1 result is not as SARIF describes it, and left out",
        "a.sarif: 5 results are about files that are not looked at: Dockerfile, a.json, main.tf and 1 more",
    ]
