"""`detections.json`: one finding a record."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.model import Json, ResourceRef, Severity
from bot.stages.common import SEVERITIES, resource, resource_json, word
from bot.stages.reading import Fields, records, written

FILE = "detections.json"
OURS = "k8s-auto-fix"
"""The engine that our own policies are."""

MAX_YAML = 100_000
"""Characters of a document that go into a record; a longer one is read from its file."""

KEYS = frozenset(
    {
        "id",
        "manifest_path",
        "manifest_yaml",
        "policy_id",
        "violation_text",
        "severity",
        "object",
        "document",
        "line",
        "pointer",
        "engine",
        "also",
        "fingerprint",
        "document_sha256",
    }
)


@dataclass(frozen=True, slots=True)
class Detected:
    """A finding as it travels. Only the first four members have to be known; None is unknown.

    `manifest_yaml` is the text of the document that the finding is about, unchanged; `document` its 0-based index in
    the file, `sha256` its content hash. `line` is 1-based and counts in the file; `pointer` starts at the document's
    root.
    """

    id: str
    manifest_path: str
    policy_id: str
    violation_text: str
    manifest_yaml: str | None = None
    severity: Severity | None = None
    resource: ResourceRef | None = None
    document: int | None = None
    line: int | None = None
    pointer: str | None = None
    engine: str = OURS
    also: tuple[str, ...] = ()
    fingerprint: str | None = None
    sha256: str | None = None


def load(text: str, where: str) -> tuple[Detected, ...]:
    """The findings of a file that errors call `where`; InputError names record and field."""
    return records(text, where, KEYS, _read)


def dump(found: Iterable[Detected]) -> str:
    """The text of a file."""
    return written(map(_written, found))


def _read(fields: Fields) -> Detected:
    return Detected(
        id=fields.text("id"),
        manifest_path=fields.text("manifest_path"),
        policy_id=fields.text("policy_id"),
        violation_text=fields.text("violation_text", empty=True),
        manifest_yaml=fields.maybe_text("manifest_yaml"),
        severity=fields.maybe_choice("severity", SEVERITIES),
        resource=resource(fields),
        document=fields.maybe_natural("document"),
        line=fields.maybe_natural("line", 1),
        pointer=fields.maybe_text("pointer"),
        engine=fields.maybe_text("engine") or OURS,
        also=fields.texts("also"),
        fingerprint=fields.maybe_text("fingerprint"),
        sha256=fields.maybe_text("document_sha256"),
    )


def _written(one: Detected) -> dict[str, Json]:
    return {
        "id": one.id,
        "manifest_path": one.manifest_path,
        "manifest_yaml": one.manifest_yaml,
        "policy_id": one.policy_id,
        "violation_text": one.violation_text,
        "severity": word(one.severity),
        "object": resource_json(one.resource),
        "document": one.document,
        "line": one.line,
        "pointer": one.pointer,
        "engine": one.engine,
        "also": one.also,
        "fingerprint": one.fingerprint,
        "document_sha256": one.sha256,
    }
