"""Where GitHub is: addresses of a server and of one repository on it, from the environment of a runner.

Invariant: a function of its arguments; addresses are https, but for a server on this machine.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from bot.errors import UsageError

_DEFAULTS = {
    "GITHUB_API_URL": "https://api.github.com",
    "GITHUB_GRAPHQL_URL": "https://api.github.com/graphql",
    "GITHUB_SERVER_URL": "https://github.com",
}


@dataclass(frozen=True, slots=True)
class Place:
    """A repository (OWNER/NAME) and the addresses of its server, without a slash at their end.

    `certificate` names a PEM file with the authorities to trust, None for the usual ones.
    """

    repository: str
    api: str = _DEFAULTS["GITHUB_API_URL"]
    graphql: str = _DEFAULTS["GITHUB_GRAPHQL_URL"]
    server: str = _DEFAULTS["GITHUB_SERVER_URL"]
    certificate: str | None = None

    @property
    def loopback(self) -> bool:
        """Whether the API is on this machine, where no proxy leads."""
        return is_loopback(urlsplit(self.api).hostname or "")


def locate(repository: str, environment: Mapping[str, str], *, certificate: str | None = None) -> Place:
    """The place that GITHUB_API_URL, GITHUB_GRAPHQL_URL and GITHUB_SERVER_URL name; github.com where they are unset.

    With an address of the API alone, that of GraphQL follows from it: `/api/v3` has `/api/graphql` beside it. A
    UsageError says which of them is wrong.
    """
    given = {name: environment.get(name, "").rstrip("/") for name in _DEFAULTS}
    for name, url in given.items():
        _check(name, url)
    api = given["GITHUB_API_URL"] or _DEFAULTS["GITHUB_API_URL"]
    graphql = given["GITHUB_GRAPHQL_URL"] or f"{api.removesuffix('/v3')}/graphql"
    if urlsplit(graphql)[:2] != urlsplit(api)[:2]:
        raise UsageError("GITHUB_GRAPHQL_URL and GITHUB_API_URL name different servers; both have to be those of one")
    return Place(repository, api, graphql, given["GITHUB_SERVER_URL"] or _DEFAULTS["GITHUB_SERVER_URL"], certificate)


def is_loopback(host: str) -> bool:
    """Whether the name or address of a host is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _check(name: str, url: str) -> None:
    if not url:
        return
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    if not host or parts.query or parts.fragment or "@" in parts.netloc:
        raise UsageError(f"{name} is no address of a server; it looks like {_DEFAULTS[name]}")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
        raise UsageError(f"{name} has to start with https://, or the token could be read on its way")
