"""An embedded server that stays between runs: `k8s-auto-fix cluster start|stop|status`.

Invariant: there is at most one that is found, it is the user's own, and its token stands in a file of the user alone.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import time
from pathlib import Path

from bot.adapters.cluster import embedded, leftovers
from bot.adapters.cluster.binaries import Binaries
from bot.adapters.cluster.embedded import EmbeddedServer

_STATE = "connection.json"
_POLL = 0.025


def start(binaries: Binaries, *, limit: float = embedded.START_LIMIT) -> EmbeddedServer:
    """A server that outlives this process, until `stop`; the one that runs already when there is one."""
    if running := find():
        return running
    stop()
    server = embedded.finish(embedded.begin(binaries, keep=True), limit=limit)
    if server.keeper:
        server.keeper.returncode = 0  # nobody is to warn that it still runs
    state = server.folder / _STATE
    state.touch(mode=0o600)
    paths = {"apiserver": str(binaries.apiserver), "etcd": str(binaries.etcd), "version": binaries.version}
    state.write_text(json.dumps({"url": server.url, "token": server.token, **paths}), "utf-8")
    return find() or server


def find() -> EmbeddedServer | None:
    """The server that `start` left running, if there is one."""
    for folder in leftovers.folders(embedded.PREFIX):
        if leftovers.owner(folder) and not embedded.ended(folder):
            with contextlib.suppress(OSError, ValueError, KeyError):
                state = json.loads((folder / _STATE).read_text("utf-8"))
                pair = Binaries(Path(state["apiserver"]), Path(state["etcd"]), "kept", state["version"])
                return EmbeddedServer(pair, folder, state["url"], state["token"])
    return None


def stop() -> bool:
    """Ends it and removes its folder, also when its processes have ended by themselves; whether there was one."""
    owners = {
        folder: owner
        for folder in leftovers.folders(embedded.PREFIX)
        if (folder / _STATE).exists() and (owner := leftovers.owner(folder))
    }
    for owner in owners.values():
        os.kill(owner, signal.SIGTERM)
    end = time.monotonic() + embedded.STOP_LIMIT
    while any(folder.exists() for folder in owners) and time.monotonic() < end:
        time.sleep(_POLL)
    return bool(owners)
