"""An API server of the bot's own: kube-apiserver and etcd as plain processes, without Docker.

Everything lives in one temporary folder that the user alone can read: etcd listens on a socket in it, the API server
on a free loopback port, and who asks needs a random token.

Invariant: however the bot ends, the processes end and the folder goes (`watchdog`); what a killed watchdog leaves, the
next start clears (`leftovers`).
"""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import logging
import os
import re
import secrets
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from bot.adapters.cluster import leftovers, watchdog
from bot.adapters.cluster.binaries import APISERVER, ETCD, Binaries
from bot.adapters.cluster.connection import Connection, Fixed, tls_context
from bot.adapters.cluster.errors import ClusterError

log = logging.getLogger(__name__)

KIND = "embedded"
START_LIMIT = 60.0
"""Seconds until it is ready: 2 to 3 on two quiet cores, and slow machines exist."""
STOP_LIMIT = 10.0
_TRIES = 3
_POLL = 0.025
_ADDRESS = "127.0.0.1"
_CERTIFICATE = "apiserver.crt"
_STATE = "connection.json"
_ORDER_OF_P256 = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@dataclass(frozen=True, slots=True)
class EmbeddedServer:
    """A running server. `keeper` is None for one that another run keeps going: closing lets it be."""

    folder: Path
    url: str
    token: str = field(repr=False)
    keeper: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def connection(self) -> Connection:
        """How to reach it; its own certificate is the only one trusted."""
        tls = tls_context(authorities=(self.folder / _CERTIFICATE).read_text("ascii"))
        return Connection(self.url, KIND, tls, Fixed(f"Bearer {self.token}"))

    def ended(self) -> str:
        """Why it no longer runs; empty while it does."""
        if not self.folder.exists():
            return "the embedded API server was stopped"
        return _ended(self.folder)

    def close(self) -> None:
        """Ends its processes and removes its folder, unless it is kept."""
        if self.keeper is not None:
            _dismiss(self.keeper)

    def __enter__(self) -> EmbeddedServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def start(binaries: Binaries, *, limit: float = START_LIMIT) -> EmbeddedServer:
    """A server that lives as long as this process at most. ClusterError when it does not come up in `limit` seconds."""
    return _start(binaries, limit, keep=False)


def start_kept(binaries: Binaries, *, limit: float = START_LIMIT) -> EmbeddedServer:
    """A server that outlives this process, until `stop_kept`."""
    server = _start(binaries, limit, keep=True)
    if server.keeper:
        server.keeper.returncode = 0  # nobody is to warn that it still runs
    state = server.folder / _STATE
    state.touch(mode=0o600)
    state.write_text(json.dumps({"url": server.url, "token": server.token}), "utf-8")
    return EmbeddedServer(server.folder, server.url, server.token)


def find_kept() -> EmbeddedServer | None:
    """The server that `start_kept` left running, if there is one."""
    for folder in leftovers.folders():
        if leftovers.owner(folder) and not _ended(folder):
            with contextlib.suppress(OSError, ValueError):
                state = json.loads((folder / _STATE).read_text("utf-8"))
                return EmbeddedServer(folder, state["url"], state["token"])
    return None


def stop_kept() -> bool:
    """Ends it and removes its folder; whether there was one."""
    server = find_kept()
    if server is None:
        return False
    pid = leftovers.owner(server.folder)
    os.kill(pid, signal.SIGTERM)
    end = time.monotonic() + STOP_LIMIT
    while server.folder.exists() and time.monotonic() < end:
        time.sleep(_POLL)
    return True


def _start(binaries: Binaries, limit: float, *, keep: bool) -> EmbeddedServer:
    leftovers.sweep()
    for attempt in range(1, _TRIES + 1):
        server = _launch(binaries, keep=keep)
        try:
            problem = _await_ready(server, limit)
        except BaseException:
            _dismiss_or_kill(server)
            raise
        if not problem:
            return server
        _dismiss_or_kill(server)
        # The port was free when it was chosen; somebody may have been faster.
        if "address already in use" not in problem or attempt == _TRIES:
            raise ClusterError(f"the embedded API server did not start: {problem}")
    raise AssertionError("the last attempt returns or raises")


