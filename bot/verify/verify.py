"""Fixes against the gates, cheapest first; all fixes of a document together, one by one only when a gate fails.

The edit itself is the first gate: it is refused, or proven to read as the patched object with everything else as it was
(`bot.manifest.edits`). No API server is asked here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.detect.detect import Detection, Detector, detect_all, is_relating
from bot.detect.functions import SchemaError
from bot.detect.identity import named_pointer
from bot.detect.inventory import Inventory, alone
from bot.manifest import Manifest, Resource, read
from bot.manifest.edits import Edited, Refusal, edit_file
from bot.manifest.live import Refused, patched
from bot.manifest.pointers import is_within
from bot.manifest.values import same
from bot.model import Fix, GateResult, GateStatus, Operation, Tier, Verification
from bot.propose.combine import combine, merged
from bot.verify import gates
from bot.verify.gates import Question

_GATES: tuple[tuple[str, Callable[[Question], str]], ...] = (
    ("identity", gates.same_identity),
    ("nothing-lost", gates.nothing_lost),
    ("nothing-lowered", gates.nothing_lowered),
    ("finding-gone", gates.finding_gone),
    ("nothing-new", gates.nothing_new),
)

SCHEMA = "schema"
GATES = (*(name for name, _ in _GATES), SCHEMA)
"""The gates that can be switched off, in the order in which they are asked; the edit itself cannot."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What came of the fixes of one file.

    `verifications` has one entry a fix, in the order given; `edited` is the file with all fixes that passed, None when
    none did. `waiting` fixes passed no gate yet: another fix needs the same place, so their turn is the next round.
    """

    verifications: tuple[Verification, ...]
    edited: Edited | None
    waiting: tuple[Fix, ...] = ()


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What the gates say of a document's fixes together; `disputed`: what each says of its own fix is needed, too.

    `new` are the places of new findings, where they matter.
    """

    results: tuple[GateResult, ...]
    tier: Tier = Tier.NONE
    version: str | None = None
    notes: tuple[str, ...] = ()
    disputed: bool = False
    new: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        return all(result.status is not GateStatus.FAILED for result in self.results)

    @property
    def settled(self) -> bool:
        return self.passed and not self.disputed

    def of(self, fix: Fix) -> Verification:
        return Verification(fix, self.results, self.tier, self.version, self.notes)


