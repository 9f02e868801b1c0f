"""Sees to it that a server ends with the bot: `python -I watchdog.py FOLDER [keep]`.

It starts the commands of the folder's plan (etcd and kube-apiserver; none for kind) and waits. When the bot closes the
pipe at its standard input, which the kernel does too when the bot is killed, or on SIGTERM, it kills what it started,
runs the plan's last commands (`kind delete cluster`), and removes the folder. With `keep` only SIGTERM ends it. When a
command ends by itself, the others are killed and the file `ended` says so.

Invariant: the standard library alone, and no import of the bot: it runs isolated, and starts in milliseconds. What it
starts never outlives it (on Linux the kernel sees to that, elsewhere the next start does).
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TypedDict

PLAN = "plan.json"
PROCESSES = "processes"
ENDED = "ended"
LAST_LIMIT = 60.0
"""Seconds for each of the last commands."""
_PR_SET_PDEATHSIG = 1
_NONE = subprocess.DEVNULL


class Plan(TypedDict):
    """What the bot wants: commands to start, by name, and commands to run at the end."""

    start: dict[str, list[str]]
    last: list[list[str]]


def main(folder: Path, keep: bool) -> None:
    """Runs the plan in the folder until told to stop; afterwards nothing is left of it."""
    for harmless in (signal.SIGINT, signal.SIGHUP):
        signal.signal(harmless, signal.SIG_IGN)
    wake, awake = os.pipe()
    os.set_blocking(awake, False)
    signal.set_wakeup_fd(awake, warn_on_full_buffer=False)
    for waking in (signal.SIGTERM, signal.SIGCHLD):
        signal.signal(waking, _note)
    children: dict[str, subprocess.Popen[bytes]] = {}
    try:
        _start_all(folder, children)
        _wait(folder, children, wake, keep)
    finally:
        _kill(children)
        _run_last(folder)
        shutil.rmtree(folder, ignore_errors=True)


def _start_all(folder: Path, children: dict[str, subprocess.Popen[bytes]]) -> None:
    """Fills `children`; what cannot be started is reported, and the bot decides."""
    try:
        for name, command in _plan(folder)["start"].items():
            children[name] = _start(folder, name, command)
        (folder / PROCESSES).write_text("\n".join(str(child.pid) for child in children.values()), "utf-8")
    except OSError as error:
        _say(folder, str(error))
        _kill(children)


def _run_last(folder: Path) -> None:
    """Each is tried, whatever became of the one before."""
    with contextlib.suppress(OSError, ValueError):
        for command in _plan(folder)["last"]:
            with contextlib.suppress(OSError, subprocess.TimeoutExpired):
                subprocess.run(command, stdin=_NONE, stdout=_NONE, stderr=_NONE, timeout=LAST_LIMIT, check=False)


def _plan(folder: Path) -> Plan:
    plan: Plan = json.loads((folder / PLAN).read_text("utf-8"))
    return plan


def _note(number: int, frame: object) -> None:
    """The signal's number arrives in the wake-up pipe; nothing else is to be done."""


def _start(folder: Path, name: str, command: list[str]) -> subprocess.Popen[bytes]:
    with (folder / f"{name}.log").open("wb") as log:
        return subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            process_group=0,
            preexec_fn=_die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509 - one thread only
        )


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _wait(folder: Path, children: dict[str, subprocess.Popen[bytes]], wake: int, keep: bool) -> None:
    """Returns when the bot is gone or wants an end; a child that ended is reported, and the wait goes on."""
    watched = [wake] if keep else [wake, sys.stdin.fileno()]
    while True:
        ready, _, _ = select.select(watched, [], [])
        if wake in ready and signal.SIGTERM in os.read(wake, 512):
            return
        if len(ready) > (wake in ready):
            return
        ended = [name for name, child in children.items() if child.poll() is not None]
        if ended and not (folder / ENDED).exists():
            _say(folder, f"{ended[0]} ended ({children[ended[0]].returncode})")
            _kill(children)


def _say(folder: Path, reason: str) -> None:
    """Whole or not at all, even when the disk is full."""
    draft = folder / f"{ENDED}.draft"
    try:
        draft.write_text(reason, "utf-8")
        draft.rename(folder / ENDED)
    except OSError:
        (folder / ENDED).touch()


def _kill(children: dict[str, subprocess.Popen[bytes]]) -> None:
    """Nothing in them is worth a farewell: the data is thrown away."""
    for child in children.values():
        with contextlib.suppress(OSError):
            os.killpg(child.pid, signal.SIGKILL)
    for child in children.values():
        child.wait()


if __name__ == "__main__":
    main(Path(sys.argv[1]), "keep" in sys.argv[2:])
