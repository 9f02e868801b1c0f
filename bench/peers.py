"""The tools to compare with, at fixed versions, installed once into a cache folder of their own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

CHECKOV = "3.3.30"
KUBE_SCORE = "1.20.0"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "k8s-auto-fix" / "bench"


def checkov() -> Path | None:
    """Checkov's command, or None with a line on standard error."""
    folder = CACHE / f"checkov-{CHECKOV}"
    command = folder / "bin" / "checkov"
    if not command.exists():
        print(f"bench: installing Checkov {CHECKOV} (once) ...", file=sys.stderr)
        venv.create(folder, with_pip=True, clear=True)
        _quietly([folder / "bin" / "pip", "install", "--quiet", f"checkov=={CHECKOV}"])
    return _there(command, "Checkov")


def kube_score() -> Path | None:
    """kube-score's command, or None with a line on standard error."""
    folder = CACHE / f"kube-score-{KUBE_SCORE}"
    command = folder / "kube-score"
    if not command.exists() and shutil.which("go"):
        print(f"bench: installing kube-score {KUBE_SCORE} (once) ...", file=sys.stderr)
        package = f"github.com/zegl/kube-score/cmd/kube-score@v{KUBE_SCORE}"
        _quietly(["go", "install", package], GOBIN=str(folder))
    return _there(command, "kube-score (needs Go)")


def accepted_by_kube_score(command: Path, files: list[Path]) -> list[Path]:
    """The files without those that make kube-score give up on all of them; found by halving."""
    accepted = list(files)
    while _gives_up(command, accepted):
        suspects = accepted
        while len(suspects) > 1:
            half = suspects[: len(suspects) // 2]
            suspects = half if _gives_up(command, half) else suspects[len(half) :]
        accepted.remove(suspects[0])
    return accepted


def _gives_up(command: Path, files: list[Path]) -> bool:
    done = subprocess.run([command, "score", *files], capture_output=True, text=True, check=False)
    return "Failed to" in done.stderr


def _quietly(command: list[str | Path], **environment: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | environment)
    if done.returncode:
        print(done.stderr.strip()[-2000:], file=sys.stderr)


def _there(command: Path, name: str) -> Path | None:
    if command.exists():
        return command
    print(f"bench: left out, could not be installed: {name}", file=sys.stderr)
    return None
