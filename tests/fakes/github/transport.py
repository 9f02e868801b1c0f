"""Git over HTTP, by git's own `http-backend`: credentials are demanded, and an Authorization header comes once.

Offered: `refs/heads/*`, `refs/pull/N/head`, and any commit by its name, as on GitHub.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
import subprocess
import time
from email.message import Message

from tests.fakes.github.hub import Hub, Request
from tests.fakes.github.records import Token

_PATH = re.compile(r"/(?P<owner>[^/]+)/(?P<name>[^/]+?)(?:\.git)?/(?P<rest>info/refs|git-upload-pack|git-receive-pack)")
Found = tuple[int, dict[str, str], bytes]


def is_git(path: str) -> bool:
    """Whether a request is git's."""
    return _PATH.fullmatch(path) is not None


def answer(hub: Hub, method: str, path: str, query: str, headers: Message, body: bytes) -> Found:
    """What git's server says; every request is written down as `git/upload-pack`."""
    found = _answer(hub, method, path, query, headers, body)
    kept = {name.lower(): value for name, value in headers.items()}
    hub.requests.append(Request("git/upload-pack", method, path, {}, None, found[0], kept, time.monotonic()))
    return found


def _answer(hub: Hub, method: str, path: str, query: str, headers: Message, body: bytes) -> Found:
    parts = _PATH.fullmatch(path)
    assert parts is not None
    for fault in hub.faults.meet("git/upload-pack"):
        if fault.kind == "502":
            return 502, {"content-type": "text/plain"}, b"Bad Gateway\n"
        if fault.kind.startswith("call") and fault.call is not None:
            fault.call()
    given = headers.get_all("authorization") or []
    if len(given) > 1:
        hub.offend("git/upload-pack", "more than one Authorization header")
        return 400, {"content-type": "text/plain"}, b"Duplicate header: Authorization\n"
    token = _token(hub, given[0]) if given else None
    if (given and token is None) or (not given and hub.demands_credentials):
        challenge = {"www-authenticate": 'Basic realm="GitHub"', "content-type": "text/plain"}
        return 401, challenge, b"Repository not found.\n"
    here = f"{parts['owner']}/{parts['name']}".lower() == hub.full_name.lower()
    readable = not hub.private or (token is not None and token.may("contents", "read"))
    if not here or not readable:
        return 404, {"content-type": "text/plain"}, b"Repository not found.\n"
    if "receive-pack" in parts["rest"] + query:
        hub.offend("git/receive-pack", "nothing of ours pushes")
        return 403, {"content-type": "text/plain"}, b"Write access to repository not granted.\n"
    return _backend(hub, method, parts["rest"], query, headers, body)


def _token(hub: Hub, header: str) -> Token | None:
    """The token in `Basic x-access-token:<token>`, whatever the user name is."""
    scheme, _, value = header.partition(" ")
    if scheme.lower() != "basic":
        hub.offend("git/upload-pack", f"git's server takes Basic, not {scheme}")
        return None
    try:
        _, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return hub.token(secret)


def _backend(hub: Hub, method: str, rest: str, query: str, headers: Message, body: bytes) -> Found:
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_PROJECT_ROOT": str(hub.folder),
        "GIT_HTTP_EXPORT_ALL": "1",
        "PATH_INFO": f"/{hub.full_name}.git/{rest}",
        "REQUEST_METHOD": method,
        "QUERY_STRING": query,
        "CONTENT_TYPE": headers.get("content-type", ""),
        "CONTENT_LENGTH": str(len(body)),
        "REMOTE_ADDR": "127.0.0.1",
    }
    for name, variable in (("git-protocol", "GIT_PROTOCOL"), ("content-encoding", "HTTP_CONTENT_ENCODING")):
        if name in headers:
            environment[variable] = str(headers[name])
    done = subprocess.run(["git", "http-backend"], input=body, capture_output=True, env=environment, check=False)
    head, _, content = done.stdout.partition(b"\r\n\r\n")
    told = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if line)
    status = int(told.pop("Status", "200 OK").split()[0])
    if done.returncode or status >= 500:
        hub.offend("git/upload-pack", f"http-backend: {done.stderr.decode(errors='replace')}")
    return status, {name.lower(): value for name, value in told.items()}, content