class Verifier:
    """Asks the gates about fixes of one file.

    `relevant` turns a re-read file's resources into those to look at, `inventory` gives what is in scope of it. Gates
    named in `off` are not asked: what they are good for shows when they are missing.
    """

    def __init__(
        self,
        detector: Detector,
        relevant: Callable[[Manifest], Iterable[Resource]],
        clock: Callable[[], float] = lambda: 0.0,
        inventory: Callable[[Manifest], Inventory] | None = None,
        off: Container[str] = (),
    ) -> None:
        self.detector = detector
        self.relevant = relevant
        self.clock = clock
        self.off = off
        self.inventory = inventory or (lambda manifest: alone(relevant(manifest)))

    def verify(self, manifest: Manifest, fixes: Sequence[Fix], found: Sequence[Detection]) -> Verified:
        """Verify fixes of one file; each changes exactly one document of it. `found` are all detections of the file."""
        included: list[Fix] = []
        waiting: list[Fix] = []
        for _, group in _groups(fixes):
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
        edited, verdicts = self._ask_each(manifest, fixes, found)
        if edited is not None and all(verdict.settled for verdict in verdicts.values()):
            self._record(fixes, verdicts, answers)
            return edited
        good: list[Fix] = []
        for document, group in _groups(fixes):
            if len(group) == 1 or verdicts[document].settled:
                self._record(group, verdicts, answers)
                good += [fix for fix in group if answers[id(fix)].passed]
            else:
                good += self._apart(manifest, group, verdicts[document], found, answers)
        while good:
            edited, verdicts = self._ask_each(manifest, good, found)
            failing = [fix for document, group in _groups(good) if not verdicts[document].passed for fix in group]
            if edited is not None and not failing:
                # What is written is what they are together; what each brings along is its own.
                for fix in good:
                    together = verdicts[fix.changes[0].document or 0].of(fix)
                    answers[id(fix)] = replace(together, notes=answers[id(fix)].notes)
                return edited
            # Each passes alone and not together: the later one of a document that fails goes.
            dropped = (failing or good)[-1]
            good = [fix for fix in good if fix is not dropped]
            reason = "passes alone, not together with the other fixes of its document"
            answers[id(dropped)] = Verification(
                dropped, (GateResult("together", GateStatus.FAILED, reason),), Tier.NONE
            )
        return None

    def _ask_each(
        self, manifest: Manifest, fixes: Sequence[Fix], found: Sequence[Detection]
    ) -> tuple[Edited | None, dict[int, _Verdict]]:
        """`_ask`, and once more document by document when the edit is refused: one of them does not spoil the rest."""
        edited, verdicts = self._ask(manifest, fixes, found)
        if edited is None and len(verdicts) > 1:
            for document, group in _groups(fixes):
                verdicts[document] = self._ask(manifest, group, found)[1][document]
        return edited, verdicts

    def _apart(
        self,
        manifest: Manifest,
        group: Sequence[Fix],
        together: _Verdict,
        found: Sequence[Detection],
        answers: dict[int, Verification],
    ) -> list[Fix]:
        """The fixes of a document that pass: one by one, but those together that what is new is not about."""
        apart = [fix for fix in group if _is_near(fix, together.new)]
        rest = [fix for fix in group if not _is_near(fix, together.new)]
        if not apart or not rest:
            apart, rest = list(group), []
        for fix in apart:
            self._record([fix], self._ask(manifest, [fix], found)[1], answers)
        if rest:
            _, verdicts = self._ask(manifest, rest, found)
            (verdict,) = verdicts.values()
            if verdict.settled or len(rest) == 1:
                self._record(rest, verdicts, answers)
            else:
                self._apart(manifest, rest, verdict, found, answers)
        return [fix for fix in group if answers[id(fix)].passed]

    def _record(self, fixes: Iterable[Fix], verdicts: dict[int, _Verdict], answers: dict[int, Verification]) -> None:
        for fix in fixes:
            answers[id(fix)] = verdicts[fix.changes[0].document or 0].of(fix)

    def judge(
        self, manifest: Manifest, text: str, fixes: Sequence[Fix], found: Sequence[Detection]
    ) -> dict[int, Verification]:
        """What the gates say of `text`, which somebody else made of the file by applying `fixes`, by document.

        The text has to read as the objects that the patches of `fixes` make, all other documents as they were. Each
        verification is about the document's fixes combined in one.
        """
        groups = dict(_groups(fixes))
        started = self.clock()
        edited = read(manifest.path, text)
        patches = {document: combine(group) for document, group in groups.items()}
        reason = _reads_otherwise(manifest, edited, {document: made for document, (made, _, _) in patches.items()})
        if any(waiting for _, _, waiting in patches.values()):
            reason = "two fixes need the same place"
        spent = (self.clock() - started) * 1000
        status = GateStatus.FAILED if reason else GateStatus.PASSED
        first = GateResult("edit", status, reason, spent)
        verdicts = (
            {document: _Verdict((first,)) for document in groups}
            if reason
            else self._weigh(manifest, edited, groups, found, first)
        )
        return {document: verdict.of(merged(groups[document])) for document, verdict in verdicts.items()}

    def _ask(
        self, manifest: Manifest, fixes: Sequence[Fix], found: Sequence[Detection]
    ) -> tuple[Edited | None, dict[int, _Verdict]]:
        """The edit of all fixes and, by document, what the gates say."""
        groups = dict(_groups(fixes))
        started = self.clock()
        edited = edit_file(manifest, [(document, combine(group)[0]) for document, group in groups.items()])
        spent = (self.clock() - started) * 1000
        if isinstance(edited, Refusal):
            refused = GateResult("edit", GateStatus.FAILED, f"refused: {edited}", spent)
            return None, {document: _Verdict((refused,)) for document in groups}
        passed = GateResult("edit", GateStatus.PASSED, milliseconds=spent)
        return edited, self._weigh(manifest, edited.manifest, groups, found, passed)

    def _weigh(
        self,
        manifest: Manifest,
        edited: Manifest,
        groups: Mapping[int, Sequence[Fix]],
        found: Sequence[Detection],
        first: GateResult,
    ) -> dict[int, _Verdict]:
        """What the gates after the `first` say of an edited file, by document."""
        was = _split_resources(self.relevant(manifest))
        all_ = _split_resources(self.relevant(edited))
        is_ = {document: resources for document, resources in all_.items() if document in groups}
        old = _split(found)
        now = _split(self._detect_again(edited, was, is_, found))
        around = self._harmed(edited, all_, groups, found)
        bystanders = [each.target.resource for each in around]
        verdicts: dict[int, _Verdict] = {}
        for document, group in groups.items():
            before, after = was.get(document, []), is_.get(document, [])
            question = Question(
                tuple(finding for fix in group for finding in fix.findings),
                (*before, *bystanders),
                (*after, *bystanders),
                (*old.get(document, ()), *self._latent(manifest, before, after)),
                (*now.get(document, ()), *around),
            )
            verdicts[document] = self._answer(question, first)
        return verdicts

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
        inventory = self.inventory(manifest)
        # What is found about an object that has not changed may hang on another one that has.
        kept = [each for each in kept if not is_relating(each.policy)]
        kept += [
            each
            for place, resource in after.items()
            if place not in touched
            for each in self.detector.relate(manifest, resource, inventory)
        ]
        return [*kept, *detect_all(self.detector, manifest, touched.values(), inventory)[0]]

    def _harmed(
        self,
        manifest: Manifest,
        resources: dict[int, list[Resource]],
        changed: Container[int],
        found: Iterable[Detection],
    ) -> list[Detection]:
        """What is found, since the edit, about objects of documents that it leaves as they are."""
        inventory = self.inventory(manifest)
        known = {each.finding.fingerprint for each in found}
        return [
            each
            for document, group in resources.items()
            if document not in changed
            for resource in group
            for each in self.detector.relate(manifest, resource, inventory)
            if each.finding.fingerprint not in known
        ]

    def _latent(self, manifest: Manifest, before: Sequence[Resource], after: Sequence[Resource]) -> Iterator[Detection]:
        """What was wrong all along and shows only under the new apiVersion that a fix writes: it is not to blame."""
        for old, new in zip(before, after, strict=False):
            if old.ref.api_version != new.ref.api_version:
                body = {**old.body, "apiVersion": new.ref.api_version}
                renamed = replace(old, ref=replace(old.ref, api_version=new.ref.api_version), body=body)
                yield from self.detector.detect(manifest, renamed, self.inventory(manifest))[0]

    def _answer(self, question: Question, first: GateResult) -> _Verdict:
        results = [first]
        for name, gate in _GATES:
            if name in self.off:
                continue
            started = self.clock()
            reason = gate(question)
            status = GateStatus.FAILED if reason else GateStatus.PASSED
            results.append(GateResult(name, status, reason, (self.clock() - started) * 1000))
            if reason:
                return _Verdict(tuple(results), new=gates.new_places(question))
        started = self.clock()
        schema, version = self._schema(question)
        results.append(replace(schema, milliseconds=(self.clock() - started) * 1000))
        tier = Tier.SCHEMA if schema.status is GateStatus.PASSED else Tier.NONE
        disputed = gates.disputed(question)
        new = gates.new_places(question) if disputed else ()
        return _Verdict(tuple(results), tier, version, gates.brought_along(question), disputed, new)

    def _schema(self, question: Question) -> tuple[GateResult, str | None]:
        """The strict schema: no error that was not there before; a kind without a schema is not validated."""
        if SCHEMA in self.off:
            return GateResult(SCHEMA, GateStatus.SKIPPED, "switched off"), None
        environment = self.detector.environment
        version: str | None = None
        unknown = ""
        for old, new in zip(question.before, question.after, strict=True):
            if same(old.body, new.body):
                continue
            # What a newer release no longer serves is judged by the oldest.
            minor = environment.newest
            errors = environment.schemas.check(new.body, minor)
            if errors is None:
                minor = environment.oldest
                errors = environment.schemas.check(new.body, minor)
            if errors is None:
                unknown = unknown or f"not validated: no schema for {new.ref.api_version} {new.ref.kind}"
                continue
            version = minor
            was = environment.schemas.check(old.body, minor)
            if was is None:  # its apiVersion is gone: judge what was there by the schema of the new one
                was = environment.schemas.check({**old.body, "apiVersion": new.ref.api_version}, minor)
            known = Counter(_error_key(old, error) for error in was or ())
            for error in errors:
                key = _error_key(new, error)
                if not known[key]:
                    reason = f"schema {minor}: {error.pointer or '/'}: {error}"
                    return GateResult(SCHEMA, GateStatus.FAILED, reason), None
                known[key] -= 1
        if unknown:
            return GateResult(SCHEMA, GateStatus.SKIPPED, unknown), None
        return GateResult(SCHEMA, GateStatus.PASSED), version


