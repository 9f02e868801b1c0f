"""What kube-linter prints, written down from its own types, and what becomes of it."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from bot.adapters.engines import kube_linter
from bot.adapters.engines.given import Given
from bot.adapters.engines.shape import NotAsDescribed
from bot.model import ResourceRef, Severity
from tests.adapters.engines.programs import program

POD = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": "shop"}}
DEPLOYMENT = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}}
GIVEN = [
    Given("shop/web.yaml", (0, ""), ResourceRef("v1", "Pod", "shop", "web"), POD),
    Given("shop/web.yaml", (1, ""), ResourceRef("apps/v1", "Deployment", None, "web"), DEPLOYMENT),
    Given("../else/list.json", (0, "/items/3"), ResourceRef("v1", "Pod", "shop", "web"), POD),
]


def report(check: str, path: str, kind: str = "Pod", group: str = "", message: str = "wrong", **more: str) -> dict:
    """A report as `diagnostic.WithContext` is encoded."""
    identity = {
        "Namespace": more.pop("namespace", "shop"),
        "Name": more.pop("name", "web"),
        "GroupVersionKind": {"Group": group, "Version": "v1", "Kind": kind},
    }
    return {
        "Diagnostic": {"Message": message, **more},
        "Check": check,
        "Remediation": "Mend it.",
        "Object": {"Metadata": {"FilePath": path}, "K8sObject": identity},
    }


def result(*reports: object) -> str:
    """What `lint --format json` prints."""
    return json.dumps(
        {
            "Checks": [{"name": "host-pid", "template": "host-pid", "params": {}}],
            "Reports": list(reports) or None,
            "Summary": {"ChecksStatus": "Failed", "CheckEndTime": "2026-01-01T00:00:00Z", "KubeLinterVersion": "0.8.1"},
        }
    )


def test_reports() -> None:
    found, unread = kube_linter.parse(result(report("host-pid", "a.yaml", Severity="critical")))
    assert unread == 0
    assert [(each.check, each.message, each.path, str(each.ref), each.severity) for each in found] == [
        ("host-pid", "wrong", "a.yaml", "Pod shop/web", Severity.CRITICAL)
    ]


def test_an_object_that_is_printed_as_itself() -> None:
    said = report("host-pid", "a.yaml")
    said["Object"]["K8sObject"] = DEPLOYMENT
    ((one,), _) = kube_linter.parse(result(said))
    assert one.ref == ResourceRef("apps/v1", "Deployment", None, "web")


def test_no_reports() -> None:
    assert kube_linter.parse(result()) == ([], 0)


@pytest.mark.parametrize(
    "broken",
    [
        None,
        5,
        {},
        {"Check": "x"},
        {**report("x", "a"), "Check": 7},
        {**report("x", "a"), "Diagnostic": {"Message": ["x"]}},
        {**report("x", "a"), "Object": {"Metadata": {"FilePath": "a"}}},
        {**report("x", "a"), "Object": {"Metadata": None, "K8sObject": POD}},
        {**report("x", "a"), "Object": {"Metadata": {"FilePath": "a"}, "K8sObject": {"kind": "Pod"}}},
    ],
)
def test_one_report_that_is_not_as_described_costs_no_other(broken: object) -> None:
    found, unread = kube_linter.parse(result(report("good", "a"), broken, report("better", "b")))
    assert ([each.check for each in found], unread) == (["good", "better"], 1)


@pytest.mark.parametrize(
    ("output", "why"),
    [
        (result(report("x", "a"))[:-40], "its output is no JSON"),
        ("KubeLinter 0.8.1", "its output is no JSON"),
        ("[]", "its output has no Reports"),
        ('{"Reports": {}}', "its Reports are no list"),
        ("[" * 100_000, "its output is no JSON"),
    ],
)
def test_output_that_is_of_no_use(output: str, why: str) -> None:
    with pytest.raises(NotAsDescribed, match=why):
        kube_linter.parse(output)


def run(tmp_path: Path, source: str, configuration: tuple[str, str] | None = None) -> tuple[list, list[str]]:
    tool = program(tmp_path, "kube-linter", source)
    return kube_linter.run(tool, GIVEN, {}, deadline=time.monotonic() + 20, configuration=configuration)


def printing(*reports: object, code: int = 1) -> str:
    return f"import os, sys\nprint({result(*reports)!r}.replace('HERE', os.getcwd()))\nsys.exit({code})"


def test_each_report_is_about_an_object_that_was_given(tmp_path: Path) -> None:
    reported, notices = run(
        tmp_path,
        printing(
            report("host-pid", "HERE/shop/web.yaml"),
            report("no-tty", "shop/web.yaml", "Deployment", "apps", 'container "cache" has a tty', namespace="x"),
            report("host-ipc", "HERE/outside/1/list.json.yaml"),
        ),
    )
    assert notices == []
    assert [(each.check, each.path, each.place, each.container) for each in reported] == [
        ("host-pid", "shop/web.yaml", (0, ""), ""),
        ("no-tty", "shop/web.yaml", (1, ""), "cache"),
        ("host-ipc", "../else/list.json", (0, "/items/3"), ""),
    ]


def test_it_gets_the_objects_as_files_and_its_configuration(tmp_path: Path) -> None:
    source = f"""\
import json, os, sys
files = [os.path.join(at, name) for at, _, names in os.walk(".") for name in names]
seen = {{name: open(name).read() for name in files}}
seen["arguments"] = sys.argv[1:]
seen["configuration"] = open(sys.argv[sys.argv.index("--config") + 1]).read()
open({str(tmp_path / "seen")!r}, "w").write(json.dumps(seen))
print({result()!r})
"""
    assert run(tmp_path, source, (".kube-linter.yaml", "checks: {}\n")) == ([], [])
    seen = json.loads((tmp_path / "seen").read_text())
    assert [json.loads(each) for each in seen["./shop/web.yaml"].split("---\n")] == [POD, DEPLOYMENT]
    assert json.loads(seen["./outside/1/list.json.yaml"]) == POD
    assert seen["arguments"][:3] == ["lint", "--format", "json"]
    assert seen["arguments"][-1] == "."
    assert seen["configuration"] == "checks: {}\n"


def test_objects_that_it_was_not_given_are_counted(tmp_path: Path) -> None:
    reported, notices = run(
        tmp_path,
        printing(report("a", "else.yaml"), report("b", "shop/web.yaml", name="x"), report("c", "shop/web.yaml")),
    )
    assert [each.check for each in reported] == ["c"]
    assert notices == ["2 of its reports are about objects that it was not given, such as a of Pod shop/web"]


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("import sys; sys.exit('Error: check \"x\" not found')", 'exit code 1: Error: check "x" not found'),
        ("pass", "exit code 0"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "ended by signal 9"),
        (f"print({result()[:-9]!r})", "its output is no JSON"),
    ],
)
def test_a_run_that_is_of_no_use(tmp_path: Path, source: str, why: str) -> None:
    with pytest.raises(NotAsDescribed, match=why):
        run(tmp_path, source)


def test_a_run_without_anything_to_look_at_is_none_that_fails(tmp_path: Path) -> None:
    source = "import sys; print('Warning: no valid objects found.', file=sys.stderr)"
    assert run(tmp_path, source) == ([], [])


def test_what_it_said_before_it_failed_counts(tmp_path: Path) -> None:
    reported, notices = run(tmp_path, printing(report("a", "shop/web.yaml"), code=2))
    assert [each.check for each in reported] == ["a"]
    assert notices[0].startswith("exit code 2")
