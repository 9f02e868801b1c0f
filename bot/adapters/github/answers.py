"""What an answer of GitHub means: a status, headers and a body to a kind of failure, a wait, a reason.

Rate limits: https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
Refusals of a review say `errors` as a list of texts, those of a single comment as a list of objects.

Invariant: functions of their arguments; any JSON may come in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bot.model import Json

SECONDARY_WAIT = 60.0
"""Seconds to wait at least when GitHub names no time; twice as long each further time."""

_LIMIT_WORDS = ("rate limit", "abuse detection", "submitted too quickly", "temporarily blocked from content creation")
_QUOTED = 200


class Kind(StrEnum):
    """What to do about a failure."""

    LIMITED = "limited"
    """Nothing was done: wait, and repeat."""
    FORBIDDEN = "forbidden"
    """The token may not."""
    MISSING = "missing"
    """Not there, or not to be seen."""
    INVALID = "invalid"
    """The content is refused, nothing was done."""
    UNCERTAIN = "uncertain"
    """A server error or a broken connection: what was asked for may have been done."""
    UNUSABLE = "unusable"
    """An answer that makes no sense here."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A failure. `status` is 0 without an answer; `wait` counts for rate limits: seconds, None when not said."""

    kind: Kind
    status: int
    reason: str
    wait: float | None = None


class Failure(Exception):
    """A request failed; stays inside of this folder."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.reason)
        self.answer = answer


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: the status, headers in lower case, the parsed body."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Json = None


def understand(reply: Reply, *, now: float) -> Answer:
    """What a reply that is no success means. `now` is the time in seconds since 1970."""
    said = words(reply.body) or f"status {reply.status}"
    wait = _wait(reply, said, now)
    if wait is not None:
        return Answer(Kind.LIMITED, reply.status, said, wait or None)
    kinds = {401: Kind.FORBIDDEN, 403: Kind.FORBIDDEN, 404: Kind.MISSING, 410: Kind.MISSING, 422: Kind.INVALID}
    kind = kinds.get(reply.status, Kind.UNCERTAIN if reply.status >= 500 or reply.status == 408 else Kind.UNUSABLE)
    return Answer(kind, reply.status, said)


def _wait(reply: Reply, said: str, now: float) -> float | None:
    """Seconds that GitHub wants us to wait, zero when it does not say how many; None when this is no rate limit."""
    after = _number(reply.headers.get("retry-after"))
    if reply.status in (403, 429) and after is not None:
        return max(after, 1.0)
    if reply.status in (403, 429) and reply.headers.get("x-ratelimit-remaining") == "0":
        reset = _number(reply.headers.get("x-ratelimit-reset"))
        # The reset is a whole second, somewhere in which it happens.
        return max(reset - now, 0.0) + 1.0 if reset is not None else 0.0
    spoken = reply.status in (403, 422) and any(each in said.lower() for each in _LIMIT_WORDS)
    return 0.0 if reply.status == 429 or spoken else None


def _number(text: str | None) -> float | None:
    try:
        found = float(text) if text is not None else None
    except ValueError:
        return None
    return found if found is not None and 0 <= found < 1e12 else None


def words(body: Json) -> str:
    """What a body says, on one line and short; empty when it says nothing."""
    if not isinstance(body, dict):
        return ""
    message = body.get("message")
    parts = [message] if isinstance(message, str) else []
    parts += [each for each in _errors(body.get("errors")) if each not in parts]
    line = " ".join(": ".join(parts).split())
    return "".join(each for each in line if each.isprintable())[:_QUOTED]


def _errors(errors: Json) -> Iterator[str]:
    for each in errors if isinstance(errors, list) else [errors]:
        if isinstance(each, str):
            yield each
        elif isinstance(each, dict):
            said = each.get("message") or " ".join(str(each[key]) for key in ("field", "code") if key in each)
            if isinstance(said, str) and said:
                yield said
