"""Reviews: created all or nothing, edited, never deleted once submitted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.fakes.github import anchors, answers, shapes
from tests.fakes.github.answers import BODY_LIMIT, Answer
from tests.fakes.github.calls import Call, handles, page
from tests.fakes.github.hub import Hub
from tests.fakes.github.records import Account, Anchor, Pull, Review

STATES = {"COMMENT": "COMMENTED", "APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED"}
TOO_LONG = f"is too long (maximum is {BODY_LIMIT} characters)"


@handles("pulls/list-reviews", "pull-requests", "read")
def listed(hub: Hub, call: Call) -> Answer:
    """Reviews in the order in which they came."""
    pull = call.pull(hub)
    reviews, _ = hub.visible(pull, call.account)
    return page(hub, call, reviews, lambda each: shapes.review(hub, pull, each))


@handles("pulls/get-review", "pull-requests", "read")
def get(hub: Hub, call: Call) -> Answer:
    """One review."""
    pull, review = _review(hub, call)
    return Answer(200, shapes.review(hub, pull, review))


@handles("pulls/list-comments-for-review", "pull-requests", "read")
def comments(hub: Hub, call: Call) -> Answer:
    """The comments of one review. On GitHub these lack the lines (`review-comment` has them as optional)."""
    pull, review = _review(hub, call)
    found = [each for each in pull.comments if each.review == review.id]
    return page(hub, call, found, lambda each: shapes.comment(hub, pull, each))


@handles("pulls/create-review", "pull-requests", "write")
def create(hub: Hub, call: Call) -> Answer:
    """A review with its comments: all of them have a place, or nothing happens."""
    pull = call.pull(hub)
    author = _author(call)
    body, event, commit = call.body.get("body") or "", call.body.get("event"), call.body.get("commit_id") or pull.head
    drafts = call.body.get("comments") or []
    if event is None:
        hub.offend(call.operation.name, "no event: the review is a draft that nobody sees")
    if "commit_id" not in call.body:
        hub.offend(call.operation.name, "no commit_id: lines mean whatever the head is by then")
    _may_say(pull, author, event)
    if len(body) > BODY_LIMIT:
        raise answers.unprocessable(f"Body {TOO_LONG}")
    if event in ("COMMENT", "REQUEST_CHANGES") and not body.strip() and not drafts:
        raise answers.unprocessable("Body can't be blank")
    if not hub.repository.knows(commit):
        raise answers.unprocessable("commit_id is not part of the pull request")
    placed = [(anchor_of(hub, call, each), each["body"]) for each in drafts]
    errors = [each for anchor, text in placed if (each := _refusal(hub, pull, commit, anchor, text))]
    if errors:
        raise answers.unprocessable(*dict.fromkeys(errors))
    state = "PENDING" if event is None else STATES[event]
    review = hub.add_review(pull, author, state=state, body=body, commit=commit)
    for anchor, text in placed:
        hub.add_comment(pull, review, anchor, text)
    return Answer(200, shapes.review(hub, pull, review))


@handles("pulls/update-review", "pull-requests", "write")
def update(hub: Hub, call: Call) -> Answer:
    """Another body; only of one's own reviews, and never none at all."""
    pull, review = _review(hub, call)
    if review.author != _author(call):
        hub.offend(call.operation.name, f"review {review.id} is by {review.author.login}")
        raise answers.not_accessible()
    if len(call.body["body"]) > BODY_LIMIT:
        raise answers.unprocessable(f"Body {TOO_LONG}")
    if not call.body["body"].strip():
        raise answers.unprocessable("Body can't be blank")
    review.body = call.body["body"]
    return Answer(200, shapes.review(hub, pull, review))


@handles("pulls/submit-review", "pull-requests", "write")
def submit(hub: Hub, call: Call) -> Answer:
    """Make a draft public."""
    pull, review = _review(hub, call)
    event = call.body["event"]
    _may_say(pull, _author(call), event)
    if review.state != "PENDING":
        raise answers.unprocessable("Can not submit a review that is not pending")
    review.state, review.submitted = STATES[event], hub.now()
    review.body = call.body.get("body") or review.body
    return Answer(200, shapes.review(hub, pull, review))


@handles("pulls/delete-pending-review", "pull-requests", "write")
def delete(hub: Hub, call: Call) -> Answer:
    """A draft goes; what was submitted stays."""
    pull, review = _review(hub, call)
    if review.state != "PENDING":
        raise answers.unprocessable("Can not delete a non-pending pull request review")
    for comment in [each for each in pull.comments if each.review == review.id]:
        hub.remove_comment(pull, comment)
    pull.reviews = [each for each in pull.reviews if each is not review]
    return Answer(200, shapes.review(hub, pull, review))


def anchor_of(hub: Hub, call: Call, draft: Mapping[str, Any]) -> Anchor:
    """The lines that a comment names; a missing line is line 0, which nothing has."""
    if "position" in draft:
        hub.offend(call.operation.name, "position is going away: line and side say it")
    if draft.get("side", "RIGHT") not in anchors.SIDES:
        hub.offend(call.operation.name, f"side={draft['side']}")
    start = draft.get("start_line")
    side = draft.get("side") or "RIGHT"
    start_side = None if start is None else draft.get("start_side") or side
    return Anchor(draft["path"], draft.get("line") or 0, side, start, start_side)


def _refusal(hub: Hub, pull: Pull, commit: str, anchor: Anchor, body: str) -> str:
    """Why a comment cannot be made, in one sentence; empty when it can."""
    if not body.strip():
        return "Pull request review comment body can't be blank"
    if len(body) > BODY_LIMIT:
        return f"Pull request review comment body {TOO_LONG}"
    found = [anchors.OUTSIDE, anchors.BLANK_HUNK]  # nothing of a commit that a force push took away is in the diff
    if commit in hub.commits(pull):
        found = anchors.problems(anchor, hub.shown(pull, commit), frozenset(hub.withheld))
    return anchors.terse(found) if hub.terse and found else anchors.sentence(found)


def _may_say(pull: Pull, author: Account, event: str | None) -> None:
    if event == "APPROVE" and author.bot:
        raise answers.unprocessable("GitHub Actions is not permitted to approve pull requests.")
    if event in ("APPROVE", "REQUEST_CHANGES") and author == pull.author:
        what = "approve" if event == "APPROVE" else "request changes on"
        raise answers.unprocessable(f"Can not {what} your own pull request")
    if event is None and any(each.state == "PENDING" and each.author == author for each in pull.reviews):
        raise answers.unprocessable("User can only have one pending review per pull request")


def _author(call: Call) -> Account:
    assert call.account is not None, "writing needs a token, which the server has checked"
    return call.account


def _review(hub: Hub, call: Call) -> tuple[Pull, Review]:
    pull, number = call.pull(hub), call.number("review_id")
    reviews, _ = hub.visible(pull, call.account)
    for review in reviews:
        if review.id == number:
            return pull, review
    raise answers.not_found()
