"""The review that another run reported, as data from a stranger: it narrows what this run posts, and says nothing else.

A workflow on a pull request may be one that its author wrote. So this run reviews the same commits itself; a suggestion
of the report counts only as the leave to post our own suggestion of the same lines with the same text.

Invariant: no text of a report leaves here but paths, for the log, and those are not trusted there either.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from bot.errors import InputError
from bot.model import Json
from bot.review.comment import SUGGESTION, suggested
from bot.review.markdown import fenced, visible
from bot.review.model import Offer

if TYPE_CHECKING:
    from jsonschema_rs import Draft202012Validator

FILE = "review.json"
LARGEST = 16_000_000
"""Bytes of the file: what GitHub takes, 65,536 characters for each of 50 comments and the summary, fits in."""

UNREPORTED = "not suggested by the pull request's own run"
"""Why a suggestion is in the patch alone, for people."""

_BODY = {"type": "string", "minLength": 1, "maxLength": 65_536}
_LINE = {"type": "integer", "minimum": 1, "maximum": 10_000_000}
_SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["commit_id", "body", "event", "comments"],
    "properties": {
        "commit_id": {"type": "string", "maxLength": 64},
        "body": _BODY,
        "event": {"const": "COMMENT"},
        "comments": {
            "type": "array",
            "maxItems": 50,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["path", "body", "line", "side"],
                "dependentRequired": {"start_line": ["start_side"], "start_side": ["start_line"]},
                "properties": {
                    "path": {"type": "string", "minLength": 1, "maxLength": 4_096},
                    "body": _BODY,
                    "line": _LINE,
                    "side": {"const": "RIGHT"},
                    "start_line": _LINE,
                    "start_side": {"const": "RIGHT"},
                },
            },
        },
    },
}
"""What `bot.pull.payload` writes, and nothing more."""

_SHOWN = 3
_LEADS_AWAY = re.compile(r"(?:^|/)\.{0,2}(?:/|$)|[\x00-\x1f\x7f]")
"""Empty parts, so an absolute path too, `.` and `..`, control characters."""


@dataclass(frozen=True, slots=True)
class Reported:
    """A suggestion of a report: lines `start` to `end` of the head of a file, and the lines to take their place."""

    path: str
    start: int
    end: int
    replacement: str

    def __str__(self) -> str:
        return f"{self.path}:{self.start}" + (f"-{self.end}" if self.end != self.start else "")


def read(data: bytes, *, head: str) -> frozenset[Reported]:
    """The suggestions of a report on the commit `head`.

    An InputError says what is wrong with the file, without quoting it.
    """
    try:
        value = json.loads(
            data.decode("utf-8", "surrogateescape"), object_pairs_hook=_members, parse_constant=_no_number
        )
    except (ValueError, RecursionError):
        raise _unusable("no JSON") from None
    wrong = next(_validator().iter_errors(value), None)
    if wrong is not None:
        raise _unusable(f"{'/'.join(map(str, wrong.instance_path)) or 'the whole'} is not as a review has it")
    if value["commit_id"] != head:
        raise _unusable(f"not about {head[:7]}, the commit that GitHub names")
    return frozenset(_reported(number, each) for number, each in enumerate(value["comments"]))


def narrowed(offer: Offer, reported: frozenset[Reported]) -> Offer:
    """The offer as it is when the report has it; else as one for the patch."""
    if offer.span is None or _of(offer) in reported:
        return offer
    return replace(offer, span=None, reason=UNREPORTED)


def unmatched(reported: Iterable[Reported], offers: Iterable[Offer], others: Sequence[str] = ()) -> str:
    """One line for the log about what a report holds that is of no use here; empty when there is nothing.

    `offers` are those of this run; `others` are the names of files that no report has. All of it is a stranger's text.
    """
    ours = {_of(offer) for offer in offers if offer.span is not None}
    rest = sorted(map(str, frozenset(reported) - ours))
    parts = [
        f"{len(names)} {what}{'s' if len(names) > 1 else ''} not {done} ({_listed(names)})"
        for names, what, done in ((rest, "suggestion", "posted"), (others, "file", "read"))
        if names
    ]
    return f"the artifact holds what this run does not come to: {', '.join(parts)}" if parts else ""


def _of(offer: Offer) -> Reported:
    span = offer.span
    assert span is not None, "an offer without a range is no suggestion"
    return Reported(offer.path, span.start, span.end, suggested(fenced(span.new, SUGGESTION)) or "")


def _reported(number: int, comment: dict[str, Any]) -> Reported:
    where = f"comments/{number}"
    path, end = comment["path"], comment["line"]
    start = comment.get("start_line", end)
    if _LEADS_AWAY.search(path):
        raise _unusable(f"{where}/path is no path of a file in the repository")
    if "start_line" in comment and start >= end:
        raise _unusable(f"{where}/start_line is not above its line")
    replacement = suggested(comment["body"])
    if replacement is None:
        raise _unusable(f"{where}/body has no suggestion")
    return Reported(path, start, end, replacement)


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(f"{visible(name[:80])}{'...' * (len(name) > 80)}" for name in names[:_SHOWN])
    return shown + (", ..." if len(names) > _SHOWN else "")


def _unusable(what: str) -> InputError:
    return InputError(f"{FILE} of the artifact: {what}; nothing is posted")


def _members(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member is there twice")
    return members


def _no_number(_text: str) -> Json:
    raise ValueError("NaN and Infinity are no JSON")


@cache
def _validator() -> Draft202012Validator:
    from jsonschema_rs import Draft202012Validator

    return Draft202012Validator(_SCHEMA)
