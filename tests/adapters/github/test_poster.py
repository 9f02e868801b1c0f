"""Posting a review when GitHub refuses, breaks off, lags behind, or has moved on."""

from __future__ import annotations

from typing import Any

import pytest

from bot.adapters.github import posting
from bot.adapters.github.errors import Forbidden, RateLimited, Rejected, Unreachable
from bot.review import marker, summary
from bot.review.model import Draft, Outcome
from tests.adapters.github.scripted import BOT, HEAD, PULLS, Clock, Said, Script, pull, seven, threads

REVIEWS, COMMENTS, FILES = f"{PULLS}/7/reviews", f"{PULLS}/7/comments", f"{PULLS}/7/files"
SUMMARY = f"Summary.\n{marker.write_summary([], [], head=HEAD)}"
CREATED = {"id": 11, "html_url": "https://github.com/octo/shop/pull/7#11"}
REFUSED = Said(422, {"message": "Unprocessable Entity", "errors": ["Path is invalid"]})
UNCLEAR = "GitHub does not know the file"


def draft(line: int) -> Draft:
    fingerprint = f"{line:016x}"
    return Draft("web.yaml", None, line, f"Text.\n{marker.write([fingerprint], head=HEAD)}", (fingerprint,))


ONE, TWO, THREE, FOUR = map(draft, (4, 3, 2, 1))
EVERY = [ONE, TWO, THREE, FOUR]


def review(body: str = SUMMARY) -> dict[str, Any]:
    return CREATED | {"user": BOT, "body": body, "commit_id": HEAD, "state": "COMMENTED"}


def comments(*drafts: Draft) -> list[dict[str, Any]]:
    members = {"user": BOT, "pull_request_review_id": 11}
    return [{"id": each.line, "path": each.path, "body": each.body} | members for each in drafts]


@pytest.fixture(autouse=True)
def stands(script: Script) -> None:
    """A pull request whose head stays, and that has nothing yet."""
    script.on(f"GET {PULLS}/7", pull())
    script.on(f"GET {REVIEWS}", [])
    script.on(f"GET {COMMENTS}", [])
    script.on(f"GET {FILES}", [{"filename": "web.yaml", "patch": "@@ -1,9 +1,9 @@\n a\n-b\n+c" + "\n d" * 7}])
    script.on("POST /graphql", threads())


def test_one_request_after_a_look_at_the_head(script: Script, clock: Clock) -> None:
    script.on(f"POST {REVIEWS}", CREATED)
    outcome = seven(script, clock).post(HEAD, SUMMARY, [FOUR, TWO, ONE, THREE])
    assert outcome == Outcome(11, CREATED["html_url"], (ONE, TWO, THREE, FOUR))
    assert script.lines == [f"GET {PULLS}/7", f"POST {REVIEWS}"]
    assert script.posted() == [posting.payload(HEAD, SUMMARY, EVERY)]


def test_summary_alone(script: Script, clock: Clock) -> None:
    script.on(f"POST {REVIEWS}", CREATED)
    assert seven(script, clock).post(HEAD, SUMMARY, []) == Outcome(11, CREATED["html_url"])
    assert script.posted()[0]["comments"] == []


def test_moved_head(script: Script, clock: Clock) -> None:
    script.on(f"GET {PULLS}/7", pull(head="f" * 40))
    assert seven(script, clock).post(HEAD, SUMMARY, EVERY) == Outcome(moved=True)
    assert script.posted() == []


def test_moved_head_behind_a_refusal(script: Script, clock: Clock) -> None:
    script.on(f"GET {PULLS}/7", pull(), pull(head="f" * 40))
    script.on(f"POST {REVIEWS}", REFUSED)
    assert seven(script, clock).post(HEAD, SUMMARY, EVERY) == Outcome(moved=True)
    assert len(script.posted()) == 1


def test_refusal_is_tried_once_more(script: Script, clock: Clock) -> None:
    script.on(f"POST {REVIEWS}", REFUSED, CREATED)
    outcome = seven(script, clock).post(HEAD, SUMMARY, EVERY)
    assert outcome == Outcome(11, CREATED["html_url"], tuple(EVERY))
    assert len(script.posted()) == 2


