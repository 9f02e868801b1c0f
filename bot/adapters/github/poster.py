"""Posting a review: once, on the head that was looked at, whatever happens on the way.

GitHub takes a review as a whole or not at all, and does not say which comment it dislikes: what it refuses is looked at
again with its own hunks, tried once more, and then in halves. A server error says nothing about whether the review
was created: that is looked up before anything is repeated.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence

from bot.adapters.github import posting
from bot.adapters.github.answers import Answer, Failure, Kind
from bot.adapters.github.calls import Calls, delay, explain
from bot.adapters.github.errors import WRITE, GitHubError, Rejected
from bot.adapters.github.posting import Found
from bot.review import marker, summary
from bot.review.hunks import Hunk
from bot.review.model import Draft, Outcome

LOOKS = (1.0, 2.0, 4.0, 8.0, 15.0)
"""Seconds before each look for a review that may have been created: lists lag behind."""

_DOING = "post the review"
_log = logging.getLogger(__name__)


class _Moved(Exception):
    """The pull request has another head by now."""


class Poster:
    """One review. `moved` tells whether the head is another one, `patches` reads GitHub's hunks, `find` what stands."""

    def __init__(
        self,
        calls: Calls,
        path: str,
        what: str,
        *,
        moved: Callable[[str], bool],
        patches: Callable[[], Mapping[str, tuple[Hunk, ...]]],
        find: Callable[[str, str, Sequence[Draft]], Found],
    ) -> None:
        self._calls = calls
        self._path = path
        self._what = what
        self._moved = moved
        self._patches = patches
        self._find = find
        self._review: int | None = None
        self._url = ""
        self._posted: list[Draft] = []
        self._refused: list[tuple[Draft, str]] = []

    def post(self, head: str, body: str, drafts: Sequence[Draft]) -> Outcome:
        """Post it; see `bot.pull.GitHub.post`."""
        if len(body) > posting.BODY_LIMIT:
            raise Rejected(f"the review's text has {len(body)} characters, GitHub takes {posting.BODY_LIMIT}")
        if self._moved(head):
            return Outcome(moved=True)
        fitting, long = posting.fitting(posting.ordered(drafts))
        self._refused.extend(long)
        try:
            self._all(head, body, fitting)
        except _Moved:
            if not self._stands:
                return Outcome(moved=True)
            self._give_up(fitting, posting.MOVED_ON)
        except GitHubError as error:
            if not self._stands:
                raise
            self._give_up(fitting, str(error).partition("\n")[0])
        return Outcome(self._review, self._url, tuple(self._posted), tuple(self._refused))

    @property
    def _stands(self) -> bool:
        """Whether a part of the review stands there."""
        return self._review is not None or bool(self._posted)

    def _give_up(self, drafts: Sequence[Draft], reason: str) -> None:
        known = {*self._posted, *(draft for draft, _ in self._refused)}
        self._refused.extend((draft, reason) for draft in drafts if draft not in known)

    def _all(self, head: str, body: str, drafts: Sequence[Draft]) -> None:
        if self._try(head, body, drafts) is None:
            return
        self._stay(head)
        kept, out = posting.inside(drafts, self._patches())
        self._refused.extend(out)
        answer = self._try(head, body, kept) if kept else None
        if answer is not None:
            self._in_halves(head, body, kept, answer)
        if not self._stands and marker.read_summary(body) is not None:
            refusal = self._try(head, body, ())
            if refusal is not None:
                raise explain(refusal, _DOING, self._what, WRITE)

    def _in_halves(self, head: str, body: str, drafts: Sequence[Draft], answer: Answer) -> None:
        """Find out which of several are refused; `answer` is the refusal of all together."""
        if len(drafts) == 1:
            self._refused.append((drafts[0], posting.reason(answer)))
            return
        for half in posting.halves(drafts):
            refusal = self._try(head, self._body(body, len(half)), half)
            if refusal is not None:
                self._in_halves(head, body, half, refusal)

    def _try(self, head: str, body: str, drafts: Sequence[Draft]) -> Answer | None:
        """Post some; the answer when they are refused, None when they stand there."""
        limits, lost = 0, False
        while True:
            try:
                review = self._calls.create(self._path, posting.payload(head, body, drafts))
                self._record(Found(review["id"], str(review.get("html_url") or ""), tuple(drafts)))
                return None
            except Failure as failure:
                answer = failure.answer
            match answer.kind:
                case Kind.INVALID:
                    return answer
                case Kind.LIMITED:
                    self._calls.patience.wait(delay(answer, limits), _DOING)
                    limits += 1
                    self._stay(head)
                case Kind.UNCERTAIN:
                    _log.info("posting the review: %s; looking whether it was created", answer.reason)
                    there = self._look(head, body, drafts)
                    self._record(there)
                    drafts = tuple(draft for draft in drafts if draft not in there.drafts)
                    if not drafts and (there.review is not None or there.drafts):
                        return None
                    if lost:
                        raise explain(answer, _DOING, self._what, WRITE)
                    lost = True
                    body = self._body(body, len(drafts))
                    self._stay(head)
                case _:
                    raise explain(answer, _DOING, self._what, WRITE)

    def _look(self, head: str, body: str, drafts: Sequence[Draft]) -> Found:
        found = Found()
        for pause in LOOKS:
            self._calls.patience.pause(pause)
            found = self._find(head, body, drafts)
            if found.review is not None and len(found.drafts) == len(drafts):
                break
        return found

    def _record(self, found: Found) -> None:
        if self._review is None:
            self._review, self._url = found.review, found.url
        self._posted.extend(found.drafts)

    def _body(self, body: str, count: int) -> str:
        """The first review that stands carries the body, a further one with `count` comments says so."""
        return body if self._review is None else summary.later(count)

    def _stay(self, head: str) -> None:
        if self._moved(head):
            raise _Moved
