"""A proposal for each finding of a file, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.detect.detect import Detection, Detector
from bot.manifest.edits import Drafts
from bot.model import Fix, Skip
from bot.pipeline import Bot, is_local
from bot.propose.template import proposals
from bot.stages.detections import Detected
from bot.stages.patches import Declined, Proposal, Proposed, Source
from bot.steps.look import Looked, Meaning, Unit, look_at, policies_of

ADDS = Declined("adds-an-object", "the fix adds an object: `k8s-auto-fix fix --unsafe` writes it")
NO_FIX = Declined("no-fix", "no fix is known")


def propose_file(bot: Bot, meaning: Meaning, unit: Unit) -> list[Proposed]:
    """What the policies propose for each record of a unit, in order."""
    looked = look_at(_narrowed(bot, meaning, unit), meaning, unit)
    drafts = Drafts(looked.sheet.manifest)
    return [
        _proposed(bot, looked, drafts, record, meant) for record, meant in zip(unit.records, looked.meant, strict=True)
    ]


def _narrowed(bot: Bot, meaning: Meaning, unit: Unit) -> Bot:
    """The bot with those policies only that the records of a unit name: nothing else is asked for here."""
    known = bot.detector.policies
    named = [known[name] for name in dict.fromkeys(policies_of(unit.records, meaning)) if name in known]
    return replace(bot, detector=Detector(named, bot.detector.environment))


def _proposed(bot: Bot, looked: Looked, drafts: Drafts, record: Detected, meant: Detection | Declined) -> Proposed:
    if isinstance(meant, Declined):
        return _without(record, record.policy_id, meant)
    manifest = looked.sheet.manifest
    silent = bot.surroundings.silence(manifest, meant.target.resource, meant.finding)
    if silent is not None:
        return _without(record, meant.policy.id, Declined("does-not-count", silent))
    fixes = _fixes(meant)
    if isinstance(fixes, Declined):
        return _without(record, meant.policy.id, fixes)
    first = fixes[0].changes[0]
    document = meant.finding.location.document
    edits = drafts.edits(document, first.operations)
    return Proposed(
        record.id,
        meant.policy.id,
        Source.RULES,
        tuple(map(_way, fixes)),
        looked.sheet.own(document, edits),
        sha256=looked.sheet.sha256(document),
    )


def _fixes(detection: Detection) -> Sequence[Fix] | Declined:
    """The fixes that change what is there, the preferred one first; else why there is none."""
    fixes: list[Fix] = []
    declined: list[Declined] = []
    for offer in proposals(detection):
        if isinstance(offer, Skip):
            declined.append(Declined(offer.code, offer.reason))
        elif is_local(offer):
            fixes.append(offer)
        else:
            declined.append(ADDS)
    return fixes or (declined[0] if declined else NO_FIX)


def _way(fix: Fix) -> Proposal:
    operations = [operation.as_json() for operation in fix.changes[0].operations]
    return Proposal(operations, fix.title, fix.why, fix.applicability)


def _without(record: Detected, policy_id: str, declined: Declined) -> Proposed:
    return Proposed(record.id, policy_id, Source.RULES, skipped=declined, sha256=record.sha256)
