"""The gates on what others wrote down: every patch is read with care, then asked about like any fix of our own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from bot.detect.detect import Detection
from bot.manifest import Resource
from bot.model import Applicability, Change, Fix, GateResult, GateStatus, Operation, Origin, Tier, Verification
from bot.pipeline import Bot, FileResult, prove
from bot.propose.template import proposals
from bot.rank.candidates import changed_lines
from bot.stages.detections import Detected
from bot.stages.patches import Declined, Proposal, Proposed, Source
from bot.stages.untrusted import misplaced, operations
from bot.stages.verified import Verdict
from bot.steps.look import Looked, Meaning, Unit, look_at
from bot.steps.match import CHANGED
from bot.steps.sheet import Sheet

PATCH = "patch"
"""The gate before all others: the patch is one, and what it names is there."""

_ORIGINS = {
    Source.RULES: Origin.POLICY,
    Source.ENGINE: Origin.ENGINE,
    Source.VENDOR: Origin.MODEL,
    Source.VLLM: Origin.MODEL,
}
_NOTHING_NEW = "nothing-new"
_POLICY_GATES = ("finding-gone", _NOTHING_NEW)


@dataclass(slots=True)
class Judged(FileResult):
    """What the gates say of one text's proposals.

    `verdicts` has one entry a record, in order; `places` the index in `verifications` of those that the gates were
    asked about, for who asks a server as well.
    """

    text: str = ""
    verdicts: list[Verdict] = field(default_factory=list)
    places: list[int | None] = field(default_factory=list)


def verify_file(bot: Bot, meaning: Meaning, unit: Unit, proposed: Sequence[Proposed]) -> Judged:
    """Ask the gates about one proposal for each record of a unit."""
    looked = look_at(bot, meaning, unit)
    judged = Judged(unit.path, text=unit.text)
    offers: list[list[Fix]] = []
    wrong: list[str] = []
    for record, wanted, meant in zip(unit.records, proposed, looked.meant, strict=True):
        fixes = _fixes(looked, record, wanted, meant)
        wrong.append(fixes if isinstance(fixes, str) else "")
        judged.places.append(None if isinstance(fixes, str) else len(offers))
        if not isinstance(fixes, str):
            offers.append(fixes)
    if offers:
        proven = prove(bot, looked.sheet.manifest, looked.found, offers)
        judged.verifications = [_strict(each, looked) for each in proven]
    # Gates that several fixes were asked together have one result.
    sharing = Counter(id(gate) for each in judged.verifications for gate in each.results)
    for record, wanted, reason, place in zip(unit.records, proposed, wrong, judged.places, strict=True):
        if place is None:
            judged.verdicts.append(refused(record, wanted, reason))
        else:
            found = judged.verifications[place]
            spent = sum(gate.milliseconds / sharing[id(gate)] for gate in found.results)
            judged.verdicts.append(_verdict(record, wanted, found, looked.sheet, spent))
    return judged


def after_server(judged: Judged) -> Iterator[Verdict]:
    """The verdicts of a text once a server has stamped its verifications."""
    for verdict, place in zip(judged.verdicts, judged.places, strict=True):
        if place is None:
            yield verdict
            continue
        found = judged.verifications[place]
        accepted = found.passed
        yield replace(
            verdict,
            accepted=accepted,
            patched_yaml=verdict.patched_yaml if accepted else None,
            reason=_reason(found.results),
            tier=found.tier,
            server=found.server,
            gates=found.results,
            notes=found.notes,
        )


def _fixes(looked: Looked, record: Detected, proposed: Proposed, meant: Detection | Declined) -> list[Fix] | str:
    """The ways of a proposal that are patches of the finding's object; else what is wrong with the first one."""
    if isinstance(meant, Declined):
        return f"{meant.code}: {meant.reason}"
    document = meant.finding.location.document
    if proposed.sha256 not in (None, looked.sheet.sha256(document)):
        return f"{CHANGED}: the patch is for another text of {record.manifest_path}; run propose again"
    fixes: list[Fix] = []
    wrong: list[str] = []
    for way in proposed.ways:
        steps = _steps(looked.sheet, meant.target.resource, way)
        if isinstance(steps, str):
            wrong.append(steps)
            continue
        change = Change(record.manifest_path, document, steps)
        title = way.title or f"Apply the patch of {proposed.source}"
        origin = _ORIGINS[proposed.source]
        applicability = way.applicability
        if applicability is Applicability.SAFE and not _is_ours(meant, steps):
            applicability = Applicability.UNSAFE  # anybody can write the word
        fixes.append(Fix((meant.finding,), (change,), title, way.why, applicability, origin))
    return fixes or wrong[0]


