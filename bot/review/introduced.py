"""Which findings a pull request brings: those that the merge base lacks, or whose lines it changed.

Findings are compared within a file (a renamed one with what it was), so what another file holds by the same name never
counts. Something missing has no lines: an old gap is not brought by a change beside it.

Other tools are asked about the head alone: what only they say is brought where the lines are new that it is shown at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from enum import StrEnum

from bot.manifest import Manifest, Resource, pointers, spans
from bot.model import Finding, Origin
from bot.review.hunks import FileDiff


class Scope(StrEnum):
    """Which findings are reported: those brought, those of changed objects, those of changed files."""

    INTRODUCED = "introduced"
    CHANGED_OBJECTS = "changed-objects"
    CHANGED_FILES = "changed-files"


def introduced(
    manifest: Manifest, findings: Sequence[Finding], before: Iterable[Finding], diff: FileDiff, scope: Scope
) -> list[bool]:
    """For each finding of a file at the head whether it counts; `before` are those of the merge base.

    `fingerprint` holds the key of a finding on both sides, as long as a run has not numbered them.
    """
    if scope is Scope.CHANGED_FILES:
        return [True] * len(findings)
    if scope is Scope.CHANGED_OBJECTS:
        lines = {(each.document, each.pointer): _lines(manifest, each) for each in manifest.resources}
        return [any(diff.touches(*lines[place]) for place in lines if _is_in(finding, place)) for finding in findings]
    known = Counter(finding.fingerprint for finding in before)
    found = []
    for finding in findings:
        if finding.origin is Origin.ENGINE:
            found.append(diff.touches(finding.location.start_line, finding.location.end_line))
            continue
        known[finding.fingerprint] -= 1
        found.append(known[finding.fingerprint] < 0 or _is_changed(manifest, finding, diff))
    return found


def _is_changed(manifest: Manifest, finding: Finding, diff: FileDiff) -> bool:
    """Whether what a finding points at is there, and one of its lines is new."""
    place = finding.location
    there = pointers.resolve(manifest.documents[place.document].value, place.pointer)[0]
    return there and bool(place.pointer) and diff.touches(place.start_line, place.end_line)


def _is_in(finding: Finding, place: tuple[int, str]) -> bool:
    document, pointer = place
    return finding.location.document == document and pointers.is_within(finding.location.pointer, pointer)


def _lines(manifest: Manifest, resource: Resource) -> tuple[int, int]:
    _, node, _ = spans.find(manifest.documents[resource.document].root, resource.pointer)
    start = spans.content_start(manifest.text, node)
    return manifest.line_of(start), manifest.line_of(max(start, spans.content_end(manifest.text, node) - 1))
