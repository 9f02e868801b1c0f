"""Decisions of posting: the order, the request, what to leave out after a refusal, what of it stands there already.

Invariant: functions of their arguments.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.adapters.github.answers import Answer
from bot.adapters.github.identity import Identity
from bot.adapters.github.reading import fields
from bot.model import Json
from bot.review import marker
from bot.review.hunks import Hunk
from bot.review.model import Author, Draft

BODY_LIMIT = 65_536
"""Characters of a body; GitHub refuses longer ones with 422."""

TOO_LONG = "the comment is longer than GitHub takes"
OUTSIDE = "GitHub does not count these lines to the changes"
MOVED_ON = "the pull request has a newer commit"

_REASONS = {
    "part of the diff": OUTSIDE,
    "could not be resolved": OUTSIDE,
    "same hunk": "the lines lie in different parts of the diff",
    "precede the end line": "GitHub does not take the range of lines",
    "hunk can't be blank": "GitHub shows no changes of the file",
    "path is invalid": "GitHub does not know the file",
    "too long": TOO_LONG,
}


@dataclass(frozen=True, slots=True)
class Found:
    """What of a review stands there: its number and address, and the drafts that do."""

    review: int | None = None
    url: str = ""
    drafts: tuple[Draft, ...] = ()


def ordered(drafts: Iterable[Draft]) -> tuple[Draft, ...]:
    """In the order in which they are sent: of a file the lower lines first.

    GitHub applies a batch in this order, and no suggestion then moves the lines of one that is still to come.
    """
    return tuple(sorted(drafts, key=lambda draft: (draft.path, -draft.line)))


def fitting(drafts: Iterable[Draft]) -> tuple[tuple[Draft, ...], tuple[tuple[Draft, str], ...]]:
    """(those that are short enough, the others with the reason)."""
    every = tuple(drafts)
    long = tuple((draft, TOO_LONG) for draft in every if len(draft.body) > BODY_LIMIT)
    return tuple(draft for draft in every if len(draft.body) <= BODY_LIMIT), long


def payload(head: str, body: str, drafts: Sequence[Draft]) -> dict[str, Json]:
    """The request that creates a review, pinned to a commit; without `event` it would stay invisible."""
    return {"commit_id": head, "event": "COMMENT", "body": body, "comments": [draft.payload() for draft in drafts]}


def inside(
    drafts: Iterable[Draft], patches: Mapping[str, tuple[Hunk, ...]]
) -> tuple[tuple[Draft, ...], tuple[tuple[Draft, str], ...]]:
    """(those whose lines lie in one hunk of GitHub's, the others with the reason).

    Of a file without a patch nothing is known: its drafts are kept.
    """
    kept, out = [], []
    for draft in drafts:
        first = draft.line if draft.start_line is None else draft.start_line
        hunks = patches.get(draft.path)
        if hunks is None or any(hunk.holds(first, draft.line) for hunk in hunks):
            kept.append(draft)
        else:
            out.append((draft, OUTSIDE))
    return tuple(kept), tuple(out)


def halves(drafts: Sequence[Draft]) -> tuple[tuple[Draft, ...], tuple[Draft, ...]]:
    """Two parts, both smaller than the whole."""
    middle = len(drafts) // 2
    return tuple(drafts[:middle]), tuple(drafts[middle:])


def reason(answer: Answer) -> str:
    """Why a comment was refused, for people."""
    said = answer.reason.lower()
    known = next((words for part, words in _REASONS.items() if part in said), None)
    return known if known is not None else f"GitHub refused the comment: {answer.reason}"


def find(
    head: str,
    body: str,
    drafts: Iterable[Draft],
    *,
    reviews: Iterable[Json],
    comments: Iterable[Json],
    me: Identity,
    before: Collection[int],
) -> Found:
    """What a request, whose answer got lost, has done. `before` are the reviews that stood there already."""
    mine = {
        (_key(item["path"].value, item["body"].value)): item["pull_request_review_id"].value
        for item in map(fields, comments)
        if me.author(item["user"].value) is Author.OWN and item["pull_request_review_id"].value not in before
    }
    there = tuple(draft for draft in drafts if _key(draft.path, draft.body) in mine)
    holders = {mine[_key(draft.path, draft.body)] for draft in there}
    for item in map(fields, reviews):
        number = item["id"].natural()
        new = number not in before and item["commit_id"].value == head and item["state"].value != "PENDING"
        if (
            new
            and me.author(item["user"].value) is Author.OWN
            and (number in holders or _same(body, item["body"].value))
        ):
            return Found(number, str(item["html_url"].value or ""), there)
    holder = next((number for number in holders if isinstance(number, int)), None)
    return Found(holder, drafts=there)


def _same(ours: str, theirs: Json) -> bool:
    return isinstance(theirs, str) and _plain(ours) == _plain(theirs)


def _key(path: Json, body: Json) -> tuple[Json, object]:
    """A comment is known by its file and its marker, which names findings and head; without one by its text."""
    text = body if isinstance(body, str) else ""
    return path, marker.read(text) or _plain(text)


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").strip()
