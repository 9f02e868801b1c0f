"""Where binaries are looked for, in which order, and what is said when they are missing."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bot.adapters.cluster import binaries

ARCHITECTURE = binaries.architecture()
HERE = f"{sys.platform}-{ARCHITECTURE}"


@pytest.fixture
def environ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return {
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "XDG_DATA_HOME": str(tmp_path / "data"),
        "PATH": str(tmp_path / "bin"),
    }


def install(folder: Path, *names: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names or ("kube-apiserver", "etcd"):
        (folder / name).write_text("")
        (folder / name).chmod(0o755)
    return folder


def store(tmp_path: Path) -> Path:
    if sys.platform == "darwin":
        return tmp_path / "home/Library/Application Support/io.kubebuilder.envtest/k8s"
    return tmp_path / "data/kubebuilder-envtest/k8s"


def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache/k8s-auto-fix/cluster"


def test_the_order(tmp_path: Path, environ: dict[str, str]) -> None:
    def source() -> str:
        found = binaries.find(environ=environ)
        return found.source if found else ""

    assert source() == ""
    install(tmp_path / "bin")
    assert source() == "PATH"
    install(cache(tmp_path) / "1.36.3")
    assert source() == "cache"
    install(store(tmp_path) / f"1.36.0-{HERE}")
    assert source() == "setup-envtest"
    environ["KUBEBUILDER_ASSETS"] = str(install(tmp_path / "assets"))
    assert source() == "KUBEBUILDER_ASSETS"


def test_who_names_a_folder_means_it(tmp_path: Path, environ: dict[str, str]) -> None:
    install(cache(tmp_path) / "1.36.3")
    environ["KUBEBUILDER_ASSETS"] = str(install(tmp_path / "assets", "etcd"))
    assert binaries.find(environ=environ) is None
    assert binaries.missing(environ) == f"KUBEBUILDER_ASSETS names {tmp_path}/assets, which lacks kube-apiserver"


@pytest.mark.parametrize(
    ("minor", "expected"), [("1.35", "1.35.9"), ("1.36", "1.36.10"), ("1.30", "1.36.10"), ("", "1.36.10")]
)
def test_the_wanted_minor_then_the_newest(tmp_path: Path, environ: dict[str, str], minor: str, expected: str) -> None:
    for version in ("1.36.9", "1.36.10", "1.35.9", "1.4.0"):
        install(cache(tmp_path) / version)
    found = binaries.find(minor, environ)
    assert found
    assert found.version == expected


def test_what_cannot_run_here_is_passed_over(tmp_path: Path, environ: dict[str, str]) -> None:
    install(store(tmp_path) / "1.99.0-plan9-mips")
    install(store(tmp_path) / "notes")
    install(cache(tmp_path) / "1.36.3", "etcd")
    plain = install(cache(tmp_path) / "1.36.2")
    (plain / "etcd").chmod(0o644)
    assert binaries.find(environ=environ) is None
    assert "cluster install" in binaries.missing(environ)


@pytest.mark.parametrize("base", ["", "relative/cache"])
def test_the_cache_without_a_usable_variable(tmp_path: Path, environ: dict[str, str], base: str) -> None:
    environ["XDG_CACHE_HOME"] = base
    assert binaries.cache_folder(environ) == tmp_path / "home/.cache/k8s-auto-fix/cluster"
