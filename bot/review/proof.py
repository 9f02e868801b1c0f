"""Offers of one file, proven: each alone, each pair of one document, all together; as text, the way they are taken.

GitHub replaces lines. So what is proven is the text with those lines replaced: it reads as the object that the patches
make, the findings are gone, no other has come, and the schema holds.

Invariant: what comes out is a set of offers of which any subset can be taken in any order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import TypeVar

from bot.detect.detect import Detection
from bot.manifest import Manifest
from bot.model import GateStatus, Tier, Verification
from bot.review.lines import Lines
from bot.review.lines import replace as replaced
from bot.review.model import Held, Offer
from bot.verify.verify import Verifier

MAX_PAIRED = 50
"""Offers of one document that are paired with each other: more are never posted beside their lines."""

TOGETHER = "does not go together with the other fixes of its object"

Again = Callable[[Offer], Offer | None]
"""What is left of an offer of several fixes that was refused; None for nothing."""

Asked = TypeVar("Asked", Offer, tuple[Offer, Offer])


@dataclass(slots=True)
class Proof:
    """Asks the gates about offers of one file. `found` are all detections of it, as the verifier wants them."""

    verifier: Verifier
    manifest: Manifest
    found: Sequence[Detection]
    lines: Lines = field(init=False)

    def __post_init__(self) -> None:
        self.lines = Lines(self.manifest.text)

    def text(self, offers: Iterable[Offer]) -> str:
        """The file with offers taken."""
        return replaced(self.lines, (block for offer in offers for block in offer.replaced))

    def prove(self, offers: Sequence[Offer], again: Again) -> tuple[list[Offer], list[Held]]:
        """The offers that hold in every combination, in the order given, and why the others are not made.

        The order is that of preference: of two that do not go together the later one is held.
        """
        proven, held = self.alone(offers, again)
        kept, left = self.together(proven)
        return kept, [*held, *left]

    def alone(self, offers: Sequence[Offer], again: Again) -> tuple[list[Offer], list[Held]]:
        """The offers that hold by themselves, with what the gates say, and why the others do not.

        Of an offer of several fixes that is refused `again` says what is left to try.
        """
        proven: dict[int, Offer] = {}
        held: list[Held] = []
        queue = list(enumerate(offers))
        while queue:
            turn, queue = _next(queue)
            for (place, offer), verification in zip(turn, self._ask([(each,) for _, each in turn]), strict=True):
                if verification.passed and verification.tier is not Tier.NONE:
                    proven[place] = replace(offer, verification=verification)
                    continue
                less = again(offer) if len(offer.parts) > 1 else None
                tried = () if less is None else less.findings
                rest = [each for each in offer.findings if each not in tried]
                held += [Held(finding, reason_of(verification), verification) for finding in rest]
                if less is not None:
                    queue.append((place, less))
        return [proven[place] for place in sorted(proven)], held

    def together(self, offers: Sequence[Offer]) -> tuple[list[Offer], list[Held]]:
        """Those of proven offers that also hold in pairs and all together, and the others."""
        kept = list(offers)
        dropped: list[Offer] = []
        pairs = [pair for group in _by_document(offers) for pair in _pairs(group)]
        while pairs:
            open_ = [(place, pair) for place, pair in enumerate(pairs) if pair[0] in kept and pair[1] in kept]
            turn, rest = _next(open_)
            for (_, pair), verification in zip(turn, self._ask([pair for _, pair in turn]), strict=True):
                if not verification.passed:
                    kept.remove(pair[1])
                    dropped.append(pair[1])
            pairs = [pair for _, pair in rest]
        while len(kept) > 1:
            verdicts = self._ask_all(kept)
            bad = {document for document, each in verdicts.items() if not each.passed}
            failing = [offer for offer in kept if offer.document in bad]
            if not failing:
                break
            kept.remove(failing[-1])
            dropped.append(failing[-1])
        return kept, [Held(finding, TOGETHER, offer.verification) for offer in dropped for finding in offer.findings]

    def _ask_all(self, offers: Sequence[Offer]) -> dict[int, Verification]:
        fixes = [offer.verification.fix for offer in offers]
        return self.verifier.judge(self.manifest, self.text(offers), fixes, self.found)

    def _ask(self, sets: Sequence[Sequence[Offer]]) -> list[Verification]:
        """What the gates say of each set; each is of another document, so one text does for all of them."""
        if not sets:
            return []
        verdicts = self._ask_all([offer for each in sets for offer in each])
        if len(sets) > 1 and any(_is_refused(each) for each in verdicts.values()):
            return [verdict for each in sets for verdict in self._ask([each])]
        return [verdicts[each[0].document] for each in sets]


def reason_of(verification: Verification) -> str:
    """Why a fix is not offered: what the gate says that failed, else the one that could not be asked; for people."""
    for status, head in (
        (GateStatus.FAILED, "its fix is not safe here"),
        (GateStatus.SKIPPED, "its fix cannot be verified"),
    ):
        for each in verification.results:
            if each.status is status:
                return f"{head}: {each.reason}"
    return ""


def _next(queue: Sequence[tuple[int, Asked]]) -> tuple[list[tuple[int, Asked]], list[tuple[int, Asked]]]:
    """The first of each document, and the rest."""
    first: dict[int, int] = {}
    for place, each in queue:
        first.setdefault(_document(each), place)
    turn = [(place, each) for place, each in queue if first[_document(each)] == place]
    return turn, [(place, each) for place, each in queue if first[_document(each)] != place]


def _document(asked: Offer | tuple[Offer, Offer]) -> int:
    return (asked if isinstance(asked, Offer) else asked[0]).document


def _is_refused(verification: Verification) -> bool:
    """Whether the text as a whole was refused, which says nothing about each document."""
    first = verification.results[0]
    return first.gate == "edit" and first.status is GateStatus.FAILED


def _by_document(offers: Iterable[Offer]) -> list[list[Offer]]:
    groups: dict[int, list[Offer]] = {}
    for offer in offers:
        groups.setdefault(offer.document, []).append(offer)
    return list(groups.values())


def _pairs(group: Sequence[Offer]) -> list[tuple[Offer, Offer]]:
    """Pairs of the offers that may be posted beside their lines; two alone are a pair and all together at once."""
    posted = [offer for offer in group if offer.span is not None][:MAX_PAIRED]
    return list(combinations(posted, 2)) if len(group) > 2 else []
