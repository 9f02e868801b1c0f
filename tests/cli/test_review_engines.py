"""A review with other tools: they see the head, settings and policies count from the merge base, paths from inputs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.adapters.engines import programs
from tests.adapters.engines.test_kube_linter import printing, report
from tests.adapters.engines.test_sarif_in import log, result
from tests.cli.material import UNSAFE, UNSAFE_FIXED, Done, run

Commit = Callable[[dict[str, str]], None]
NAMES = {"namespace": "", "name": "web"}
POLICY = "apiVersion: kyverno.io/v1\nkind: ClusterPolicy\nmetadata: {name: disallow-host-namespaces}\n"


@pytest.fixture
def tools(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tools")


def linter(tools: Path, *reports: object) -> str:
    return f"kube-linter={programs.program(tools, 'kube-linter', printing(*reports))}"


def about(check: str, message: str = "wrong", path: str = "web.yaml") -> dict:
    return report(check, path, "Deployment", "apps", message, **NAMES)


def review(*arguments: str, code: int = 0) -> Done:
    done = run("review", "--base", "HEAD~1", "--dry-run", "--cluster", "none", *arguments)
    assert (done.code, done.err) == (code, "")
    return done


def comments(*arguments: str) -> list[str]:
    return [each["body"] for each in json.loads(review(*arguments, "--format", "payload").out)["comments"]]


def test_a_suggestion_says_who_else_reports_it(commit: Commit, tools: Path) -> None:
    commit({"web.yaml": UNSAFE_FIXED})
    commit({"web.yaml": UNSAFE})
    (body,) = comments("--engines", linter(tools, about("host-pid")))
    assert "Also reported by `kube-linter: host-pid`.\n" in body


def test_without_a_word_nothing_is_run(commit: Commit, tools: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    linter(tools, about("host-pid"))
    monkeypatch.setenv("PATH", str(tools), prepend=":")
    commit({"web.yaml": UNSAFE_FIXED})
    commit({"web.yaml": UNSAFE})
    (body,) = comments()
    assert "Also reported" not in body


def test_what_was_there_before_is_not_brought_by_the_tool_that_reports_it(commit: Commit, tools: Path) -> None:
    """Neither under a policy that is off, nor in the tool's own words."""
    commit({"web.yaml": UNSAFE})
    commit({"web.yaml": UNSAFE.replace("web:1.4.2", "web:1.4.3")})
    words = linter(tools, about("host-pid"), about("odd-thing"))
    out = review("--engines", words, "--select", "removed-api-version").out
    assert "host-pid" not in out
    assert "odd-thing" not in out


def test_a_policy_that_is_off_brings_its_suggestion_where_a_tool_reports_it(commit: Commit, tools: Path) -> None:
    commit({"web.yaml": UNSAFE_FIXED})
    commit({"web.yaml": UNSAFE})
    (body,) = comments("--engines", linter(tools, about("host-pid")), "--select", "removed-api-version")
    assert "Also reported by `kube-linter: host-pid`." in body
    assert "hostPID" not in body.partition("```suggestion")[2].partition("```")[0]


def test_what_only_a_tool_knows_is_told_where_its_lines_are_new(commit: Commit, tools: Path) -> None:
    commit({"old.yaml": UNSAFE_FIXED})
    commit({"web.yaml": UNSAFE_FIXED})
    out = review("--engines", linter(tools, about("odd-thing", 'container "web" is odd'))).out
    assert 'container "web" is odd' in out
    assert "kube-linter:odd-thing" in out


def test_the_tools_see_the_head_and_not_the_checkout(commit: Commit, tools: Path) -> None:
    commit({"shop/web.yaml": UNSAFE_FIXED, "shop/other.yaml": UNSAFE.replace("name: web}", "name: other}")})
    commit({"shop/web.yaml": UNSAFE})
    Path("shop/web.yaml").write_text("not what is committed")
    Path("shop/new.yaml").write_text(UNSAFE)
    seen = tools / "seen"
    source = f"""\
import os
files = [os.path.join(at, name) for at, _, names in os.walk(".") for name in names]
open({str(seen)!r}, "w").write("\\n".join(f"{{name}} {{'hostPID' in open(name).read()}}" for name in sorted(files)))
print('{{"Reports": null}}')
"""
    review("--engines", f"kube-linter={programs.program(tools, 'kube-linter', source)}")
    assert seen.read_text().splitlines() == ["./shop/other.yaml True", "./shop/web.yaml True"]


