"""Several fixes of one document to one patch.

Fixes are joined as patches, not as text: two that each create `securityContext` are one creation and two members. All
paths name places in the document before any fix, so removals go last, from high index to low.

Invariant: a fix is taken whole or not at all. One that wants another's place waits for the next round.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.manifest import pointers
from bot.manifest.values import same
from bot.model import Change, Fix, Operation

_MANY = 10**9
"""More than the items of any list: whether a place is an item or a member named by a number, a path does not tell."""


def combine(fixes: Sequence[Fix]) -> tuple[tuple[Operation, ...], tuple[Fix, ...], tuple[Fix, ...]]:
    """(operations, fixes that are in, fixes that must wait), for fixes that each change one and the same document.

    The first fix is always in; preference is the order given.
    """
    taken = _Taken()
    included: list[Fix] = []
    waiting: list[Fix] = []
    for fix in fixes:
        operations = [operation for change in fix.changes for operation in change.operations]
        if taken.collides(operations):
            waiting.append(fix)
        else:
            included.append(fix)
            taken.take(operations)
    return order(taken.operations), tuple(included), tuple(waiting)


def merged(fixes: Sequence[Fix]) -> Fix:
    """Fixes of one document that go together as one fix; it is as applicable as the least applicable of them.

    Findings come in the order of the fixes. The fix is named after the first one.
    """
    if len(fixes) == 1:
        return fixes[0]
    first = fixes[0]
    operations, _, _ = combine(fixes)
    return Fix(
        findings=tuple(dict.fromkeys(finding for fix in fixes for finding in fix.findings)),
        changes=(Change(first.changes[0].path, first.changes[0].document, operations),),
        title="; ".join(dict.fromkeys(fix.title for fix in fixes)),
        why="; ".join(dict.fromkeys(fix.why for fix in fixes if fix.why)),
        applicability=min(fix.applicability for fix in fixes),
        origin=first.origin,
        evidence=tuple(dict.fromkeys(each for fix in fixes for each in fix.evidence)),
    )


class _Taken:
    """The operations taken so far, by the places they change, so that a further one is compared with its like only."""

    def __init__(self) -> None:
        self.operations: list[Operation] = []
        self._at: dict[str, list[Operation]] = {}
        self._above: set[str] = set()
        self._inserting: list[Operation] = []

    def take(self, operations: Iterable[Operation]) -> None:
        """Remember the operations of a fix; one that another fix brings already is not taken twice."""
        for operation in [each for each in operations if not self._has(each)]:
            self.operations.append(operation)
            for place in _places(operation):
                self._at.setdefault(place, []).append(operation)
                if operation.op != "test":
                    self._above.update(_ancestors(place))
            if _inserts(operation):
                self._inserting.append(operation)

    def collides(self, operations: Sequence[Operation]) -> bool:
        """Whether a fix wants a place that another one changes, or that an insertion moves."""
        made: list[Operation] = []
        for operation in operations:
            if self._collides(operation, made):
                return True
            if _creates(operation):
                made.append(operation)
        return False

    def _collides(self, operation: Operation, made: Sequence[Operation]) -> bool:
        if any(_shifts(other, operation) for other in self._inserting):
            return True
        if any(self._changes(place) for place in _reads(operation)):
            return True
        for place in _places(operation):
            here = self._at.get(place, ())
            if not place.endswith("/-") and any(not _equal(operation, other) for other in here if other.op != "test"):
                return True
            if place in self._above and not (_creates(operation) and self._has(operation)):
                return True
            for above in _ancestors(place):
                # Below a mapping or list that both fixes make there is room for both.
                if any(other not in made for other in self._at.get(above, ()) if other.op != "test"):
                    return True
        return _inserts(operation) and pointers.parent(operation.path) in self._above and not self._has(operation)

    def _has(self, operation: Operation) -> bool:
        return any(_equal(operation, other) for other in self._at.get(operation.path, ()))

    def _changes(self, place: str) -> bool:
        """Whether what stands at a place is another one by now."""
        if place in self._above:
            return True
        return any(other.op != "test" for at in (place, *_ancestors(place)) for other in self._at.get(at, ()))


def _ancestors(pointer: str) -> list[str]:
    """The pointers above `pointer`, the empty one included."""
    found = []
    while pointer:
        pointer = pointers.parent(pointer)
        found.append(pointer)
    return found


def order(operations: Sequence[Operation]) -> tuple[Operation, ...]:
    """Removals last and from high index to low, everything else as it is.

    Removals around which the same fix inserts into a list stay where they are: it has put them in order.
    """
    lists = {pointers.parent(operation.path) for operation in operations if _inserts(operation)}
    keep: list[Operation] = []
    removals: list[Operation] = []
    for operation in operations:
        last = operation.op == "remove" and lists.isdisjoint(_ancestors(operation.path))
        (removals if last else keep).append(operation)
    removals.sort(key=lambda operation: _sort_key(operation.path), reverse=True)
    return (*keep, *removals)


def _sort_key(pointer: str) -> list[tuple[int, int, str]]:
    places = [(token, pointers.index(token, _MANY)) for token in pointers.split(pointer)]
    return [(0, 0, token) if place is None else (1, place, "") for token, place in places]


def _equal(left: Operation, right: Operation) -> bool:
    """Whether two operations are one. Two that append are two items, unless they bring the very same thing."""
    return (
        left.op == right.op
        and left.path == right.path
        and left.source == right.source
        and same(left.value, right.value)
    )


def _creates(operation: Operation) -> bool:
    """Whether the operation makes an empty mapping or list to put things in, where there was nothing or null."""
    return operation.op in ("add", "replace") and operation.value in ({}, [])


def _places(operation: Operation) -> tuple[str, ...]:
    """The places that an operation changes; what `copy` reads does not count."""
    return (operation.path, operation.source or "") if operation.op == "move" else (operation.path,)


def _reads(operation: Operation) -> tuple[str, ...]:
    """The places where an operation needs what stood there before any fix."""
    if operation.op == "test":
        return (operation.path,)
    return (operation.source or "",) if operation.op == "copy" else ()


def _inserts(operation: Operation) -> bool:
    """Whether the operation puts an item into a list before its end, or moves one to the end and may name it there."""
    last = operation.path.rpartition("/")[2]
    if last == "-":
        return operation.op == "move"
    return operation.op in ("add", "copy", "move") and pointers.index(last, _MANY) is not None


def _shifts(inserting: Operation, other: Operation) -> bool:
    """Whether `other` names items of the list into which `inserting` puts one."""
    base = pointers.parent(inserting.path)
    return not _equal(inserting, other) and any(
        pointers.is_within(place, base) for place in (*_places(other), *_reads(other))
    )
