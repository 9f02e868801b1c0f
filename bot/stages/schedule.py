"""`schedule.json`: one ranked fix a record, best first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.model import Applicability, Json, ResourceRef, Severity
from bot.stages.common import APPLICABILITIES, SEVERITIES, resource, resource_json, word
from bot.stages.reading import Fields, pieces, records, written

FILE = "schedule.json"

KEYS = frozenset(
    {
        "id",
        "score",
        "R",
        "p",
        "Et",
        "wait",
        "kev",
        "explore",
        "parts",
        "why",
        "policy_id",
        "severity",
        "applicability",
        "title",
        "manifest_path",
        "document",
        "line",
        "object",
        "fingerprint",
    }
)


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A fix with its score and every term of it, unweighted; docs/scheduler.md has the units.

    `wait` is None when nobody knows how long the finding has been there. `parts` name what R is made of; `why` is one
    sentence.
    """

    id: str
    score: float
    R: float
    p: float
    Et: float
    wait: float | None
    kev: float
    explore: float | None = None
    parts: tuple[tuple[str, float], ...] = ()
    why: str = ""
    policy_id: str | None = None
    severity: Severity | None = None
    applicability: Applicability | None = None
    title: str = ""
    manifest_path: str | None = None
    document: int | None = None
    line: int | None = None
    resource: ResourceRef | None = None
    fingerprint: str | None = None


def load(text: str, where: str) -> tuple[Scheduled, ...]:
    """The ranked fixes of a file that errors call `where`; InputError names record and field."""
    return records(text, where, KEYS, _read)


def dump(found: Iterable[Scheduled]) -> str:
    """The text of a file."""
    return written(map(_written, found))


def chunks(found: Iterable[Scheduled]) -> Iterator[str]:
    """`dump`, a record at a time, for many."""
    return pieces(map(_written, found))


def _read(fields: Fields) -> Scheduled:
    fields.raw("wait")
    parts = fields.part("parts")
    return Scheduled(
        id=fields.text("id"),
        score=fields.number("score"),
        R=fields.number("R"),
        p=fields.number("p"),
        Et=fields.number("Et"),
        wait=fields.maybe_number("wait"),
        kev=fields.number("kev"),
        explore=fields.maybe_number("explore"),
        parts=tuple((name, parts.number(name)) for name in parts.names) if parts is not None else (),
        why=fields.maybe_text("why") or "",
        policy_id=fields.maybe_text("policy_id"),
        severity=fields.maybe_choice("severity", SEVERITIES),
        applicability=fields.maybe_choice("applicability", APPLICABILITIES),
        title=fields.maybe_text("title") or "",
        manifest_path=fields.maybe_text("manifest_path"),
        document=fields.maybe_natural("document"),
        line=fields.maybe_natural("line", 1),
        resource=resource(fields),
        fingerprint=fields.maybe_text("fingerprint"),
    )


def _written(one: Scheduled) -> dict[str, Json]:
    return {
        "id": one.id,
        "score": _short(one.score),
        "R": _short(one.R),
        "p": _short(one.p),
        "Et": _short(one.Et),
        "wait": _short(one.wait),
        "kev": _short(one.kev),
        "explore": _short(one.explore),
        "parts": {name: _short(value) for name, value in one.parts},
        "why": one.why,
        "policy_id": one.policy_id,
        "severity": word(one.severity),
        "applicability": word(one.applicability),
        "title": one.title,
        "manifest_path": one.manifest_path,
        "document": one.document,
        "line": one.line,
        "object": resource_json(one.resource),
        "fingerprint": one.fingerprint,
    }


def _short(value: float | None) -> float | None:
    """Six decimal places: what differs less is equal."""
    return None if value is None else round(value, 6)
