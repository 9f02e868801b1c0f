"""Our side: what our policies find in a text, and what is left alone with its reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bot import schema
from bot.adapters import files as disk
from bot.detect.context import look_around
from bot.detect.detect import Detection, Detector, Environment, detect_all
from bot.detect.marks import known
from bot.manifest import Resource, read
from bot.pipeline import Surroundings
from bot.policy import Policy
from bot.trial import Alone
from tools.compare.material import Sample

_ANY_DAY = date(2026, 1, 1)  # suppressions do not count here, so neither does when they expire


@dataclass(frozen=True, slots=True)
class Looked:
    """What we say of a text: every object as it was written, our findings, and what does not count and why.

    `left` is why the file was left alone as a whole; `silenced` are findings that do not count, with the reason.
    """

    resources: tuple[Resource, ...]
    detections: tuple[Detection, ...] = ()
    silenced: tuple[tuple[Detection, str], ...] = ()
    left: str = ""


class Looker:
    """Looks at samples with the policies that Checkov has a twin for."""

    def __init__(self, policies: Sequence[Policy], samples: Sequence[Sample]) -> None:
        self.policies = policies
        paths = [str(each.path) for each in samples if each.path is not None]
        self._around: Surroundings = look_around(
            paths, _text, known(policies), today=_ANY_DAY, here=str(Path.cwd()), listing=disk.manifests_in
        )

    def look(self, sample: Sample) -> Looked:
        """What we say of a sample: of an example as of a text that stands alone, of a file where it lies."""
        around = Alone() if sample.path is None else self._around
        manifest = read(str(sample.path or sample.file), sample.text)
        written = tuple(manifest.resources)
        skip = around.skip(manifest)
        if skip is not None:
            return Looked(written, left=skip.code)
        if manifest.problem is not None:
            return Looked(written, left=manifest.problem.code)
        oldest, newest = sample.kubernetes or schema.OLDEST_SUPPORTED, sample.kubernetes or schema.NEWEST
        detector = Detector(self.policies, Environment(sample.values, oldest, newest, schema))
        resources = tuple(around.resources(manifest))
        detections, _ = detect_all(detector, manifest, resources, around.inventory(manifest))
        why = [around.silence(manifest, each.target.resource, each.finding) for each in detections]
        return Looked(
            resources,
            tuple(each for each, reason in zip(detections, why, strict=True) if reason is None),
            tuple((each, reason) for each, reason in zip(detections, why, strict=True) if reason is not None),
        )


def _text(path: str) -> str | None:
    text = disk.read_text(path) if "\0" not in path else None
    return text if isinstance(text, str) else None
