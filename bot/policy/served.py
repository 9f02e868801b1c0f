"""An object as CEL on the API server sees it.

On Kubernetes' own kinds a member that is null is absent. Not so where a quantity is due: `limits: {cpu: null}` becomes
`"0"`, so it counts as set. Items of lists stay, which keeps the indices. Custom resources keep their nulls.

On all kinds an integer beyond 64 bits, which CEL cannot hold, is a floating-point number, so that one of them does not
blind every policy.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.model import Json
from bot.policy import kinds

_QUANTITIES = frozenset({"capacity", "hard", "limits", "podFixed", "requests"})
_LEAST, _GREATEST = -(2**63), 2**64 - 1


def as_served(api_version: str, value: Json) -> Json:
    """An object of this apiVersion, or a part of one, as the server has it; the same object when nothing differs."""
    nulls = kinds.is_built_in(api_version.rpartition("/")[0])
    return _served(value, drop=nulls) if _differs(value, nulls) else value


def _differs(value: Json, nulls: bool) -> bool:
    children: Iterable[Json]
    if value.__class__ is dict:
        children = value.values()
        if nulls and None in children:
            return True
    elif value.__class__ is list:
        children = value
    else:
        return _is_huge(value)
    for child in children:
        kind = child.__class__
        if kind is str or kind is bool:
            continue
        if kind is dict or kind is list:
            if _differs(child, nulls):
                return True
        elif kind is int and _is_huge(child):
            return True
    return False


def _is_huge(value: Json) -> bool:
    return value.__class__ is int and not _LEAST <= value <= _GREATEST


def _served(value: Json, *, drop: bool, null: Json = None) -> Json:
    if isinstance(value, list):
        return [_served(child, drop=drop) for child in value]
    if not isinstance(value, dict):
        return float(value) if _is_huge(value) else value
    return {
        name: null if child is None else _served(child, drop=drop, null="0" if drop and name in _QUANTITIES else None)
        for name, child in value.items()
        if child is not None or null is not None or not drop
    }
