"""HTTPS to one API server: kept-alive connections, bounded in number and time, retried where asking again may help.

`Api` has two verbs, `get` and `dry_run`, and no other: it is what a user's cluster is given to. `ScratchApi` writes.

Invariant: `Api` sends nothing but GET and `dryRun=All`. Time is bounded for each request and for all of them, and what
the network does wrong is a `Failure`, never an exception.
"""

from __future__ import annotations

import json
import logging
import random
import ssl
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlencode

from bot.adapters.cluster.answers import Answer, is_outage
from bot.adapters.cluster.connection import Connection
from bot.adapters.cluster.errors import ClusterError
from bot.adapters.cluster.parallel import spread
from bot.model import Json

if TYPE_CHECKING:
    import httpx

log = logging.getLogger(__name__)

T = TypeVar("T")
R = TypeVar("R")

AT_ONCE = 8
"""More at once is slower: the server's own throughput peaks here."""
MANAGER = "k8s-auto-fix"
LARGEST_ANSWER = 32 * 1024 * 1024
GRACE = 5.0
"""Seconds beyond the limit of all questions until a thread that hangs is left alone."""
GIVE_UP_AFTER = 8
"""Questions in a row without an answer, each tried several times: the server is taken for gone."""
_LONGEST_WAIT = 5.0
_DRY = {"dryRun": "All", "fieldManager": MANAGER}
_MERGE = "application/apply-patch+yaml"


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds: to connect, for one request, for everything that is asked of the server; and before each new try."""

    connect: float = 3.0
    request: float = 15.0
    total: float = 120.0
    waits: tuple[float, ...] = (0.1, 0.4, 1.6)


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Failure:
    """There is no answer, and why; `passing` when asking again may help."""

    reason: str
    passing: bool = False


class Api:
    """The questions that change nothing. Safe to use from several threads."""

    def __init__(
        self, connection: Connection, *, limits: Limits = DEFAULT_LIMITS, ended: Callable[[], str] = str
    ) -> None:
        """`ended` tells why the server can no longer answer, or "" (an embedded one knows that its process ended)."""
        self.connection = connection
        self._limits = limits
        self._ended = ended
        self._left = limits.total
        self._deadline: float | None = None
        self._client = _client(connection, limits)
        self._gate = threading.Semaphore(AT_ONCE)
        self._dead = ""
        self._missed = 0

    def close(self) -> None:
        """Drops the connections."""
        self._client.close()

    def remaining(self) -> float:
        """Seconds that are left for questions. They pass while `several` are asked, not while the bot does its own."""
        return self._left if self._deadline is None else max(0.0, self._deadline - time.monotonic())

    def several(self, ask: Callable[[T], R], items: Sequence[T], *, late: R) -> list[R]:
        """The answers to a question about each item, in order, so many at once as the server carries."""
        self._deadline = time.monotonic() + self._left
        try:
            return spread(ask, items, at_once=AT_ONCE, seconds=self._left + GRACE, late=late)
        finally:
            self._left, self._deadline = self.remaining(), None

    def get(self, path: str, accept: str = "application/json") -> Answer | Failure:
        """What the server has at a path."""
        return self._ask("GET", path, None, {"Accept": accept})

    def dry_run(self, path: str, body: Mapping[str, Json], *, validation: str = "Strict") -> Answer | Failure:
        """Whether this object would be created in this collection."""
        return self._ask("POST", _with(path, fieldValidation=validation, **_DRY), body, {})

    def dry_apply(self, path: str, body: Mapping[str, Json]) -> Answer | Failure:
        """Whether this object could be applied at its path, whether it exists there or not."""
        query = _with(path, fieldValidation="Strict", force="true", **_DRY)
        return self._ask("PATCH", query, body, {"Content-Type": _MERGE})

    def _ask(
        self, method: str, path: str, body: Mapping[str, Json] | None, headers: dict[str, str]
    ) -> Answer | Failure:
        content = None if body is None else json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogatepass")
        if content is not None:
            headers = {"Content-Type": "application/json", **headers}
        with self._gate:
            result = self._once(method, path, content, headers)
            for wait in self._limits.waits:
                if not _passing(result) or not self._sleep(_longer(wait, result)):
                    break
                result = self._once(method, path, content, headers)
        self._count(result)
        return result

    def _count(self, result: Answer | Failure) -> None:
        """After many questions in a row without an answer the others are not tried for seconds each."""
        missed = isinstance(result, Failure) or is_outage(result)
        self._missed = self._missed + 1 if missed else 0
        if self._missed >= GIVE_UP_AFTER and not self._dead:
            why = result.reason if isinstance(result, Failure) else f"it answers {result.code}"
            self._dead = f"the server is taken for gone: {why}"

    def _sleep(self, seconds: float) -> bool:
        """Waits, unless the time is up before."""
        if seconds >= self.remaining():
            return False
        time.sleep(seconds * random.uniform(0.8, 1.2))  # noqa: S311 - spreads requests, guards nothing
        return True

    def _once(self, method: str, path: str, content: bytes | None, headers: dict[str, str]) -> Answer | Failure:
        if self._dead:
            return Failure(self._dead)
        try:
            result = self._send(method, path, content, headers)
            if isinstance(result, Answer) and result.code == 401 and self.connection.credentials.renew():
                result = self._send(method, path, content, headers)
        except ClusterError as error:
            # Credentials that cannot be had now cannot be had for the next question either.
            self._dead = str(error)
            return Failure(self._dead)
        return result

    def _send(self, method: str, path: str, content: bytes | None, headers: dict[str, str]) -> Answer | Failure:
        import httpx

        seconds = min(self._limits.request, self.remaining())
        end = time.monotonic() + seconds
        if not seconds:
            return Failure(f"not asked: the {self._limits.total:g} s for questions to the server are over")
        if authorization := self.connection.credentials.authorization():
            headers = {**headers, "Authorization": authorization}
        try:
            return self._exchange(self._request(method, path, content, headers, end), end)
        except httpx.TimeoutException:
            return Failure(f"no answer within {self._limits.request:g} s")
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            return self._failure(error)

    def _request(
        self, method: str, path: str, content: bytes | None, headers: dict[str, str], end: float
    ) -> httpx.Request:
        import httpx

        remaining = max(end - time.monotonic(), 0.001)
        timeout = httpx.Timeout(remaining, connect=min(self._limits.connect, remaining))
        name = self.connection.server_name
        return self._client.build_request(
            method,
            path,
            content=content,
            headers=headers,
            timeout=timeout,
            extensions={"sni_hostname": name} if name else None,
        )

    def _exchange(self, request: httpx.Request, end: float) -> Answer | Failure:
        """Reads the answer piece by piece: a server that drips one byte a second is as silent as one that says none."""
        response = self._client.send(request, stream=True)
        pieces = bytearray()
        try:
            for piece in response.iter_bytes():
                pieces += piece
                if time.monotonic() > end:
                    return Failure(f"no whole answer within {self._limits.request:g} s")
                if len(pieces) > LARGEST_ANSWER:
                    return Failure(f"the answer is larger than {LARGEST_ANSWER >> 20} MB")
        finally:
            response.close()
        return Answer(
            response.status_code,
            bytes(pieces),
            tuple(map(_warning, response.headers.get_list("warning"))),
            _seconds(response.headers.get("retry-after")),
        )

    def _failure(self, error: Exception) -> Failure:
        """Why the network failed, in words; a server that is gone for good is not asked again."""
        cause = _root(error)
        if ended := self._ended():
            self._dead = ended
        elif isinstance(cause, ssl.SSLCertVerificationError):
            self._dead = f"the server's certificate does not verify: {cause.verify_message}"
        elif isinstance(cause, ssl.SSLError):
            return Failure(f"TLS failed: {cause.reason or cause}")
        elif isinstance(cause, ConnectionRefusedError):
            return Failure(f"nothing answers at {self.connection.url} (connection refused)", passing=True)
        return Failure(self._dead) if self._dead else Failure(f"the connection broke: {_words(cause)}", passing=True)


class ScratchApi(Api):
    """A server of the bot's own, thrown away after use: the one that may be written to."""

    def create(self, path: str, body: Mapping[str, Json]) -> Answer | Failure:
        """Creates an object for real."""
        return self._ask("POST", _with(path, fieldManager=MANAGER), body, {})

    def apply(self, path: str, body: Mapping[str, Json]) -> Answer | Failure:
        """Applies an object for real."""
        return self._ask("PATCH", _with(path, force="true", fieldManager=MANAGER), body, {"Content-Type": _MERGE})


