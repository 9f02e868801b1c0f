"""The workflow that runs the real kind agrees with the bot, and its script finds what is left behind."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml

from bot.adapters.cluster import kind
from tests.material import ROOT

WORKFLOW = yaml.safe_load((ROOT / ".github/workflows/e2e.yml").read_text(encoding="utf-8"))
NOTHING_LEFT = ROOT / "tools/nothing-left.sh"


def test_the_versions_are_those_that_have_an_image() -> None:
    minors = WORKFLOW["jobs"]["kind"]["strategy"]["matrix"]["kubernetes"]
    assert set(minors) <= set(kind.IMAGES)
    assert {kind.DEFAULT, min(kind.IMAGES), max(kind.IMAGES)} <= set(minors)


def test_kind_is_the_release_that_the_images_belong_to() -> None:
    source = Path(kind.__file__).read_text(encoding="utf-8")
    assert f"kind {WORKFLOW['env']['KIND'].removeprefix('v').removesuffix('.0')} was released with" in source


@pytest.mark.parametrize("job", sorted(WORKFLOW["jobs"]))
def test_every_script_is_one_that_a_shell_reads(job: str) -> None:
    scripts = [step["run"] for step in WORKFLOW["jobs"][job]["steps"] if "run" in step]
    assert scripts
    for script in scripts:
        subprocess.run(["bash", "-n"], input=script, text=True, check=True, capture_output=True)


@pytest.mark.parametrize("left", ["", "cluster", "container", "folder"])
def test_what_is_left_behind_is_found(tmp_path: Path, left: str) -> None:
    runner = tmp_path / "runner"
    runner.mkdir()
    (runner / "somebody-else").mkdir()
    if left == "folder":
        (runner / f"{kind.PREFIX}1").mkdir()
    for name, says in {"kind": left == "cluster", "docker": left == "container"}.items():
        tool = tmp_path / "bin" / name
        tool.parent.mkdir(exist_ok=True)
        tool.write_text(f"#!/bin/sh\n{'echo k8s-auto-fix-1' if says else ':'}\n")
        tool.chmod(0o755)
    environ = {"PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin", "RUNNER_TEMP": str(runner), "TRIES": "0"}
    done = subprocess.run([str(NOTHING_LEFT)], env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == (1 if left else 0), done.stderr
    assert ("k8s-auto-fix-" in done.stderr) is bool(left)
