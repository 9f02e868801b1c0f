"""Fixes against the gates, cheapest first; all fixes of a document together, one by one only when a gate fails.

The edit itself is the first gate: it is refused, or proven to read as the patched object with everything else as it was
(`bot.manifest.edits`). No API server is asked here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from bot.detect.detect import Detection, Detector, detect_all
from bot.manifest import Manifest, Resource
from bot.manifest.edits import Edited, Refusal, edit_file
from bot.manifest.values import same
from bot.model import Fix, GateResult, GateStatus, Tier, Verification
from bot.propose.combine import combine
from bot.verify import gates
from bot.verify.gates import Question

_GATES: tuple[tuple[str, Callable[[Question], str]], ...] = (
    ("identity", gates.same_identity),
    ("nothing-lost", gates.nothing_lost),
    ("nothing-lowered", gates.nothing_lowered),
    ("finding-gone", gates.finding_gone),
    ("nothing-new", gates.nothing_new),
)


@dataclass(frozen=True, slots=True)
class Verified:
    """What came of the fixes of one file.

    `verifications` has one entry a fix, in the order given; `edited` is the file with all fixes that passed, None when
    none did. `waiting` fixes passed no gate yet: another fix needs the same place, so their turn is the next round.
    """

    verifications: tuple[Verification, ...]
    edited: Edited | None
    waiting: tuple[Fix, ...] = ()


class Verifier:
    """Asks the gates about fixes of one file; `relevant` turns a re-read file's resources into those to look at."""

    def __init__(
        self,
        detector: Detector,
        relevant: Callable[[Manifest], Iterable[Resource]],
        clock: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self.detector = detector
        self.relevant = relevant
        self.clock = clock

    def verify(self, manifest: Manifest, fixes: Sequence[Fix], found: Sequence[Detection]) -> Verified:
        """Verify fixes of one file; each changes exactly one document of it. `found` are all detections of the file."""
        included: list[Fix] = []
        waiting: list[Fix] = []
        for group in _by_document(fixes).values():
            _, taken, left = combine(group)
            included += taken
            waiting += left
        answers: dict[int, Verification] = {}
        edited = self._together(manifest, included, found, answers)
        order = {id(fix): place for place, fix in enumerate(fixes)}
        verifications = sorted(answers.values(), key=lambda each: order[id(each.fix)])
        return Verified(tuple(verifications), edited, tuple(waiting))

    def _together(
        self, manifest: Manifest, fixes: Sequence[Fix], found: Sequence[Detection], answers: dict[int, Verification]
    ) -> Edited | None:
        """All fixes of the file in one edit; documents that fail are tried fix by fix."""
        if not fixes:
            return None
        edited, verdicts = self._ask(manifest, fixes, found)
        if edited is not None and all(_passed(results) for results, *_ in verdicts.values()):
            self._record(fixes, verdicts, answers)
            return edited
        good: list[Fix] = []
        for document, group in _by_document(fixes).items():
            verdict = verdicts.get(document)
            if len(group) == 1 and verdict is not None:
                self._record(group, verdicts, answers)
                good += [fix for fix in group if answers[id(fix)].passed]
                continue
            if verdict is not None and _passed(verdict[0]):
                self._record(group, verdicts, answers)
                good += group
                continue
            good += self._one_by_one(manifest, group, found, answers)
        while good:
            edited, verdicts = self._ask(manifest, good, found)
            if edited is not None and all(_passed(results) for results, *_ in verdicts.values()):
                return edited
            # Each passes alone and not together: the later one of a document that fails goes.
            failing = [fix for fix in good if edited is None or not _passed(verdicts[fix.changes[0].document or 0][0])]
            dropped = failing[-1]
            good = [fix for fix in good if fix is not dropped]
            reason = "passes alone, not together with the other fixes of its document"
            answers[id(dropped)] = Verification(
                dropped, (GateResult("together", GateStatus.FAILED, reason),), Tier.NONE
            )
        return None

    def _one_by_one(
        self, manifest: Manifest, group: Sequence[Fix], found: Sequence[Detection], answers: dict[int, Verification]
    ) -> list[Fix]:
        good = []
        for fix in group:
            _, verdicts = self._ask(manifest, [fix], found)
            self._record([fix], verdicts, answers)
            if answers[id(fix)].passed:
                good.append(fix)
        return good

    def _record(self, fixes: Iterable[Fix], verdicts: dict[int, _Verdict], answers: dict[int, Verification]) -> None:
        for fix in fixes:
            results, tier, version, notes = verdicts[fix.changes[0].document or 0]
            answers[id(fix)] = Verification(fix, tuple(results), tier, version, notes)

    def _ask(
        self, manifest: Manifest, fixes: Sequence[Fix], found: Sequence[Detection]
    ) -> tuple[Edited | None, dict[int, _Verdict]]:
        """The edit of all fixes and, by document, what the gates say."""
        groups = _by_document(fixes)
        started = self.clock()
        edited = edit_file(manifest, [(document, combine(group)[0]) for document, group in groups.items()])
        spent = (self.clock() - started) * 1000
        if isinstance(edited, Refusal):
            refused = GateResult("edit", GateStatus.FAILED, f"refused: {edited}", spent)
            return None, {document: ([refused], Tier.NONE, None, ()) for document in groups}
        passed = GateResult("edit", GateStatus.PASSED, milliseconds=spent)
        was = _split_resources(self.relevant(manifest))
        is_ = _split_resources(each for each in self.relevant(edited.manifest) if each.document in groups)
        old = _split(found)
        now = _split(self._detect_again(edited.manifest, was, is_, found))
        verdicts: dict[int, _Verdict] = {}
        for document, group in groups.items():
            before, after = was.get(document, []), is_.get(document, [])
            question = Question(
                tuple(finding for fix in group for finding in fix.findings),
                tuple(before),
                tuple(after),
                (*old.get(document, ()), *self._latent(manifest, before, after)),
                tuple(now.get(document, ())),
            )
            verdicts[document] = self._answer(question, passed)
        return edited, verdicts

    def _detect_again(
        self,
        manifest: Manifest,
        was: dict[int, list[Resource]],
        is_: dict[int, list[Resource]],
        found: Iterable[Detection],
    ) -> list[Detection]:
        """All detections of the edited file; those of objects that have not changed are the ones already `found`."""
        before = {_place(each): each for group in was.values() for each in group}
        after = {_place(each): each for group in is_.values() for each in group}
        touched = {
            place: each
            for place, each in after.items()
            if place not in before or not same(before[place].body, each.body)
        }
        kept = [each for each in found if (place := _place(each.target.resource)) in after and place not in touched]
        return [*kept, *detect_all(self.detector, manifest, touched.values())[0]]

    def _latent(self, manifest: Manifest, before: Sequence[Resource], after: Sequence[Resource]) -> Iterator[Detection]:
        """What was wrong all along and shows only under the new apiVersion that a fix writes: it is not to blame."""
        for old, new in zip(before, after, strict=False):
            if old.ref.api_version != new.ref.api_version:
                body = {**old.body, "apiVersion": new.ref.api_version}
                renamed = replace(old, ref=replace(old.ref, api_version=new.ref.api_version), body=body)
                yield from self.detector.detect(manifest, renamed)[0]

    def _answer(self, question: Question, first: GateResult) -> _Verdict:
        results = [first]
        for name, gate in _GATES:
            started = self.clock()
            reason = gate(question)
            status = GateStatus.FAILED if reason else GateStatus.PASSED
            results.append(GateResult(name, status, reason, (self.clock() - started) * 1000))
            if reason:
                return results, Tier.NONE, None, ()
        started = self.clock()
        schema, version = self._schema(question)
        results.append(replace(schema, milliseconds=(self.clock() - started) * 1000))
        tier = Tier.SCHEMA if schema.status is GateStatus.PASSED else Tier.NONE
        return results, tier, version, gates.brought_along(question)

    def _schema(self, question: Question) -> tuple[GateResult, str | None]:
        """The strict schema: no error that was not there before; a kind without a schema is not validated."""
        environment = self.detector.environment
        version: str | None = None
        for old, new in zip(question.before, question.after, strict=True):
            if same(old.body, new.body):
                continue
            # What a newer release no longer serves is judged by the oldest.
            minor = environment.newest
            errors = environment.schemas.check(new.body, minor)
            if errors is None:
                minor = environment.oldest
                errors = environment.schemas.check(new.body, minor)
            version = minor
            if errors is None:
                reason = f"not validated: no schema for {new.ref.api_version} {new.ref.kind}"
                return GateResult("schema", GateStatus.SKIPPED, reason), None
            was = environment.schemas.check(old.body, minor)
            if was is None:  # its apiVersion is gone: judge what was there by the schema of the new one
                was = environment.schemas.check({**old.body, "apiVersion": new.ref.api_version}, minor)
            known = {(error.pointer, error.keyword) for error in was or ()}
            fresh = [error for error in errors if (error.pointer, error.keyword) not in known]
            if fresh:
                reason = f"schema {minor}: {fresh[0].pointer or '/'}: {fresh[0]}"
                return GateResult("schema", GateStatus.FAILED, reason), None
        return GateResult("schema", GateStatus.PASSED), version


_Verdict = tuple[list[GateResult], Tier, str | None, tuple[str, ...]]


def _passed(results: Iterable[GateResult]) -> bool:
    return all(result.status is not GateStatus.FAILED for result in results)


def _place(resource: Resource) -> tuple[int, str]:
    return resource.document, resource.pointer


def _split(detections: Iterable[Detection]) -> dict[int, list[Detection]]:
    """Detections by document."""
    groups: dict[int, list[Detection]] = {}
    for each in detections:
        groups.setdefault(each.target.resource.document, []).append(each)
    return groups


def _split_resources(resources: Iterable[Resource]) -> dict[int, list[Resource]]:
    """Resources by document."""
    groups: dict[int, list[Resource]] = {}
    for each in resources:
        groups.setdefault(each.document, []).append(each)
    return groups


def _by_document(fixes: Iterable[Fix]) -> dict[int, list[Fix]]:
    groups: dict[int, list[Fix]] = {}
    for fix in fixes:
        groups.setdefault(fix.changes[0].document or 0, []).append(fix)
    return groups
