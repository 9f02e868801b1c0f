"""Several fixes of one document to one patch.

Fixes are joined as patches, not as text: two that each create `securityContext` are one creation and two members. All
paths name places in the document before any fix, so removals go last, from high index to low.

Invariant: a fix is taken whole or not at all. One that wants another's place waits for the next round.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.manifest import pointers
from bot.manifest.values import same
from bot.model import Fix, Operation


def combine(fixes: Sequence[Fix]) -> tuple[tuple[Operation, ...], tuple[Fix, ...], tuple[Fix, ...]]:
    """(operations, fixes that are in, fixes that must wait), for fixes that each change one and the same document.

    The first fix is always in; preference is the order given.
    """
    taken: list[Operation] = []
    included: list[Fix] = []
    waiting: list[Fix] = []
    for fix in fixes:
        operations = [operation for change in fix.changes for operation in change.operations]
        if any(_collides(operation, other) for operation in operations for other in taken):
            waiting.append(fix)
            continue
        included.append(fix)
        taken += [operation for operation in operations if not any(_equal(operation, other) for other in taken)]
    return order(taken), tuple(included), tuple(waiting)


def order(operations: Iterable[Operation]) -> tuple[Operation, ...]:
    """Removals last and from high index to low, everything else as it is."""
    keep = [operation for operation in operations if operation.op != "remove"]
    removals = [operation for operation in operations if operation.op == "remove"]
    removals.sort(key=lambda operation: _sort_key(operation.path), reverse=True)
    return (*keep, *removals)


def _sort_key(pointer: str) -> list[tuple[int, int, str]]:
    return [(1, int(token), "") if token.isdigit() else (0, 0, token) for token in pointers.split(pointer)]


def _equal(left: Operation, right: Operation) -> bool:
    if left.path.endswith("/-"):
        # Two that append are two items, unless they bring the very same named thing.
        return left.op == right.op and left.path == right.path and same(left.value, right.value)
    return (
        left.op == right.op
        and left.path == right.path
        and left.source == right.source
        and same(left.value, right.value)
    )


def _creates(operation: Operation) -> bool:
    """Whether the operation makes an empty mapping or list to put things in."""
    return operation.op == "add" and operation.value in ({}, []) and isinstance(operation.value, (dict, list))


def _collides(left: Operation, right: Operation) -> bool:
    if "test" in (left.op, right.op) or _equal(left, right):
        return False
    for one, other in ((left, right), (right, left)):
        for place in _places(one):
            for second in _places(other):
                if place == second and not place.endswith("/-"):
                    return True
                if second.startswith(place + "/") and not (_creates(one) and place == one.path):
                    return True
    return _shifts(left, right) or _shifts(right, left)


def _places(operation: Operation) -> tuple[str, ...]:
    """The places that an operation changes; what `copy` reads does not count."""
    return (operation.path, operation.source or "") if operation.op == "move" else (operation.path,)


def _shifts(inserting: Operation, other: Operation) -> bool:
    """Whether `inserting` puts an item into a list, before its end, that `other` names items of."""
    token = inserting.path.rpartition("/")[2]
    if inserting.op not in ("add", "copy", "move") or not token.isdigit():
        return False
    base = pointers.parent(inserting.path)
    return any(pointers.is_within(place, base) and place != base for place in _places(other))
