"""Where kube-apiserver and etcd are: the folders a machine may keep them in, in order.

Invariant: looks at the file system only; runs nothing and downloads nothing.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

APISERVER = "kube-apiserver"
ETCD = "etcd"
KUBECTL = "kubectl"


@dataclass(frozen=True, slots=True)
class Binaries:
    """A pair that can run a server. `version` is what the folder's name says ("1.36.3"), empty when it says nothing."""

    apiserver: Path
    etcd: Path
    source: str
    version: str = ""


def cache_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """The folder of the built or downloaded binaries; one folder a version in it."""
    base = environ.get("XDG_CACHE_HOME", "")
    return (Path(base) if base.startswith("/") else Path.home() / ".cache") / "k8s-auto-fix" / "cluster"


def find(minor: str = "", environ: Mapping[str, str] = os.environ) -> Binaries | None:
    """The first pair there is; of a folder with several versions the configured minor ("1.36"), else the newest."""
    return next(_candidates(minor, environ), None)


def missing(environ: Mapping[str, str] = os.environ) -> str:
    """What a person without the binaries is told."""
    assets = environ.get("KUBEBUILDER_ASSETS", "")
    if assets:
        return f"KUBEBUILDER_ASSETS names {assets}, which lacks {' or '.join(_lacking(Path(assets)))}"
    return f"{APISERVER} and {ETCD} not found: k8s-auto-fix cluster install, or set KUBEBUILDER_ASSETS to their folder"


def _candidates(minor: str, environ: Mapping[str, str]) -> Iterator[Binaries]:
    assets = environ.get("KUBEBUILDER_ASSETS", "")
    if assets:
        # Who names a folder means it: another version from elsewhere would answer a question nobody asked.
        yield from _pair(Path(assets), "KUBEBUILDER_ASSETS")
        return
    for folder in _versions(_envtest_store(environ), minor):
        yield from _pair(folder, "setup-envtest", _version(folder))
    for folder in _versions(cache_folder(environ), minor):
        yield from _pair(folder, "cache", _version(folder))
    apiserver, etcd = (shutil.which(name, path=environ.get("PATH", os.defpath)) for name in (APISERVER, ETCD))
    if apiserver and etcd:
        yield Binaries(Path(apiserver), Path(etcd), "PATH")


def _pair(folder: Path, source: str, version: str = "") -> Iterator[Binaries]:
    if not _lacking(folder):
        yield Binaries(folder / APISERVER, folder / ETCD, source, version)


def _lacking(folder: Path) -> list[str]:
    return [name for name in (APISERVER, ETCD) if not _runs(folder / name)]


def _runs(path: Path) -> bool:
    return path.is_file() and os.access(path, os.X_OK)


def _envtest_store(environ: Mapping[str, str]) -> Path:
    """Where setup-envtest keeps its downloads."""
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "io.kubebuilder.envtest" / "k8s"
    base = environ.get("XDG_DATA_HOME", "")
    return (Path(base) if base else Path.home() / ".local" / "share") / "kubebuilder-envtest" / "k8s"


def _versions(store: Path, minor: str) -> list[Path]:
    """The version folders that can run here: those of the wanted minor first, then from new to old."""
    if not store.is_dir():
        return []
    folders = [folder for folder in store.iterdir() if _version(folder) and _for_this_machine(folder.name)]
    return sorted(folders, key=lambda folder: (_version(folder).startswith(f"{minor}."), _order(folder)), reverse=True)


def _version(folder: Path) -> str:
    match = re.match(r"v?(\d+\.\d+\.\d+)(?=-|$)", folder.name)
    return match[1] if match else ""


def _order(folder: Path) -> list[int]:
    return [int(part) for part in _version(folder).split(".")]


def _for_this_machine(name: str) -> bool:
    """Setup-envtest names a folder VERSION-OS-ARCH; the cache's are bare versions of this machine."""
    system, _, machine = name.partition("-")[2].partition("-")
    return not system or (system == sys.platform and machine == architecture())


def architecture() -> str:
    """The processor, as Go names it."""
    machine = platform.machine().lower()
    return {"x86_64": "amd64", "aarch64": "arm64"}.get(machine, machine)
