"""Verified fixes to offers: which lines each one changes, which go together, which have to wait.

Fixes of equal applicability whose lines touch become one offer; when a riskier fix needs the lines of a safer one, it
waits. So no two offers of a file touch the same lines, and any set of them can be taken in any order.

Invariant: a function of its arguments; an offer that is made here still has to be proven (`bot.review.proof`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from bot.manifest import Manifest, pointers, spans
from bot.manifest.edits import Drafts
from bot.model import Applicability, Fix, GateResult, GateStatus, Operation, Tier, Verification
from bot.propose.combine import combine, merged
from bot.review.fit import fit
from bot.review.hunks import FileDiff
from bot.review.lines import Lines, blocks
from bot.review.model import Held, Offer

Rank = tuple[int, int, int, int, str]


def rank(offer: Offer) -> Rank:
    """What offers are sorted by: severity, applicability, who vouches, changed lines, fingerprint."""
    tiers = {Tier.SERVER: 0, Tier.SCHEMA: 1, Tier.NONE: 2}
    applicability = offer.verification.fix.applicability
    return (
        -offer.lead.severity,
        -applicability,
        tiers[offer.verification.tier],
        offer.lines,
        offer.lead.fingerprint,
    )


def lead_only(manifest: Manifest, diff: FileDiff, offer: Offer) -> Offer | None:
    """The offer's worst fix by itself, when the gates refuse all of them together."""
    first = offer.parts[0]
    return _Board(manifest, diff).drawn((first,), unproven(first))


def offers(manifest: Manifest, diff: FileDiff, wanted: Sequence[Verification]) -> tuple[list[Offer], list[Held]]:
    """The offers of a file for verified fixes of it, best first, and what has to wait.

    Each fix changes one document that is there. The verification of an offer of several fixes says nothing yet.
    """
    board = _Board(manifest, diff)
    singles = [offer for each in wanted if (offer := board.drawn((each.fix,), each)) is not None]
    for offer in sorted(singles, key=lambda each: (-each.verification.fix.applicability, rank(each))):
        board.add(offer)
    return sorted(board.taken, key=rank), board.held


def unproven(fix: Fix) -> Verification:
    """A verification that passes nothing yet."""
    return Verification(fix, (GateResult("edit", GateStatus.SKIPPED, "not asked yet"),), Tier.NONE)


@dataclass(slots=True)
class _Board:
    """The offers of one file so far."""

    manifest: Manifest
    diff: FileDiff
    taken: list[Offer] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)
    lines: Lines = field(init=False)
    drafts: Drafts = field(init=False)

    def __post_init__(self) -> None:
        self.lines = Lines(self.manifest.text)
        self.drafts = Drafts(self.manifest)

    def drawn(self, parts: tuple[Fix, ...], verification: Verification) -> Offer | None:
        """An offer of these fixes by its lines; None when they do not go together."""
        operations, _, waiting = combine(parts)
        document = parts[0].changes[0].document
        if waiting or document is None:
            return None
        edits = self.drafts.edits(document, operations)
        found = blocks(self.lines, edits)
        if not found:
            return None
        change = replace(verification.fix.changes[0], operations=operations, edits=edits)
        verification = replace(verification, fix=replace(verification.fix, changes=(change,)))
        span = fit(self.diff, self.lines, found, self._beside(document, operations))
        if isinstance(span, str):
            return Offer(self.diff.path, found, verification, None, span, parts)
        return Offer(self.diff.path, found, verification, span, "", parts)

    def add(self, offer: Offer) -> None:
        """Take an offer, join it with those whose lines it touches, or hold its findings."""
        joined = offer
        absorbed: list[Offer] = []
        while hits := [each for each in self.taken if each not in absorbed and _touch(joined, each)]:
            blocker = next((each for each in hits if not _alike(each, joined)), None)
            if blocker is not None:
                self._hold(offer, f"needs the lines of another fix: {blocker.verification.fix.title}")
                return
            absorbed += hits
            parts = sorted({id(part): part for each in (*absorbed, offer) for part in each.parts}.values(), key=_worst)
            drawn = self.drawn(tuple(parts), unproven(merged(parts)))
            if drawn is None or (drawn.span is None and any(each.span is not None for each in absorbed)):
                self._hold(offer, f"needs the lines of another fix: {hits[0].verification.fix.title}")
                return
            joined = drawn
        self.taken = [each for each in self.taken if each not in absorbed]
        self.taken.append(joined)

    def _hold(self, offer: Offer, reason: str) -> None:
        self.held += [Held(finding, reason, offer.verification) for finding in offer.findings]

    def _beside(self, document: int, operations: Iterable[Operation]) -> frozenset[int]:
        """The lines of the keys that operations add something below: a reader has to see what it belongs to."""
        root = self.manifest.documents[document].root
        found = set()
        for operation in operations:
            if operation.op == "add" and not pointers.resolve(root.value, operation.path)[0]:
                key, node, _ = spans.find(root, operation.path)
                if node is not root:
                    found.add(self.manifest.line_of((key or node).start))
        return frozenset(found)


def _worst(fix: Fix) -> tuple[int, str]:
    return -max(finding.severity for finding in fix.findings), fix.findings[0].fingerprint


def _alike(left: Offer, right: Offer) -> bool:
    """Whether two offers may become one: as applicable, and about one document."""
    same = left.verification.fix.applicability == right.verification.fix.applicability
    return same and left.document == right.document


def _touch(left: Offer, right: Offer) -> bool:
    """Whether two offers need the same lines; those that could be one offer also when their lines are adjacent."""
    gap = int(_alike(left, right))
    mine, others = list(_occupied(left)), list(_occupied(right))
    return any(start <= end_ + gap and start_ <= end + gap for start, end in mine for start_, end_ in others)


def _occupied(offer: Offer) -> Iterator[tuple[int, int]]:
    """The lines of an offer, first and last; lines that come in need both of those around them."""
    for block in offer.replaced:
        yield (block.start, block.end) if block.old else (block.start - 1, block.start)


def is_offered(verification: Verification, least: Applicability = Applicability.UNSAFE) -> bool:
    """Whether a fix may be offered: it passed every gate it was put to, somebody vouches, and it may be applied."""
    fix = verification.fix
    return (
        bool(verification.results)
        and verification.passed
        and verification.tier is not Tier.NONE
        and fix.applicability >= least
        and len(fix.changes) == 1
        and fix.changes[0].document is not None
    )
