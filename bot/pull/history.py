"""What a run that has posted adds to the history."""

from __future__ import annotations

from collections.abc import Sequence

from bot.pull.post import Result
from bot.rank.history import Event, History, fresh
from bot.review.model import Posted, PostedReview, Review
from bot.review.outcomes import outcomes, stands


def events(
    result: Result, posted: Sequence[Posted], reviews: Sequence[PostedReview], history: History, *, pull: int
) -> tuple[Event, ...]:
    """The events that `history` lacks; `posted` and `reviews` are what stood at the pull request before the run."""
    review = result.review
    found = _policies(review)
    became = outcomes(
        posted,
        reviews,
        found=found,
        unread=[skip.path for skip in review.skips if skip.error],
        known={each.fingerprint: each.policy_id for each in history.events},
        pull=pull,
        head=review.head,
    )
    return fresh([*became, *stands(result.drafts, found, pull=pull, head=review.head)], history)


def _policies(review: Review) -> dict[str, str]:
    """The policies of all findings at the head, by fingerprint."""
    findings = (*review.introduced, *review.older, *review.accepted)
    return {finding.fingerprint: finding.policy_id for finding in findings}
