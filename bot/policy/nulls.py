"""Nulls as the API server reads them: on its own kinds a member that is null is absent.

Not so where a quantity is due: `limits: {cpu: null}` becomes `"0"`, so it counts as set. Items of lists stay, which
keeps the indices. Custom resources keep their nulls: do not call this for them.
"""

from __future__ import annotations

from bot.model import Json

_QUANTITIES = frozenset({"capacity", "hard", "limits", "podFixed", "requests"})


def drop_nulls(value: Json) -> Json:
    """`value` without null members; the same object when there are none."""
    return _dropped(value) if _has_null(value) else value


def _has_null(value: Json) -> bool:
    for child in value.values() if value.__class__ is dict else value if value.__class__ is list else ():
        kind = child.__class__
        if child is None:
            if value.__class__ is dict:
                return True
        elif (kind is dict or kind is list) and _has_null(child):
            return True
    return False


def _dropped(value: Json, *, null: Json = None) -> Json:
    if isinstance(value, list):
        return [_dropped(child) for child in value]
    if not isinstance(value, dict):
        return value
    return {
        name: null if child is None else _dropped(child, null="0" if name in _QUANTITIES else None)
        for name, child in value.items()
        if child is not None or null is not None
    }
