"""From a verified fix to a candidate."""

from __future__ import annotations

from collections.abc import Sequence

from bot.detect.inventory import Inventory
from bot.manifest import Manifest, Resource, pointers
from bot.model import Finding, Verification
from bot.rank.around import KINDS
from bot.rank.model import Body, Candidate


def candidate(
    verification: Verification,
    resource: Resource,
    *,
    changed_lines: int,
    neighbours: Sequence[Body] = (),
    age_hours: float | None = None,
    measured: bool = True,
    name: str = "",
) -> Candidate:
    """The candidate for a fix of `resource`; its findings are the worst first.

    `neighbours` as `around` gives them; `age_hours` None when nobody knows. Not `measured`: the times of the gates do
    not count, so that two runs over the same input give the same order. `name` is its id, else the fingerprint.
    """
    fix = verification.fix
    lead = fix.findings[0]
    spent = sum(result.milliseconds for result in verification.results) if measured else None
    return Candidate(
        name or lead.fingerprint,
        lead.policy_id,
        lead.fingerprint,
        max(finding.severity for finding in fix.findings),
        fix.applicability,
        changed_lines,
        spent,
        resource.ref,
        resource.body,
        neighbours,
        age_hours,
    )


def changed_lines(verification: Verification, text: str) -> int:
    """How many lines of `text` a fix changes: of each edit the longer of what goes and what comes."""
    edits = [edit for change in verification.fix.changes for edit in change.edits]
    return sum(max(text.count("\n", edit.span.start, edit.span.end), edit.new_text.count("\n"), 1) for edit in edits)


def owner(manifest: Manifest, finding: Finding) -> Resource | None:
    """The object of a manifest that a finding is about."""
    place = finding.location
    found = [
        each
        for each in manifest.resources
        if each.document == place.document and pointers.is_within(finding.target, each.pointer)
    ]
    return max(found, key=lambda each: len(each.pointer), default=None)


def around(inventory: Inventory) -> tuple[Body, ...]:
    """The neighbours of every object in scope of a file."""
    return inventory.bodies(KINDS)
