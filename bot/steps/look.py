"""One file and the records that are about it: read once, looked at once, and only where they point."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from bot.detect.detect import Detection, detect_all
from bot.detect.identity import number
from bot.manifest import read_kept
from bot.pipeline import Bot
from bot.policy.twins import Unclear
from bot.stages.common import stable_id
from bot.stages.detections import Detected
from bot.stages.patches import Declined
from bot.steps.match import Where, locate, matching
from bot.steps.sheet import Sheet

UNKNOWN_POLICY = "unknown-policy"

Meaning = Callable[[str], "tuple[str, ...] | Unclear"]
"""The own policies that a policy id stands for; other tools' ids are understood."""


@dataclass(frozen=True, slots=True)
class Unit:
    """The records about one text. `text` is what the file holds, or what the records carry when there is no file."""

    path: str
    text: str
    records: tuple[Detected, ...]


@dataclass(frozen=True, slots=True)
class Looked:
    """A text, all detections in the documents that records are about, and what each record means."""

    sheet: Sheet
    found: tuple[Detection, ...]
    meant: tuple[Detection | Declined, ...]


def look_at(bot: Bot, meaning: Meaning, unit: Unit) -> Looked:
    """Find out which finding each record of a unit means."""
    manifest = read_kept(unit.path, unit.text)
    sheet = Sheet(manifest)
    if manifest.problem is not None:
        unreadable = Declined(manifest.problem.code, manifest.problem.reason)
        return Looked(sheet, (), (unreadable,) * len(unit.records))
    places = [locate(sheet, record) for record in unit.records]
    names = [meaning(record.policy_id) for record in unit.records]
    documents = {
        document
        for place, name in zip(places, names, strict=True)
        if isinstance(place, Where) and not isinstance(name, Unclear)
        for document in place.documents
    }
    found = _detections(bot, sheet, documents) if documents else []
    ids = _ids(unit.path, found)
    meant = tuple(
        place
        if isinstance(place, Declined)
        else Declined(UNKNOWN_POLICY, name.reason)
        if isinstance(name, Unclear)
        else matching(record, place, ids, found, name)
        for record, place, name in zip(unit.records, places, names, strict=True)
    )
    return Looked(sheet, tuple(found), meant)


def _detections(bot: Bot, sheet: Sheet, documents: set[int]) -> list[Detection]:
    """All detections in these documents, and those in others that hang on other objects."""
    manifest = sheet.manifest
    resources = bot.surroundings.resources(manifest)
    inventory = bot.surroundings.inventory(manifest)
    found, _ = detect_all(bot.detector, manifest, [each for each in resources if each.document in documents], inventory)
    for each in resources:
        if each.document not in documents:
            found += bot.detector.relate(manifest, each, inventory)
    return found


def _ids(path: str, found: Sequence[Detection]) -> dict[int, str]:
    numbered = number(each.finding for each in found)
    return {id(each): stable_id(path, finding.fingerprint) for each, finding in zip(found, numbered, strict=True)}


def policies_of(records: Iterable[Detected], meaning: Meaning) -> Iterator[str]:
    """The own policies that records name, each once."""
    for name in dict.fromkeys(record.policy_id for record in records):
        known = meaning(name)
        if not isinstance(known, Unclear):
            yield from known
