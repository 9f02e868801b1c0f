"""A git server over HTTP for tests: git's own `http-backend`, which demands credentials as GitHub does."""

from __future__ import annotations

import ssl
import subprocess
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.adapters.git.material import ENVIRON, git


@dataclass
class Server:
    """Serves the repositories below `root`.

    `credentials` is the only Authorization header that is taken, None takes requests without one. `faults` are statuses
    (0: the connection breaks) that the next requests end with. `newest` is the protocol that it speaks.
    """

    root: Path
    credentials: str | None = None
    newest: int = 2
    faults: list[int] = field(default_factory=list)
    requests: list[tuple[str, list[str], str]] = field(default_factory=list)  # path, Authorization, protocol
    context: ssl.SSLContext | None = None

    def __enter__(self) -> Server:
        owner = self

        class Handler(_Handler):
            server_of_test = owner

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if self.context:
            self._http.socket = self.context.wrap_socket(self._http.socket, server_side=True)
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"{'https' if self.context else 'http'}://127.0.0.1:{self._http.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server_of_test: Server

    def do_GET(self) -> None:
        self.answer(b"")

    def do_POST(self) -> None:
        self.answer(self.rfile.read(int(self.headers["Content-Length"])))

    def answer(self, body: bytes) -> None:
        server = self.server_of_test
        authorization = self.headers.get_all("Authorization", [])
        server.requests.append((self.path, authorization, self.headers.get("Git-Protocol", "")))
        if server.faults:
            status = server.faults.pop(0)
            if status:
                self.refuse(status)
            else:
                self.close_connection = True
        elif len(authorization) > 1:
            self.refuse(400)
        elif server.credentials is not None and authorization != [server.credentials]:
            self.refuse(401)
        else:
            self.serve(body)

    def refuse(self, status: int) -> None:
        self.send_response(status)
        if status == 401:
            self.send_header("WWW-Authenticate", 'Basic realm="GitHub"')
        if status == 301:
            self.send_header("Location", f"http://localhost:9{self.path}")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def serve(self, body: bytes) -> None:
        server = self.server_of_test
        path, _, query = self.path.partition("?")
        environ = {
            **ENVIRON,
            "GIT_PROJECT_ROOT": str(server.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "REMOTE_USER": "x",
            "REMOTE_ADDR": "127.0.0.1",
        }
        if server.newest == 2:
            environ["GIT_PROTOCOL"] = self.headers.get("Git-Protocol", "")
        program = Path(git(server.root, "--exec-path").decode().strip()) / "git-http-backend"
        done = subprocess.run((program,), env=environ, input=body, capture_output=True, check=False)
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        self.send_response(int(headers.pop("Status", "200").split()[0]))
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""
