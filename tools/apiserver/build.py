"""Build kube-apiserver, etcd and kubectl of the version in go.mod into the cache folder: `make cluster-binaries`.

Does nothing when they are there, or when KUBEBUILDER_ASSETS or setup-envtest's store holds a pair. `--optional` ends
well when they cannot be built, too, and says what is missing; the cluster tests then skip.

Invariant: a binary appears in the cache whole or not at all; two builds at once wait for each other.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bot.adapters.cluster import binaries

HERE = Path(__file__).parent
PACKAGES = {
    "etcd": "go.etcd.io/etcd/server/v3",
    "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
    "kubectl": "k8s.io/kubernetes/cmd/kubectl",
}
GIGABYTE = 1 << 30
MEMORY_A_JOB = 2 * GIGABYTE
DISK_NEEDED = 5 * GIGABYTE


def main(arguments: list[str]) -> int:
    """Build what is missing; 0 when the binaries are there afterwards, and always with `--optional`."""
    return 0 if provide() or "--optional" in arguments else 1


def provide() -> bool:
    """Whether the binaries are there afterwards."""
    version = pinned("k8s.io/kubernetes")
    target = binaries.cache_folder() / version.removeprefix("v")
    found = binaries.find()
    if all((target / name).exists() for name in PACKAGES) or (found and found.apiserver.parent != target):
        return True
    problem = obstacle(target)
    if problem:
        print(f"cluster binaries: {problem}", file=sys.stderr)
        return False
    target.mkdir(parents=True, exist_ok=True)
    with (target / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        todo = [name for name in PACKAGES if not (target / name).exists()]
        return all(build(name, PACKAGES[name], version, target) for name in todo)


def pinned(module: str) -> str:
    """The version go.mod requires of a module."""
    match = re.search(rf"^\s*{re.escape(module)} (v\S+)", (HERE / "go.mod").read_text(), re.MULTILINE)
    assert match, f"go.mod does not require {module}"
    return match[1]


def obstacle(target: Path) -> str:
    """Why nothing can be built here, and what to do; empty when it can."""
    if not shutil.which("go"):
        return (
            "Go is missing. Install Go 1.26 or newer (https://go.dev/dl), or have kube-apiserver and etcd another way: "
            "k8s-auto-fix cluster install, or KUBEBUILDER_ASSETS=folder"
        )
    existing = next(folder for folder in target.parents if folder.exists())
    free = shutil.disk_usage(existing).free
    if free < DISK_NEEDED:
        return f"{free / GIGABYTE:.1f} GB free at {existing}, about 5 GB are needed while building"
    return ""


def build(name: str, package: str, version: str, target: Path) -> bool:
    """One binary, with one line about it."""
    print(f"building {name} {version if name != 'etcd' else pinned(package)} ...", end=" ", file=sys.stderr, flush=True)
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix=".build-", dir=target) as folder:
        output = Path(folder) / name
        result = subprocess.run(
            command(package, version, output),
            check=False,
            cwd=HERE,
            env=environment(),
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        if result.returncode:
            print(f"failed\n{result.stdout.strip()}", file=sys.stderr)
            return False
        output.rename(target / name)
    size = (target / name).stat().st_size / 1e6
    print(f"{time.monotonic() - start:.0f} s, {size:.0f} MB", file=sys.stderr)
    return True


def command(package: str, version: str, output: Path) -> list[str]:
    """The build that upstream's release makes, as far as it matters here."""
    major, minor, _ = version.removeprefix("v").split(".", 2)
    values = {"gitVersion": version, "gitMajor": major, "gitMinor": minor, "gitTreeState": "clean", "gitCommit": ""}
    flags = ["-s", "-w", *(f"-X k8s.io/component-base/version.{key}={value}" for key, value in values.items())]
    options = [f"-p={jobs()}", "-trimpath", "-buildvcs=false", "-ldflags", " ".join(flags)]
    return ["go", "build", *options, "-o", str(output), package]


def environment() -> dict[str, str]:
    """A static build whatever the user's Go settings; Go 1.27's new JSON breaks a 1.36 server's OpenAPI endpoint."""
    return os.environ | {"CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly", "GOWORK": "off", "GOEXPERIMENT": "nojsonv2"}


def jobs() -> int:
    """As many compilers at once as processors and memory carry."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return max(1, min(os.cpu_count() or 1, memory // MEMORY_A_JOB))


if __name__ == "__main__":
    os.nice(10)
    sys.exit(main(sys.argv[1:]))