def _reads_otherwise(was: Manifest, now: Manifest, patches: Mapping[int, Sequence[Operation]]) -> str:
    """Why the text of `now` is not that of `was` with `patches` by document; empty when it is."""
    if now.problem is not None:
        return f"the text would not parse: {now.problem.reason}"
    if len(now.documents) != len(was.documents):
        return "the number of documents would change"
    for old, new in zip(was.documents, now.documents, strict=True):
        try:
            wanted = patched(old.value, patches[old.index]) if old.index in patches else old.value
        except Refused as refused:
            return str(refused)
        if not same(new.value, wanted):
            return "the text would not read as the patched object"
    return ""


def _is_near(fix: Fix, places: Iterable[str]) -> bool:
    """Whether a fix changes something at, above or below one of these places."""
    paths = [operation.path for change in fix.changes for operation in change.operations]
    return any(is_within(path, place) or is_within(place, path) for place in places for path in paths)


def _error_key(resource: Resource, error: SchemaError) -> tuple[str, str]:
    """What makes an error the same one after a fix: items by their names, since a fix may remove one before them."""
    return named_pointer(resource.body, error.pointer), error.keyword


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


def _groups(fixes: Iterable[Fix]) -> Iterable[tuple[int, list[Fix]]]:
    """Fixes by the document they change."""
    groups: dict[int, list[Fix]] = {}
    for fix in fixes:
        groups.setdefault(fix.changes[0].document or 0, []).append(fix)
    return groups.items()
