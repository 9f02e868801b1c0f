"""A review to a pull request at GitHub: what is new is posted, the summary edited, what is over cleared away.

Order: post, edit the summary, edit and delete comments. A run that is killed in between leaves a comment too many, and
the next one removes it. A run that has nothing to post asks for the head before it writes: what it would clear away
may belong to the run for a newer one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.pull.brought import ASIDE
from bot.pull.github import GitHub
from bot.pull.payload import drafts
from bot.pull.review import repatched
from bot.review import reconcile, summary
from bot.review.model import Draft, Offer, Outcome, Posted, PostedReview, Review
from bot.review.reconcile import Plan
from bot.review.rows import About

REFUSED = "GitHub takes no comment there"


@dataclass(frozen=True, slots=True)
class Result:
    """What came of it. `review` is as it was told in the end; `summary` the id of the review that holds the summary.

    `drafts` are the comments that were posted. `moved`: a newer run will post, this one did nothing.
    """

    review: Review
    summary: int | None = None
    posted: int = 0
    moved: bool = False
    drafts: tuple[Draft, ...] = ()


def post(
    github: GitHub, review: Review, about: About, posted: Sequence[Posted], reviews: Sequence[PostedReview]
) -> Result:
    """Bring the pull request to say what `review` says; `posted` and `reviews` stand there, oldest first."""
    plan = reconcile.plan(
        drafts(review, about.policies), posted, reviews, head=review.head, found=_found(review), unread=_unread(review)
    )
    review = _without(review, plan.withheld, ASIDE)
    if _has_nothing_to_say(review, plan):
        return Result(review)
    outcome = Outcome()
    if plan.post or (plan.summary is None and not review.silent):
        first = _body(review, about, plan) if plan.summary is None else summary.later(len(plan.post))
        outcome = github.post(review.head, first, plan.post)
        if outcome.moved:
            return Result(review, moved=True)
        refused = [draft for draft, _ in outcome.refused]
        review = _without(review, refused, REFUSED)
        gone = {name for draft in refused for name in draft.fingerprints}
        plan = replace(plan, posted=plan.posted - gone)
    elif _changes(review, about, plan) and github.pull().head != review.head:
        return Result(review, moved=True)
    _edit_summary(github, review, about, plan, outcome)
    for comment, body in plan.edit:
        github.edit_comment(comment.id, body)
    for comment in plan.delete:
        github.delete_comment(comment.id)
    stands_in = plan.summary.id if plan.summary is not None else outcome.review
    return Result(review, stands_in, len(outcome.posted), drafts=outcome.posted)


def _changes(review: Review, about: About, plan: Plan) -> bool:
    """Whether anything would be written besides a new review."""
    return bool(plan.edit or plan.delete or _differs(plan.summary, _body(review, about, plan)))


def _differs(standing: PostedReview | None, body: str) -> bool:
    """Whether a summary is there and says something else."""
    return standing is not None and standing.body.replace("\r\n", "\n") != body


def _edit_summary(github: GitHub, review: Review, about: About, plan: Plan, outcome: Outcome) -> None:
    body = _body(review, about, plan)
    if plan.summary is None:
        if outcome.refused and outcome.review is not None:
            github.edit_review(outcome.review, body)
    elif _differs(plan.summary, body):
        github.edit_review(plan.summary.id, body)


def _body(review: Review, about: About, plan: Plan) -> str:
    make = summary.nothing if review.silent else summary.body
    return make(review, about, posted=plan.posted, dismissed=plan.dismissed)


def _has_nothing_to_say(review: Review, plan: Plan) -> bool:
    return review.silent and plan.summary is None and not plan.changes_comments


def _without(review: Review, left_out: Sequence[Draft], reason: str) -> Review:
    """The review with some suggestions in the patch instead."""
    names = {name for draft in left_out for name in draft.fingerprints}

    def is_out(offer: Offer) -> bool:
        return any(finding.fingerprint in names for finding in offer.findings)

    out = tuple(replace(offer, reason=reason) for offer in review.suggestions if is_out(offer))
    if not out:
        return review
    kept = tuple(offer for offer in review.suggestions if not is_out(offer))
    return repatched(replace(review, suggestions=kept, patched=(*review.patched, *out)))


def _found(review: Review) -> frozenset[str]:
    findings = (*review.introduced, *review.older, *review.accepted)
    return frozenset(finding.fingerprint for finding in findings)


def _unread(review: Review) -> frozenset[str]:
    return frozenset(skip.path for skip in review.skips if skip.error)
