"""Fixes that add an object: as a further document at the end of the file of the object that they are for.

The first gate is the text: what was there is there byte for byte, and the new document reads as the object. Then the
same questions as for any fix: the findings are gone, no other has come, the schema takes the object. All additions of a
file are asked together, and one by one when a gate fails.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product

from bot.detect.detect import Detection, detect_all, is_relating
from bot.manifest import Manifest, Resource
from bot.manifest.append import append
from bot.manifest.edits import Edited, Refusal
from bot.manifest.reader import resources_of
from bot.manifest.values import same
from bot.model import Fix, GateResult, GateStatus, Json, Tier, Verification
from bot.verify import gates
from bot.verify.gates import Question
from bot.verify.verify import Verified, Verifier

_GATES: tuple[tuple[str, Callable[[Question], str]], ...] = (
    ("finding-gone", gates.finding_gone),
    ("nothing-new", gates.nothing_new),
)


def is_addition(fix: Fix) -> bool:
    """Whether a fix adds one object and changes nothing that is there."""
    return len(fix.changes) == 1 and fix.changes[0].document is None


def added(fix: Fix) -> dict[str, Json]:
    """The object that an addition adds."""
    value = fix.changes[0].operations[0].value
    assert isinstance(value, dict), "what is created is a mapping"
    return value


def verify_additions(
    verifier: Verifier, manifest: Manifest, fixes: Sequence[Fix], found: Sequence[Detection]
) -> Verified:
    """Verify additions to one file; `found` are all detections of the file. Equal objects are added once."""
    together = _ask(verifier, manifest, fixes, found)
    if len(fixes) < 2 or all(each.passed for each in together.verifications):
        return together
    alone = [_ask(verifier, manifest, [fix], found).verifications[0] for fix in fixes]
    good = [each.fix for each in alone if each.passed]
    while good:
        together = _ask(verifier, manifest, good, found)
        if all(each.passed for each in together.verifications):
            answers = {id(each.fix): each for each in together.verifications}
            return Verified(tuple(answers.get(id(each.fix), each) for each in alone), together.edited)
        # Each passes alone and not together: the turn of the last one is the next round.
        good.pop()
    return Verified(tuple(alone), None)


def _ask(verifier: Verifier, manifest: Manifest, fixes: Sequence[Fix], found: Sequence[Detection]) -> Verified:
    started = verifier.clock()
    objects: list[dict[str, Json]] = []
    for fix in fixes:
        if not any(same(added(fix), each) for each in objects):
            objects.append(added(fix))
    reason = _taken(verifier, manifest, objects)
    edited = reason or append(manifest, objects)
    spent = (verifier.clock() - started) * 1000
    if not isinstance(edited, Edited):
        reason = f"refused: {edited}" if isinstance(edited, Refusal) else edited
        refused = GateResult("edit", GateStatus.FAILED, reason, spent)
        return Verified(tuple(Verification(fix, (refused,), Tier.NONE) for fix in fixes), None)
    results = [GateResult("edit", GateStatus.PASSED, milliseconds=spent)]
    question = _question(verifier, manifest, edited, fixes, found)
    for name, gate in _GATES:
        started = verifier.clock()
        reason = gate(question)
        status = GateStatus.FAILED if reason else GateStatus.PASSED
        results.append(GateResult(name, status, reason, (verifier.clock() - started) * 1000))
        if reason:
            return Verified(tuple(Verification(fix, tuple(results), Tier.NONE) for fix in fixes), None)
    schema, version = _schema(verifier, objects)
    results.append(schema)
    tier = Tier.SCHEMA if schema.status is GateStatus.PASSED else Tier.NONE
    notes = gates.brought_along(question)
    verifications = tuple(Verification(fix, tuple(results), tier, version, notes) for fix in fixes)
    return Verified(verifications, edited if all(each.passed for each in verifications) else None)


def _question(
    verifier: Verifier, manifest: Manifest, edited: Edited, fixes: Sequence[Fix], found: Sequence[Detection]
) -> Question:
    before = tuple(verifier.relevant(manifest))
    known = {(each.document, each.pointer) for each in before}
    after = list(verifier.relevant(edited.manifest))
    inventory = verifier.inventory(edited.manifest)
    new, _ = detect_all(
        verifier.detector, edited.manifest, [each for each in after if _place(each) not in known], inventory
    )
    # What is found about an object by itself stays; the rest may hang on what has come.
    new += [each for each in found if not is_relating(each.policy)]
    for each in after:
        if _place(each) in known:
            new += verifier.detector.relate(edited.manifest, each, inventory)
    cured = tuple(finding for fix in fixes for finding in fix.findings)
    return Question(cured, before, tuple(after), tuple(found), tuple(new))


def _taken(verifier: Verifier, manifest: Manifest, objects: Sequence[dict[str, Json]]) -> str:
    """Why an object cannot be added: one of its name is in scope, or another fix adds it with other contents."""
    inventory = verifier.inventory(manifest)
    refs: set[str] = set()
    for value in objects:
        (new,) = resources_of(manifest.path, -1, value)
        entry = f"{new.ref.group}/{new.ref.kind}" if new.ref.group else f"v1/{new.ref.kind}"
        if any(each.ref.name == new.ref.name for each in inventory.beside(new, entry)):
            return f"there is a {new.ref} already"
        if str(new.ref) in refs:
            return f"two fixes would add a {new.ref}"
        refs.add(str(new.ref))
    return ""


def _schema(verifier: Verifier, objects: Sequence[dict[str, Json]]) -> tuple[GateResult, str | None]:
    """Whether every release that the manifests are for takes the objects."""
    environment = verifier.detector.environment
    started = verifier.clock()
    status, reason = GateStatus.PASSED, ""
    for value, minor in product(objects, (environment.newest, environment.oldest)):
        errors = environment.schemas.check(value, minor)
        if errors is None:
            status, reason = GateStatus.SKIPPED, f"not validated: no schema for {value['apiVersion']} {value['kind']}"
            break
        if errors:
            status, reason = GateStatus.FAILED, f"schema {minor}: {errors[0].pointer or '/'}: {errors[0]}"
            break
    result = GateResult("schema", status, reason, (verifier.clock() - started) * 1000)
    return result, environment.newest if status is GateStatus.PASSED else None


def _place(resource: Resource) -> tuple[int, str]:
    return resource.document, resource.pointer
