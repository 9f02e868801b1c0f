"""The score of every candidate, and the order.

S = R * p / E[t] + w_explore * explore + alpha * wait + w_kev * kev, in points of risk a minute.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

from bot.rank.around import Around
from bot.rank.effort import Effort
from bot.rank.exposure import Exposure, exposure
from bot.rank.facts import REPEATS, images
from bot.rank.feeds import Feeds
from bot.rank.history import History
from bot.rank.model import Candidate, Ranked, Weights
from bot.rank.risk import Images, of_images, parts
from bot.rank.tally import Tally

DIGITS = 6
"""Decimal places of what is shown and compared: what differs less is equal, and the fingerprint decides."""

TELLING = 0.15
"""The least share of a fact that is worth telling."""

_YEAR, _MONTH = 8766.0, 730.5
_T = TypeVar("_T")


def rank(
    candidates: Iterable[Candidate],
    *,
    weights: Weights | None = None,
    history: History | None = None,
    feeds: Feeds | None = None,
) -> tuple[Ranked, ...]:
    """The candidates, best first; those of equal score by fingerprint, then by id. Nothing here is random."""
    every = tuple(candidates)
    scorer = _Scorer(weights or Weights(), Tally(history or History()), feeds or Feeds(), Effort(every))
    return tuple(sorted(map(scorer.ranked, every), key=_place))


def _place(ranked: Ranked) -> tuple[float, str, str]:
    return -ranked.score, ranked.candidate.fingerprint, ranked.candidate.id


class _Scorer:
    """The terms of candidates; what several share is worked out once.

    Objects and scopes are told apart by identity: the candidates that hold them live as long as this does.
    """

    def __init__(self, weights: Weights, tally: Tally, feeds: Feeds, effort: Effort) -> None:
        self._weights = weights
        self._tally = tally
        self._feeds = feeds
        self._effort = effort
        self._around: dict[int, Around] = {}
        self._objects: dict[tuple[int, int], tuple[Exposure, Images]] = {}
        self._terms: dict[Hashable, float] = {}

    def ranked(self, one: Candidate) -> Ranked:
        """A candidate with its score."""
        exposed, harmed = self._object(one)
        policy_id, applicability, lines = one.policy_id, one.applicability, one.changed_lines
        found = parts(one.severity, exposed.value, harmed.harm)
        risk = found[0][1] + found[1][1] + found[2][1]
        p = self._kept(("p", policy_id, applicability), lambda: self._tally.probability(policy_id, applicability))
        minutes = self._kept(("Et", policy_id, lines), lambda: self._effort.minutes(policy_id, lines))
        explore = self._kept(("explore", policy_id), lambda: self._tally.bound(policy_id))
        wait = max(0.0, one.age_hours or 0.0)
        kev = 1.0 if harmed.exploited else 0.0
        weights = self._weights
        score = risk * p / minutes + weights.explore * explore + weights.alpha * wait + weights.kev * kev
        reason = _telling(exposed, harmed, policy_id) or _waiting(wait)
        return Ranked(one, round(score, DIGITS), risk, p, minutes, explore, wait, kev, found, reason)

    def _object(self, one: Candidate) -> tuple[Exposure, Images]:
        key = (id(one.body), id(one.neighbours))
        found = self._objects.get(key)
        if found is None:
            around = self._around.get(key[1])
            if around is None:
                around = self._around[key[1]] = Around(one.neighbours)
            exposed = exposure(one.resource, one.body, around)
            harmed = of_images(images(one.resource, one.body), self._feeds) if self._feeds.images else Images()
            found = self._objects[key] = (exposed, harmed)
        return found

    def _kept(self, key: Hashable, make: Callable[[], float]) -> float:
        found = self._terms.get(key)
        if found is None:
            found = self._terms[key] = make()
        return found


def _telling(exposed: Exposure, harmed: Images, policy_id: str) -> str:
    """What stands out of an object, as words that follow a noun, besides what the finding says."""
    if harmed.exploited:
        more = len(harmed.exploited) - 1
        return f"with {harmed.exploited[0]}{f' and {more} more' if more else ''}, known to be exploited"
    for share, said in exposed.facts:
        if share >= TELLING and policy_id not in REPEATS.get(said, ()):
            return said
    if harmed.harm >= TELLING:
        return f"with images likely to be exploited ({harmed.harm * 100:.0f} %)"
    return ""


def _waiting(hours: float) -> str:
    if hours >= _YEAR:
        return f"there for {hours / _YEAR:.1f} years"
    return f"there for {hours / _MONTH:.0f} months" if hours >= 3 * _MONTH else ""