def test_lines_that_github_does_not_count_are_left_out(script: Script, clock: Clock) -> None:
    script.on(f"GET {FILES}", [{"filename": "web.yaml", "patch": "@@ -2,2 +2,2 @@\n-b\n+c\n d"}])
    script.on(f"POST {REVIEWS}", REFUSED, CREATED)
    outcome = seven(script, clock).post(HEAD, SUMMARY, EVERY)
    assert outcome.posted == (TWO, THREE)
    assert outcome.refused == ((ONE, posting.OUTSIDE), (FOUR, posting.OUTSIDE))
    assert [len(each["comments"]) for each in script.posted()] == [4, 2]


def test_one_bad_comment_costs_none_of_the_others(script: Script, clock: Clock) -> None:
    second = CREATED | {"id": 12}
    # All, all again, [ONE, TWO], [THREE, FOUR], [THREE], [FOUR].
    script.on(f"POST {REVIEWS}", REFUSED, REFUSED, CREATED, REFUSED, REFUSED, second)
    outcome = seven(script, clock).post(HEAD, SUMMARY, EVERY)
    assert outcome == Outcome(11, CREATED["html_url"], (ONE, TWO, FOUR), ((THREE, UNCLEAR),))
    later = [summary.later(count) for count in (2, 1, 1)]
    assert [each["body"] for each in script.posted()] == [SUMMARY, SUMMARY, SUMMARY, *later]


def test_summary_is_posted_when_every_comment_is_refused(script: Script, clock: Clock) -> None:
    # Both, both again, each alone, none.
    script.on(f"POST {REVIEWS}", REFUSED, REFUSED, REFUSED, REFUSED, CREATED)
    outcome = seven(script, clock).post(HEAD, SUMMARY, [ONE, TWO])
    assert outcome == Outcome(11, CREATED["html_url"], (), ((ONE, UNCLEAR), (TWO, UNCLEAR)))
    assert script.posted()[-1] == posting.payload(HEAD, SUMMARY, [])


def test_a_body_that_is_no_summary_is_not_posted_without_comments(script: Script, clock: Clock) -> None:
    script.on(f"POST {REVIEWS}", REFUSED)
    assert seven(script, clock).post(HEAD, "One more suggestion.", [ONE]) == Outcome(refused=((ONE, UNCLEAR),))
    assert len(script.posted()) == 2


def test_refused_summary(script: Script, clock: Clock) -> None:
    script.on(f"POST {REVIEWS}", Said(422, {"message": "Validation Failed", "errors": [{"message": "body is odd"}]}))
    with pytest.raises(Rejected, match="post the review at octo/shop#7: 422 Validation Failed: body is odd"):
        seven(script, clock).post(HEAD, SUMMARY, [])


def test_long_bodies_are_not_sent(script: Script, clock: Clock) -> None:
    with pytest.raises(Rejected, match="65537 characters"):
        seven(script, clock).post(HEAD, "x" * 65_537, [])
    assert script.asked == []


@pytest.mark.parametrize("lost", [Said(502), Said(504), Said(0)], ids=["502", "504", "no answer"])
def test_review_that_was_created_without_an_answer(script: Script, clock: Clock, lost: Said) -> None:
    script.on(f"POST {REVIEWS}", lost)
    script.on(f"GET {REVIEWS}", [], [], [review()])
    script.on(f"GET {COMMENTS}", [], [], comments(ONE), comments(*EVERY))
    outcome = seven(script, clock).post(HEAD, SUMMARY, EVERY)
    assert outcome == Outcome(11, CREATED["html_url"], tuple(EVERY))
    assert len(script.posted()) == 1
    assert clock.slept == [1, 2, 4, 8]


def test_review_that_was_not_created_is_posted_again(script: Script, clock: Clock) -> None:
    script.on(f"POST {REVIEWS}", Said(502), CREATED)
    assert seven(script, clock).post(HEAD, SUMMARY, EVERY).posted == tuple(EVERY)
    assert script.posted() == [posting.payload(HEAD, SUMMARY, EVERY)] * 2


def test_only_what_is_missing_is_posted_again(script: Script, clock: Clock) -> None:
    script.on(f"POST {REVIEWS}", Said(502), CREATED | {"id": 12})
    script.on(f"GET {REVIEWS}", [review()])
    script.on(f"GET {COMMENTS}", comments(ONE, THREE))
    outcome = seven(script, clock).post(HEAD, SUMMARY, EVERY)
    assert outcome == Outcome(11, CREATED["html_url"], (ONE, THREE, TWO, FOUR))
    assert script.posted()[1] == posting.payload(HEAD, summary.later(2), [TWO, FOUR])


