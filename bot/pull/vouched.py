"""The offers of a run before a real API server: each alone, and all of an object together.

What the server refuses is taken back; what is left of a file is proven again, because it is another set then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from bot.manifest import Manifest, Resource, read
from bot.model import GateStatus, Json
from bot.pull.brought import Brought
from bot.review.lines import Lines
from bot.review.lines import replace as replaced
from bot.review.model import Held, Offer
from bot.review.proof import TOGETHER
from bot.verify import dry_run
from bot.verify.dry_run import Pair
from bot.verify.server import Judgement, Server

Reprove = Callable[[Brought], None]


def vouch(server: Server | None, reason: str, found: Sequence[Brought], reprove: Reprove) -> None:
    """Stamp every offer with what the server says of it; `reason` is why there is no server.

    Offers that the server refuses become held findings.
    """
    with_offers = [each for each in found if each.offers]
    if server is None:
        for each in with_offers:
            each.offers = [_unasked(offer, reason) for offer in each.offers]
        return
    files = {id(each): _File(each) for each in with_offers}
    _alone(server, list(files.values()), reprove)
    while refused := _together(server, [files[id(each)] for each in with_offers if len(each.offers) > 1]):
        for each, offer in refused:
            _hold(each, offer, TOGETHER)
            reprove(each)


def bodies(found: Iterable[Brought]) -> list[dict[str, Json]]:
    """The objects of every file with an offer: what a scratch server is prepared for."""
    return [resource.body for each in found if each.offers for resource in read(each.path, each.changed.text).resources]


class _File:
    """A file with offers, parsed once."""

    def __init__(self, brought: Brought) -> None:
        self.brought = brought
        self.manifest: Manifest = read(brought.path, brought.changed.text)
        self._lines = Lines(brought.changed.text)

    def changed(self, offers: Iterable[Offer]) -> list[tuple[Resource, Resource]]:
        """The objects that these offers change, before and after."""
        text = replaced(self._lines, (block for offer in offers for block in offer.replaced))
        return dry_run.changed(self.manifest, read(self.brought.path, text))


@dataclass(frozen=True, slots=True)
class _Question:
    file: _File
    offer: Offer | None
    objects: Sequence[tuple[Resource, Resource]]


def _alone(server: Server, files: Sequence[_File], reprove: Reprove) -> None:
    questions = [_Question(file, offer, file.changed([offer])) for file in files for offer in file.brought.offers]
    stamped: dict[int, list[Offer]] = {}
    spoiled: dict[int, Brought] = {}
    for question, judgements in zip(questions, _ask(server, questions), strict=True):
        brought, offer = question.file.brought, question.offer
        assert offer is not None
        judgement = _worst(judgements)
        asked = replace(offer, verification=dry_run.stamped(offer.verification, judgement, server.label))
        if judgement.status is not GateStatus.FAILED:
            stamped.setdefault(id(brought), []).append(asked)
            continue
        reason = f"the API server refuses its fix: {judgement.reason}"
        brought.held += [Held(finding, reason, asked.verification) for finding in offer.findings]
        spoiled[id(brought)] = brought
    for file in files:
        file.brought.offers = stamped.get(id(file.brought), [])
    for brought in spoiled.values():
        reprove(brought)


def _together(server: Server, files: Sequence[_File]) -> list[tuple[Brought, Offer]]:
    """For each object that is refused with all offers taken the last offer that touches its document."""
    questions = [_Question(file, None, file.changed(file.brought.offers)) for file in files]
    refused = []
    for question, judgements in zip(questions, _ask(server, questions), strict=True):
        for (old, _), judgement in zip(question.objects, judgements, strict=True):
            if judgement.status is GateStatus.FAILED:
                last = [offer for offer in question.file.brought.offers if offer.document == old.document][-1]
                refused.append((question.file.brought, last))
                break
    return refused


def _ask(server: Server, questions: Sequence[_Question]) -> list[list[Judgement]]:
    """What the server makes of each object of each question, all asked in one go."""
    pairs = [Pair(None, old.body, new.body) for question in questions for old, new in question.objects]
    judgements = iter(dry_run.ask(server, pairs) if pairs else ())
    return [[next(judgements) for _ in question.objects] for question in questions]


def _worst(judgements: Sequence[Judgement]) -> Judgement:
    """One answer for several objects: refused if one is, accepted only if all are."""
    order = (GateStatus.FAILED, GateStatus.SKIPPED, GateStatus.PASSED)
    return min(judgements, key=lambda each: order.index(each.status))


def _hold(brought: Brought, offer: Offer, reason: str) -> None:
    brought.offers = [each for each in brought.offers if each is not offer]
    brought.held += [Held(finding, reason, offer.verification) for finding in offer.findings]


def _unasked(offer: Offer, reason: str) -> Offer:
    return replace(offer, verification=dry_run.unasked(offer.verification, reason))
