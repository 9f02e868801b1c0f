"""What became of suggestions that stand at a pull request, as events for the history (`bot.rank.history`).

The same comments give the same events again, run by run, until a comment is gone: who writes them down leaves out what
is there already. A comment that was only answered is still open.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from bot.rank.history import Event, Outcome
from bot.review.comment import policies_of
from bot.review.model import Draft, Posted, PostedReview
from bot.review.standing import Own, Standing

_WHOLE = 16
"""Digits of a fingerprint; a comment about very many findings names fewer."""


def outcomes(
    posted: Sequence[Posted],
    reviews: Sequence[PostedReview],
    *,
    found: Mapping[str, str],
    unread: Collection[str] = (),
    known: Mapping[str, str] | None = None,
    pull: int = 0,
    head: str = "",
) -> tuple[Event, ...]:
    """What people, or pushes, did to our comments, as far as `head` tells.

    `found` are the policies of all findings at the head, by fingerprint; `known` those of earlier ones, where somebody
    wrote them down. A finding whose policy nobody knows any more is left out, and so is what is at a path that is
    `unread`.
    """
    standing = Standing(found, posted, reviews)
    said = {name: Outcome.DISMISSED for name in standing.missing if name in found}
    policies: dict[str, str] = {}
    for own in standing.own:
        if own.comment.path not in unread:
            policies |= _policies(own)
            said |= {name: outcome for name in own.names if (outcome := _outcome(own, name in found)) is not None}
    policies |= {**(known or {}), **found}
    return tuple(
        Event(outcome, name, policies[name], pull, head)
        for name, outcome in sorted(said.items())
        if len(name) == _WHOLE and name in policies
    )


def stands(drafts: Sequence[Draft], found: Mapping[str, str], *, pull: int, head: str) -> Iterator[Event]:
    """The events of suggestions that have just been posted."""
    for draft in drafts:
        for name in draft.fingerprints:
            yield Event(Outcome.POSTED, name, found[name], pull, head)


def _outcome(own: Own, is_found: bool) -> Outcome | None:
    if own.comment.resolved:
        return Outcome.DISMISSED if is_found else Outcome.ACCEPTED
    return None if is_found else Outcome.GONE


def _policies(own: Own) -> dict[str, str]:
    """The policies of the findings that a comment names, as far as its text tells them apart."""
    ids = policies_of(own.comment.body)
    if len(ids) == 1:
        return dict.fromkeys(own.names, ids[0])
    return dict(zip(own.mark.names, ids, strict=True)) if len(ids) == len(own.mark.names) else {}
