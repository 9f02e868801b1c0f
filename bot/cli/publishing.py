"""The second of two workflows: what the first one left, which only narrows the review that this run makes itself."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from pathlib import Path

from bot.adapters.workflow import read_artifact
from bot.cli.left import FILES, PUBLISHED
from bot.errors import UsageError
from bot.review import reported
from bot.review.events import Publish
from bot.review.model import Offer, Review
from bot.review.reported import Reported


@dataclass(frozen=True, slots=True)
class Report:
    """The suggestions that another run reported, and the names of files that no report has."""

    suggestions: frozenset[Reported]
    others: tuple[str, ...] = ()

    def narrow(self, offer: Offer) -> Offer:
        """The offer, for the patch alone when the report does not have it."""
        return reported.narrowed(offer, self.suggestions)

    def unused(self, review: Review) -> str:
        """One line for the log about what else it holds; empty when there is nothing."""
        return reported.unmatched(self.suggestions, review.offers, self.others)


def report_of(task: Publish, folder: str) -> Report:
    """The report in a folder; an InputError says why there is none that can be used."""
    artifact = read_artifact(Path(folder), reported.FILE, most=reported.LARGEST, expected=FILES)
    return Report(reported.read(artifact.data, head=task.head), artifact.others)


def folder(report: str | None, artifact: str) -> str:
    """Where the report files of this run go; a UsageError says that a stranger's files would lie among others."""
    chosen = report or PUBLISHED
    if Path.cwd().is_relative_to(Path(artifact).resolve()):
        raise UsageError("artifact: the whole workspace; download it to a folder of its own (`path` of the download)")
    if posixpath.normpath(chosen) == posixpath.normpath(artifact):
        raise UsageError(f"report and artifact are both {chosen!r}; what this run writes needs a folder of its own")
    return chosen
