"""Errors to exit codes; interrupts and kills in the middle of the work."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest

from bot.cli import main
from bot.cli.group import cli
from bot.cli.run import run as run_here
from bot.errors import BotError, InputError, PolicyError, SettingsError, UsageError
from tests.cli.material import SAFE, SAFE_FIXED, command, environment, run

Put = Callable[[str, str | bytes], Path]


@pytest.mark.parametrize(
    ("raised", "code", "err"),
    [
        (UsageError("say a; not b"), 2, "error: say a; not b\n"),
        (InputError("x.yaml: cannot be read"), 2, "error: x.yaml: cannot be read\n"),
        (SettingsError("s.yaml:1: no"), 2, "error: s.yaml:1: no\n"),
        (PolicyError("p.yaml:1: \x1b[31m"), 2, "error: p.yaml:1: ␛[31m\n"),
        (BotError("two\nlines"), 2, "error: two\nlines\n"),
        (PermissionError(13, "Permission denied", "a.yaml"), 2, "error: a.yaml: Permission denied\n"),
        (OSError(5, "Input/output error"), 2, "error: Input/output error\n"),
        (MemoryError(), 2, "error: not enough memory\n"),
        (KeyboardInterrupt(), 130, "interrupted: no file was left half written\n"),
        (BrokenPipeError(), 0, ""),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else "",
)
def test_what_is_raised_becomes_a_code_and_a_line(
    raised: BaseException, code: int, err: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    @click.command()
    def broken() -> None:
        raise raised

    monkeypatch.setitem(cli.commands, "broken", broken)
    monkeypatch.setattr("bot.cli.group._COMMANDS", {"broken": ""})
    monkeypatch.setattr(type(cli), "get_command", lambda _self, _ctx, _name: broken)
    done = run("broken")
    assert (done.code, done.out) == (code, "")
    assert done.err.lstrip("\n") == err


@pytest.mark.parametrize("debug", [False, True])
def test_a_defect_is_ours_and_shows_where_only_when_asked(debug: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    @click.command()
    def broken() -> None:
        raise ValueError("\x1b[31mx\nmore")

    monkeypatch.setattr("bot.cli.group._COMMANDS", {"broken": ""})
    monkeypatch.setattr(type(cli), "get_command", lambda _self, _ctx, _name: broken)
    done = run("broken", env={"K8S_AUTO_FIX_DEBUG": "1"} if debug else {})
    assert (done.code, done.out) == (3, "")
    assert ("Traceback" in done.err) is debug
    lines = done.err.splitlines()[-2:]
    assert lines[0] == "internal error: ValueError: ␛[31mx"
    assert "Please report it" in lines[1]


def test_main_exits_with_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["k8s-auto-fix", "nonsense"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2


def test_the_handler_of_signals_is_put_back() -> None:
    before = signal.getsignal(signal.SIGTERM)
    run_here(["--version"])
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.fixture
def many(put: Put) -> list[Path]:
    """Files enough to be interrupted over."""
    return [put(f"{number:03}.yaml", SAFE.replace("nightly", f"job{number}")) for number in range(400)]


def children(pid: int) -> set[int]:
    """The processes whose parent is `pid`."""
    found = set()
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found.add(int(status.parent.name))
    return found


def start(*arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command(*arguments),
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def is_whole(path: Path) -> bool:
    text = path.read_text(encoding="utf-8")
    old = SAFE.replace("nightly", f"job{int(path.stem)}")
    return text in (old, old.replace("batch/v1beta1", "batch/v1"))


def left_over(here: Path) -> list[str]:
    return sorted(path.name for path in here.iterdir() if path.name.startswith(".k8s"))


def wait_for(happened: Callable[[], object]) -> None:
    """Wait until something is so; an assertion when it never is."""
    end = time.monotonic() + 30
    while not happened():
        assert time.monotonic() < end, "never happened"
        time.sleep(0.001)


def fixed(path: Path) -> bool:
    return "batch/v1beta1" not in path.read_text(encoding="utf-8")


STAGES = ["working", "working a while", "writing", "writing a while"]


def reach(stage: str, process: subprocess.Popen[bytes], many: list[Path]) -> None:
    """Wait until `fix` over `many` is in that stage."""
    if stage.startswith("working"):
        wait_for(lambda: children(process.pid))
    else:
        wait_for(lambda: fixed(many[0]))
    if stage.endswith("a while"):
        time.sleep(0.1 if stage.startswith("working") else 0.02)


needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are listed in /proc")


@needs_proc
@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize(
    ("number", "code", "whole_group"),
    [
        (signal.SIGINT, 130, True),
        (signal.SIGTERM, 143, False),
        (signal.SIGTERM, 143, True),
    ],
    ids=["Ctrl-C", "SIGTERM", "SIGTERM to all"],
)
def test_interrupted(stage: str, number: int, code: int, whole_group: bool, many: list[Path], here: Path) -> None:
    process = start("fix", "--jobs", "3", ".")
    reach(stage, process, many)
    mine = children(process.pid)
    (os.killpg if whole_group else os.kill)(process.pid, number)
    out, err = process.communicate(timeout=30)
    assert process.returncode == code
    assert err.strip() in (b"interrupted: no file was left half written", b"terminated: no file was left half written")
    assert out == b""
    assert all(map(is_whole, many))
    assert not all(map(fixed, many)), "it was done already"
    assert any(map(fixed, many)) is stage.startswith("writing")
    assert left_over(here) == []
    assert not [pid for pid in mine if Path(f"/proc/{pid}").exists()]


@needs_proc
@pytest.mark.parametrize("stage", STAGES)
def test_killed(stage: str, many: list[Path]) -> None:
    process = start("fix", "--jobs", "3", ".")
    reach(stage, process, many)
    mine = children(process.pid)
    process.kill()
    process.communicate(timeout=30)
    assert all(map(is_whole, many))
    assert not all(map(fixed, many)), "it was done already"
    wait_for(lambda: not [pid for pid in mine if Path(f"/proc/{pid}").exists() and pid in children(1)])
    assert run("fix", "-q", ".").code == 1
    assert all(map(fixed, many))


@pytest.fixture
def small_disk(here: Path) -> Iterator[Path]:
    """A file system with room for two files."""
    folder = here / "disk"
    folder.mkdir()
    options = ["-t", "tmpfs", "-o", "size=16k", "tmpfs", str(folder)]
    if subprocess.run(["mount", *options], capture_output=True, check=False).returncode:
        pytest.skip("no right to mount a file system")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_leaves_the_original(small_disk: Path) -> None:
    path = small_disk / "a.yaml"
    path.write_text(SAFE + "# " + "x" * 3000 + "\n", encoding="utf-8")
    before = path.read_bytes()
    with pytest.raises(OSError, match="No space"):
        (small_disk / "filler").write_bytes(b"x" * 100_000)
    done = run("fix", small_disk)
    assert done.code == 2
    assert "cannot be written: No space left on device" in done.out
    assert path.read_bytes() == before
    assert sorted(each.name for each in small_disk.iterdir()) == ["a.yaml", "filler"]
    (small_disk / "filler").unlink()
    assert run("fix", small_disk).code == 1
    assert path.read_bytes() == before.replace(SAFE.encode(), SAFE_FIXED.encode())
