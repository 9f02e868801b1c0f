"""Build Kyverno's command line of the version in go.mod into the cache folder: `make kyverno`.

Does nothing when it is there, or when kyverno is on the PATH. `--optional` ends well when it cannot be built, too, and
says what is missing; the tests that run it then skip.

Invariant: the program appears in the cache whole or not at all; two builds at once wait for each other.
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

HERE = Path(__file__).parent
PACKAGE = "github.com/kyverno/kyverno/cmd/cli/kubectl-kyverno"
MODULE = "github.com/kyverno/kyverno"
GIGABYTE = 1 << 30
MEMORY_A_JOB = 2 * GIGABYTE
DISK_NEEDED = 6 * GIGABYTE


def program() -> Path:
    """Where the built program is, or would be."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    cache = Path(base) if base.startswith("/") else Path.home() / ".cache"
    return cache / "k8s-auto-fix" / "kyverno" / version().removeprefix("v") / "kyverno"


def find() -> str | None:
    """The program to test with: the built one, else the one on the PATH."""
    return str(program()) if program().exists() else shutil.which("kyverno")


def version() -> str:
    """The version that go.mod requires."""
    match = re.search(rf"^\s*(?:require )?{re.escape(MODULE)} (v\S+)", (HERE / "go.mod").read_text(), re.MULTILINE)
    assert match, f"go.mod does not require {MODULE}"
    return match[1]


def main(arguments: list[str]) -> int:
    """Build it when it is missing; 0 when it is there afterwards, and always with `--optional`."""
    return 0 if provide() or "--optional" in arguments else 1


def provide() -> bool:
    """Whether it is there afterwards."""
    if find() is not None:
        return True
    problem = obstacle()
    if problem:
        print(f"kyverno: {problem}", file=sys.stderr)
        return False
    target = program()
    target.parent.mkdir(parents=True, exist_ok=True)
    with (target.parent / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return target.exists() or build(target)


def obstacle() -> str:
    """Why it cannot be built here, and what to do; empty when it can."""
    if not shutil.which("go"):
        return "Go is missing. Install Go 1.26.6 or newer (https://go.dev/dl), or put kyverno on the PATH"
    existing = next(folder for folder in program().parents if folder.exists())
    free = shutil.disk_usage(existing).free
    if free < DISK_NEEDED:
        return f"{free / GIGABYTE:.1f} GB free at {existing}, about 6 GB are needed while building"
    return ""


def build(target: Path) -> bool:
    """The program, with one line about it."""
    print(f"building kyverno {version()} (some minutes, once) ...", end=" ", file=sys.stderr, flush=True)
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix=".build-", dir=target.parent) as folder:
        output = Path(folder) / target.name
        result = subprocess.run(
            command(output),
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
        output.rename(target)
    print(f"{time.monotonic() - start:.0f} s, {target.stat().st_size / 1e6:.0f} MB", file=sys.stderr)
    return True


def command(output: Path) -> list[str]:
    """The build that upstream's release makes, as far as it matters here."""
    flags = f"-s -w -X {MODULE}/pkg/version.BuildVersion={version()}"
    options = [f"-p={jobs()}", "-trimpath", "-buildvcs=false", "-ldflags", flags]
    return ["go", "build", *options, "-o", str(output), PACKAGE]


def environment() -> dict[str, str]:
    """A static build whatever the user's Go settings."""
    return os.environ | {"CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly", "GOWORK": "off"}


def jobs() -> int:
    """As many compilers at once as processors and memory carry."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return max(1, min(os.cpu_count() or 1, memory // MEMORY_A_JOB))


if __name__ == "__main__":
    os.nice(10)
    sys.exit(main(sys.argv[1:]))
