"""The bot's side of the watchdog: employ one for a folder, dismiss it."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from bot.adapters.cluster import leftovers, watchdog
from bot.adapters.cluster.surroundings import without_secrets


def employ(
    folder: Path, plan: watchdog.Plan, *, keep: bool = False, environ: Mapping[str, str] = os.environ
) -> subprocess.Popen[bytes]:
    """Starts the watchdog, which starts the plan's commands; none of them sees a token. OSError when that fails."""
    (folder / watchdog.PLAN).write_text(json.dumps(plan), "utf-8")
    keeper = subprocess.Popen(
        [sys.executable, "-I", "-S", watchdog.__file__, str(folder), *(["keep"] if keep else [])],
        stdin=subprocess.DEVNULL if keep else subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=without_secrets(environ),
        start_new_session=True,
    )
    with contextlib.suppress(OSError):  # the folder is gone, or full: what is asked of the server will tell
        leftovers.write_owner(folder, keeper.pid)
    return keeper


def dismiss(keeper: subprocess.Popen[bytes], limit: float) -> None:
    """Lets the watchdog end everything; it is killed when that takes longer than `limit` seconds."""
    if keeper.stdin:
        with contextlib.suppress(OSError):
            keeper.stdin.close()
    else:
        keeper.terminate()
    try:
        keeper.wait(limit)
    except subprocess.TimeoutExpired:
        keeper.kill()
        keeper.wait()
