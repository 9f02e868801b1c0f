"""A pull request in memory: what people, others' bots and our own runs do to its comments.

As much of GitHub as `bot.review.reconcile` can see, and a run that carries out a plan in the order that it asks for, as
far as it gets before it is killed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace

from bot.review import marker
from bot.review.model import Author, Draft, Posted, PostedReview
from bot.review.reconcile import Plan, plan


@dataclass
class Pull:
    """Comments and reviews, oldest first. `at` counts the commits."""

    comments: list[Posted] = field(default_factory=list)
    reviews: list[PostedReview] = field(default_factory=list)
    at: int = 1
    ids: int = 0

    @property
    def head(self) -> str:
        return f"{self.at:040x}"

    def number(self) -> int:
        self.ids += 1
        return self.ids

    def comment(self, draft: Draft, author: Author = Author.OWN) -> Posted:
        made = Posted(
            self.number(), f"node{self.ids}", author, draft.path, draft.start_line, draft.line, draft.body, self.head
        )
        self.comments.append(made)
        return made

    def change(self, comment: Posted, **changes: object) -> None:
        self.comments = [replace(each, **changes) if each.id == comment.id else each for each in self.comments]

    def remove(self, comment: Posted) -> None:
        self.comments = [each for each in self.comments if each.id != comment.id]

    def named(self, comment: Posted) -> frozenset[str]:
        mark = marker.read(comment.body)
        return frozenset(mark.names) if mark is not None else frozenset()

    @property
    def own(self) -> list[Posted]:
        return [each for each in self.comments if each.author is Author.OWN]

    @property
    def summary(self) -> PostedReview | None:
        return next((each for each in self.reviews if each.author is Author.OWN), None)

    @property
    def recorded(self) -> frozenset[str]:
        """Fingerprints that our summary says were posted."""
        marks = [marker.read_summary(each.body) for each in self.reviews if each.author is Author.OWN]
        return frozenset[str]().union(*(mark.posted for mark in marks if mark is not None))

    @property
    def dismissed(self) -> frozenset[str]:
        """Fingerprints that our summary says people set aside."""
        marks = [marker.read_summary(each.body) for each in self.reviews if each.author is Author.OWN]
        return frozenset[str]().union(*(mark.dismissed for mark in marks if mark is not None))

    def plan(self, wanted: Sequence[Draft], found: Collection[str] = (), unread: Collection[str] = ()) -> Plan:
        return plan(wanted, self.comments, self.reviews, head=self.head, found=found, unread=unread)

    def run(self, wanted: Sequence[Draft], found: Collection[str] = (), steps: int | None = None) -> Plan:
        """One run, killed after so many steps."""
        made = self.plan(wanted, found)
        for step, _ in enumerate(self._carry_out(made), 1):
            if step == steps:
                break
        return made

    def _carry_out(self, made: Plan) -> Iterator[None]:
        body = "summary\n" + marker.write_summary(made.posted, made.dismissed, head=self.head)
        if made.post:
            first = made.summary is None
            self.reviews.append(PostedReview(self.number(), Author.OWN, body if first else "1 more", self.head))
            for draft in made.post:
                self.comment(draft)
            yield
        if made.summary is not None:
            self.reviews = [replace(each, body=body) if each.id == made.summary.id else each for each in self.reviews]
            yield
        for comment, text in made.edit:
            self.change(comment, body=text)
            yield
        for comment in made.delete:
            self.remove(comment)
            yield
