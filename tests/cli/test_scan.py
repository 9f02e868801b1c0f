"""`scan`: what it says in each form, and its exit code."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import jsonschema_rs
import pytest

import bot.report
from tests.cli.material import CLEAN, SAFE, UNSAFE, run

Put = Callable[[str, str | bytes], Path]

FORMATS = ("text", "concise", "json", "sarif", "github")
BROKEN = "apiVersion: v1\nkind: Pod\nmetadata: {name: [}\n"
ACCEPTED = SAFE.replace("# was current once", "# k8s-auto-fix: ignore[removed-api-version] an old cluster")


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("target", ["stdout", "file"])
@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({}, 0),
        ({"clean.yaml": CLEAN}, 0),
        ({"values.yaml": "replicas: 1\n"}, 0),
        ({"accepted.yaml": ACCEPTED}, 0),
        ({"safe.yaml": SAFE}, 1),
        ({"clean.yaml": CLEAN, "unsafe.yaml": UNSAFE}, 1),
        ({"clean.yaml": CLEAN, "broken.yaml": BROKEN}, 2),
        ({"safe.yaml": SAFE, "broken.yaml": BROKEN}, 2),
    ],
    ids=["nothing", "clean", "not Kubernetes", "accepted", "one", "several", "broken", "broken and findings"],
)
def test_exit_code(form: str, target: str, files: dict[str, str], code: int, put: Put) -> None:
    for name, text in files.items():
        put(name, text)
    output = ["--output", "report.out"] if target == "file" else []
    done = run("scan", ".", "--format", form, *output)
    assert (done.code, done.err) == (code, "")
    written = Path("report.out").read_text(encoding="utf-8") if output else done.out
    assert not output or done.out == ""
    for name, text in files.items():
        told = name in written
        assert told is (text in (SAFE, UNSAFE, BROKEN) or (text == ACCEPTED and form in ("json", "sarif")))


@pytest.mark.parametrize(
    ("files", "code"), [({"clean.yaml": CLEAN}, 0), ({"a.yaml": SAFE}, 0), ({"a.yaml": SAFE, "b.yaml": BROKEN}, 2)]
)
def test_exit_zero_hides_findings_but_not_errors(files: dict[str, str], code: int, put: Put) -> None:
    for name, text in files.items():
        put(name, text)
    assert run("scan", "--exit-zero", ".").code == code


def test_text_shows_the_place_and_what_to_do(put: Put) -> None:
    put("safe.yaml", SAFE)
    assert (
        run("scan", "safe.yaml").out
        == """\
removed-api-version[high]: CronJob batch/v1beta1 is gone since Kubernetes 1.25; batch/v1 replaces it
 --> safe.yaml:3:1  CronJob nightly
  |
2 | kind: CronJob
3 | apiVersion: batch/v1beta1   # was current once
  | ^^^^^^^^^^^^^^^^^^^^^^^^^
4 | metadata: {name: "nightly"}
  |
  = fix (safe): Use batch/v1
    Safe: the fields are the same in both
  = help: k8s-auto-fix explain removed-api-version

1 finding: 1 high
1 fixable with 'k8s-auto-fix fix'
Looked at 1 object in 1 file
"""
    )


def test_show_fixes_shows_the_lines_and_who_vouches(put: Put) -> None:
    put("unsafe.yaml", UNSAFE)
    out = run("scan", "--show-fixes", "unsafe.yaml").out
    assert "9 -       hostPID: true  # for the profiler\n" in out
    assert "= ✓ schema " in out
    assert "= fix (unsafe): Remove hostPID\n" in out


def test_concise_is_a_line_for_each(put: Put) -> None:
    put("safe.yaml", SAFE)
    put("broken.yaml", BROKEN)
    lines = run("scan", ".", "--format", "concise").out.splitlines()
    assert lines[0].startswith("safe.yaml:3:1: removed-api-version [high] CronJob")
    assert lines[1].startswith("broken.yaml:3: not-yaml [error] ")
    assert len(lines) == 2


@pytest.mark.parametrize("show_fixes", [False, True])
def test_json_is_what_its_schema_says(show_fixes: bool, put: Put) -> None:
    put("safe.yaml", SAFE)
    put("unsafe.yaml", UNSAFE)
    put("broken.yaml", BROKEN)
    put("accepted.yaml", ACCEPTED)
    done = run("scan", ".", "--format", "json", *(["--show-fixes"] if show_fixes else []))
    report = json.loads(done.out)
    schema = json.loads((Path(bot.report.__file__).parent / "report.schema.json").read_text(encoding="utf-8"))
    jsonschema_rs.validate(schema, report)
    assert [(each["path"], each["line"], each["policy"]) for each in report["findings"]] == [
        ("accepted.yaml", 3, "removed-api-version"),
        ("safe.yaml", 3, "removed-api-version"),
        ("unsafe.yaml", 9, "host-pid"),
    ]
    assert report["findings"][0]["suppressed"]["reason"] == "an old cluster"
    assert [(each["path"], each["code"], each["line"], each["error"]) for each in report["skips"]] == [
        ("broken.yaml", "not-yaml", 3, True)
    ]
    assert ("patch" in report["findings"][1]["fix"]) is show_fixes
    if show_fixes:
        assert report["findings"][1]["fix"]["verification"]["passed"] is True
        assert report["findings"][1]["fix"]["edits"][0]["text"] == "batch/v1"


def test_sarif_names_the_policies_and_carries_fixes(put: Put) -> None:
    put("safe.yaml", SAFE)
    (each,) = json.loads(run("scan", ".", "--format", "sarif").out)["runs"]
    assert [rule["id"] for rule in each["tool"]["driver"]["rules"]] == ["removed-api-version"]
    (result,) = each["results"]
    assert result["partialFingerprints"]
    assert result["fixes"]


def test_github_annotates_the_worst_first(put: Put) -> None:
    put("safe.yaml", SAFE)
    put("broken.yaml", BROKEN)
    lines = run("scan", ".", "--format", "github").out.splitlines()
    assert lines[0].startswith("::error file=broken.yaml,line=3,")
    assert lines[1].startswith(
        "::error file=safe.yaml,line=3,endLine=3,col=1,title=removed-api-version (high)::CronJob"
    )


def test_findings_are_the_same_however_many_processes(put: Put) -> None:
    for number in range(60):
        put(f"{number:02}/safe.yaml", SAFE)
        put(f"{number:02}/unsafe.yaml", UNSAFE)
        put(f"{number:02}/broken.yaml", BROKEN)
    one, many = (run("scan", ".", "--jobs", jobs, "--format", "json") for jobs in ("1", "4"))
    assert one == many
    assert len(json.loads(one.out)["findings"]) == 120


def test_a_second_scan_says_the_same(put: Put) -> None:
    put("unsafe.yaml", UNSAFE)
    assert run("scan", "--show-fixes", "--format", "json", ".") == run("scan", "--show-fixes", "--format", "json", ".")
