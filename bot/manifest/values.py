"""Small functions on JSON values."""

from __future__ import annotations

from bot.model import Json


def clone(value: Json) -> Json:
    """A copy that shares nothing with `value`, not even what aliases shared."""
    if isinstance(value, dict):
        return {name: clone(child) for name, child in value.items()}
    if isinstance(value, list):
        return [clone(child) for child in value]
    return value


def same(left: Json, right: Json) -> bool:
    """Equality as JSON sees it: true is not 1, 1 is 1.0, member order does not count."""
    if left is right:
        return True
    if isinstance(left, dict):
        if not isinstance(right, dict) or len(left) != len(right):
            return False
        return all(name in right and same(child, right[name]) for name, child in left.items())
    if isinstance(left, list):
        return isinstance(right, list) and len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, bool) or isinstance(right, (bool, dict, list)):
        return False
    return bool(left == right)
