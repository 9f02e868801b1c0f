"""What several records have: the identity of an object, an operation, a severity; how each is read and written."""

from __future__ import annotations

import hashlib

from bot.model import Applicability, Json, ResourceRef, Severity
from bot.stages.reading import Fields

SEVERITIES = {str(each): each for each in sorted(Severity, reverse=True)}
APPLICABILITIES = {str(each): each for each in sorted(Applicability, reverse=True)}


def content_hash(text: str) -> str:
    """What a document is known by: the SHA-256 of its text in UTF-8, in hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def stable_id(path: str, fingerprint: str) -> str:
    """The id of a finding of a file: 16 hexadecimal digits. No line and no running number, so that it stays."""
    return hashlib.sha256(f"{path}\0{fingerprint}".encode("utf-8", "surrogatepass")).hexdigest()[:16]


def resource(fields: Fields) -> ResourceRef | None:
    """The member `object`."""
    part = fields.part("object")
    if part is None:
        return None
    namespace = part.maybe_text("namespace")
    return ResourceRef(part.text("apiVersion"), part.text("kind"), namespace, part.text("name", empty=True))


def resource_json(ref: ResourceRef | None) -> Json:
    """The member `object` as it is written."""
    if ref is None:
        return None
    return {"apiVersion": ref.api_version, "kind": ref.kind, "namespace": ref.namespace, "name": ref.name}


def word(value: Severity | Applicability | None) -> str | None:
    """How a severity or an applicability is written."""
    return None if value is None else str(value)
