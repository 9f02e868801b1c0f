"""How many of the misconfigurations that the field knows are detected and fixed here, and why not the others.

Invariant: whatever is left out has its reason; a test holds `bot.policy.data.misconfigurations` to it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.policy.data.misconfigurations import DETECT_ONLY, FIXABLE, LEFT_OUT, UNFIXED
from bot.policy.model import Policy


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A misconfiguration without a policy, or without a fix though one is defined; `fixable`: one is defined."""

    id: str
    fixable: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """Counts against the list: `known` ids, of which `fixable` have a fix defined; what is missing, by id.

    `beyond` are policies that the list does not know.
    """

    known: int
    detected: int
    fixable: int
    fixed: int
    undetected: tuple[LeftOut, ...]
    unfixed: tuple[LeftOut, ...]
    beyond: tuple[str, ...]


def coverage(policies: Iterable[Policy]) -> Coverage:
    """Count `policies` against the list. An own policy counts by its id, as a built-in one does."""
    there = {policy.id: policy for policy in policies}
    fixable = frozenset(FIXABLE)
    known = sorted({*FIXABLE, *DETECT_ONLY})
    detected = [each for each in known if each in there]
    fixed = [each for each in detected if each in fixable and there[each].fixes]
    return Coverage(
        known=len(known),
        detected=len(detected),
        fixable=len(fixable),
        fixed=len(fixed),
        undetected=tuple(LeftOut(each, each in fixable, LEFT_OUT.get(each, "")) for each in known if each not in there),
        unfixed=tuple(
            LeftOut(each, fixable=True, reason=UNFIXED.get(each, ""))
            for each in detected
            if each in fixable and not there[each].fixes
        ),
        beyond=tuple(sorted(there.keys() - set(known))),
    )
