"""`make demo`: scan a shipped example, show the diff of the safe fixes, apply them, scan again; all in a copy."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

EXAMPLE = Path(__file__).resolve().parents[1] / "examples" / "first-look" / "manifests"
STEPS = (
    ("What is wrong", ("scan", "manifests")),
    ("What the safe fixes would change", ("diff", "manifests")),
    ("Fix it", ("fix", "manifests")),
    ("What is left for a person to decide", ("scan", "manifests")),
)
FINE = (0, 1)  # nothing to say; findings or changes


def heading(text: str, command: str) -> None:
    """Print what comes next, and the command that does it."""
    coloured = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    bold, dim, plain = ("\033[1m", "\033[2m", "\033[0m") if coloured else ("", "", "")
    print(f"\n{bold}{text}{plain}\n{dim}$ {command}{plain}\n", flush=True)


def main() -> int:
    """Run the steps in a temporary copy of the example; 0 when each ended as it should."""
    command = Path(sys.executable).with_name("k8s-auto-fix")
    with tempfile.TemporaryDirectory(prefix="k8s-auto-fix-demo-") as folder:
        shutil.copytree(EXAMPLE, Path(folder, "manifests"))
        for text, arguments in STEPS:
            heading(text, " ".join(("k8s-auto-fix", *arguments)))
            done = subprocess.run([command, *arguments], cwd=folder, check=False)
            if done.returncode not in FINE:
                return done.returncode
    print("\nNothing in this checkout was changed. Yours: .venv/bin/k8s-auto-fix scan PATH")
    return 0


if __name__ == "__main__":
    sys.exit(main())
