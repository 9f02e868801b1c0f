"""`make demo`: fix a shipped example, then review a shipped pull request; all in copies, and nothing is sent."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FILES = ROOT / "examples" / "first-look" / "manifests"
PULL_REQUEST = ROOT / "examples" / "pull-request"
STEPS = (
    ("What is wrong", ("scan", "manifests")),
    ("What the safe fixes would change", ("diff", "manifests")),
    ("Fix it", ("fix", "manifests")),
    ("What is left for a person to decide", ("scan", "manifests")),
)
REVIEW = (
    ("A pull request: the review that the action would post", ("review", "--base", "main", "--dry-run")),
    ("Take all of it at once", ("fix", "--base", "main")),
)
FINE = (0, 1)  # nothing to say; findings or changes


def heading(text: str, command: str) -> None:
    """Print what comes next, and the command that does it."""
    coloured = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    bold, dim, plain = ("\033[1m", "\033[2m", "\033[0m") if coloured else ("", "", "")
    print(f"\n{bold}{text}{plain}\n{dim}$ {command}{plain}\n", flush=True)


def show(steps: Sequence[tuple[str, tuple[str, ...]]], folder: Path) -> int:
    """Run the steps in a folder; 0 when each ended as it should."""
    command = Path(sys.executable).with_name("k8s-auto-fix")
    for text, arguments in steps:
        heading(text, " ".join(("k8s-auto-fix", *arguments)))
        done = subprocess.run([command, *arguments], cwd=folder, check=False)
        if done.returncode not in FINE:
            return done.returncode
    return 0


def pull_request(folder: Path) -> None:
    """A repository whose branch `change` is a pull request for `main`."""

    def git(*arguments: str) -> None:
        me = ("-c", "user.name=demo", "-c", "user.email=demo@example.com", "-c", "commit.gpgsign=false")
        subprocess.run(["git", *me, *arguments], cwd=folder, check=True, stdout=subprocess.DEVNULL)

    # Without their times: git takes a file of the same time and size for the same file.
    shutil.copytree(PULL_REQUEST / "before", folder, copy_function=shutil.copyfile)
    git("init", "--quiet", "--initial-branch=main", ".")
    git("add", "--all")
    git("commit", "--quiet", "--message=The shop")
    git("checkout", "--quiet", "-b", "change")
    shutil.copytree(PULL_REQUEST / "after", folder, copy_function=shutil.copyfile, dirs_exist_ok=True)
    git("add", "--all")
    git("commit", "--quiet", "--message=Count requests, sweep at night")


def main() -> int:
    """Show both; 0 when everything ended as it should."""
    with tempfile.TemporaryDirectory(prefix="k8s-auto-fix-demo-") as folder:
        shutil.copytree(FILES, Path(folder, "manifests"))
        code = show(STEPS, Path(folder))
        if code == 0:
            pull_request(Path(folder, "shop"))
            code = show(REVIEW, Path(folder, "shop"))
    if code == 0:
        print("\nNothing in this checkout was changed. Yours: .venv/bin/k8s-auto-fix scan PATH")
    return code


if __name__ == "__main__":
    sys.exit(main())
