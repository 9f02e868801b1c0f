"""What a pull request brings in one file: new findings, and the offers that cure them.

A file is a unit of its own, so that files can be spread over processes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from bot.model import Applicability, Finding, Severity, Skip, Verification
from bot.pipeline import Bot, FileResult, examine, look
from bot.policy import Policy
from bot.review.hunks import FileDiff
from bot.review.introduced import Scope, introduced
from bot.review.model import Held, Offer
from bot.review.proof import Proof, reason_of
from bot.review.suggest import is_offered, lead_only, offers

NO_FIX = "no fix"
ASIDE = "set aside in the review"
NEW_OBJECT = "the fix adds an object: `k8s-auto-fix fix --unsafe` writes it"


@dataclass(frozen=True, slots=True)
class Changed:
    """A file of the pull request: its diff, its text at the head, and at the merge base (None: it was not there)."""

    diff: FileDiff
    text: str
    before: str | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """What is the same for every file of a run: bots for both sides, and which findings count."""

    head: Bot
    base: Bot
    scope: Scope = Scope.INTRODUCED
    severity: Severity = Severity.MEDIUM


@dataclass(slots=True)
class Brought:
    """What one file gave.

    `new` says of each finding of `result` whether the pull request brings it; `offers` are proven and hold in every
    combination, best first; `held` are new findings without one.
    """

    changed: Changed
    result: FileResult
    new: list[bool] = field(default_factory=list)
    offers: list[Offer] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)

    @property
    def path(self) -> str:
        """The path at the head."""
        return self.changed.diff.path


def bring(task: Task, changed: Changed, aside: frozenset[str] = frozenset()) -> Brought:
    """What the pull request brings in one file. `aside` are keys of findings that people do not want to hear of."""
    diff = changed.diff
    if diff.generated:
        skip = Skip("review", "generated", "a generated file: .gitattributes say linguist-generated", diff.path)
        return Brought(changed, FileResult(diff.path, skips=[skip]))
    result, seen = examine(task.head, diff.path, changed.text)
    if seen is None:
        return Brought(changed, result)
    before = _before(task, changed, seen.added)
    new = introduced(seen.manifest, result.findings, before, diff, task.scope)
    proposed = {id(each.fix.findings[0]): each for each in result.verifications}
    reasons = {id(skip.finding): skip.reason for skip in result.skips if skip.finding is not None}
    wanted: list[Verification] = []
    held: list[Held] = []
    for finding, is_new in zip(result.findings, new, strict=True):
        if not is_new or finding.suppression is not None or finding.severity < task.severity:
            continue
        if finding.fingerprint in aside:
            held.append(Held(finding, ASIDE))
            continue
        found = proposed.get(id(finding))
        if found is not None and is_offered(found):
            wanted.append(found)
        else:
            held.append(Held(finding, _why_not(found, reasons.get(id(finding), NO_FIX)), found))
    result.verifications = []  # offers and what is held have what is of use of them
    made, waiting = offers(seen.manifest, diff, wanted)
    proof = Proof(task.head.verifier_with(seen.detector), seen.manifest, seen.everything)
    proven, refused = proof.prove(made, partial(lead_only, seen.manifest, diff))
    return Brought(changed, result, new, proven, [*held, *waiting, *refused])


def reprove(task: Task, brought: Brought) -> None:
    """Ask once more whether the offers hold in every combination, after one of them was taken away."""
    _, seen = examine(task.head, brought.path, brought.changed.text)
    if seen is not None:
        proof = Proof(task.head.verifier_with(seen.detector), seen.manifest, seen.everything)
        brought.offers, left = proof.together(brought.offers)
        brought.held += left


def _before(task: Task, changed: Changed, more: Sequence[Policy]) -> list[Finding]:
    """The findings at the merge base, suppressed ones too: taking a suppression away brings nothing.

    `more` are policies that count at the head only because another tool reports what they say.
    """
    if changed.before is None or task.scope is not Scope.INTRODUCED:
        return []
    path = changed.diff.old_path or changed.diff.path
    return look(task.base, path, changed.before, propose=False, more=more).findings


def _why_not(found: Verification | None, declined: str) -> str:
    """Why a finding has no offer, for people."""
    if found is None:
        return declined
    fix = found.fix
    if any(change.document is None for change in fix.changes):
        return NEW_OBJECT
    if fix.applicability is Applicability.DISPLAY_ONLY:
        return f"for a person to decide: {fix.title}"
    return reason_of(found) or NO_FIX
