"""`baseline`, and `scan` beside one."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.material import CLEAN, UNSAFE, run

Put = Callable[[str, str | bytes], Path]
NAME = ".k8s-auto-fix-baseline.json"
NEW = UNSAFE.replace("      hostPID: true", "      hostNetwork: true\n      hostPID: true")


def test_only_new_findings_count(put: Put) -> None:
    put("apps/a.yaml", UNSAFE)
    done = run("baseline")
    assert (done.code, done.out, done.err) == (0, "", f"1 finding written to {NAME}\n")
    assert [each["path"] for each in json.loads(Path(NAME).read_text())["findings"]] == ["apps/a.yaml"]
    assert run("scan", ".").code == 0
    assert run("scan", ".", "--no-baseline").code == 1
    put("apps/a.yaml", NEW)
    done = run("scan", ".", "--format", "concise")
    assert done.code == 1
    assert [line.split()[1] for line in done.out.splitlines()] == ["host-network"]


def test_a_second_run_writes_the_same(put: Put) -> None:
    put("a.yaml", NEW)
    run("baseline")
    first = Path(NAME).read_bytes()
    run("baseline")
    assert Path(NAME).read_bytes() == first


def test_what_is_gone_is_told_until_it_is_written_anew(put: Put) -> None:
    put("a.yaml", UNSAFE)
    put("b.yaml", CLEAN)
    run("baseline")
    put("a.yaml", CLEAN)
    done = run("scan", ".")
    assert done.code == 0
    assert "1 baseline-stale: host-pid in a.yaml is gone; `k8s-auto-fix baseline` writes the file anew" in done.out
    assert "stale" not in run("scan", "b.yaml").out
    assert "stale" not in run("scan", ".", "--select", "host-ipc").out
    assert "stale" not in run("scan", ".", "--severity", "critical").out
    Path("a.yaml").unlink()
    assert "1 baseline-stale" in run("scan", "b.yaml").out
    run("baseline")
    assert "stale" not in run("scan", ".").out


def test_of_a_part_the_rest_is_kept(put: Put) -> None:
    put("a.yaml", UNSAFE)
    put("b.yaml", UNSAFE.replace("name: web", "name: shop", 1))
    run("baseline")
    put("b.yaml", CLEAN)
    assert run("baseline", "b.yaml").err == f"0 findings written to {NAME}, 1 of other files kept\n"
    assert [each["path"] for each in json.loads(Path(NAME).read_text())["findings"]] == ["a.yaml"]
    assert run("baseline", ".", "--select", "host-ipc").err == f"0 findings written to {NAME}, 1 of other files kept\n"


def test_from_a_folder_below(put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    put("apps/a.yaml", UNSAFE)
    monkeypatch.chdir("apps")
    assert run("baseline").err == f"1 finding written to ../{NAME}\n"
    assert run("scan", "a.yaml").code == 0


def test_a_file_of_another_name(put: Put) -> None:
    put("a.yaml", UNSAFE)
    assert run("baseline", "--output", "known.json").code == 0
    assert run("scan", ".").code == 1
    assert run("scan", ".", "--baseline", "known.json").code == 0


@pytest.mark.parametrize(
    ("options", "file", "words"),
    [
        (["--baseline", "nope.json"], None, "error: nope.json: "),
        ([], "{", f"error: {NAME}:"),
        ([], '{"version": 7}', f"error: {NAME}:1: the baseline is of version 7; this program writes version 1"),
        (["--baseline", "a", "--no-baseline"], None, "error: --baseline and --no-baseline say the opposite"),
    ],
)
def test_bad_input_is_one_line(options: list[str], file: str | None, words: str, put: Put) -> None:
    put("a.yaml", UNSAFE)
    if file is not None:
        put(NAME, file)
    done = run("scan", ".", *options)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(words)
    assert done.err.count("\n") == 1


def test_nothing_is_written_when_an_input_cannot_be_read(put: Put) -> None:
    put("a.yaml", b"a: \xff\n")
    assert run("baseline").code == 2
    assert not Path(NAME).exists()


def test_json_and_sarif_say_that_a_finding_is_known(put: Put) -> None:
    put("a.yaml", UNSAFE)
    run("baseline")
    (found,) = json.loads(run("scan", ".", "--format", "json").out)["findings"]
    assert found["suppressed"] == {"kind": "config", "reason": f"known: it is in {NAME}"}
    (result,) = json.loads(run("scan", ".", "--format", "sarif").out)["runs"][0]["results"]
    assert result["suppressions"][0]["kind"] == "external"
