"""`make cluster-binaries`, with a stand-in for Go: what is built, when nothing is, and what is said."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bot.adapters.cluster import binaries
from tests.material import ROOT

SCRIPT = ROOT / "tools" / "apiserver" / "build.py"
GO = """#!/bin/sh
echo "$CGO_ENABLED $GOFLAGS $GOWORK $GOEXPERIMENT go $*" >> "{log}"
[ -f "{log}.fail" ] && { cat "{log}.fail" >&2; exit 1; }
while [ "$1" != -o ]; do shift; done
printf built > "$2"; chmod 755 "$2"
"""
VERSION = re.search(r"k8s.io/kubernetes v(\S+)", (SCRIPT.parent / "go.mod").read_text())[1]
NAMES = ["etcd", "kube-apiserver", "kubectl"]


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "bin").mkdir()
    go = tmp_path / "bin" / "go"
    go.write_text(GO.replace("{log}", str(tmp_path / "log")))
    go.chmod(0o755)
    system = "/usr/bin:/bin"
    return {
        "PATH": f"{tmp_path}/bin:{system}",
        "HOME": str(tmp_path),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "XDG_DATA_HOME": str(tmp_path / "data"),
        "PYTHONPATH": str(ROOT),
        "GOFLAGS": "-mod=vendor",
    }


def build(environ: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(SCRIPT), *arguments]
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=False)


def log(tmp_path: Path) -> list[str]:
    return (tmp_path / "log").read_text().splitlines() if (tmp_path / "log").exists() else []


def test_three_binaries_once_with_a_line_each(tmp_path: Path, environ: dict[str, str]) -> None:
    first = build(environ)
    assert (first.returncode, first.stdout) == (0, "")
    assert [re.sub(r"\d+ (s|MB)", r"N \1", line) for line in first.stderr.splitlines()] == [
        f"building etcd v{_etcd()} ... N s, N MB",
        f"building kube-apiserver v{VERSION} ... N s, N MB",
        f"building kubectl v{VERSION} ... N s, N MB",
    ]
    folder = tmp_path / "cache" / "k8s-auto-fix" / "cluster" / VERSION
    assert sorted(path.name for path in folder.iterdir() if not path.name.startswith(".")) == NAMES
    found = binaries.find(environ={**environ, "PATH": ""})
    assert found
    assert (found.version, found.source) == (VERSION, "cache")
    (apiserver,) = [line for line in log(tmp_path) if line.endswith("k8s.io/kubernetes/cmd/kube-apiserver")]
    assert apiserver.startswith("0 -mod=readonly off nojsonv2 go build -p=")
    for part in ("-trimpath", f"version.gitVersion=v{VERSION} ", "version.gitMajor=1 ", "version.gitMinor="):
        assert part in apiserver
    again = build(environ)
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    assert len(log(tmp_path)) == 3


def test_what_is_missing_alone_is_built(tmp_path: Path, environ: dict[str, str]) -> None:
    build(environ)
    (tmp_path / "cache" / "k8s-auto-fix" / "cluster" / VERSION / "kubectl").unlink()
    assert build(environ).stderr.startswith("building kubectl ")
    assert len(log(tmp_path)) == 4


@pytest.mark.parametrize("where", ["KUBEBUILDER_ASSETS", "PATH"])
def test_nothing_is_built_where_a_pair_is(tmp_path: Path, environ: dict[str, str], where: str) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    for name in ("kube-apiserver", "etcd"):
        (folder / name).touch(mode=0o755)
    environ[where] = str(folder) if where != "PATH" else f"{folder}:{environ['PATH']}"
    assert build(environ).returncode == 0
    assert log(tmp_path) == []


@pytest.mark.parametrize(("arguments", "code"), [([], 1), (["--optional"], 0)])
def test_no_go_is_said(tmp_path: Path, environ: dict[str, str], arguments: list[str], code: int) -> None:
    (tmp_path / "bin" / "go").unlink()
    environ["PATH"] = str(tmp_path / "bin")
    result = build(environ, *arguments)
    assert result.returncode == code
    (line,) = result.stderr.splitlines()
    assert line.startswith("cluster binaries: Go is missing. Install Go 1.26 or newer")


@pytest.mark.parametrize(("arguments", "code"), [([], 1), (["--optional"], 0)])
def test_a_build_that_fails_leaves_nothing(
    tmp_path: Path, environ: dict[str, str], arguments: list[str], code: int
) -> None:
    (tmp_path / "log.fail").write_text("go: go.mod requires go >= 1.26.0\n")
    result = build(environ, *arguments)
    assert result.returncode == code
    assert result.stderr.endswith("failed\ngo: go.mod requires go >= 1.26.0\n")
    assert binaries.find(environ={**environ, "PATH": os.devnull}) is None
    left = [path.name for path in (tmp_path / "cache" / "k8s-auto-fix" / "cluster" / VERSION).iterdir()]
    assert left == [".lock"]


def _etcd() -> str:
    return re.search(r"go.etcd.io/etcd/server/v3 v(\S+)", (SCRIPT.parent / "go.mod").read_text())[1]
