"""Policies that want the opposite of each other: the fix of the one is the finding of the other.

Invariant: what comes out of `without_contradictions` holds no two policies that contradict each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.policy.model import Policy


def contradict(one: Policy, other: Policy) -> bool:
    """Whether one of the two says that it contradicts the other."""
    return other.id in one.contradicts or one.id in other.contradicts


def without_contradictions(
    policies: Sequence[Policy], closeness: Mapping[str, int]
) -> tuple[tuple[Policy, ...], dict[str, str]]:
    """The policies in their order, and the ids of those left out with the id of what each of them contradicts.

    Of two, the one stays that was selected more closely, by its id say (`closeness`); else the one that is on by
    default; else the one that names no other under `contradicts`; else the first.
    """
    ranked = sorted(policies, key=lambda each: (-closeness[each.id], not each.default, bool(each.contradicts)))
    kept: list[Policy] = []
    left_out: dict[str, str] = {}
    for policy in ranked:
        over = next((other for other in kept if contradict(policy, other)), None)
        if over is None:
            kept.append(policy)
        else:
            left_out[policy.id] = over.id
    return tuple(policy for policy in policies if policy.id not in left_out), left_out
