"""Whatever GitHub refuses, breaks off or delays: no comment stands there twice, and the outcome tells what does."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.github import posting
from bot.adapters.github.answers import Answer, Failure, Kind
from bot.adapters.github.errors import GitHubError
from bot.adapters.github.patience import Patience
from bot.adapters.github.poster import Poster
from bot.adapters.github.posting import Found
from bot.model import Json
from bot.review import marker
from bot.review.hunks import Hunk
from bot.review.model import Draft
from tests.adapters.github.scripted import HEAD, Clock

SUMMARY = f"Summary.\n{marker.write_summary([], [], head=HEAD)}"
PARTS = 12
DRAFTS = [
    Draft("web.yaml", None, line, f"Text.\n{marker.write([f'{line:016x}'], head=HEAD)}", (f"{line:016x}",))
    for line in range(1, PARTS + 1)
]
FATES = ("done", "lost before", "lost after", "limited", "pushed")


class Model:
    """GitHub in memory: refuses a review whole that has a bad comment; `fates` say what happens to each request."""

    def __init__(self, bad: set[int], outside: set[int], fates: list[str], clock: Clock) -> None:
        self.patience = Patience(200, clock=clock.now, sleep=clock.sleep)
        self.bad = bad | outside
        self.hunks = tuple(Hunk(line, line) for line in range(1, PARTS + 1) if line not in outside)
        self.fates = fates
        self.head = HEAD
        self.reviews: list[tuple[int, list[int]]] = []
        self.bodies: list[str] = []

    def create(self, path: str, body: Json) -> Json:
        fate = self.fates.pop(0) if self.fates else "done"
        if fate == "limited":
            raise Failure(Answer(Kind.LIMITED, 429, "too fast"))
        if fate == "lost before":
            raise Failure(Answer(Kind.UNCERTAIN, 502, "lost"))
        if fate == "pushed":
            self.head = "f" * 40
        lines = [comment["line"] for comment in body["comments"]]
        if self.bad.intersection(lines):
            raise Failure(Answer(Kind.INVALID, 422, "something is wrong"))
        self.reviews.append((len(self.reviews) + 1, lines))
        self.bodies.append(body["body"])
        if fate == "lost after":
            raise Failure(Answer(Kind.UNCERTAIN, 502, "lost"))
        return {"id": len(self.reviews)}

    def find(self, head: str, body: str, drafts: Sequence[Draft]) -> Found:
        wanted = {draft.line for draft in drafts}
        number = next((each for each, lines in self.reviews if wanted.intersection(lines)), None)
        standing = {line for _, lines in self.reviews for line in lines}
        return Found(number, drafts=tuple(draft for draft in drafts if draft.line in standing))

    def poster(self) -> Poster:
        return Poster(
            self,  # type: ignore[arg-type]
            "/reviews",
            "octo/shop#7",
            moved=lambda expected: self.head != expected,
            patches=lambda: {"web.yaml": self.hunks},
            find=self.find,
        )


LINES = st.sets(st.integers(1, PARTS), max_size=4)


@given(LINES, LINES, st.lists(st.sampled_from(FATES), max_size=6))
def test_nothing_twice_and_nothing_untold(bad: set[int], outside: set[int], fates: list[str]) -> None:
    model = Model(bad, outside, fates, Clock())
    try:
        outcome = model.poster().post(HEAD, SUMMARY, DRAFTS)
    except GitHubError:
        outcome = None
    standing = [line for _, lines in model.reviews for line in lines]
    assert len(standing) == len(set(standing)), "a comment stands there twice"
    assert model.bodies.count(SUMMARY) <= 1
    if outcome is None or outcome.moved:
        assert standing == []
        return
    assert sorted(draft.line for draft in outcome.posted) == sorted(standing)
    told = [draft.line for draft in (*outcome.posted, *(each for each, _ in outcome.refused))]
    assert sorted(told) == list(range(1, PARTS + 1))
    assert model.bodies[0] == SUMMARY
    assert all(reason for _, reason in outcome.refused)


@given(LINES, LINES)
def test_every_good_comment_is_posted(bad: set[int], outside: set[int]) -> None:
    model = Model(bad, outside, [], Clock())
    outcome = model.poster().post(HEAD, SUMMARY, DRAFTS)
    reasons = {draft.line: reason for draft, reason in outcome.refused}
    assert set(reasons) == bad | outside
    assert all(reasons[line] == posting.OUTSIDE for line in outside)
