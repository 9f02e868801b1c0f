"""Two orders of the same things, compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from math import sqrt

from bot.rank.model import Candidate, Ranked


def tau(one: Sequence[float], other: Sequence[float]) -> float:
    """Kendall's tau-b of two lists of marks: 1 the same order, -1 the reverse, ties taken out of account.

    1 when one of the lists has nothing but ties, too: there is no order to differ from.
    """
    pairs = sorted(zip(one, other, strict=True))
    every = _pairs(len(pairs))
    ties = [sum(_pairs(count) for count in Counter(each).values()) for each in (one, other, pairs)]
    untied = (every - ties[0]) * (every - ties[1])
    if untied == 0:
        return 1.0
    discordant = _inversions([second for _, second in pairs])
    concordant = every - ties[0] - ties[1] + ties[2] - discordant
    return (concordant - discordant) / sqrt(untied)


def by_severity(candidates: Iterable[Candidate]) -> list[Candidate]:
    """The plain order that S is compared with: the worst first, then by fingerprint."""
    return sorted(candidates, key=lambda each: (-each.severity, each.fingerprint, each.id))


def agreement(ranked: Sequence[Ranked]) -> float:
    """`tau` of an order, best first, and the severities of its candidates."""
    return tau([-place for place in range(len(ranked))], [each.candidate.severity for each in ranked])


def is_by_severity(ranked: Sequence[Ranked]) -> bool:
    """Whether an order is that of a plain sort by severity, ties and all."""
    found = [each.candidate for each in ranked]
    return found == by_severity(found)


def _pairs(count: int) -> int:
    return count * (count - 1) // 2


def _inversions(marks: list[float]) -> int:
    """How many pairs stand the wrong way round (Knight 1966: counted while they are merged)."""
    if len(marks) < 2:
        return 0
    middle = len(marks) // 2
    left, right = marks[:middle], marks[middle:]
    count = _inversions(left) + _inversions(right)
    first = second = 0
    for place in range(len(marks)):
        if second == len(right) or (first < len(left) and left[first] <= right[second]):
            marks[place] = left[first]
            first += 1
        else:
            marks[place] = right[second]
            count += len(left) - first
            second += 1
    return count
