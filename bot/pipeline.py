"""The order of the stages: texts and policies in, a Report out.

Each file is a unit of its own (`look`, `repair`), so that files can be spread over processes; `gather` puts the results
of a run together and gives findings their final fingerprints.

Invariant: within a round all edits are computed against one text. `repair` repeats rounds on the new text until nothing
changes, at most `MAX_ROUNDS`, as ruff does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from bot.detect.detect import Detection, Detector, detect_all
from bot.detect.identity import number
from bot.detect.inventory import Inventory
from bot.detect.reported import Reports
from bot.manifest import Manifest, Resource, read, read_kept
from bot.model import (
    Applicability,
    Finding,
    Fix,
    Report,
    Severity,
    Skip,
    Suppression,
    Tier,
    Verification,
)
from bot.policy import Policy
from bot.propose.template import proposals

if TYPE_CHECKING:  # a scan edits and verifies nothing: it need not wait for what does
    from bot.manifest.edits import Drafts
    from bot.verify.verify import Verifier

MAX_ROUNDS = 10

MAX_RESOURCES = 5_000
"""Objects of one file; whole clusters have been exported into files of some hundred."""

_UNREADABLE = frozenset({"not-yaml", "directive", "doc-separator", "unsupported-key", "too-deep", "too-many-aliases"})
"""Problems of a file that kubectl would refuse too: exit code 2. A template is left alone on purpose."""


class Surroundings(Protocol):
    """What lies around the files of a run: kustomizations, charts, generated files, comments that accept a finding."""

    def skip(self, manifest: Manifest, /) -> Skip | None:
        """Why a file is left alone as a whole."""

    def resources(self, manifest: Manifest, /) -> Sequence[Resource]:
        """The objects to look at, fragments marked as partial."""

    def inventory(self, manifest: Manifest, /) -> Inventory:
        """The objects in scope of a file, its own as they stand in `manifest`; other files are read when asked for."""

    def silence(self, manifest: Manifest, resource: Resource, finding: Finding, /) -> str | None:
        """Why a finding does not count here (a placeholder, an image that a kustomization sets)."""

    def suppress(
        self, manifest: Manifest, findings: Sequence[Finding], /
    ) -> tuple[Sequence[Suppression | None], Sequence[Skip]]:
        """For each finding the suppression that accepts it, and what is wrong with suppressions of the file."""


@dataclass(frozen=True, slots=True)
class Bot:
    """All that a run needs besides the texts.

    `clock` gives seconds, gates named in `off` are not asked, `reports` is what other tools say of the files.
    """

    detector: Detector
    surroundings: Surroundings
    severity: Severity = Severity.LOW
    clock: Callable[[], float] = lambda: 0.0
    off: frozenset[str] = frozenset()
    reports: Reports | None = None

    @property
    def verifier(self) -> Verifier:
        """The gates, looking at what this run looks at."""
        return self.verifier_with(self.detector)

    def verifier_with(self, detector: Detector) -> Verifier:
        """The gates, looking at what `detector` looks at: that of a file that other tools say something of."""
        from bot.verify.verify import Verifier

        return Verifier(detector, self.surroundings.resources, self.clock, self.surroundings.inventory, self.off)


@dataclass(slots=True)
class FileResult:
    """What one file gave. `after` is its new text when fixes were applied."""

    path: str
    findings: list[Finding] = field(default_factory=list)
    verifications: list[Verification] = field(default_factory=list)
    skips: list[Skip] = field(default_factory=list)
    documents: int = 0
    resources: int = 0
    before: str | None = None
    after: str | None = None


@dataclass(slots=True)
class Seen:
    """A file after detection: all detections, those that are shown, and the finding of each of these by its id().

    `foreign` are findings of other tools alone. `detector` looks at what this file was looked at with, `added` are its
    policies that are not switched on. `reports` are for a look at the file once it has changed.
    """

    manifest: Manifest
    everything: list[Detection]
    shown: list[Detection]
    findings: dict[int, Finding]
    detector: Detector
    foreign: list[Finding] = field(default_factory=list)
    added: tuple[Policy, ...] = ()
    reports: Reports | None = None

    @property
    def said(self) -> list[Finding]:
        """The findings that are shown, by place."""
        ours = [self.findings[id(each)] for each in self.shown]
        if not self.foreign:
            return ours
        return sorted((*ours, *self.foreign), key=lambda each: each.location.span.start)


def look(
    bot: Bot, path: str, text: str, *, propose: bool = True, verify: bool = False, more: Sequence[Policy] = ()
) -> FileResult:
    """Findings of one file; `propose` says which have a fix, `verify` proves each of them on its own text.

    `more` are policies that are not switched on and count here all the same.
    """
    result, seen = see(bot, path, text, more)
    if seen is not None and propose:
        offers = _offers(seen, result, Applicability.DISPLAY_ONLY, alternatives=verify)
        result.verifications = (
            prove(bot, seen.manifest, seen.everything, offers, seen.detector)
            if verify
            else [_promise(fixes[0]) for fixes in offers]
        )
    return result


def see(bot: Bot, path: str, text: str, more: Sequence[Policy] = ()) -> tuple[FileResult, Seen | None]:
    """The findings of one file, and what was seen, for who goes on with the file; None when it was left alone."""
    result = FileResult(path)
    seen = _see(bot, read_kept(path, text), result, more)
    if seen is not None:
        result.findings = seen.said
    return result, seen


def examine(bot: Bot, path: str, text: str) -> tuple[FileResult, Seen | None]:
    """`see` with proven fixes."""
    result, seen = see(bot, path, text)
    if seen is not None:
        offers = _offers(seen, result, Applicability.DISPLAY_ONLY)
        result.verifications = prove(bot, seen.manifest, seen.everything, offers, seen.detector)
    return result, seen


Veto = frozenset[tuple[str, str, str]]
"""Fixes that must not be made again: see `name_of`."""


def name_of(fix: Fix) -> tuple[str, str, str]:
    """What names a fix within a run over one file: policy, key of the finding, title."""
    return fix.findings[0].policy_id, fix.findings[0].fingerprint, fix.title


def repair(bot: Bot, path: str, text: str, *, least: Applicability, veto: Veto = frozenset()) -> FileResult:
    """Apply the verified fixes of at least the applicability `least`, round by round.

    The result's findings are those that remain; its verifications are the fixes that were applied and, of the last
    round, those that were refused.
    """
    result = FileResult(path)
    seen = _see(bot, read_kept(path, text), result)
    unsaid = FileResult(path)  # what the rounds decline on the way: the end says what is left
    applied: list[Verification] = []
    refused: list[Verification] = []
    current = text
    for _ in range(MAX_ROUNDS):
        if seen is None:
            break
        offers = [[fix for fix in fixes if name_of(fix) not in veto] for fixes in _offers(seen, unsaid, least)]
        passed, refused, changed = _apply(bot, seen, [fixes for fixes in offers if fixes])
        if changed is None or changed == current:
            break
        applied += passed
        current = changed
        if seen.reports is not None:
            bot = replace(bot, reports=seen.reports)
        seen = _see(bot, read(path, current), result)
    result.verifications = applied + refused
    if seen is not None:
        result.findings = seen.said
        tried = {finding for each in refused for finding in each.fix.findings}
        left = _offers(seen, result, Applicability.DISPLAY_ONLY)
        result.verifications += [_unproven(fixes[0]) for fixes in left if fixes[0].findings[0] not in tried]
    if current != text:
        result.before, result.after = text, current
    return result


def _see(bot: Bot, manifest: Manifest, result: FileResult, more: Sequence[Policy] = ()) -> Seen | None:
    """Detect what is in a file; None when it is left alone, with the reason in `result`."""
    left = bot.surroundings.skip(manifest)
    if left is not None:
        result.skips = [left, *_unheard(bot, manifest)]
        return None
    if manifest.problem is not None:
        problem = manifest.problem
        error = problem.code in _UNREADABLE
        result.skips = [
            Skip("read", problem.code, problem.reason, manifest.path, line=problem.line, error=error),
            *_unheard(bot, manifest),
        ]
        return None
    result.documents = len(manifest.documents)
    result.resources = sum(1 for _ in manifest.resources)
    if result.resources > MAX_RESOURCES:
        reason = f"{result.resources:,} objects in one file; files of more than {MAX_RESOURCES:,} are not looked at"
        result.skips = [Skip("read", "too-many-objects", reason, manifest.path, line=1, error=True)]
        return None
    resources = bot.surroundings.resources(manifest)
    result.resources = len(resources)
    seen, skips = _detect(bot, manifest, resources, more)
    findings = [each.finding for each in seen.shown]
    suppressions, void = bot.surroundings.suppress(manifest, [*findings, *seen.foreign])
    accepted = [
        replace(finding, suppression=suppression) if suppression is not None else finding
        for finding, suppression in zip((*findings, *seen.foreign), suppressions, strict=True)
    ]
    seen.findings = dict(zip(map(id, seen.shown), accepted, strict=False))
    seen.foreign = accepted[len(findings) :]
    result.skips = [*_repeated(manifest), *skips, *void]
    return seen


def _detect(
    bot: Bot, manifest: Manifest, resources: Sequence[Resource], more: Sequence[Policy]
) -> tuple[Seen, list[Skip]]:
    """What is found and shown in a file, suppressions not asked yet; with what other tools say of it."""
    if bot.reports is not None and manifest.path in bot.reports.by_path:
        return _detect_with(bot, bot.reports, manifest, resources)
    detector = bot.detector
    if more:
        detector = detector.beside({(each.document, each.pointer): more for each in resources})
    everything, skips = detect_all(detector, manifest, resources, bot.surroundings.inventory(manifest))
    loud = [
        each for each in everything if bot.surroundings.silence(manifest, each.target.resource, each.finding) is None
    ]
    shown = [each for each in bot.detector.one_per_cause(loud) if each.finding.severity >= bot.severity]
    return Seen(manifest, everything, shown, {}, detector), skips


def _detect_with(
    bot: Bot, reports: Reports, manifest: Manifest, resources: Sequence[Resource]
) -> tuple[Seen, list[Skip]]:
    from bot.detect import cluster, reported

    def silent(resource: Resource, finding: Finding) -> bool:
        return bot.surroundings.silence(manifest, resource, finding) is not None

    placed, unplaced = reported.place(manifest, resources, reports)
    detector = bot.detector.beside(cluster.further(bot.detector, placed, reports))
    everything, skips = detect_all(detector, manifest, resources, bot.surroundings.inventory(manifest))
    joined = cluster.join(bot.detector, manifest, everything, placed, reports, silent)
    shown = [each for each in joined.detections if each.finding.severity >= bot.severity]
    foreign = [each for each in joined.findings if each.severity >= bot.severity]
    settled = (*joined.settled, *(each for each, _ in unplaced))
    later = replace(reports, by_path={manifest.path: settled})
    seen = Seen(manifest, everything, shown, {}, detector, foreign, joined.added, later)
    return seen, [*skips, *joined.skips, *cluster.lost(manifest, unplaced)]


def _unheard(bot: Bot, manifest: Manifest) -> Iterator[Skip]:
    """That other tools say something of a file which is left alone."""
    count = len(bot.reports.by_path.get(manifest.path, ())) if bot.reports is not None else 0
    if count:
        from bot.detect.cluster import NOT_PLACED

        found = "1 finding" if count == 1 else f"{count:,} findings"
        reason = f"{found} of other tools, in a file that is left alone"
        yield Skip("detect", NOT_PLACED, reason, manifest.path)


def _repeated(manifest: Manifest) -> Iterator[Skip]:
    """Keys that stand twice in one mapping of an object: kubectl takes the last and says nothing."""
    for document in manifest.documents:
        for key, offset in document.repeated if document.resources else ():
            reason = f"the key {key} stands a second time in its mapping; only the last one counts"
            line = manifest.line_of(offset)
            yield Skip("read", "duplicate-key", reason, manifest.path, document.index, line)


def _offers(seen: Seen, result: FileResult, least: Applicability, *, alternatives: bool = True) -> list[list[Fix]]:
    """For each finding that has fixes of at least `least`: the preferred one, then its `alternatives`."""
    offers = []
    for detection in seen.shown:
        finding = seen.findings[id(detection)]
        if finding.suppression is not None:
            continue
        fixes: list[Fix] = []
        declined: list[Skip] = []
        for offer in proposals(detection):
            if isinstance(offer, Skip):
                declined.append(offer)
            elif offer.applicability >= least:
                fixes.append(offer)
                if not alternatives:
                    break
        if fixes:
            offers.append(fixes)
        else:
            result.skips += declined[:1]
    return offers


def is_local(fix: Fix) -> bool:
    """Whether the fix changes one document that is there (not a new one)."""
    return len(fix.changes) == 1 and fix.changes[0].document is not None


def _apply(bot: Bot, seen: Seen, offers: list[list[Fix]]) -> tuple[list[Verification], list[Verification], str | None]:
    """One round: (passed, refused, new text). A finding whose first fix is refused gets its next one.

    Objects are added once nothing is left to change in what is there.
    """
    from bot.verify.additions import is_addition, verify_additions

    passed, refused, text = _change(bot, seen, offers)
    additions = [fixes[0] for fixes in offers if is_addition(fixes[0])]
    if additions and text in (None, seen.manifest.text):
        verified = verify_additions(bot.verifier_with(seen.detector), seen.manifest, additions, seen.everything)
        passed = [each for each in verified.verifications if each.passed]
        refused += [each for each in verified.verifications if not each.passed]
        text = verified.edited.text if verified.edited is not None else None
    return passed, refused, text


def _change(bot: Bot, seen: Seen, offers: list[list[Fix]]) -> tuple[list[Verification], list[Verification], str | None]:
    """(passed, refused, new text) of the fixes that change what is there."""
    passed: list[Verification] = []
    refused: list[Verification] = []
    queue = [[fix for fix in fixes if is_local(fix)] for fixes in offers]
    queue = [fixes for fixes in queue if fixes]
    verifier = bot.verifier_with(seen.detector)
    while queue:
        verified = verifier.verify(seen.manifest, [fixes[0] for fixes in queue], seen.everything)
        passed = [each for each in verified.verifications if each.passed]
        failed = {id(each.fix): each for each in verified.verifications if not each.passed}
        again = [fixes[1:] if id(fixes[0]) in failed else fixes for fixes in queue]
        if any(len(fixes) != len(old) and fixes for fixes, old in zip(again, queue, strict=True)):
            refused += failed.values()
            queue = [fixes for fixes in again if fixes]
            continue
        refused += failed.values()
        return passed, refused, verified.edited.text if verified.edited is not None else None
    return passed, refused, None


def prove(
    bot: Bot,
    manifest: Manifest,
    found: Sequence[Detection],
    offers: Sequence[Sequence[Fix]],
    detector: Detector | None = None,
) -> list[Verification]:
    """For each finding its first fix that passes, else the first one with what the gates say; edits included.

    `found` are all detections of the documents that fixes change, `detector` what they were found with where that is
    not the one of the run. All first fixes of a document are asked together.
    """
    from bot.manifest.edits import Drafts
    from bot.verify.additions import is_addition, verify_additions

    verifier = bot.verifier_with(detector or bot.detector)
    together = [fixes[0] for fixes in offers if is_local(fixes[0])]
    verified = verifier.verify(manifest, together, found)
    answers = {id(each.fix): each for each in verified.verifications}
    drafts = Drafts(manifest)
    proven = []
    for fixes in offers:
        best = answers.get(id(fixes[0]))
        if best is None or not best.passed:
            for fix in fixes:
                if is_addition(fix):
                    candidate = verify_additions(verifier, manifest, [fix], found).verifications[0]
                elif not is_local(fix):
                    candidate = _unproven(fix)
                else:
                    alone = verifier.verify(manifest, [fix], found).verifications
                    candidate = alone[0]
                if candidate.passed:
                    best = candidate
                    break
                best = best or candidate
        assert best is not None
        proven.append(_with_edits(drafts, manifest, best))
    return proven


def _promise(fix: Fix) -> Verification:
    """That there is a fix, its changes left out: nobody looks at them, and a run over many files holds them all."""
    return Verification(replace(fix, changes=()), (), Tier.NONE)


def _unproven(fix: Fix) -> Verification:
    return Verification(fix, (), Tier.NONE)


def _with_edits(drafts: Drafts, manifest: Manifest, verification: Verification) -> Verification:
    from bot.manifest.append import append
    from bot.manifest.edits import Edited

    changes = []
    for change in verification.fix.changes:
        if change.document is not None:
            edits = drafts.edits(change.document, change.operations)
        else:
            made = append(manifest, [change.operations[0].value])
            edits = made.edits if isinstance(made, Edited) else ()
        changes.append(replace(change, edits=edits))
    return replace(verification, fix=replace(verification.fix, changes=tuple(changes)))


def _about(verification: Verification, findings: tuple[Finding, ...]) -> Verification:
    """The same about the numbered findings; spelled out, as `replace` takes three times as long for thousands."""
    fix = verification.fix
    numbered = Fix(findings, fix.changes, fix.title, fix.why, fix.applicability, fix.origin, fix.evidence)
    return Verification(numbered, verification.results, verification.tier, verification.server, verification.notes)


def gather(results: Iterable[FileResult], skips: Iterable[Skip] = (), notices: Iterable[str] = ()) -> Report:
    """One Report of all files, in the order given, with final fingerprints."""
    results = list(results)
    ordered = [finding for result in results for finding in result.findings]
    # Fixes that were applied are about findings that are gone: they are numbered after those that remain.
    gone = [
        finding for result in results for verification in result.verifications for finding in verification.fix.findings
    ]
    known = {id(finding) for finding in ordered}
    ordered += [finding for finding in gone if id(finding) not in known]
    final = dict(zip(map(id, ordered), number(ordered), strict=True))
    verifications = tuple(
        _about(verification, tuple(final[id(each)] for each in verification.fix.findings))
        for result in results
        for verification in result.verifications
    )
    left = [
        replace(skip, finding=final.get(id(skip.finding), skip.finding)) if skip.finding is not None else skip
        for result in results
        for skip in result.skips
    ]
    return Report(
        findings=tuple(final[id(finding)] for result in results for finding in result.findings),
        verifications=verifications,
        skips=(*skips, *left),
        notices=tuple(notices),
        changed=tuple(
            (result.path, result.before, result.after)
            for result in results
            if result.before is not None and result.after is not None
        ),
        counts={
            "files": len(results),
            "documents": sum(result.documents for result in results),
            "resources": sum(result.resources for result in results),
        },
    )
