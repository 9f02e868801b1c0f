"""Accepted fixes as candidates for `bot.rank`, and its order as records."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.manifest import Manifest, Resource, read
from bot.model import Applicability, ResourceRef, Severity
from bot.pipeline import Bot
from bot.rank.candidates import around
from bot.rank.model import Body, Candidate, Ranked
from bot.stages.schedule import Scheduled
from bot.stages.verified import Verdict

_NOWHERE = ResourceRef("", "", None, "")


@dataclass(frozen=True, slots=True)
class Site:
    """The objects of one text, those of its first document first, and what is around them."""

    resources: tuple[Resource, ...]
    neighbours: Sequence[Body] = ()


@dataclass(slots=True)
class Sites:
    """Where fixes are: the file of a record while it is there, else the text that the record carries.

    `text` gives what is in a file, None when there is none. What several records share is read once.
    """

    bot: Bot
    text: Callable[[str], str | None]
    _files: dict[str, Site | None] = field(default_factory=dict)
    _texts: dict[str, Site] = field(default_factory=dict)
    _bodies: dict[tuple[str, int | None, ResourceRef | None], tuple[ResourceRef, Body, Sequence[Body]]] = field(
        default_factory=dict
    )

    def of(self, verdict: Verdict) -> tuple[ResourceRef, Body, Sequence[Body]]:
        """The object that a fix is for, and the other objects in scope."""
        path = verdict.manifest_path
        site = self._file(path) if path is not None else None
        if site is None:
            return _object(self._alone(verdict.patched_yaml or ""), verdict)
        key = (path or "", verdict.document, verdict.resource)
        found = self._bodies.get(key)
        if found is None:
            found = self._bodies[key] = _object(site, verdict)
        return found

    def _file(self, path: str) -> Site | None:
        if path not in self._files:
            text = self.text(path)
            self._files[path] = None if text is None else self._site(read(path, text))
        return self._files[path]

    def _site(self, manifest: Manifest) -> Site:
        return Site(tuple(manifest.resources), around(self.bot.surroundings.inventory(manifest)))

    def _alone(self, text: str) -> Site:
        found = self._texts.get(text)
        if found is None:
            found = self._texts[text] = Site(tuple(read("", text).resources))
        return found


def _object(site: Site, verdict: Verdict) -> tuple[ResourceRef, Body, Sequence[Body]]:
    """The object of a text that a verdict names, in its document if it still is there; else the first one."""
    alike = [each for each in site.resources if verdict.resource in (None, each.ref)]
    alike.sort(key=lambda each: each.document != verdict.document)
    for each in alike or site.resources:
        return verdict.resource or each.ref, each.body, site.neighbours
    return verdict.resource or _NOWHERE, {}, site.neighbours


Age = Callable[[Verdict], float | None]
"""Hours that the finding of a fix has been in the base branch; None when nobody knows."""


def candidates(
    verdicts: Iterable[Verdict], sites: Sites, age: Age, severities: Mapping[str, Severity]
) -> list[Candidate]:
    """A candidate for each accepted fix; `severities` are those of policies, for records that name none.

    Two fixes that share nothing but an id are told apart by the order of the file: `bot.stages` refuses equal ids.
    """
    found = []
    for each in verdicts:
        if not each.accepted:
            continue
        policy_id = each.policy_id or ""
        ref, body, neighbours = sites.of(each)
        found.append(
            Candidate(
                each.id,
                policy_id,
                each.fingerprint or each.id,
                each.severity or severities.get(policy_id, Severity.MEDIUM),
                each.applicability or Applicability.UNSAFE,
                1 if each.changed_lines is None else each.changed_lines,
                each.milliseconds,
                ref,
                body,
                neighbours,
                age(each),
            )
        )
    return found


def scheduled(ranked: Iterable[Ranked], verdicts: Mapping[str, Verdict]) -> Iterable[Scheduled]:
    """A record for each ranked fix; `verdicts` by their ids."""
    for each in ranked:
        one = each.candidate
        verdict = verdicts[one.id]
        yield Scheduled(
            one.id,
            each.score,
            each.R,
            each.p,
            each.Et,
            None if one.age_hours is None else each.wait,
            each.kev,
            each.explore,
            each.parts,
            each.why,
            verdict.policy_id,
            one.severity,
            one.applicability,
            verdict.title,
            verdict.manifest_path,
            verdict.document,
            verdict.line,
            verdict.resource or (one.resource if one.resource.kind else None),
            one.fingerprint,
        )
