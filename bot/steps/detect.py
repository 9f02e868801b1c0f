"""What a run found, as records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from bot.detect.identity import number
from bot.model import Finding, Origin, Report
from bot.pipeline import Bot, FileResult, see
from bot.stages.common import content_hash, stable_id
from bot.stages.detections import MAX_YAML, OURS, Detected
from bot.steps.sheet import Sheet


@dataclass(slots=True)
class Found(FileResult):
    """What one file gave, and the text of each document that a finding is about."""

    texts: dict[int, str] = field(default_factory=dict)


def detect_file(bot: Bot, path: str, text: str) -> Found:
    """The findings of one file, with the documents they are about."""
    result, seen = see(bot, path, text)
    found = Found(path, result.findings, [], result.skips, result.documents, result.resources)
    if seen is not None and result.findings:
        sheet = Sheet(seen.manifest)
        found.texts = {each: sheet.text(each) for each in {one.location.document for one in result.findings}}
    return found


def ids(path: str, findings: Iterable[Finding]) -> list[str]:
    """The stable id of each finding of one file, in the order given.

    The findings are those of `FileResult`: their fingerprint still holds the key.
    """
    return [stable_id(path, each.fingerprint) for each in number(findings)]


def detected(results: Sequence[FileResult], report: Report) -> Iterator[Detected]:
    """A record for each finding that nobody accepted; `report` is what `gather` made of the results."""
    final = iter(report.findings)
    for result in results:
        texts = result.texts if isinstance(result, Found) else {}
        hashes = {document: content_hash(text) for document, text in texts.items()}
        for name, finding in zip(ids(result.path, result.findings), final, strict=False):
            if finding.suppression is None:
                text = texts.get(finding.location.document)
                yield _record(name, finding, text, hashes.get(finding.location.document))


def engine_of(finding: Finding) -> str:
    """Who found it: our policies, or the tool that alone knows of it."""
    if finding.origin is not Origin.ENGINE:
        return OURS
    return (finding.also[0] if finding.also else finding.policy_id).partition(":")[0]


def _record(name: str, finding: Finding, text: str | None, sha256: str | None) -> Detected:
    place = finding.location
    return Detected(
        id=name,
        manifest_path=place.path,
        policy_id=finding.policy_id,
        violation_text=finding.message,
        manifest_yaml=text if text is not None and len(text) <= MAX_YAML else None,
        severity=finding.severity,
        resource=finding.resource,
        document=place.document,
        line=place.start_line,
        pointer=place.pointer,
        engine=engine_of(finding),
        also=finding.also,
        fingerprint=finding.fingerprint,
        sha256=sha256,
    )
