"""Builds the Dockerfile with buildah and tries the image, without a container engine: `make image-test`.

The base and the tools are local images, made of what this machine has. Python packages and kind's source are fetched
before, into caches; then building and trying run in a network namespace that has loopback alone. tests/image holds
what is tried. Where this cannot run, one line says why: hosted CI builds and runs the real image.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import local_base

from bot.adapters.cluster import binaries

ROOT = Path(__file__).resolve().parents[1]
CACHE = binaries.cache_folder().parent / "image"
DOCKERFILE = ROOT / "Dockerfile"
KIND = re.search(r"(?m)^ARG KIND=(\S+)", DOCKERFILE.read_text("utf-8"))
assert KIND, "the Dockerfile pins kind"
ALONE = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
"""A namespace of its own for network, mounts and processes."""


def main(arguments: list[str]) -> int:
    """0 when the image is right, or cannot be tried here."""
    if problem := obstacle():
        print(f"image-test left out: {problem}", file=sys.stderr)
        return 0
    fetch_packages()
    with tempfile.TemporaryDirectory(prefix="k8s-auto-fix-image-") as folder:
        image = build(Path(folder))
        tests = [sys.executable, "-m", "pytest", "-m", "image", "tests/image", *arguments]
        return subprocess.run([*ALONE, *tests], cwd=ROOT, env=os.environ | image, check=False).returncode


def obstacle() -> str:
    """Why the image cannot be built and tried here, and what to do; empty when it can."""
    needed = {"buildah": "buildah", "dpkg-query": "dpkg", "unshare": "util-linux", "git": "git", "ldd": "libc-bin"}
    for tool, package in needed.items():
        if not shutil.which(tool):
            return f"{tool} is missing (Debian: apt-get install {package})"
    for tool, page in {"go": "https://go.dev/dl", "docker": "https://docs.docker.com/engine/install"}.items():
        if not shutil.which(tool):
            return f"{tool} is missing ({page}); it becomes part of the image"
    if not binaries.find():
        return "no kube-apiserver and etcd: make cluster-binaries"
    if os.geteuid() != 0:
        return "namespaces and chroot need root"
    if subprocess.run([*ALONE, "true"], capture_output=True, check=False).returncode:
        return "this machine allows no namespaces of its own"
    return ""


def fetch_packages() -> None:
    """The locked wheels and kind's source, as far as they are not in the cache."""
    wheels = CACHE / "wheels"
    for lock in ("build.txt", "run.txt"):
        command = ["download", "--quiet", "--require-hashes", "--only-binary", ":all:", "--dest", str(wheels)]
        _run([sys.executable, "-m", "pip", *command, "--requirement", str(ROOT / "requirements" / lock)])
    with tempfile.TemporaryDirectory() as folder:
        for command in (["mod", "init", "build"], ["get", f"sigs.k8s.io/kind@{KIND[1]}"], ["mod", "download"]):
            _run(["go", *command], cwd=folder)


def build(folder: Path) -> Mapping[str, str]:
    """The variables that tell tests/image where the root folder of the image is, and how it is started."""
    for name in ("base", "tools", "mounts", "storage"):
        (folder / name).mkdir()
    local_base.make(folder / "base")
    found = binaries.find()
    assert found, "there are binaries"
    for path in (Path(shutil.which("docker") or ""), found.apiserver, found.etcd):
        target = folder / "tools/usr/local/bin" / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target)
    for name in ("base", "tools"):
        _import(folder, name)
    stand_ins = {"PYTHON": "base", "GO": "base", "DOCKER": "tools", "APISERVER": "tools", "ETCD": "tools"}
    arguments = [f"--build-arg={name}=localhost/{image}" for name, image in stand_ins.items()]
    arguments.append(f"--build-arg=TARGETARCH={binaries.architecture()}")  # Docker sets it, an old buildah does not
    volumes = [f"--volume={source}:{target}:ro" for source, target in _mounts(folder / "mounts").items()]
    isolated = ["bud", "--quiet", "--isolation=chroot", "--pull-never", *arguments, *volumes, "--tag=action"]
    _run([*ALONE[:2], "--", *_buildah(folder), *isolated, str(ROOT)])
    container = _buildah_says(folder, "from", "--pull-never", "localhost/action")
    config = json.loads(_buildah_says(folder, "inspect", "--type", "image", "localhost/action"))["OCIv1"]["config"]
    root = _buildah_says(folder, "mount", container)
    copied = folder / "root"
    shutil.copytree(root, copied, symlinks=True)
    _buildah_says(folder, "umount", container)
    return {"K8S_AUTO_FIX_IMAGE": str(copied), "K8S_AUTO_FIX_IMAGE_CONFIG": json.dumps(config)}


def _mounts(folder: Path) -> dict[str, str]:
    """What only the stages that build see: the cached packages, Go, and where both find them."""
    (folder / "pip.conf").write_text("[global]\nno-index = true\nfind-links = /packages/wheels\n")
    (folder / "go.env").write_text("GOPROXY=file:///packages/go\nGOSUMDB=off\nGOTOOLCHAIN=local\nGOFLAGS=-mod=mod\n")
    goroot, modules = (_run(["go", "env", name]).strip() for name in ("GOROOT", "GOMODCACHE"))
    (folder / "go").write_text('#!/bin/sh\nexport GOENV=/packages/go.env\nexec /packages/goroot/bin/go "$@"\n')
    (folder / "go").chmod(0o755)
    return {
        str(CACHE / "wheels"): "/packages/wheels",
        str(folder / "pip.conf"): "/etc/pip.conf",
        goroot: "/packages/goroot",
        f"{modules}/cache/download": "/packages/go",
        str(folder / "go.env"): "/packages/go.env",
        str(folder / "go"): "/usr/local/bin/go",
    }


def _import(folder: Path, name: str) -> None:
    container = _buildah_says(folder, "from", "scratch")
    _buildah_says(folder, "copy", "--quiet", container, str(folder / name), "/")
    _buildah_says(folder, "commit", "--quiet", "--rm", container, f"localhost/{name}")
    shutil.rmtree(folder / name)


def _buildah(folder: Path) -> list[str]:
    """Images and containers live and end with the folder; nothing of the machine's own is used."""
    storage = folder / "storage"
    return ["buildah", "--root", str(storage / "root"), "--runroot", str(storage / "run"), "--storage-driver", "vfs"]


def _buildah_says(folder: Path, *arguments: str) -> str:
    return _run([*_buildah(folder), *arguments]).strip()


def _run(command: list[str], cwd: str | None = None) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"image-test: {' '.join(command[:6])} ... failed\n{done.stdout[-4000:]}{done.stderr[-4000:]}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
