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
    taken = _Taken()
    included: list[Fix] = []
    waiting: list[Fix] = []
    for fix in fixes:
        operations = [operation for change in fix.changes for operation in change.operations]
        if any(taken.collides(operation) for operation in operations):
            waiting.append(fix)
            continue
        included.append(fix)
        for operation in operations:
            taken.take(operation)
    return order(taken.operations), tuple(included), tuple(waiting)


class _Taken:
    """The operations taken so far, by the places they change, so that a further one is compared with its like only."""

    def __init__(self) -> None:
        self.operations: list[Operation] = []
        self._at: dict[str, list[Operation]] = {}
        self._above: set[str] = set()
        self._inserting: list[Operation] = []

    def take(self, operation: Operation) -> None:
        """Remember an operation; one that is there already is not taken twice."""
        if any(_equal(operation, other) for other in self._at.get(operation.path, ())):
            return
        self.operations.append(operation)
        for place in _places(operation):
            self._at.setdefault(place, []).append(operation)
            self._above.update(_ancestors(place))
        if _inserts(operation):
            self._inserting.append(operation)

    def collides(self, operation: Operation) -> bool:
        """Whether an operation wants a place that another one changes, or that an insertion moves."""
        if operation.op == "test":
            return False
        if any(_shifts(other, operation) for other in self._inserting):
            return True
        inserts = _inserts(operation)
        for place in _places(operation):
            here = self._at.get(place, ())
            if not place.endswith("/-") and any(not _equal(operation, other) for other in here if other.op != "test"):
                return True
            if place in self._above and not (_creates(operation) and place == operation.path):
                return True
            for above in _ancestors(place):
                for other in self._at.get(above, ()):
                    if other.op != "test" and not (_creates(other) and above == other.path):
                        return True
            if inserts and pointers.parent(operation.path) in self._above:
                return True
        return False


def _ancestors(pointer: str) -> list[str]:
    """The pointers above `pointer`, the empty one included."""
    found = []
    while pointer:
        pointer = pointers.parent(pointer)
        found.append(pointer)
    return found


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


def _places(operation: Operation) -> tuple[str, ...]:
    """The places that an operation changes; what `copy` reads does not count."""
    return (operation.path, operation.source or "") if operation.op == "move" else (operation.path,)


def _inserts(operation: Operation) -> bool:
    """Whether the operation puts an item into a list before its end."""
    return operation.op in ("add", "copy", "move") and operation.path.rpartition("/")[2].isdigit()


def _shifts(inserting: Operation, other: Operation) -> bool:
    """Whether `other` names items of the list into which `inserting` puts one."""
    base = pointers.parent(inserting.path)
    return not _equal(inserting, other) and any(
        pointers.is_within(place, base) and place != base for place in _places(other)
    )
