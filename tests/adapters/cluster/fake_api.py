"""An API server for faults: a real socket whose answers a test writes, and which records what it was asked.

Everything is served by default as an empty cluster with namespaces, pods and deployments; `answers` are given first, in
order. `raw` answers are bytes on the socket, then the end; None is silence.
"""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import threading
import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from bot.adapters.cluster.connection import Connection, Credentials, Fixed


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def http(code: int, document: Any = None, *headers: str) -> bytes:
    body = document if isinstance(document, bytes) else json.dumps(document or {}).encode()
    lines = [f"HTTP/1.1 {code} X", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def status(code: int, message: str, *headers: str, **fields: Any) -> bytes:
    return http(code, {"kind": "Status", "apiVersion": "v1", "message": message, "code": code, **fields}, *headers)


_VERBS = ["create", "get", "patch"]
_CORE = {"groupVersion": "v1", "resources": [
    {"name": "namespaces", "kind": "Namespace", "namespaced": False, "verbs": _VERBS},
    {"name": "pods", "kind": "Pod", "namespaced": True, "verbs": _VERBS},
    {"name": "pods/log", "kind": "Pod", "namespaced": True, "verbs": ["get"]},
    {"name": "configmaps", "kind": "ConfigMap", "namespaced": True, "verbs": _VERBS},
]}  # fmt: skip
_APPS = {"groupVersion": "apps/v1", "resources": [
    {"name": "deployments", "kind": "Deployment", "namespaced": True, "verbs": _VERBS},
]}  # fmt: skip
DEFAULT = {
    "/version": http(200, {"gitVersion": "v1.29.4"}),
    "/api": http(200, {"kind": "APIVersions", "versions": ["v1"]}),
    "/apis": http(200, {"kind": "APIGroupList", "groups": [
        {"name": "apps", "versions": [{"groupVersion": "apps/v1"}]},
        {"name": "broken.example.com", "versions": [{"groupVersion": "broken.example.com/v1"}]},
    ]}),
    "/api/v1": http(200, _CORE),
    "/apis/apps/v1": http(200, _APPS),
    "/apis/broken.example.com/v1": status(404, "gone"),
}  # fmt: skip


@dataclass
class FakeApi:
    """Use it in a `with`. `drip` seconds pass between two bytes of a raw answer."""

    answers: list[bytes | None] = field(default_factory=list)
    tls: ssl.SSLContext | None = None
    drip: float = 0.0
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0
    busiest: int = 0
    hold: float = 0.0

    def __enter__(self) -> FakeApi:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._busy = 0
        self._lock = threading.Lock()
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self._listener.getsockname()[1]}"

    def connection(self, credentials: Credentials | None = None) -> Connection:
        return Connection(self.url, "fake", None, credentials or Fixed("Bearer secret"))

    def stop(self) -> None:
        """Nothing answers any more."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                self._open.append(connection)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, plain: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError):
            connection = self.tls.wrap_socket(plain, server_side=True) if self.tls else plain
            with contextlib.closing(connection), connection.makefile("rb") as reader:
                while self._answer(connection, reader):
                    pass

    def _answer(self, connection: socket.socket, reader: Any) -> bool:
        first = reader.readline().decode().split()
        if len(first) < 2:
            return False
        headers = {}
        while line := reader.readline().decode().strip():
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        body = reader.read(int(headers.get("content-length", 0)))
        path, _, query = first[1].partition("?")
        with self._lock:
            self.asked.append(Asked(first[0], path, query, headers, body))
            self._busy += 1
            self.busiest = max(self.busiest, self._busy)
            scripted = self.answers and path not in DEFAULT
            answer = self.answers.pop(0) if scripted else DEFAULT.get(path, http(201, json.loads(body or b"{}")))
        time.sleep(self.hold)
        with self._lock:
            self._busy -= 1
        if answer is None:
            time.sleep(30)
            return False
        for byte in [answer[i : i + 1] for i in range(len(answer))] if self.drip else [answer]:
            connection.sendall(byte)
            time.sleep(self.drip)
        whole = answer.startswith(b"HTTP/1.1 ") and b"Content-Length" in answer
        return whole and len(answer.partition(b"\r\n\r\n")[2]) == _length(answer)


def _length(answer: bytes) -> int:
    head = answer.partition(b"\r\n\r\n")[0].decode().lower()
    return int(head.partition("content-length: ")[2].split("\r\n")[0])
