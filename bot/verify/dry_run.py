"""Fixes before a real API server: the object as it was and as it is fixed, asked together, judged pair by pair.

The answer is one more gate. A server that cannot judge (a kind it does not serve, no answer in time) leaves the fix
with the tier it had, and says why.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.manifest import Manifest, Resource, pointers
from bot.manifest.live import Refused, patched
from bot.model import GateResult, GateStatus, Json, Tier, Verification
from bot.verify.server import Judgement, Server, Status, Verdict, judge

GATE = "server"

_NOTHING = Verdict(Status.ACCEPTED)
"""What a server says of an object that is not there: whatever it then has against it, the fix brought."""


@dataclass(frozen=True, slots=True)
class Pair:
    """An object before (None: it is new) and after; `key` is the caller's."""

    key: object
    before: dict[str, Json] | None
    after: dict[str, Json]


def ask(server: Server, pairs: Sequence[Pair]) -> list[Judgement]:
    """What the server makes of each pair, in order; all objects are asked in one go, equal ones once."""
    verdicts = iter(server.ask([body for pair in pairs for body in (pair.before, pair.after) if body is not None]))
    return [judge(next(verdicts) if pair.before is not None else _NOTHING, next(verdicts)) for pair in pairs]


def alone(manifest: Manifest, verification: Verification) -> Pair | None:
    """The object that a fix changes, before and after this fix alone; None when there is no telling."""
    change = verification.fix.changes[0]
    if not verification.passed:
        return None
    if change.document is None:
        return Pair(verification, None, change.operations[0].value)
    document = manifest.documents[change.document]
    pointer = resource_at(manifest, change.document, change.operations[0].path)
    if pointer is None:
        return None
    try:
        fixed = patched(document.value, change.operations)
    except Refused:
        return None
    _, before = pointers.resolve(document.value, pointer)
    _, after = pointers.resolve(fixed, pointer)
    return Pair(verification, before, after) if isinstance(after, dict) else None


def resource_at(manifest: Manifest, document: int, pointer: str) -> str | None:
    """The pointer of the object in which `pointer` lies."""
    for resource in manifest.documents[document].resources:
        if pointers.is_within(pointer, resource.pointer):
            return resource.pointer
    return None


def changed(before: Manifest, after: Manifest) -> list[tuple[Resource, Resource]]:
    """The objects that differ between two readings of a file, paired by their place."""
    places = {(each.document, each.pointer): each for each in before.resources}
    pairs = ((places.get((each.document, each.pointer)), each) for each in after.resources)
    return [(old, new) for old, new in pairs if old is not None and old.body != new.body]


def new(before: Manifest, after: Manifest) -> list[Resource]:
    """The objects that a later reading of a file has more, at its end."""
    places = {(each.document, each.pointer) for each in before.resources}
    return [each for each in after.resources if (each.document, each.pointer) not in places]


def stamped(verification: Verification, judgement: Judgement, label: str) -> Verification:
    """The verification with the server's answer as its last gate."""
    result = GateResult(GATE, judgement.status, judgement.reason)
    tier, server = verification.tier, verification.server
    if judgement.status is GateStatus.PASSED:
        tier, server = Tier.SERVER, label
    elif judgement.status is GateStatus.FAILED:
        tier, server = Tier.NONE, None
    said = (*verification.notes, *((judgement.note,) if judgement.note else ()))
    return replace(verification, results=(*verification.results, result), tier=tier, server=server, notes=said)


def unasked(verification: Verification, reason: str) -> Verification:
    """The verification of a fix that no server was asked about, with the reason."""
    result = GateResult(GATE, GateStatus.SKIPPED, reason)
    return replace(verification, results=(*verification.results, result))
