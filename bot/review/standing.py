"""What stands at a pull request that is ours: comments with the findings that they name, and what became of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from bot.review import marker
from bot.review.comment import essence
from bot.review.marker import Mark, SummaryMark
from bot.review.model import Author, Draft, Posted, PostedReview


@dataclass(frozen=True, slots=True, eq=False)
class Own:
    """A comment of ours with what it is about."""

    comment: Posted
    mark: Mark
    names: frozenset[str]

    @property
    def is_untouchable(self) -> bool:
        """A person has ended the matter, or the words are not ours any more."""
        return self.comment.resolved or self.comment.edited

    @property
    def is_answered(self) -> bool:
        """A person has said something to it."""
        return self.is_untouchable or self.comment.replies > 0

    def stands_at(self, draft: Draft) -> bool:
        """Whether it is at the lines of a draft."""
        mine = self.comment
        return (mine.path, mine.start_line, mine.line) == (draft.path, draft.start_line, draft.line)

    def says(self, draft: Draft) -> bool:
        """Whether it is what a draft says."""
        other = marker.read(draft.body)
        same = other is not None and set(self.mark.names) == set(other.names)
        return same and not self.mark.closed and essence(self.comment.body) == essence(draft.body)


class Standing:
    """What stands at the pull request, as far as it is ours."""

    def __init__(self, known: Collection[str], posted: Sequence[Posted], reviews: Sequence[PostedReview]) -> None:
        summaries = [
            (review, said)
            for review in reviews
            if review.author is Author.OWN and (said := marker.read_summary(review.body)) is not None
        ]
        self.summary = summaries[0][0] if summaries else None
        self.said = SummaryMark(
            frozenset().union(*(said.posted for _, said in summaries)),
            frozenset().union(*(said.dismissed for _, said in summaries)),
        )
        every = self.said.posted.union(self.said.dismissed, known)
        self.own = [
            Own(comment, mark, mark.among(every))
            for comment in posted
            if comment.author is Author.OWN and (mark := marker.read(comment.body)) is not None
        ]
        self.answered = frozenset[str]().union(*(each.names for each in self.own if each.is_answered))
        # Posted once, and no comment has it any more. This is seen anew in each run instead of being written down: a
        # comment may be invisible for a moment after it was posted.
        self.missing = self.said.posted.difference(*(each.names for each in self.own))
        self.aside = self.said.dismissed | self.answered | self.missing

    def place_for(self, draft: Draft, taken: Collection[int]) -> Own | None:
        """Our comment at the draft's place that is, or may become, the draft; one with answers before others."""
        wanted = frozenset(draft.fingerprints)
        candidates = [
            each
            for each in self.own
            if id(each) not in taken
            and not each.is_untouchable
            and each.stands_at(draft)
            and each.names & wanted
            and not (wanted - each.names) & self.aside
            # An answer is about what the comment was about: it does not set aside what else would be put there.
            and not (each.is_answered and wanted - each.names)
        ]
        return max(candidates, key=lambda each: (each.is_answered, each.says(draft)), default=None)
