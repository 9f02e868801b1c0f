"""What all files of a pull request gave, as one Review."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from bot.detect.identity import number
from bot.model import Finding, Fix, Report, Severity, Skip, Verification
from bot.pull.brought import Brought
from bot.pull.order import Sort, plain
from bot.report import diff
from bot.review.choose import choose
from bot.review.lines import Lines
from bot.review.lines import replace as replaced
from bot.review.model import Held, Offer, Review

Final = dict[int, Finding]
"""The numbered finding by the id() of the one that a file gave."""


def assemble(review: Review, found: Sequence[Brought], *, most: int, severity: Severity, sort: Sort = plain) -> Review:
    """`review` with what the files gave; `most` suggestions at most, findings of at least `severity`.

    `sort` puts the offers in order. `review` holds what is known besides: commits, server, notices, what is not heeded.
    """
    ordered = [finding for each in found for finding in each.result.findings]
    final = dict(zip(map(id, ordered), number(ordered), strict=True))
    suggestions, patched = choose(sort([_offer(offer, final) for each in found for offer in each.offers]), most)
    texts = {each.path: each.changed.text for each in found}
    done = replace(
        review,
        suggestions=suggestions,
        patched=patched,
        held=tuple(sorted((_held(one, final) for each in found for one in each.held), key=_worst)),
        older=tuple(final[id(each)] for each in _older(found) if each.severity >= severity),
        accepted=tuple(final[id(each)] for each in _accepted(found) if each.severity >= severity),
        skips=(*review.skips, *(_skip(skip, final) for each in found for skip in each.result.skips)),
        checked=len(found),
        texts=texts,
    )
    return repatched(done)


def repatched(review: Review) -> Review:
    """The review with the patch of what is in it for the patch alone."""
    return replace(review, patch=diff.render(Report(changed=tuple(applied(review.texts, review.patched)))))


def as_report(review: Review, *, everything: bool = False) -> Report:
    """What the pull request brings as a report, as `bot.report` renders them; with what is older and accepted, too."""
    rest = (*review.older, *review.accepted) if everything else ()
    return Report(
        findings=(*review.introduced, *rest),
        verifications=tuple(replace(offer.verification, fix=part) for offer in review.offers for part in offer.parts),
        skips=review.skips,
        notices=review.notices,
        changed=(),
        counts={"files": review.checked},
    )


def applied(texts: dict[str, str], offers: Iterable[Offer]) -> Iterator[tuple[str, str, str]]:
    """(path, text, text with the offers taken) of every file that offers are about, in the order of paths."""
    by_path: dict[str, list[Offer]] = {}
    for offer in offers:
        by_path.setdefault(offer.path, []).append(offer)
    for path, group in sorted(by_path.items()):
        blocks = [block for offer in group for block in offer.replaced]
        yield path, texts[path], replaced(Lines(texts[path]), blocks)


def _older(found: Iterable[Brought]) -> Iterator[Finding]:
    """Findings that the pull request did not bring and that nothing accepts."""
    for each in found:
        for finding, new in zip(each.result.findings, each.new, strict=True):
            if not new and finding.suppression is None:
                yield finding


def _accepted(found: Iterable[Brought]) -> Iterator[Finding]:
    """Suppressed findings that are new, or whose suppression is."""
    for each in found:
        for finding, new in zip(each.result.findings, each.new, strict=True):
            if finding.suppression is None:
                continue
            place = finding.suppression.location
            touched = place is not None and each.changed.diff.touches(place.start_line, place.end_line)
            if new or touched:
                yield finding


def _worst(held: Held) -> tuple[int, str, int]:
    place = held.finding.location
    return -held.finding.severity, place.path, place.start_line


def _offer(offer: Offer, final: Final) -> Offer:
    verification = _verification(offer.verification, final)
    return replace(offer, verification=verification, parts=tuple(_fix(part, final) for part in offer.parts))


def _held(held: Held, final: Final) -> Held:
    verification = _verification(held.verification, final) if held.verification is not None else None
    return Held(final[id(held.finding)], held.reason, verification)


def _verification(verification: Verification, final: Final) -> Verification:
    return replace(verification, fix=_fix(verification.fix, final))


def _fix(fix: Fix, final: Final) -> Fix:
    return replace(fix, findings=tuple(final.get(id(each), each) for each in fix.findings))


def _skip(skip: Skip, final: Final) -> Skip:
    return replace(skip, finding=final.get(id(skip.finding), skip.finding)) if skip.finding is not None else skip
