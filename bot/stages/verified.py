"""`verified.json`: one verdict a record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from bot.model import Applicability, GateResult, GateStatus, Json, ResourceRef, Severity, Tier
from bot.stages.common import APPLICABILITIES, SEVERITIES, resource, resource_json, word
from bot.stages.reading import Fields, by_line, records, written

FILE = "verified.json"

KEYS = frozenset(
    {
        "id",
        "accepted",
        "ok_schema",
        "ok_policy",
        "patched_yaml",
        "policy_id",
        "severity",
        "applicability",
        "title",
        "source",
        "reason",
        "tier",
        "server",
        "gates",
        "notes",
        "patch",
        "changed_lines",
        "milliseconds",
        "manifest_path",
        "document",
        "pointer",
        "line",
        "object",
        "fingerprint",
        "document_sha256",
    }
)

_STATUSES = {str(each): each for each in GateStatus}
_TIERS = {str(each): each for each in Tier}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gates say of the proposal for the finding `id`. Only the first five members have to be known.

    `ok_schema` and `ok_policy` are None when nobody was asked: an earlier gate refused, or no schema is known.
    `ok_policy` says that the finding is gone and no other has come. `patched_yaml` is the owning document with this
    fix alone, as its text was edited; None when nothing is accepted. `reason` says in a sentence why not.
    `milliseconds` is the time of the gates, in equal parts when several fixes were asked together; `gates` have the
    whole of it. `sha256` is the content hash of the document before the fix.
    """

    id: str
    accepted: bool
    ok_schema: bool | None
    ok_policy: bool | None
    patched_yaml: str | None
    policy_id: str | None = None
    severity: Severity | None = None
    applicability: Applicability | None = None
    title: str = ""
    source: str | None = None
    reason: str = ""
    tier: Tier = Tier.NONE
    server: str | None = None
    gates: tuple[GateResult, ...] = ()
    notes: tuple[str, ...] = ()
    patch: tuple[Json, ...] = ()
    changed_lines: int | None = None
    milliseconds: float | None = None
    manifest_path: str | None = None
    document: int | None = None
    pointer: str | None = None
    line: int | None = None
    resource: ResourceRef | None = None
    fingerprint: str | None = None
    sha256: str | None = None


def load(text: str, where: str) -> tuple[Verdict, ...]:
    """The verdicts of a file that errors call `where`; InputError names record and field."""
    return records(text, where, KEYS, _read)


def accepted(lines: Iterable[str], where: str) -> Iterator[Verdict]:
    """The accepted verdicts of a file as `dump` writes it, line by line, without gates, notes and patch.

    Raises NotByLine for a file of another form, which `load` may read all the same.
    """
    # A large file says the same words again and again.
    same: dict[str | None, str | None] = {}
    objects: dict[tuple[Json, ...], ResourceRef | None] = {}
    return (each for each in by_line(lines, where, KEYS, partial(_briefly, same, objects)) if each.accepted)


def _object(objects: dict[tuple[Json, ...], ResourceRef | None], fields: Fields) -> ResourceRef | None:
    value = fields.maybe("object")
    if not isinstance(value, dict):
        return resource(fields)
    key = (value.get("apiVersion"), value.get("kind"), value.get("namespace"), value.get("name"))
    if not all(isinstance(each, str) or each is None for each in key):
        return resource(fields)
    found = objects.get(key)
    if found is None:
        found = objects[key] = resource(fields)
    return found


