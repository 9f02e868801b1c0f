"""A review as what is posted: a comment for each suggestion, a summary, and the body of the request."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from bot.model import Json
from bot.policy.model import Policy
from bot.review import comment, summary
from bot.review.model import Draft, Review
from bot.review.rows import About

EVENT = "COMMENT"
"""Never an approval, and never a request for changes, which would block the merge until somebody dismisses it."""


def drafts(review: Review, policies: Mapping[str, Policy]) -> tuple[Draft, ...]:
    """The comments, best first; `policies`, by id, say why a finding matters."""
    more = Counter(offer.lead.policy_id for offer in review.patched)
    last = {offer.lead.policy_id: place for place, offer in enumerate(review.suggestions)}
    return tuple(
        comment.draft(
            offer,
            head=review.head,
            policies=policies,
            server=review.server,
            no_server=review.no_server,
            area=review.area,
            # Said once, at the last one of its policy.
            more=more[offer.lead.policy_id] if last[offer.lead.policy_id] == place else 0,
        )
        for place, offer in enumerate(review.suggestions)
    )


def payload(head: str, body: str, comments: Sequence[Draft]) -> dict[str, Json]:
    """The request that creates a review, on the commit `head`; lower lines first, so that none moves another.

    https://docs.github.com/en/rest/pulls/reviews#create-a-review-for-a-pull-request
    """
    ordered = sorted(comments, key=lambda each: (each.path, -each.line))
    return {"commit_id": head, "body": body, "event": EVENT, "comments": [each.payload() for each in ordered]}


def first(review: Review, about: About) -> dict[str, Json]:
    """The request of the first review of a pull request: the summary, and every suggestion."""
    comments = drafts(review, about.policies)
    names = frozenset(name for each in comments for name in each.fingerprints)
    return payload(review.head, summary.body(review, about, posted=names), comments)
