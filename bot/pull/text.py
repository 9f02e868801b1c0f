"""A review as text for people at a terminal: what would be posted, in the order of its rank."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from bot.manifest import read
from bot.model import Applicability, Finding, Severity
from bot.policy.model import Policy
from bot.propose import restart
from bot.report.conceal import concealed
from bot.report.excerpt import Frame, changes, where
from bot.report.lines import hunks, split
from bot.report.summary import counted
from bot.report.terminal import Paint, fold, painter, prose
from bot.review.comment import evidence, sources
from bot.review.lines import Lines
from bot.review.lines import replace as replaced
from bot.review.markdown import sentences
from bot.review.model import Offer, Review

_CONTEXT = 1
_INDENT = "  "


def render(review: Review, policies: Mapping[str, Policy], *, color: bool = False, width: int | None = None) -> str:
    """The page; `policies`, by id, say why a finding matters."""
    page = _Page(review, policies, painter(color), width)
    blocks = [
        [page.headline()],
        *(list(page.offer(place, offer)) for place, offer in enumerate(review.offers, 1)),
        list(page.held()),
        list(page.remarks()),
    ]
    return "\n".join("\n".join(lines) + "\n" for lines in blocks if lines)


class _Page:
    def __init__(self, review: Review, policies: Mapping[str, Policy], paint: Paint, width: int | None) -> None:
        self.review = review
        self.policies = policies
        self.paint = paint
        self.width = width

    def headline(self) -> str:
        """What there is, in one line."""
        review = self.review
        if not review.offers and not review.held:
            return self.paint(f"Nothing new in {counted(review.checked, 'file')}.", "green")
        parts = [counted(len(review.suggestions), "suggestion")]
        if review.patched:
            count = len(review.patched)
            parts.append(f"{count:,} more {'fix' if count == 1 else 'fixes'} in the patch")
        if review.held:
            parts.append(f"{counted(len(review.held), 'finding')} without a fix")
        return self.paint(", ".join(parts), "bold")

    def offer(self, number: int, offer: Offer) -> Iterator[str]:
        """One fix with its lines, as they would change."""
        first, last = offer.replaced[0].start, offer.replaced[-1].end
        place = where(offer.path, first) + (f"-{last}" if last > first else "")
        posted = "" if offer.span is not None and offer in self.review.suggestions else f"  patch: {offer.reason}"
        note = f"  {prose(offer.note)}" if offer.note else ""
        yield self.paint(f"{number}  {place}", "bold") + self.paint(posted + note, "dim")
        for finding in offer.findings:
            yield _INDENT + self._finding(finding)
        policy = self.policies.get(offer.lead.policy_id)
        if policy is not None:
            yield from self._folded(next(sentences(policy.description), ""))
        yield ""
        yield from self._lines(offer)
        yield ""
        yield from self._folded(self._risk(offer))
        for source in sources(offer):
            yield from self._folded(f"Value from {source}.")
        said = evidence(offer, head=self.review.head, server=self.review.server, no_server=self.review.no_server)
        yield from self._folded(_plain(said))

    def held(self) -> Iterator[str]:
        """Findings that a person has to look at."""
        if self.review.held:
            yield self.paint("Without a fix", "bold")
        for each in self.review.held:
            place = where(each.finding.location.path, each.finding.location.start_line)
            yield f"{_INDENT}{place}  {self._finding(each.finding)}"
            yield from self._folded(prose(each.reason), _INDENT * 3)

    def remarks(self) -> Iterator[str]:
        """What else a person should know."""
        review = self.review
        for finding in review.accepted:
            reason = finding.suppression.reason if finding.suppression is not None else ""
            place = where(finding.location.path, finding.location.start_line)
            yield f"accepted: {place} {finding.policy_id}: {prose(reason)}"
        for line in (*review.unheeded, *review.notices):
            yield f"note: {prose(line)}"
        for skip in (each for each in review.skips if each.finding is None):
            yield f"{'error' if skip.error else 'left alone'}: {where(skip.path, skip.line)}: {prose(skip.reason)}"
        if review.older:
            files = len({finding.location.path for finding in review.older})
            yield self.paint(
                f"{counted(len(review.older), 'older finding')} in {counted(files, 'file')}, not of this change:"
                " `k8s-auto-fix scan` lists them",
                "dim",
            )

    def _finding(self, finding: Finding) -> str:
        severity = self.paint(str(finding.severity), str(finding.severity))
        return f"{severity}  {prose(finding.message)}  " + self.paint(
            prose(f"{finding.resource}, {finding.policy_id}"), "dim"
        )

    def _risk(self, offer: Offer) -> str:
        whys: list[str] = []
        said: list[str] = []
        for fix in offer.parts:
            why, remarks = restart.parted(fix.why)
            whys.append(why)
            said += remarks
        word = "Safe" if offer.verification.fix.applicability is Applicability.SAFE else "May break"
        why = "; ".join(dict.fromkeys(filter(None, whys)))
        return " ".join([*([f"{word}: {why}."] if why else []), *(f"It {each}." for each in dict.fromkeys(said))])

    def _lines(self, offer: Offer) -> Iterator[str]:
        text = self.review.texts[offer.path]
        after = _shown(offer.path, replaced(Lines(text), offer.replaced))
        text = _shown(offer.path, text)
        digits = len(str(max(len(Lines(text)), len(Lines(after)))))
        frame = Frame(digits, self.width, self.paint)
        yield from changes(hunks(split(text), split(after), _CONTEXT), frame)

    def _folded(self, text: str, indent: str = _INDENT) -> list[str]:
        return [indent + line for line in fold(prose(text).split(" "), self.width, len(indent), len(indent)) if line]


def _shown(path: str, text: str) -> str:
    """A text without its secrets: this is printed into logs."""
    return concealed(read(path, text), environment=True).text


def _plain(markdown: str) -> str:
    return re.sub(r"`([^`]*)`", r"\1", markdown)


def worst(review: Review) -> Severity | None:
    """The highest severity that the pull request brings; None when it brings nothing."""
    return max((finding.severity for finding in review.introduced), default=None)