def _strict(verification: Verification, looked: Looked) -> Verification:
    """Refuse what brings findings along, unless our own policy proposes just that: who else wrote it may mean harm."""
    if not verification.passed or not verification.notes:
        return verification
    fix = verification.fix
    finding, wanted = fix.findings[0], fix.changes[0].operations
    detection = next(each for each in looked.found if each.finding is finding)
    if _is_ours(detection, wanted):
        return verification
    reason = f"the patch would bring a new finding: {'; '.join(verification.notes)}"
    results = tuple(
        replace(each, status=GateStatus.FAILED, reason=reason) if each.gate == _NOTHING_NEW else each
        for each in verification.results
    )
    return replace(verification, results=results)


def _is_ours(detection: Detection, steps: tuple[Operation, ...]) -> bool:
    """Whether the policy of a finding proposes just these operations, whoever wrote them down."""
    return any(isinstance(each, Fix) and each.changes[0].operations == steps for each in proposals(detection))


def _steps(sheet: Sheet, resource: Resource, way: Proposal) -> tuple[Operation, ...] | str:
    steps = operations(way.patch)
    if isinstance(steps, str):
        return steps
    return misplaced(sheet.manifest.documents[resource.document].value, steps, resource.pointer) or steps


def refused(record: Detected, proposed: Proposed, reason: str) -> Verdict:
    """The verdict on a proposal that no gate was asked about."""
    way = proposed.ways[0]
    return Verdict(
        id=record.id,
        accepted=False,
        ok_schema=None,
        ok_policy=None,
        patched_yaml=None,
        policy_id=proposed.policy_id,
        severity=record.severity,
        applicability=way.applicability,
        title=way.title,
        source=str(proposed.source),
        reason=reason,
        gates=(GateResult(PATCH, GateStatus.FAILED, reason),),
        patch=tuple(way.patch) if isinstance(way.patch, list) else (),
        milliseconds=0.0,
        manifest_path=record.manifest_path,
        document=record.document,
        pointer=record.pointer,
        line=record.line,
        resource=record.resource,
        fingerprint=record.fingerprint,
        sha256=record.sha256,
    )


def _verdict(record: Detected, proposed: Proposed, found: Verification, sheet: Sheet, spent: float) -> Verdict:
    fix = found.fix
    finding, change = fix.findings[0], fix.changes[0]
    place = finding.location
    return Verdict(
        id=record.id,
        accepted=found.passed,
        ok_schema=_answer(found.results, "schema"),
        ok_policy=_answer(found.results, *_POLICY_GATES),
        patched_yaml=sheet.edited(place.document, change.edits) if found.passed else None,
        policy_id=finding.policy_id,
        severity=finding.severity,
        applicability=fix.applicability,
        title=fix.title,
        source=str(proposed.source),
        reason=_reason(found.results),
        tier=found.tier if found.passed else Tier.NONE,
        server=found.server if found.passed else None,
        gates=found.results,
        notes=found.notes,
        patch=tuple(operation.as_json() for operation in change.operations),
        changed_lines=changed_lines(found, sheet.manifest.text),
        milliseconds=spent,
        manifest_path=record.manifest_path,
        document=place.document,
        pointer=place.pointer,
        line=place.start_line,
        resource=finding.resource,
        fingerprint=record.fingerprint or record.id,
        sha256=sheet.sha256(place.document),
    )


def _reason(results: Sequence[GateResult]) -> str:
    """Why a fix is refused, in a sentence that starts with the gate; empty when it is not."""
    return next((_said(each) for each in results if each.status is GateStatus.FAILED), "")


def _said(result: GateResult) -> str:
    """A refusal with its gate, which some reasons name themselves."""
    return result.reason if result.reason.startswith(f"{result.gate} ") else f"{result.gate}: {result.reason}"


def _answer(results: Sequence[GateResult], *names: str) -> bool | None:
    """What these gates say together: false when one failed, true when all passed, None when one was not asked."""
    said = [each.status for each in results if each.gate in names]
    if GateStatus.FAILED in said:
        return False
    return True if len(said) == len(names) and all(each is GateStatus.PASSED for each in said) else None
