"""Sending: one way for everything that is asked of GitHub, so that limits and failures are met in one place.

Invariant: what leaves here is an answer, a `Failure`, or a BotError; no exception of a library, none that holds a
request.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from github import Github
from github.GithubException import BadAttributeException, GithubException
from github.GithubObject import NonCompletableGithubObject
from github.PaginatedList import PaginatedList

from bot.adapters.github.answers import SECONDARY_WAIT, Answer, Failure, Kind, Reply, understand
from bot.adapters.github.client import TIMEOUT
from bot.adapters.github.errors import WRITE, GitHubError, Rejected, Unreachable, lacking, unseen
from bot.adapters.github.patience import Patience
from bot.model import Json

T = TypeVar("T")

_AGAIN = (2.0, 5.0)
"""Seconds before what may be repeated is repeated after a server error."""


_NO_ANSWER = {
    "ConnectionError": "no connection",
    "ConnectTimeout": f"no connection within {TIMEOUT} s",
    "ProxyError": "no way through the proxy that HTTPS_PROXY names",
    "ReadTimeout": f"no answer within {TIMEOUT} s",
    "SSLError": "its certificate is not trusted; `ca-certificate` names the PEM file of an authority of your own",
}
"""Words for the exceptions of `requests`: their own texts may name a proxy with its password."""

_ACCEPT = "application/vnd.github+json"


class _Record(NonCompletableGithubObject):
    """An item of a list as it came. The library's own classes send a request for every member that an item lacks."""

    def _initAttributes(self) -> None:  # noqa: N802 the library's name
        """Nothing is unpacked."""

    def _useAttributes(self, attributes: Json) -> None:  # noqa: N802
        """Nothing is unpacked."""


class Calls:
    """Requests to one server."""

    def __init__(self, client: Github, patience: Patience) -> None:
        self._client = client
        self.patience = patience

    def get(self, path: str, doing: str, what: str, *, rights: tuple[str, ...] = WRITE, **parameters: int) -> Json:
        """The object at `path`. For messages: `doing` ("read the pull request"), `what` ("octo/shop#7"), `rights`."""
        return self._patiently(lambda: self._send("GET", path, parameters=parameters), doing, what, rights)

    def list(self, path: str, doing: str, what: str, **parameters: str) -> tuple[Json, ...]:
        """All items of the list at `path`, in pages of a hundred. After a rate limit it goes on where it was."""
        pages: PaginatedList[_Record] = PaginatedList(
            _Record, self._client.requester, path, dict(parameters), headers={"Accept": _ACCEPT}
        )
        return tuple(each.raw_data for each in self._patiently(lambda: list(pages), doing, what, WRITE))

    def query(self, url: str, document: str, variables: Mapping[str, Json], doing: str, what: str) -> Json:
        """The answer to a GraphQL query, with its `errors` where it has some. Raises Failure when the token may not."""
        body = {"query": document, "variables": dict(variables)}

        def ask() -> Json:
            found = self._send("POST", url, body)
            if any(isinstance(each, dict) and each.get("type") == "RATE_LIMITED" for each in found.get("errors") or ()):
                raise Failure(Answer(Kind.LIMITED, 200, "GraphQL: rate limited"))
            return found

        return self._repeatedly(ask, doing, what, WRITE, passed=(Kind.FORBIDDEN, Kind.MISSING))

    def change(self, verb: str, path: str, doing: str, what: str, body: Json = None) -> Json:
        """PUT, PATCH or DELETE: to do it twice is to do it once, so it may be repeated. 404 raises Failure."""

        def write() -> Json:
            return self._written(lambda: self._send(verb, path, body))

        return self._repeatedly(write, doing, what, WRITE, passed=(Kind.MISSING,))

    def create(self, path: str, body: Json) -> Json:
        """POST, once: what was created, with its `id`. All that goes wrong raises Failure; the caller may repeat it."""

        def write() -> Json:
            return self._written(lambda: self._send("POST", path, body))

        try:
            created = self._once(write)
        except Failure as failure:
            if failure.answer.kind is not Kind.UNUSABLE or failure.answer.status:
                raise
            created = None
        if not isinstance(created, dict) or not isinstance(created.get("id"), int):
            # A redirect or the page of a proxy, which the library takes for success: who knows what happened behind it?
            raise Failure(Answer(Kind.UNCERTAIN, 0, "an answer that is not GitHub's"))
        return created

    def _send(self, verb: str, url: str, body: Json = None, parameters: dict[str, int] | None = None) -> Json:
        """The parsed answer, or an exception of the library."""
        requester = self._client.requester
        return requester.requestJsonAndCheck(verb, url, parameters, {"Accept": _ACCEPT}, body)[1]

    def _written(self, request: Callable[[], T]) -> T:
        self.patience.before_write()
        try:
            return request()
        finally:
            self.patience.after_write()

    def _repeatedly(
        self, request: Callable[[], T], doing: str, what: str, rights: tuple[str, ...], passed: tuple[Kind, ...]
    ) -> T:
        """As `_patiently`, and server errors are tried again; kinds in `passed` raise Failure."""
        for pause in (*_AGAIN, None):
            try:
                return self._limited(request, doing)
            except Failure as failure:
                if failure.answer.kind in passed:
                    raise
                if failure.answer.kind is not Kind.UNCERTAIN or pause is None:
                    raise explain(failure.answer, doing, what, rights) from None
                self.patience.pause(pause)
        raise AssertionError("the last try returns or raises")

    def _patiently(self, request: Callable[[], T], doing: str, what: str, rights: tuple[str, ...]) -> T:
        """Rate limits are waited for, other failures become the error that a person reads."""
        try:
            return self._limited(request, doing)
        except Failure as failure:
            raise explain(failure.answer, doing, what, rights) from None

    def _limited(self, request: Callable[[], T], doing: str) -> T:
        times = 0
        while True:
            try:
                return self._once(request)
            except Failure as failure:
                if failure.answer.kind is not Kind.LIMITED:
                    raise
                self.patience.wait(delay(failure.answer, times), doing)
                times += 1

    def _once(self, request: Callable[[], T]) -> T:
        try:
            return request()
        except GithubException as error:
            headers = {name.lower(): str(value) for name, value in (error.headers or {}).items()}
            answer = understand(Reply(error.status, headers, error.data), now=self.patience.now())
        except OSError as error:  # the library passes on exceptions of `requests`
            answer = Answer(Kind.UNCERTAIN, 0, _NO_ANSWER.get(type(error).__name__, "no answer"))
        except (BadAttributeException, RuntimeError, ValueError, KeyError, TypeError, AttributeError, AssertionError):
            answer = Answer(Kind.UNUSABLE, 0, "an answer that is not GitHub's")
        raise Failure(answer) from None


def delay(answer: Answer, times: int) -> float:
    """Seconds to wait for a rate limit that was met `times` times before."""
    return answer.wait if answer.wait is not None else SECONDARY_WAIT * 2.0**times


def explain(answer: Answer, doing: str, what: str, rights: tuple[str, ...]) -> GitHubError:
    """The error that a person reads."""
    said = f"{answer.status} {answer.reason}" if answer.status else answer.reason
    if answer.status == 401:
        return lacking(doing, f"{said}: the token is wrong or no longer valid", rights)
    match answer.kind:
        case Kind.FORBIDDEN:
            return lacking(doing, said, rights)
        case Kind.MISSING:
            return unseen(doing, what, rights)
        case Kind.INVALID:
            return Rejected(f"GitHub refuses to {doing} at {what}: {said}")
        case _:
            return Unreachable(f"GitHub could not {doing} at {what}: {said}; the next run tries again")
