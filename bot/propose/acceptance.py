"""The forms in which a finding can be accepted, as edited texts: the one in use at its object first.

A comment holds for the least and keeps its reason and its last day; where an object has annotations of kube-linter,
Checkov or ours that accept findings, an annotation of that kind comes first. Forms that keep no reason (Polaris,
kube-score), or share one among all their checks (Kubescape), are not written: the reason would be lost.

Invariant: functions of their arguments. Nothing here says that a text is right: `bot.accept` looks at it once more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from bot.detect.annotations import Annotated, annotated
from bot.detect.marks import Known
from bot.detect.suppress import ANNOTATION
from bot.manifest import Manifest, Resource, pointers, workloads
from bot.manifest.edits import Refusal, edit_file
from bot.model import Finding, Json, Operation

WIDTH = 120
"""A comment that makes its line longer than this stands above the line."""

_KUBE_LINTER = "ignore-check.kube-linter.io/"
_CHECKOV = re.compile(r"(?P<owner>checkov|bridgecrew|cortex)\.io/skip(?P<number>\d*)\Z")


@dataclass(frozen=True, slots=True)
class Wish:
    """What to write: why a finding is fine, and the last day on which it is."""

    reason: str
    expires: date | None = None

    @property
    def words(self) -> str:
        """The reason with its last day, as our own forms have it."""
        return f"until={self.expires.isoformat()} {self.reason}" if self.expires is not None else self.reason


@dataclass(frozen=True, slots=True)
class Form:
    """One way to accept the finding: the new text of the file, and what was written, for people."""

    written: str
    text: str


def forms(manifest: Manifest, finding: Finding, names: Known, wish: Wish) -> Iterator[Form]:
    """The forms in the order in which they are to be tried."""
    resource = _resource_of(manifest, finding)
    places = _places(manifest, resource, finding) if resource is not None else []
    for place in reversed(places):  # the pod template before the object
        yield from _in_use(manifest, place, finding, names, wish)
    if not manifest.path.lower().endswith(".json"):  # JSON has no comments, and kubectl reads such a file as JSON
        yield from _comments(manifest, finding, wish)
    if resource is not None:
        yield from _annotation(manifest, resource, finding, wish)


def _resource_of(manifest: Manifest, finding: Finding) -> Resource | None:
    inside = manifest.documents[finding.location.document].resources
    pointer = finding.location.pointer
    return next((each for each in reversed(inside) if pointers.is_within(pointer, each.pointer)), None)


def _places(manifest: Manifest, resource: Resource, finding: Finding) -> list[Annotated]:
    """The annotations that speak of the finding, those of the object first."""
    return [each for each in annotated(manifest, resource) if pointers.is_within(finding.location.pointer, each.scope)]


def _in_use(manifest: Manifest, place: Annotated, finding: Finding, names: Known, wish: Wish) -> Iterator[Form]:
    """Annotations of the kind that is there already, when one of theirs means this policy and no other."""
    if wish.expires is None and any(key.startswith(_KUBE_LINTER) for key in place.entries):
        check = _twin(names, "kube-linter", finding.policy_id)
        if check is not None:
            yield from _member(manifest, place, f"{_KUBE_LINTER}{check}", wish.reason)
    used = [match for match in map(_CHECKOV.match, place.entries) if match is not None]
    if wish.expires is None and used:
        check = _twin(names, "checkov", finding.policy_id)
        if check is not None:
            number = max(int(match["number"] or 0) for match in used) + 1
            yield from _member(manifest, place, f"{used[-1]['owner']}.io/skip{number}", f"{check}={wish.reason}")
    if any(key.startswith(ANNOTATION) for key in place.entries):
        yield from _member(manifest, place, f"{ANNOTATION}{finding.policy_id}", wish.words)


def _twin(names: Known, tool: str, policy_id: str) -> str | None:
    """The check of a tool that stands for one policy only."""
    return next((each for each in names.twins.checks_of(tool) if names.twin(tool, each) == {policy_id}), None)


def _member(manifest: Manifest, place: Annotated, key: str, value: str) -> Iterator[Form]:
    if key not in place.entries:
        operation = Operation("add", pointers.join(place.place, key), value)
        yield from _edited(manifest, place.document, operation, f"{key}: {value}")


def _comments(manifest: Manifest, finding: Finding, wish: Wish) -> Iterator[Form]:
    """At the end of the line of the finding, and above it; the latter first when the line would be too long."""
    comment = f"# k8s-auto-fix: ignore[{finding.policy_id}] {wish.words}"
    start, end = manifest.line_span(finding.location.start_line)
    text = manifest.text
    line = text[start:end].rstrip(" \t\r")
    inside = start + len(line)
    behind = Form(f"{line.strip()}  {comment}", f"{text[:inside]}  {comment}{text[inside:]}")
    first = start + (1 if text.startswith("\ufeff", start) else 0)
    indent = line[first - start :][: len(line) - len(line.lstrip(" \ufeff")) - (first - start)]
    newline = "\r\n" if text[start:end].endswith("\r") else "\n"
    above = Form(comment, f"{text[:first]}{indent}{comment}{newline}{text[first:]}")
    yield from (behind, above) if len(line) + 2 + len(comment) <= WIDTH else (above, behind)


def _annotation(manifest: Manifest, resource: Resource, finding: Finding, wish: Wish) -> Iterator[Form]:
    """Our own annotation: on the pod template that the finding is in, else on the object."""
    key, value = f"{ANNOTATION}{finding.policy_id}", wish.words
    inside = finding.location.pointer[len(resource.pointer) :]
    metadata = [
        pod.metadata
        for pod in workloads.pods(resource)
        if pod.metadata is not None and pointers.is_within(inside, pointers.parent(pod.metadata))
    ]
    for place in dict.fromkeys((*metadata, "/metadata")):
        _, there = pointers.resolve(resource.body, place)
        if not isinstance(there, Mapping):
            continue
        yield from _edited(
            manifest, resource.document, _adding(there, f"{resource.pointer}{place}", key, value), f"{key}: {value}"
        )


def _adding(metadata: Mapping[str, Json], place: str, key: str, value: str) -> Operation:
    if isinstance(metadata.get("annotations"), Mapping):
        return Operation("add", pointers.join(f"{place}/annotations", key), value)
    return Operation("add", f"{place}/annotations", {key: value})


def _edited(manifest: Manifest, document: int, operation: Operation, written: str) -> Iterator[Form]:
    edited = edit_file(manifest, [(document, [operation])])
    if not isinstance(edited, Refusal):
        yield Form(written, edited.text)
