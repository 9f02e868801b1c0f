"""Calls of git: what they get of the environment, their limits, how output comes in pieces."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from bot.adapters.git.commands import SETTINGS, Git, _split, environment, failed, last_words
from bot.adapters.git.errors import GitError


def test_little_of_the_environment() -> None:
    theirs = {
        "PATH": "/bin",
        "HOME": "/root",
        "INPUT_TOKEN": "secret",
        "GITHUB_TOKEN": "secret",
        "ACTIONS_RUNTIME_TOKEN": "secret",
        "GIT_DIR": "/x",
        "HTTPS_PROXY": "http://proxy",
        "LD_PRELOAD": "/evil.so",
    }
    found = environment(Path("/empty"), theirs, {"a.b": "c"})
    assert {name: value for name, value in found.items() if not name.startswith("GIT_")} == {
        "PATH": "/bin",
        "HOME": "/empty",
        "XDG_CONFIG_HOME": "/empty",
        "LC_ALL": "C",
    }
    count = int(found["GIT_CONFIG_COUNT"])
    settings = {found[f"GIT_CONFIG_KEY_{number}"]: found[f"GIT_CONFIG_VALUE_{number}"] for number in range(count)}
    assert settings == SETTINGS | {"a.b": "c"}
    assert "GIT_DIR" not in found


@pytest.mark.parametrize(
    ("chunks", "pieces"),
    [
        ([], []),
        ([b"a\nb\n"], [b"a", b"b"]),
        ([b"a", b"b\n", b"\n", b"c"], [b"ab", b"", b"c"]),
        ([b"a\nb", b"c\nd\n", b"e\n"], [b"a", b"bc", b"d", b"e"]),
        ([b"\n"], [b""]),
    ],
)
def test_pieces(chunks: list[bytes], pieces: list[bytes]) -> None:
    assert list(_split(iter(chunks), b"\n")) == pieces


@pytest.fixture
def slow(tmp_path: Path) -> Git:
    """A git that says something and then hangs, with a child of its own that hangs as well."""
    program = tmp_path / "git"
    program.write_text(f"#!/bin/sh\necho first\nsleep 30 &\necho $! > {tmp_path}/child\nwait\n")
    program.chmod(0o755)
    return Git(tmp_path, {"PATH": f"{tmp_path}:{os.environ['PATH']}"})


def ends(pid: int) -> bool:
    """Whether a process is gone, at once or nearly so."""
    for _ in range(200):
        try:
            if Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z":
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.01)
    return False


def test_limits_in_time(slow: Git, tmp_path: Path) -> None:
    started = time.monotonic()
    with pytest.raises(GitError, match=r"git diff did not end within 0.3 s"):
        slow.run("diff", limit=0.3)
    assert ends(int((tmp_path / "child").read_text()))
    pieces = slow.pieces(b"\n", "diff", limit=0.3)
    assert next(pieces) == b"first"
    with pytest.raises(GitError, match=r"git diff did not end within 0.3 s"):
        next(pieces)
    assert ends(int((tmp_path / "child").read_text()))
    assert time.monotonic() - started < 10


def test_pieces_that_nobody_wants_any_more(slow: Git, tmp_path: Path) -> None:
    pieces = slow.pieces(b"\n", "diff")
    next(pieces)
    while not (tmp_path / "child").exists():
        time.sleep(0.01)
    time.sleep(0.05)
    pieces.close()
    assert ends(int((tmp_path / "child").read_text()))


@pytest.mark.parametrize(
    ("errors", "words"),
    [
        ("", "no reason given"),
        ("warning: a\nfatal: b\nhint: c\n", "b"),
        ("error: a\nfatal: b\n", "b"),
        ("fatal: b\nerror: a\n", "a"),
        ("something\nelse\n\n", "else"),
    ],
)
def test_last_words(errors: str, words: str) -> None:
    assert last_words(errors) == words


def test_what_a_person_reads() -> None:
    assert str(failed(("diff-tree", "-r"), "fatal: bad object\n")) == "git diff-tree: bad object"
