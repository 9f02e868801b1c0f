"""Which offers are posted beside their lines: few, the best first, never many of one policy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from bot.review.model import Offer

PER_POLICY = 3
"""Suggestions that are named after one policy; the fourth would say the same once more."""


def choose(offers: Iterable[Offer], most: int) -> tuple[tuple[Offer, ...], tuple[Offer, ...]]:
    """(suggestions, offers for the patch) of offers that come best first; `most` suggestions may be posted."""
    posted: list[Offer] = []
    rest: list[Offer] = []
    of_policy: Counter[str] = Counter()
    for offer in offers:
        policy_id = offer.lead.policy_id
        if offer.span is None:
            rest.append(offer)
        elif len(posted) >= most:
            rest.append(replace(offer, reason=f"after the first {most}" if most else "no comments are wanted"))
        elif of_policy[policy_id] >= PER_POLICY:
            rest.append(replace(offer, reason=f"after the first {PER_POLICY} of its policy"))
        else:
            posted.append(offer)
            of_policy[policy_id] += 1
    return tuple(posted), tuple(rest)
