"""Folders of servers, and what a hard kill or a power cut may leave of them.

A folder holds `owner`: the watchdog's process id and start time. Together they name a process for ever; a process id
alone may belong to somebody else by now.

Invariant: only folders with our prefixes that belong to the user are touched, and only processes that these folders
name and that name them.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

OWNER = "owner"
_YOUNG = 60.0
"""Seconds a folder without an owner may be one that is just being made."""


def new_folder(prefix: str) -> Path:
    """A fresh one, readable by the user alone."""
    return Path(tempfile.mkdtemp(prefix=prefix, dir=_base()))


def write_owner(folder: Path, pid: int) -> None:
    """Notes whose folder it is."""
    draft = folder / f"{OWNER}.draft"
    draft.write_text(json.dumps([pid, started(pid)]), "utf-8")
    draft.rename(folder / OWNER)


def sweep(prefix: str, end: Callable[[Path], None]) -> int:
    """Ends (`end`) and removes what dead owners left; the number of folders removed."""
    removed = 0
    for folder in folders(prefix):
        with contextlib.suppress(OSError):
            if _is_stale(folder):
                end(folder)
                shutil.rmtree(folder, ignore_errors=True)
                removed += 1
    return removed


def started(pid: int) -> str:
    """When a process started, as the system tells it; empty when there is none. Opaque: for comparing only."""
    if sys.platform == "linux":
        try:
            fields = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
            boot = Path("/proc/sys/kernel/random/boot_id").read_text("utf-8").strip()
        except OSError:
            return ""
        return "" if fields[0] in "ZX" else f"{boot} {fields[19]}"
    ps = ["ps", "-o", "lstart=", "-p", str(pid)]
    result = subprocess.run(ps, capture_output=True, text=True, env=os.environ | {"LC_ALL": "C"}, check=False)
    return result.stdout.strip()


def owner(folder: Path) -> int:
    """The process id of the watchdog that runs for this folder; 0 when there is none."""
    try:
        pid, start = json.loads((folder / OWNER).read_text("utf-8"))
    except (OSError, ValueError):
        return 0
    return int(pid) if start and started(int(pid)) == start else 0


def folders(prefix: str) -> Iterator[Path]:
    """The user's own folders of servers, running or not."""
    for folder in _base().glob(f"{prefix}*"):
        about = folder.lstat()
        if stat.S_ISDIR(about.st_mode) and about.st_uid == os.getuid():
            yield folder


def _base() -> Path:
    """A runner's folder outlives the container of an action's step, so that its last step finds what is left."""
    return Path(os.environ.get("RUNNER_TEMP") or tempfile.gettempdir())


def _is_stale(folder: Path) -> bool:
    if not (folder / OWNER).exists():
        return time.time() - folder.stat().st_mtime > _YOUNG
    return not owner(folder)


def kill_servers(folder: Path) -> None:
    """The servers of a dead watchdog: the processes it noted, as far as they still name the folder."""
    names = folder / "processes"
    pids = names.read_text("utf-8").split() if names.exists() else []
    for pid in map(int, pids):
        if _runs_in(pid, folder):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def _runs_in(pid: int, folder: Path) -> bool:
    """Every server of ours names its folder on its command line; no other process does."""
    if sys.platform == "linux":
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return False
    else:
        ps = ["ps", "-ww", "-o", "command=", "-p", str(pid)]
        command = subprocess.run(ps, capture_output=True, check=False).stdout
    return os.fsencode(folder) in command
