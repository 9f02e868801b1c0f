"""In a review the configuration of other tools counts as it is in the merge base."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.material import UNSAFE, UNSAFE_FIXED, run

Put = Callable[[str, str | bytes], Path]
IDENTITY = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")


def git(*arguments: str) -> None:
    subprocess.run(["git", *IDENTITY, *arguments], check=True, capture_output=True, timeout=60)


@pytest.fixture
def commit(here: Path, put: Put) -> Callable[[dict[str, str]], None]:
    """`commit(files)`: one more commit with these files."""
    (here / ".git").rmdir()
    git("init", "-q", "-b", "main")

    def make(files: dict[str, str]) -> None:
        for name, text in files.items():
            put(name, text)
        git("add", "-A")
        git("commit", "-q", "--allow-empty", "-m", "a")

    return make


def test_what_the_merge_base_accepts_is_accepted(commit: Callable[[dict[str, str]], None]) -> None:
    commit({"a.yaml": UNSAFE_FIXED, ".trivyignore": "# reads /proc\nKSV-0010\n"})
    commit({"a.yaml": UNSAFE})
    done = run("review", "--base", "HEAD~1", "--dry-run", "--cluster", "none")
    assert done.out.startswith("Nothing new"), done.err
    assert "a.yaml:9 host-pid: reads /proc" in done.out


def test_what_the_pull_request_accepts_for_itself_is_not(commit: Callable[[dict[str, str]], None]) -> None:
    commit({"a.yaml": UNSAFE_FIXED})
    commit({"a.yaml": UNSAFE, ".trivyignore": "# trust me\nKSV-0010\n"})
    done = run("review", "--base", "HEAD~1", "--dry-run", "--cluster", "none")
    assert "host-pid" in done.out, done.err
    assert ".trivyignore: what it accepts counts as it is in the merge base" in done.out.replace("`", "")
