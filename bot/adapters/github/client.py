"""The client: whom it talks to, how it names itself, how long it waits, what it repeats.

Invariant: the token is handed to the library and to nobody else; what could make an exception show it (a line break in
a header) is refused here.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from github import Auth, Github
from github.GithubRetry import GithubRetry

from bot import __version__
from bot.adapters.github.place import Place
from bot.errors import InputError, UsageError

API_VERSION = "2022-11-28"
"""https://docs.github.com/en/rest/about-the-rest-api/api-versions"""

PAGE = 100
TIMEOUT = 30
"""Seconds; GitHub gives up after ten, and proxies before it a little later."""

_AGAIN = 3


class _GetsOnly(GithubRetry):
    """GETs are repeated after server errors and broken connections; the library's own way repeats POSTs as well.

    Rate limits are passed on: the library would wait for them beyond any budget.
    """

    def __init__(self, pause: Callable[[float], None], **kwargs: Any) -> None:
        self._pause = pause
        super().__init__(**kwargs)

    def new(self, **kw: Any) -> _GetsOnly:
        return super().new(pause=self._pause, **kw)

    def is_retry(self, method: str, status_code: int, has_retry_after: bool = False) -> bool:
        return status_code >= 500 and super().is_retry(method, status_code, has_retry_after)

    def sleep(self, response: Any = None) -> None:  # noqa: ARG002 the library's signature
        self._pause(self.get_backoff_time())


def make(place: Place, token: str, pause: Callable[[float], None]) -> Github:
    """A client of `place`; `pause` waits between repeated requests. A UsageError says what is wrong with the token."""
    if not token.strip():
        raise UsageError("there is no token for GitHub; a workflow hands it over as `token: ${{ github.token }}`")
    if not token.strip().isascii() or not token.strip().isprintable() or " " in token.strip():
        raise UsageError("the token for GitHub has characters that no token has; is it the right secret?")
    if place.loopback:
        _without_proxy(urlsplit(place.api).hostname or "")
    retry = _GetsOnly(
        pause,
        total=_AGAIN,
        backoff_factor=1,
        allowed_methods={"GET"},
        status_forcelist=list(range(500, 600)),
        raise_on_status=False,
    )
    return Github(
        auth=Auth.Token(token.strip()),
        base_url=place.api,
        timeout=TIMEOUT,
        user_agent=f"k8s-auto-fix/{__version__}",
        per_page=PAGE,
        verify=_authorities(place.certificate),
        retry=retry,
        seconds_between_requests=None,
        seconds_between_writes=None,
        lazy=True,
        api_version=API_VERSION,
    )


def _authorities(certificate: str | None) -> bool | str:
    if certificate is None:
        return True
    try:
        ssl.create_default_context(cafile=certificate)
    except ssl.SSLError:
        raise InputError(f"{certificate}: holds no certificates in PEM (-----BEGIN CERTIFICATE-----)") from None
    except OSError as error:
        raise InputError(f"{certificate}: cannot be read: {error.strerror}") from None
    return certificate


def _without_proxy(host: str) -> None:
    """No proxy leads to this machine. The library leaves no other way to say so than the environment.

    The lower-case name wins over the other, and holds what both said.
    """
    named = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    if host not in named.split(","):
        os.environ["no_proxy"] = f"{named},{host}".lstrip(",")