def _briefly(
    same: dict[str | None, str | None], objects: dict[tuple[Json, ...], ResourceRef | None], fields: Fields
) -> Verdict:
    accepted = fields.flag("accepted")
    fields.raw("patched_yaml")
    patched = fields.maybe_text("patched_yaml")
    if accepted and patched is None:
        fields.refuse("patched_yaml is empty", "an accepted fix comes with the text of its document")
    texts = [fields.maybe_text(name) for name in ("patched_yaml", "policy_id", "title", "manifest_path")]
    patched, policy_id, title, path = (same.setdefault(each, each) for each in texts)
    return Verdict(
        id=fields.text("id"),
        accepted=accepted,
        ok_schema=fields.answer("ok_schema"),
        ok_policy=fields.answer("ok_policy"),
        patched_yaml=patched,
        policy_id=policy_id,
        severity=fields.maybe_choice("severity", SEVERITIES),
        applicability=fields.maybe_choice("applicability", APPLICABILITIES),
        title=title or "",
        changed_lines=fields.maybe_natural("changed_lines"),
        milliseconds=fields.maybe_number("milliseconds"),
        manifest_path=path,
        document=fields.maybe_natural("document"),
        line=fields.maybe_natural("line", 1),
        resource=_object(objects, fields),
        fingerprint=fields.maybe_text("fingerprint"),
    )


def dump(found: Iterable[Verdict]) -> str:
    """The text of a file."""
    return written(map(_written, found))


def _read(fields: Fields) -> Verdict:
    accepted = fields.flag("accepted")
    fields.raw("patched_yaml")
    patched = fields.maybe_text("patched_yaml")
    if accepted and patched is None:
        fields.refuse("patched_yaml is empty", "an accepted fix comes with the text of its document")
    patch = fields.maybe("patch")
    if patch is not None and not isinstance(patch, list):
        fields.refuse("patch is no list", "it is a JSON Patch")
    return Verdict(
        id=fields.text("id"),
        accepted=accepted,
        ok_schema=fields.answer("ok_schema"),
        ok_policy=fields.answer("ok_policy"),
        patched_yaml=patched,
        policy_id=fields.maybe_text("policy_id"),
        severity=fields.maybe_choice("severity", SEVERITIES),
        applicability=fields.maybe_choice("applicability", APPLICABILITIES),
        title=fields.maybe_text("title") or "",
        source=fields.maybe_text("source"),
        reason=fields.maybe_text("reason") or "",
        tier=fields.maybe_choice("tier", _TIERS) or Tier.NONE,
        server=fields.maybe_text("server"),
        gates=tuple(map(_gate, fields.parts("gates"))),
        notes=fields.texts("notes"),
        patch=tuple(patch or ()),
        changed_lines=fields.maybe_natural("changed_lines"),
        milliseconds=fields.maybe_number("milliseconds"),
        manifest_path=fields.maybe_text("manifest_path"),
        document=fields.maybe_natural("document"),
        pointer=fields.maybe_text("pointer"),
        line=fields.maybe_natural("line", 1),
        resource=resource(fields),
        fingerprint=fields.maybe_text("fingerprint"),
        sha256=fields.maybe_text("document_sha256"),
    )


def _gate(fields: Fields) -> GateResult:
    status = fields.choice("status", _STATUSES)
    spent = fields.maybe_number("milliseconds") or 0.0
    return GateResult(fields.text("gate"), status, fields.maybe_text("reason") or "", spent)


def _written(one: Verdict) -> dict[str, Json]:
    return {
        "id": one.id,
        "accepted": one.accepted,
        "ok_schema": one.ok_schema,
        "ok_policy": one.ok_policy,
        "patched_yaml": one.patched_yaml,
        "policy_id": one.policy_id,
        "severity": word(one.severity),
        "applicability": word(one.applicability),
        "title": one.title,
        "source": one.source,
        "reason": one.reason,
        "tier": str(one.tier),
        "server": one.server,
        "gates": [
            {
                "gate": each.gate,
                "status": str(each.status),
                "reason": each.reason,
                "milliseconds": round(each.milliseconds, 3),
            }
            for each in one.gates
        ],
        "notes": one.notes,
        "patch": one.patch,
        "changed_lines": one.changed_lines,
        "milliseconds": None if one.milliseconds is None else round(one.milliseconds, 3),
        "manifest_path": one.manifest_path,
        "document": one.document,
        "pointer": one.pointer,
        "line": one.line,
        "object": resource_json(one.resource),
        "fingerprint": one.fingerprint,
        "document_sha256": one.sha256,
    }