def test_settings_count_as_they_are_in_the_merge_base(commit: Commit, tools: Path) -> None:
    commit({"web.yaml": UNSAFE_FIXED})
    commit({"web.yaml": UNSAFE, ".k8s-auto-fix.yaml": "engines: required\n"})
    out = review().out
    assert "engine-failed" not in out
    assert ".k8s-auto-fix.yaml: settings count as they are in the merge base" in out


def test_kyverno_policies_count_as_they_are_in_the_merge_base(commit: Commit, tools: Path) -> None:
    program = f"kyverno={programs.kyverno(tools, 'disallow-host-namespaces')}"
    commit({"web.yaml": UNSAFE_FIXED, "kyverno/p.yaml": POLICY})
    commit({"web.yaml": UNSAFE, "kyverno/p.yaml": "nothing: any more\n"})
    (body,) = comments("--engines", program)
    assert "Also reported by `Kyverno: disallow-host-namespaces`." in body
    assert "kyverno/p.yaml: Kyverno policies count as they are in the merge base" in review("--engines", program).out


def test_kyverno_policies_from_outside(commit: Commit, tools: Path) -> None:
    program = f"kyverno={programs.kyverno(tools, 'disallow-host-namespaces')}"
    (tools / "policies").mkdir()
    (tools / "policies" / "p.yaml").write_text(POLICY)
    commit({"web.yaml": UNSAFE_FIXED})
    commit({"web.yaml": UNSAFE})
    (body,) = comments("--engines", program, "--kyverno-policies", str(tools / "policies"))
    assert "Also reported by `Kyverno: disallow-host-namespaces`." in body


def test_sarif_of_the_head(commit: Commit, tools: Path) -> None:
    commit({"web.yaml": UNSAFE_FIXED})
    commit({"web.yaml": UNSAFE})
    path = tools / "trivy.sarif"
    path.write_text(log(result("KSV-0010", f"file://{Path.cwd()}/web.yaml", 9), name="Trivy"))
    (body,) = comments("--sarif", str(path))
    assert "Also reported by `Trivy: KSV-0010`." in body


@pytest.mark.parametrize("word", ["kyverno=kyverno", "kube-linter=./bin/kube-linter", "kyverno=../kyverno"])
def test_a_program_of_the_checkout_is_refused(commit: Commit, word: str) -> None:
    commit({"web.yaml": UNSAFE_FIXED})
    commit({"web.yaml": UNSAFE})
    done = run("review", "--base", "HEAD~1", "--dry-run", "--cluster", "none", "--engines", word)
    assert done.code == 2
    assert "name the program by its full path" in done.err


@pytest.mark.parametrize("source", ["import sys; sys.exit(3)", "print('{\"Reports\": [')"])
def test_a_tool_that_fails_is_one_line_and_the_review_goes_on(commit: Commit, tools: Path, source: str) -> None:
    commit({"web.yaml": UNSAFE_FIXED})
    commit({"web.yaml": UNSAFE})
    words = f"kube-linter={programs.program(tools, 'kube-linter', source)}"
    done = review("--engines", words)
    assert done.out.count("kube-linter: ") == 1
    assert "its findings are left out" in done.out
    assert "host-pid" in done.out
    assert (
        run("review", "--base", "HEAD~1", "--dry-run", "--cluster", "none", "--engines", f"{words},required").code == 2
    )


def test_a_tool_that_nobody_needs_is_not_started(commit: Commit, tools: Path) -> None:
    commit({"web.yaml": UNSAFE_FIXED})
    commit({"README.md": "Nothing for a cluster.\n"})
    touched = tools / "touched"
    program = programs.program(tools, "kube-linter", f"open({str(touched)!r}, 'w')")
    review("--engines", f"kube-linter={program}")
    assert not touched.exists()