def _launch(binaries: Binaries, *, keep: bool) -> EmbeddedServer:
    """Starts the watchdog, which starts the rest."""
    token = secrets.token_urlsafe(32)
    port = _free_port()
    folder = None
    try:
        folder = leftovers.new_folder()
        _write_secret(folder / "tokens.csv", f"{token},k8s-auto-fix,k8s-auto-fix,system:masters\n")
        _write_secret(folder / "accounts.key", _private_key())
        plan = {ETCD: _etcd(binaries, folder), APISERVER: _apiserver(binaries, folder, port)}
        (folder / watchdog.PLAN).write_text(json.dumps(plan), "utf-8")
        keeper = subprocess.Popen(
            [sys.executable, "-I", "-S", watchdog.__file__, str(folder), *(["keep"] if keep else [])],
            stdin=subprocess.DEVNULL if keep else subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        if folder:
            shutil.rmtree(folder, ignore_errors=True)
        raise ClusterError(f"the embedded API server did not start: {error}") from error
    server = EmbeddedServer(folder, f"https://{_ADDRESS}:{port}", token, keeper)
    with contextlib.suppress(OSError):  # the folder is gone, or full: readiness will tell
        leftovers.write_owner(folder, keeper.pid)
    return server


def _etcd(binaries: Binaries, folder: Path) -> list[str]:
    """Listens on a socket in the folder; the addresses are names that nobody calls."""
    return [
        str(binaries.etcd),
        f"--data-dir={folder / 'etcd'}",
        "--listen-client-urls=unix://etcd.sock",
        "--advertise-client-urls=http://127.0.0.1:2379",
        "--listen-peer-urls=unix://peer.sock",
        "--initial-advertise-peer-urls=http://127.0.0.1:2380",
        "--initial-cluster=default=http://127.0.0.1:2380",
        "--unsafe-no-fsync",
        "--log-level=warn",
    ]


def _apiserver(binaries: Binaries, folder: Path, port: int) -> list[str]:
    return [
        str(binaries.apiserver),
        "--etcd-servers=unix://etcd.sock",
        f"--bind-address={_ADDRESS}",
        f"--secure-port={port}",
        # Works without a network, too: no address is looked for, and nobody looks for this server's.
        f"--advertise-address={_ADDRESS}",
        "--endpoint-reconciler-type=none",
        f"--cert-dir={folder}",
        "--service-cluster-ip-range=10.96.0.0/12,fd00:10:96::/108",
        "--authorization-mode=RBAC",
        "--anonymous-auth=false",
        f"--token-auth-file={folder / 'tokens.csv'}",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={folder / 'accounts.key'}",
        f"--service-account-signing-key-file={folder / 'accounts.key'}",
        "--allow-privileged",
        "--disable-admission-plugins=ServiceAccount",
        "--profiling=false",
    ]


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


def _ended(folder: Path) -> str:
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


def _dismiss_or_kill(server: EmbeddedServer) -> None:
    if server.keeper and server.keeper.stdin is None:
        server.keeper.terminate()
    server.close()


def _dismiss(keeper: subprocess.Popen[bytes]) -> None:
    """Lets the watchdog end everything; it is quick, and killed when it is not."""
    if keeper.stdin:
        with contextlib.suppress(OSError):
            keeper.stdin.close()
    try:
        keeper.wait(STOP_LIMIT)
    except subprocess.TimeoutExpired:
        keeper.kill()
        keeper.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_ADDRESS, 0))
        return int(probe.getsockname()[1])


def _write_secret(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text, "ascii")


def _private_key() -> str:
    """A P-256 key for service account tokens, as SEC 1 writes it; the public half follows from it."""
    scalar = (secrets.randbelow(_ORDER_OF_P256 - 1) + 1).to_bytes(32, "big")
    der = b"\x30\x31\x02\x01\x01\x04\x20" + scalar + b"\xa0\x0a\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07"
    return f"-----BEGIN EC PRIVATE KEY-----\n{base64.b64encode(der).decode()}\n-----END EC PRIVATE KEY-----\n"
