"""`patches.json`: one proposal a record, and a record with a reason for each finding that got none."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from bot.model import Applicability, Json, Span, TextEdit
from bot.stages.common import APPLICABILITIES, word
from bot.stages.reading import Fields, records, written

FILE = "patches.json"

KEYS = frozenset(
    {
        "id",
        "policy_id",
        "source",
        "patch",
        "title",
        "why",
        "applicability",
        "edits",
        "alternatives",
        "skipped",
        "document_sha256",
    }
)


class Source(StrEnum):
    """Who proposes: our policies, a model of a vendor, a model of one's own, another detector."""

    RULES = "rules"
    VENDOR = "vendor"
    VLLM = "vllm"
    ENGINE = "engine"


_SOURCES = {str(each): each for each in Source}


@dataclass(frozen=True, slots=True)
class Declined:
    """Why there is no proposal; `code` is kebab-case, `reason` for people."""

    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """A patch as it was written down, read by nobody yet, with what its proposer says of it."""

    patch: Json
    title: str = ""
    why: str = ""
    applicability: Applicability = Applicability.UNSAFE


@dataclass(frozen=True, slots=True)
class Proposed:
    """What is proposed for the finding `id`: the preferred way first, others for the case that it is refused.

    Pointers of a patch start at the root of the owning document. `edits` are what the first way does to the text of
    that document, offsets counted from its start: for people and other programs, nobody trusts them. `sha256` is the
    content hash of the document that the patch was made for. With `skipped` there is no proposal.
    """

    id: str
    policy_id: str
    source: Source
    ways: tuple[Proposal, ...] = ()
    edits: tuple[TextEdit, ...] = ()
    skipped: Declined | None = None
    sha256: str | None = None


def load(text: str, where: str) -> tuple[Proposed, ...]:
    """The proposals of a file that errors call `where`; InputError names record and field.

    What the patches say is not looked at: that is `bot.stages.untrusted`'s.
    """
    return records(text, where, KEYS, _read)


def dump(found: Iterable[Proposed]) -> str:
    """The text of a file."""
    return written(map(_written, found))


def _read(fields: Fields) -> Proposed:
    skipped = fields.part("skipped")
    first = Proposal(fields.raw("patch"), *_words(fields))
    others = [Proposal(each.raw("patch"), *_words(each)) for each in fields.parts("alternatives")]
    return Proposed(
        id=fields.text("id"),
        policy_id=fields.text("policy_id"),
        source=fields.choice("source", _SOURCES),
        ways=(first, *others) if skipped is None else (),
        edits=tuple(map(_edit, fields.parts("edits"))),
        skipped=Declined(skipped.text("code"), skipped.text("reason")) if skipped is not None else None,
        sha256=fields.maybe_text("document_sha256"),
    )


def _words(fields: Fields) -> tuple[str, str, Applicability]:
    applicability = fields.maybe_choice("applicability", APPLICABILITIES)
    title, why = fields.maybe_text("title") or "", fields.maybe_text("why") or ""
    return title, why, applicability or Applicability.UNSAFE


def _edit(fields: Fields) -> TextEdit:
    start, end = fields.maybe_natural("start"), fields.maybe_natural("end")
    if start is None or end is None or end < start:
        fields.refuse("start and end are no range", "they are offsets into the document, the end not before the start")
    return TextEdit(Span(start, end), fields.text("text", empty=True))


def _written(one: Proposed) -> dict[str, Json]:
    first = one.ways[0] if one.ways else None
    skipped = one.skipped
    return {
        "id": one.id,
        "policy_id": one.policy_id,
        "source": str(one.source),
        "patch": first.patch if first is not None else [],
        "title": first.title if first is not None else None,
        "why": first.why if first is not None else None,
        "applicability": word(first.applicability) if first is not None else None,
        "edits": [{"start": each.span.start, "end": each.span.end, "text": each.new_text} for each in one.edits],
        "alternatives": [_way(each) for each in one.ways[1:]],
        "skipped": {"code": skipped.code, "reason": skipped.reason} if skipped is not None else None,
        "document_sha256": one.sha256,
    }


def _way(way: Proposal) -> dict[str, Json]:
    return {"patch": way.patch, "title": way.title, "why": way.why, "applicability": str(way.applicability)}
