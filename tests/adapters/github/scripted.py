"""A GitHub that says what a test wrote down: a real HTTP server, for answers that a well-behaved one never gives.

Stories run against the strict fake (`tests/fakes/github`); this is for the client's own manners.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from bot.adapters.github import connect
from bot.adapters.github.patience import Patience
from bot.adapters.github.place import Place, locate
from bot.adapters.github.pull_request import GitHubPullRequest

TOKEN = "ghs_0123456789secretsecret"
HEAD = "e" * 40
BASE = "b" * 40
PULLS = "/repos/octo/shop/pulls"
BOT = {"login": "github-actions[bot]", "type": "Bot"}
ADA = {"login": "ada", "type": "User"}


@dataclass(frozen=True)
class Said:
    """An answer; a status of 0 breaks the connection."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Any

    @property
    def line(self) -> str:
        """Method and path."""
        return f"{self.method} {self.path}"


class Script:
    """Answers by method and path without its query; each list is worked off, its last answer stays."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.asked: list[Asked] = []
        self._answers: dict[str, list[Said]] = {}

    def on(self, line: str, *answers: Said | Any) -> None:
        """What `GET /path` gets; what is no Said is the body of a 200."""
        self._answers[line] = [each if isinstance(each, Said) else Said(body=each) for each in answers]

    def answer(self, asked: Asked) -> Said:
        """The next answer."""
        self.asked.append(asked)
        answers = self._answers.get(asked.line.partition("?")[0], [Said(404, {"message": "Not Found"})])
        return answers.pop(0) if len(answers) > 1 else answers[0]

    @property
    def lines(self) -> list[str]:
        """All requests so far."""
        return [asked.line for asked in self.asked]

    def posted(self) -> list[Any]:
        """The bodies of the reviews that were asked for."""
        return [asked.body for asked in self.asked if asked.line == f"POST {PULLS}/7/reviews"]


@contextmanager
def scripted() -> Iterator[Script]:
    """A server that is up for a moment."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # an answer in one piece: in two, the second waits for the first to be acknowledged

        def do_GET(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            raw = self.rfile.read(length)
            headers = {name.lower(): value for name, value in self.headers.items()}
            said = script.answer(Asked(self.command, self.path, headers, json.loads(raw) if raw else None))
            if not said.status:
                self.close_connection = True
                return
            body = said.body if isinstance(said.body, bytes) else json.dumps(said.body).encode()
            body = b"" if said.status == 204 else body
            self.send_response(said.status)
            for name, value in said.headers.items():
                self.send_header(name, value.replace("URL", script.url))
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815

        def log_message(self, *args: object) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    script = Script(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield script
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Clock:
    """A time that passes by sleeping alone."""

    def __init__(self) -> None:
        self.time = 1_000_000.0
        self.slept: list[float] = []

    def now(self) -> float:
        """The time."""
        return self.time

    def sleep(self, seconds: float) -> None:
        """Time passes."""
        self.slept.append(round(seconds, 3))
        self.time += seconds


def place(script: Script) -> Place:
    """Where the script is."""
    return locate("octo/shop", {"GITHUB_API_URL": script.url})


def seven(script: Script, clock: Clock, *, token: str = TOKEN, budget: float = 300) -> GitHubPullRequest:
    """Pull request 7 there."""
    return connect(place(script), 7, token, Patience(budget, clock=clock.now, sleep=clock.sleep))


def pull(head: str = HEAD, **members: Any) -> dict[str, Any]:
    """The pull request as REST shows it."""
    found = {
        "number": 7,
        "state": "open",
        "draft": False,
        "changed_files": 1,
        "head": {"sha": head},
        "base": {"sha": BASE},
    }
    return found | members


def threads(*nodes: Any, viewer: str = "github-actions[bot]", after: str | None = None) -> dict[str, Any]:
    """An answer of GraphQL with review threads."""
    info = {"hasNextPage": after is not None, "endCursor": after}
    connection = {"pageInfo": info, "nodes": list(nodes)}
    return {
        "data": {"viewer": {"login": viewer}, "repository": {"pullRequest": {"reviewThreads": connection}}},
    }


def thread(comment: int, *, resolved: bool = False, outdated: bool = False, editor: Any = None) -> dict[str, Any]:
    """A thread of GraphQL; `editor` is who edited its first comment."""
    edited = "2026-01-01T00:00:00Z" if editor is not None else None
    first = {"fullDatabaseId": str(comment), "lastEditedAt": edited, "editor": editor}
    return {"isResolved": resolved, "isOutdated": outdated, "comments": {"nodes": [first]}}
