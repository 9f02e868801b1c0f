"""The HTTP server: threads, sockets and headers. What a request gets is up to `judge` and, for git, `transport`."""

from __future__ import annotations

import contextlib
import http.server
import json
import socket
import socketserver
import ssl
import sys
import threading
import traceback
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.fakes.github import transport
from tests.fakes.github.answers import Answer
from tests.fakes.github.hub import Hub
from tests.fakes.github.judge import HangUp, Judge


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    """A server on a free port of the loopback interface."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, hub: Hub, certificate: Path | None) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.hub = hub
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        hub.url = f"{'https' if certificate else 'http'}://127.0.0.1:{self.server_address[1]}"

    def server_bind(self) -> None:
        """Bind without asking for the host's name, which can take seconds."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news; anything else is a defect of the fake."""
        if not isinstance(sys.exception(), ConnectionError | ssl.SSLError | TimeoutError):
            self.hub.offend("fake", traceback.format_exc())


class Handler(http.server.BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: Server

    def do_GET(self) -> None:
        """Any method is judged in one place."""
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        if self.headers.get("transfer-encoding", "").lower() == "chunked":
            body = self._chunks()
        parts = urlsplit(self.path)
        hub = self.server.hub
        if transport.is_git(parts.path):
            self._git(parts.path, parts.query, body)
            return
        judged = Judge(hub, self.command, unquote(parts.path), dict(parse_qsl(parts.query, True)), self.headers, body)
        try:
            answer = judged.answer()
        except HangUp:
            self.close_connection = True
            with contextlib.suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)
            return
        except Exception:  # noqa: BLE001 - a defect of the fake has to be seen in the test that met it
            hub.offend(judged.name, traceback.format_exc())
            answer = Answer(500, {"message": traceback.format_exc()})
        self._send(answer, hub)

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815 - the names that the base class looks for

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _chunks(self) -> bytes:
        found = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            found += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return found

    def _send(self, answer: Answer, hub: Hub) -> None:
        if isinstance(answer.body, str):
            body = answer.body.encode()
        else:
            body = b"" if answer.status == 204 else json.dumps(answer.body).encode()
        headers = {
            "content-type": "application/json; charset=utf-8",
            "content-length": str(len(body)),
            "x-github-media-type": "github.v3; format=json",
            "x-github-request-id": "0000:FAKE",
            "x-ratelimit-limit": str(hub.limit),
            "x-ratelimit-remaining": str(max(0, hub.limit - hub.spent)),
            "x-ratelimit-reset": str(hub.reset),
            "x-ratelimit-resource": "core",
            "x-ratelimit-used": str(hub.spent),
            **answer.headers,
        }
        self.send_response(answer.status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def _git(self, path: str, query: str, body: bytes) -> None:
        status, headers, content = transport.answer(self.server.hub, self.command, path, query, self.headers, body)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        self.wfile.flush()


def serve(hub: Hub, certificate: Path | None = None) -> Server:
    """Start answering."""
    server = Server(hub, certificate)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    return server
