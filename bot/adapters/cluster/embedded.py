"""An API server of the bot's own: kube-apiserver and etcd as plain processes, without Docker.

Everything lives in one temporary folder that the user alone can read: etcd listens on a socket in it, the API server
on a free loopback port, and who asks needs a random token.

Invariant: however the bot ends, the processes end and the folder goes (`watchdog`); what a killed watchdog leaves, the
next start clears (`leftovers`).
"""

from __future__ import annotations

import contextlib
import http.client
import logging
import re
import secrets
import shutil
import socket
import ssl
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from bot.adapters.cluster import flags, keepers, leftovers, watchdog
from bot.adapters.cluster.binaries import APISERVER, ETCD, Binaries
from bot.adapters.cluster.connection import Connection, Fixed, tls_context
from bot.adapters.cluster.errors import ClusterError

log = logging.getLogger(__name__)

KIND = "embedded"
PREFIX = "k8s-auto-fix-cluster-"
START_LIMIT = 60.0
"""Seconds until it is ready: 2 to 3 on two quiet cores, and slow machines exist."""
STOP_LIMIT = 10.0
_TRIES = 3
_POLL = 0.025
_CERTIFICATE = "apiserver.crt"


@dataclass(frozen=True, slots=True)
class EmbeddedServer:
    """A running server. `keeper` is None for one that another run keeps going: closing lets it be."""

    binaries: Binaries
    folder: Path
    url: str
    token: str = field(repr=False)
    keeper: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    keep: bool = False

    def connection(self) -> Connection:
        """How to reach it; its own certificate is the only one trusted."""
        tls = tls_context(authorities=(self.folder / _CERTIFICATE).read_text("ascii"))
        return Connection(self.url, KIND, tls, Fixed(f"Bearer {self.token}"))

    def ended(self) -> str:
        """Why it no longer runs; empty while it does."""
        if not self.folder.exists():
            return "the embedded API server was stopped"
        return ended(self.folder)

    def close(self) -> None:
        """Ends its processes and removes its folder, unless it is kept."""
        if self.keeper is not None:
            keepers.dismiss(self.keeper, STOP_LIMIT)

    def __enter__(self) -> EmbeddedServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def start(binaries: Binaries, *, limit: float = START_LIMIT) -> EmbeddedServer:
    """A server that lives as long as this process at most. ClusterError when it does not come up in `limit` seconds."""
    return finish(begin(binaries), limit=limit)


def begin(binaries: Binaries, *, keep: bool = False) -> EmbeddedServer:
    """Begins to start one; it is to be had from `finish`, or closed."""
    leftovers.sweep(PREFIX, leftovers.kill_servers)
    return _launch(binaries, keep=keep)


def finish(server: EmbeddedServer, *, limit: float = START_LIMIT) -> EmbeddedServer:
    """The server, or another in its place, once it is ready. When it raises, nothing is left of it."""
    for attempt in range(1, _TRIES + 1):
        try:
            problem = _await_ready(server, limit)
        except BaseException:
            server.close()
            raise
        if not problem:
            return server
        server.close()
        # The port was free when it was chosen; somebody may have been faster.
        if "address already in use" not in problem or attempt == _TRIES:
            raise ClusterError(f"the embedded API server did not start: {problem}")
        server = _launch(server.binaries, keep=server.keep)
    raise AssertionError("the last attempt returns or raises")


def _launch(binaries: Binaries, *, keep: bool) -> EmbeddedServer:
    """Starts the watchdog, which starts the rest."""
    token = secrets.token_urlsafe(32)
    port = _free_port()
    folder = None
    try:
        folder = leftovers.new_folder(PREFIX)
        _write_secret(folder / flags.TOKENS, f"{token},k8s-auto-fix,k8s-auto-fix,system:masters\n")
        _write_secret(folder / flags.ACCOUNTS, flags.private_key())
        commands = {ETCD: flags.etcd(binaries, folder), APISERVER: flags.apiserver(binaries, folder, port)}
        keeper = keepers.employ(folder, {"start": commands, "last": []}, keep=keep)
    except OSError as error:
        if folder:
            shutil.rmtree(folder, ignore_errors=True)
        raise ClusterError(f"the embedded API server did not start: {error}") from error
    return EmbeddedServer(binaries, folder, f"https://{flags.ADDRESS}:{port}", token, keeper, keep)


def _await_ready(server: EmbeddedServer, limit: float) -> str:
    """Empty once it is ready, else why it is not."""
    end = time.monotonic() + limit
    while time.monotonic() < end:
        if problem := server.ended():
            return problem
        with contextlib.suppress(OSError, http.client.HTTPException):
            if _is_ready(server):
                return ""
        time.sleep(_POLL)
    return f"not ready after {limit:g} s; {_last_words(server.folder, APISERVER)}"


def _is_ready(server: EmbeddedServer) -> bool:
    if not (server.folder / _CERTIFICATE).exists():
        return False
    address, _, port = server.url.removeprefix("https://").partition(":")
    with contextlib.suppress(ssl.SSLError):  # the certificate is only half written
        context = server.connection().tls
        with contextlib.closing(http.client.HTTPSConnection(address, int(port), timeout=5, context=context)) as caller:
            caller.request("GET", "/readyz", headers={"Authorization": f"Bearer {server.token}"})
            return caller.getresponse().status == 200
    return False


def ended(folder: Path) -> str:
    """What the watchdog noted about an end, with the last words of who ended; empty when there was none."""
    note = folder / watchdog.ENDED
    try:
        said = note.read_text("utf-8")
    except OSError:
        return ""
    name = said.partition(" ")[0]
    if shutil.disk_usage(folder).free < 1 << 20:
        return f"no space left on the disk of {folder.parent}"
    return f"{said}: {_last_words(folder, name)}" if name in (ETCD, APISERVER) else said or "it ended"


def _last_words(folder: Path, name: str) -> str:
    """The line of a log that says why, as far as one can tell."""
    try:
        lines = (folder / f"{name}.log").read_text("utf-8", "replace").strip().splitlines()
    except OSError:
        lines = []
    if not lines:
        return f"{name} said nothing"
    telling = [
        line for line in lines if re.search(r'"level":"(fatal|panic)"|"command failed"|^(Error|panic|fatal)', line)
    ]
    line = (telling or lines)[-1]
    inner = re.search(r'err="((?:[^"\\]|\\.)*)"|"error":"((?:[^"\\]|\\.)*)"', line)
    return (inner[1] or inner[2]) if inner else line


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((flags.ADDRESS, 0))
        return int(probe.getsockname()[1])


def _write_secret(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text, "ascii")
