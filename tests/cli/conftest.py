"""A folder of its own for each test of the command line."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, a repository of its own, empty."""
    folder = tmp_path / "here"
    (folder / ".git").mkdir(parents=True)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def put(here: Path) -> Callable[[str, str | bytes], Path]:
    """`put(name, text)`: a file below the current folder; its path as a person names it."""

    def write(name: str, text: str | bytes) -> Path:
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


Commit = Callable[[dict[str, str]], None]
_IDENTITY = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")


@pytest.fixture
def commit(here: Path, put: Callable[[str, str], Path]) -> Commit:
    """`commit(files)`: one more commit of the current folder, with these files."""

    def git(*arguments: str) -> None:
        subprocess.run(["git", *_IDENTITY, *arguments], check=True, capture_output=True, timeout=60)

    (here / ".git").rmdir()
    git("init", "-q", "-b", "main")

    def make(files: dict[str, str]) -> None:
        for name, text in files.items():
            put(name, text)
        git("add", "-A")
        git("commit", "-q", "--allow-empty", "-m", "a")

    return make
