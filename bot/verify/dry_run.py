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
from bot.verify.server import Judgement, Server, judge

GATE = "server"


@dataclass(frozen=True, slots=True)
class Pair:
    """An object before and after; `key` is the caller's."""

    key: object
    before: dict[str, Json]
    after: dict[str, Json]


def ask(server: Server, pairs: Sequence[Pair]) -> list[Judgement]:
    """What the server makes of each pair, in order; all objects are asked in one go, equal ones once."""
    verdicts = server.ask([body for pair in pairs for body in (pair.before, pair.after)])
    return [judge(verdicts[2 * place], verdicts[2 * place + 1]) for place in range(len(pairs))]


def alone(manifest: Manifest, verification: Verification) -> Pair | None:
    """The object that a fix changes, before and after this fix alone; None when it changes none that is there."""
    change = verification.fix.changes[0]
    if change.document is None or not verification.passed:
        return None
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
