"""Which finding of a file a record means.

Records come from our own `detect`, from another run, from another program or from a person's hand: what they say has to
hold, what they leave out may be anything. A file that has changed since is not guessed about.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.detect.detect import Detection
from bot.stages.detections import Detected
from bot.stages.patches import Declined
from bot.steps.sheet import Sheet

CHANGED = "changed-meanwhile"
NOT_FOUND = "not-found"
NO_DOCUMENT = "no-document"


@dataclass(frozen=True, slots=True)
class Where:
    """The documents that may own what a record is about, and whether its places in the file still hold."""

    documents: tuple[int, ...]
    exact: bool


def locate(sheet: Sheet, record: Detected) -> Where | Declined:
    """The owning document of a record, by content where its content is told."""
    every = tuple(range(len(sheet.manifest.documents)))
    if record.sha256 is not None:
        return _one(record, [each for each in every if sheet.sha256(each) == record.sha256])
    if record.manifest_yaml is not None and record.manifest_yaml != sheet.manifest.text:
        return _one(record, [each for each in every if sheet.text(each) == record.manifest_yaml])
    if record.document is None:
        return Where(every, exact=True)
    if record.document not in every:
        return Declined(NO_DOCUMENT, f"{record.manifest_path} has no document {record.document}, counted from 0")
    return Where((record.document,), exact=True)


def _one(record: Detected, alike: Sequence[int]) -> Where | Declined:
    """The document itself, else one that moved within its file; when several are the same, nobody knows which."""
    if record.document in alike:
        assert record.document is not None
        return Where((record.document,), exact=True)
    if len(alike) == 1:
        return Where((alike[0],), exact=record.document is None)
    return Declined(CHANGED, f"{record.manifest_path} has changed since it was looked at; run detect again")


def matching(
    record: Detected, where: Where, ids: dict[int, str], found: Iterable[Detection], names: Sequence[str]
) -> Detection | Declined:
    """The detection that a record means. `ids` are stable ids by the id() of a detection, `names` its policy ids."""
    near = [each for each in found if each.finding.location.document in where.documents and each.policy.id in names]
    exact = [each for each in near if ids.get(id(each)) == record.id]
    if exact:
        return exact[0]
    likely = [each for each in near if _may_be(record, each, where)]
    likely.sort(key=lambda each: each.finding.message != record.violation_text)
    if likely:
        return likely[0]
    place = f":{record.line}" if record.line is not None else ""
    return Declined(NOT_FOUND, f"{record.policy_id} finds nothing like it in {record.manifest_path}{place}")


def _may_be(record: Detected, detection: Detection, where: Where) -> bool:
    """Whether everything that a record says of its place holds."""
    place = detection.finding.location
    if record.pointer is not None and record.pointer != place.pointer:
        return False
    if where.exact and record.line is not None and record.line != place.start_line:
        return False
    return record.resource is None or record.resource == detection.finding.resource