def test_review_of_an_earlier_run_is_not_taken_for_this_one(script: Script, clock: Clock) -> None:
    script.on(f"GET {REVIEWS}", [review()])
    script.on(f"POST {REVIEWS}", Said(502), CREATED | {"id": 12})
    there = seven(script, clock)
    there.reviews()
    assert there.post(HEAD, SUMMARY, [ONE]).review == 12


def test_server_that_stays_broken(script: Script, clock: Clock) -> None:
    script.on(f"POST {REVIEWS}", Said(502))
    with pytest.raises(Unreachable, match="could not post the review"):
        seven(script, clock).post(HEAD, SUMMARY, EVERY)
    assert len(script.posted()) == 2


def test_moved_head_while_looking(script: Script, clock: Clock) -> None:
    script.on(f"GET {PULLS}/7", pull(), pull(head="f" * 40))
    script.on(f"POST {REVIEWS}", Said(502))
    assert seven(script, clock).post(HEAD, SUMMARY, EVERY) == Outcome(moved=True)
    assert len(script.posted()) == 1


def test_moved_head_behind_a_part(script: Script, clock: Clock) -> None:
    script.on(f"GET {PULLS}/7", pull(), pull(head="f" * 40))
    script.on(f"POST {REVIEWS}", Said(502))
    script.on(f"GET {REVIEWS}", [review()])
    script.on(f"GET {COMMENTS}", comments(ONE))
    outcome = seven(script, clock).post(HEAD, SUMMARY, [ONE, TWO])
    assert outcome == Outcome(11, CREATED["html_url"], (ONE,), ((TWO, posting.MOVED_ON),))


def test_rate_limit_is_waited_for_and_the_head_looked_at_again(script: Script, clock: Clock) -> None:
    script.on(f"POST {REVIEWS}", Said(403, {"message": "You have exceeded a secondary rate limit"}), CREATED)
    assert seven(script, clock).post(HEAD, SUMMARY, EVERY).review == 11
    assert clock.slept == [60]
    assert script.lines == [f"GET {PULLS}/7", f"POST {REVIEWS}"] * 2


def test_rate_limit_beyond_the_budget(script: Script, clock: Clock) -> None:
    script.on(f"POST {REVIEWS}", Said(429))
    with pytest.raises(RateLimited, match="may post the review"):
        seven(script, clock, budget=100).post(HEAD, SUMMARY, EVERY)
    assert clock.slept == [60]


def test_rate_limit_behind_a_part(script: Script, clock: Clock) -> None:
    script.on(f"POST {REVIEWS}", REFUSED, REFUSED, CREATED, Said(429))
    outcome = seven(script, clock, budget=10).post(HEAD, SUMMARY, [ONE, TWO])
    assert (outcome.review, outcome.posted) == (11, (ONE,))
    ((draft, reason),) = outcome.refused
    assert draft == TWO
    assert reason.startswith("GitHub's rate limit: it wants 60 s")


def test_read_only_token(script: Script, clock: Clock) -> None:
    script.on(f"POST {REVIEWS}", Said(403, {"message": "Resource not accessible by integration"}))
    with pytest.raises(Forbidden) as refusal:
        seven(script, clock).post(HEAD, SUMMARY, EVERY)
    assert str(refusal.value) == (
        "GitHub does not let this token post the review (403 Resource not accessible by integration); the job of the "
        "workflow needs\n  permissions:\n    contents: read\n    pull-requests: write\n"
        "A pull request from a fork or from Dependabot has a token that only reads, whatever the workflow says."
    )
    assert len(script.posted()) == 1


@pytest.mark.parametrize(
    "answer",
    [
        Said(307, {"message": "Moved Permanently"}, {"Location": "URL/repositories/1/pulls/7/reviews"}),
        Said(200, b"<html>Please log in to the network</html>"),
        Said(200, b"{half"),
    ],
)
def test_answers_that_are_not_githubs(script: Script, clock: Clock, answer: Said) -> None:
    script.on(f"POST {REVIEWS}", answer)
    with pytest.raises(Unreachable, match="an answer that is not GitHub's"):
        seven(script, clock).post(HEAD, SUMMARY, EVERY)
