"""What is shipped works where nothing of the checkout is: sdist to wheel to an empty environment to a scan."""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

import bot
from tests.material import ROOT

MANIFEST = """\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: web
      image: registry.example/web:1.4.2
      securityContext:
        privileged: true  # legacy
      command: serve
"""


def run(*command: str | Path, cwd: Path | None = None, status: int = 0) -> str:
    """The standard output of a command that ends with `status`."""
    done = subprocess.run([str(part) for part in command], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout


def hatchling(target: str, source: Path, folder: Path) -> Path:
    """Build `source` with the locked build backend, without a network."""
    run(sys.executable, "-m", "hatchling", "build", "-t", target, "-d", folder, cwd=source)
    (built,) = folder.iterdir()
    return built


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel built from the source distribution, as an index would have it."""
    sdist = hatchling("sdist", ROOT, tmp_path_factory.mktemp("sdist"))
    source = tmp_path_factory.mktemp("source")
    with tarfile.open(sdist) as archive:
        archive.extractall(source, filter="data")
    (unpacked,) = source.iterdir()
    return hatchling("wheel", unpacked, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def command(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The installed console script, in an environment that holds the locked run-time packages and nothing else."""
    environment = tmp_path_factory.mktemp("environment") / "clean"
    run(sys.executable, "-m", "venv", "--without-pip", environment)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", environment / "bin" / "python"]
    run(*pip, "install", "--require-hashes", "--requirement", ROOT / "requirements" / "run.txt")
    run(*pip, "install", "--no-deps", wheel)
    run(*pip, "check")
    return environment / "bin" / "k8s-auto-fix"


def files(folder: Path) -> set[str]:
    """Relative names of what git would keep in a folder."""
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_wheel_holds_the_package_its_data_and_the_policies(wheel: Path) -> None:
    held = {name.removeprefix("bot/") for name in zipfile.ZipFile(wheel).namelist() if name.startswith("bot/")}
    policies = {f"data/policies/{name}" for name in files(ROOT / "policies")}
    assert policies
    assert held == files(ROOT / "bot") | policies


def test_version(command: Path) -> None:
    assert run(command, "--version").split()[-1] == bot.__version__


def test_scan_finds_with_policies_and_schemas(command: Path, tmp_path: Path) -> None:
    (tmp_path / "pod.yaml").write_text(MANIFEST, encoding="utf-8")
    found = json.loads(run(command, "scan", "--format", "json", "pod.yaml", cwd=tmp_path, status=1))
    lines = {finding["policy"]: finding["line"] for finding in found["findings"]}
    assert lines["privileged-container"] == 10
    assert lines["schema-invalid"] == 11  # `command` is a list: only the bundled schemas know


def test_fix_keeps_the_comment(command: Path, tmp_path: Path) -> None:
    sound = MANIFEST.replace("      command: serve\n", "")
    manifest = tmp_path / "pod.yaml"
    manifest.write_text(sound, encoding="utf-8")
    run(command, "fix", "--unsafe", "--select", "privileged-container", "pod.yaml", cwd=tmp_path, status=1)
    fixed = sound.replace("privileged: true ", "privileged: false ")
    assert manifest.read_text(encoding="utf-8") == fixed
