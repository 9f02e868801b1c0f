"""The two commits of a pull request, fetched into a bare repository of our own: no checkout is needed, none is trusted.

Two commits come, each without its history: the merge base, by name, and the head, by `refs/pull/N/head` of the
repository that the pull request is for; so forks need nothing more.

The token travels in the environment of git (`GIT_CONFIG_VALUE_n`), scoped to the one address: it is in no argument, in
no file, and in no message.
"""

from __future__ import annotations

import base64
import os
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from bot.adapters.git import scratch
from bot.adapters.git.commands import Git, check_version, environment
from bot.adapters.git.errors import GitError
from bot.adapters.git.objects import full
from bot.adapters.git.remote import Moved, Remote, Wanted
from bot.adapters.git.repository import Repository

_PROXIES = ("http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY")
_REF = re.compile(r"refs/[\w][\w./+@#=-]*")


@dataclass(frozen=True, slots=True)
class Fetched:
    """A repository that has both commits, to be closed. `found` is where the head's ref points now."""

    repository: Repository
    expected: str
    found: str

    @property
    def moved(self) -> bool:
        """Whether the pull request has another head than expected: a newer push, or a ref that lags behind."""
        return self.found != self.expected


def fetch(
    url: str,
    wanted: Wanted,
    *,
    into: Path,
    token: str = "",
    ca_certificate: Path | None = None,
    environ: Mapping[str, str] | None = None,
    pause: Callable[[float], None] = time.sleep,
) -> Fetched | Moved:
    """Fetch what is wanted from `url` (https, or http) into the bare repository `into`, which is made when missing.

    `token` is sent as GitHub asks of workflows; without one nothing is. `ca_certificate` is a PEM file that vouches for
    the server. Of `environ` the proxies count, but not for a server on this machine. What may pass (a server that is
    busy, a broken connection) is tried again after `pause`. GitError says why it cannot be, and never has the token.
    """
    environ = os.environ if environ is None else environ
    check_version(environ.get("PATH", os.defpath))
    _checked(url, wanted)
    _own(into)
    remote = Remote(_git(url, into, token, ca_certificate, environ), url, _secrets(token), pause)
    found = remote.get(wanted)
    if isinstance(found, Moved):
        return found
    return Fetched(Repository(into, environ), wanted.head, found)


def _checked(url: str, wanted: Wanted) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("https", "http") or not parts.hostname or not url.isprintable() or " " in url:
        raise GitError(f"{url!r} is no address to fetch from; it starts with https://")
    if parts.username is not None or parts.password is not None:
        raise GitError("the address to fetch from has credentials in it; give them as the token")
    full(wanted.base)
    full(wanted.head)
    for ref in (wanted.head_ref, wanted.base_ref):
        if ref and (not _REF.fullmatch(ref) or ".." in ref):
            raise GitError(f"{ref!r} is no ref to fetch")


def _own(into: Path) -> None:
    """Make the repository; one that is there has to be ours, as git obeys the configuration in it."""
    try:
        into.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not any(into.iterdir()):
            scratch.make(into)
        elif not scratch.is_ours(into):
            raise GitError(f"{into}: not empty, and not fetched by us; name another folder")
    except OSError as error:
        raise GitError(f"{into}: cannot hold a repository: {error.strerror}") from error


def _git(url: str, into: Path, token: str, ca_certificate: Path | None, environ: Mapping[str, str]) -> Git:
    settings = {
        "protocol.https.allow": "always",
        "protocol.version": "2",
        "fetch.unpackLimit": "1",  # one pack, not thousands of files
        "http.followRedirects": "false",  # the token is for this server only
        "http.lowSpeedLimit": "1000",
        "http.lowSpeedTime": "60",
        "safe.directory": "*",
        "transfer.credentialsInUrl": "die",
    }
    if urlsplit(url).scheme == "http":
        settings["protocol.http.allow"] = "always"
    if ca_certificate is not None:
        if not ca_certificate.is_file():
            raise GitError(f"ca-certificate {ca_certificate}: no such file")
        settings["http.sslCAInfo"] = str(ca_certificate.absolute())
    if token:
        settings[f"http.{url}.extraHeader"] = f"Authorization: Basic {_basic(token)}"
    found = environment(into / "home", environ, settings)
    if not _on_this_machine(urlsplit(url).hostname or ""):
        found |= {name: environ[name] for name in _PROXIES if name in environ}
    return Git(into.absolute(), found)


def _basic(token: str) -> str:
    return base64.b64encode(f"x-access-token:{token}".encode()).decode("ascii")


def _secrets(token: str) -> tuple[str, ...]:
    return (token, _basic(token)) if token else ()


def _on_this_machine(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