def _client(connection: Connection, limits: Limits) -> httpx.Client:
    import httpx

    return httpx.Client(
        base_url=connection.url,
        verify=connection.tls or False,
        proxy=connection.proxy,
        trust_env=False,
        timeout=limits.request,
        limits=httpx.Limits(max_connections=AT_ONCE, max_keepalive_connections=AT_ONCE, keepalive_expiry=60.0),
        headers={"Accept": "application/json", "User-Agent": MANAGER},
    )


def _with(path: str, **query: str) -> str:
    return f"{path}?{urlencode(query)}"


def _longer(wait: float, result: Answer | Failure) -> float:
    stated = result.retry_after if isinstance(result, Answer) else None
    return min(max(wait, stated or 0.0), _LONGEST_WAIT)


def _passing(result: Answer | Failure) -> bool:
    return result.passing if isinstance(result, Failure) else is_outage(result)


def _words(error: BaseException) -> str:
    return str(error) or type(error).__name__


def _seconds(header: str | None) -> float | None:
    return float(header) if header and header.isdecimal() else None


def _warning(header: str) -> str:
    """The text of `299 - "text"`."""
    start, end = header.find('"'), header.rfind('"')
    return header[start + 1 : end].replace('\\"', '"').replace("\\\\", "\\") if 0 <= start < end else header


def _root(error: BaseException) -> BaseException:
    while (under := error.__cause__ or error.__context__) is not None:
        error = under
    return error
