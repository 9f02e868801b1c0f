"""The offers of a review in the order in which they do the most good (`bot.rank`), each with a note on its place.

Measured times do not count here: two runs over the same commits say the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.manifest import Manifest, Resource, read
from bot.pull.brought import Brought
from bot.rank import Candidate, Feeds, History, Weights, rank
from bot.rank.candidates import candidate, owner
from bot.rank.model import Body
from bot.review.model import Offer
from bot.review.suggest import rank as by_severity

Sort = Callable[[Sequence[Offer]], Sequence[Offer]]
"""What puts the offers of a review in order, best first."""

Neighbours = Callable[[Manifest], Sequence[Body]]
"""The objects in scope of a file: `bot.rank.candidates.around`."""


@dataclass(frozen=True, slots=True)
class Known:
    """What a review knows besides its files. `ages` are hours by path and line; a line that is not there is unknown."""

    weights: Weights = field(default_factory=Weights)
    history: History = field(default_factory=History)
    feeds: Feeds = field(default_factory=Feeds)
    ages: Mapping[tuple[str, int], float] = field(default_factory=dict)


def plain(offers: Sequence[Offer]) -> Sequence[Offer]:
    """By severity, then applicability, without the scheduler."""
    return sorted(offers, key=by_severity)


def ordered(offers: Sequence[Offer], found: Iterable[Brought], known: Known, neighbours: Neighbours) -> list[Offer]:
    """The offers, best first; `found` are the files that gave them."""
    files = {each.path: each for each in found}
    scopes: dict[str, tuple[Manifest, Sequence[Body]]] = {}
    by_candidate: dict[int, Offer] = {}
    candidates: list[Candidate] = []
    for offer in offers:
        file = files[offer.path]
        if offer.path not in scopes:
            manifest = read(offer.path, file.changed.text)
            scopes[offer.path] = manifest, neighbours(manifest)
        made = _candidate(offer, file, known, *scopes[offer.path])
        by_candidate[id(made)] = offer
        candidates.append(made)
    best_first = rank(candidates, weights=known.weights, history=known.history, feeds=known.feeds)
    return [replace(by_candidate[id(each.candidate)], note=each.note) for each in best_first]


def unknown_ages(offers: Iterable[Offer], found: Iterable[Brought]) -> dict[str, set[int]]:
    """The lines, by path, of the findings that a pull request did not bring: git knows how old they are."""
    diffs = {each.path: each.changed.diff for each in found}
    wanted: dict[str, set[int]] = {}
    for offer in offers:
        line = offer.lead.location.start_line
        if not diffs[offer.path].touches(line, line):
            wanted.setdefault(offer.path, set()).add(line)
    return wanted


def _candidate(offer: Offer, file: Brought, known: Known, manifest: Manifest, neighbours: Sequence[Body]) -> Candidate:
    lead = offer.lead
    line = lead.location.start_line
    is_new = file.changed.diff.touches(line, line)
    resource = owner(manifest, lead) or Resource(lead.resource, offer.path, offer.document, "", {})
    return candidate(
        offer.verification,
        resource,
        changed_lines=offer.lines,
        neighbours=neighbours,
        age_hours=0.0 if is_new else known.ages.get((offer.path, line)),
        measured=False,
    )
