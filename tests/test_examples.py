"""Every example does what its expected.diff says; `make golden` rewrites it, and the change is read."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.material import ROOT

EXAMPLES = sorted(path.parent for path in (ROOT / "examples").glob("*/manifests"))


@pytest.mark.parametrize("folder", EXAMPLES, ids=lambda folder: folder.name)
def test_expected_diff(folder: Path, golden: Callable[[Path, str], None]) -> None:
    command = [sys.executable, "-m", "bot", "diff", "--unsafe", "manifests"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("K8S_AUTO_FIX_")}
    environment |= {"PYTHONPATH": str(ROOT), "NO_COLOR": "1"}
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False, env=environment)
    assert done.returncode == 1, done.stderr.decode()
    golden(folder / "expected.diff", done.stdout.decode())


@pytest.mark.parametrize("folder", EXAMPLES, ids=lambda folder: folder.name)
def test_the_diff_applies(folder: Path, tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    for path in (folder / "manifests").rglob("*.yaml"):
        target = tmp_path / path.relative_to(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    applied = subprocess.run(["git", "apply", str(folder / "expected.diff")], cwd=tmp_path, check=False)
    assert applied.returncode == 0


def test_there_are_examples() -> None:
    assert EXAMPLES
