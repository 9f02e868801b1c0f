"""What is wanted at a pull request against what stands there: what to post, keep, edit, delete.

A comment is known by the findings that its marker names, never by its line. Only own comments count; what a person did
to one (resolved, answered, edited or deleted it) is an answer, and the bot does not ask twice.

Invariants: a plan for what has just been carried out changes nothing; no finding is named by two comments that are
open; what people set aside is never posted again; comments of others are not touched.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from bot.review import marker
from bot.review.comment import closing
from bot.review.marker import Mark, SummaryMark
from bot.review.model import Author, Draft, Posted, PostedReview
from bot.review.standing import Own, Standing

FIXED = "Fixed as of `{head}`."
WITHDRAWN = "No longer suggested here, as of `{head}`: the summary says what there is."


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do, to be carried out in this order: `post`, the summary, `edit`, `delete`.

    So a run that is killed in between leaves a comment too many, which the next one removes, and never a finding that
    seems to have been deleted by a person.

    `summary` is the review whose body is our summary, None when there is none yet: then it is the body of what is
    posted. Its marker has to say `posted` and `dismissed`; take out of `posted` what GitHub refused. `withheld` are
    drafts that people set aside: they belong into the summary, not beside the lines.
    """

    post: tuple[Draft, ...] = ()
    keep: tuple[Posted, ...] = ()
    edit: tuple[tuple[Posted, str], ...] = ()
    delete: tuple[Posted, ...] = ()
    withheld: tuple[Draft, ...] = ()
    summary: PostedReview | None = None
    posted: frozenset[str] = frozenset()
    dismissed: frozenset[str] = frozenset()

    @property
    def changes_comments(self) -> bool:
        """Whether anything happens beside the lines."""
        return bool(self.post or self.edit or self.delete)


def of_area(
    area: str, posted: Sequence[Posted], reviews: Sequence[PostedReview]
) -> tuple[list[Posted], list[PostedReview]]:
    """What stands there without that of our runs over other paths (see `bot.review.marker.area_of`)."""

    def is_elsewhere(mark: Mark | SummaryMark | None) -> bool:
        return mark is not None and mark.area != area

    return (
        [each for each in posted if each.author is not Author.OWN or not is_elsewhere(marker.read(each.body))],
        [each for each in reviews if each.author is not Author.OWN or not is_elsewhere(marker.read_summary(each.body))],
    )


def set_aside(
    fingerprints: Collection[str], posted: Sequence[Posted], reviews: Sequence[PostedReview]
) -> frozenset[str]:
    """Those of `fingerprints` that people set aside: to be left out before fixes are joined to suggestions."""
    return Standing(fingerprints, posted, reviews).aside & frozenset(fingerprints)


def plan(
    wanted: Sequence[Draft],
    posted: Sequence[Posted],
    reviews: Sequence[PostedReview],
    *,
    head: str,
    found: Collection[str] = (),
    unread: Collection[str] = (),
) -> Plan:
    """The plan for `wanted`, best first, given every comment and review of the pull request, oldest first.

    `found` are the fingerprints of all findings at the head, whether they have a suggestion or not: a comment with
    answers says that its finding is fixed only when it is not among them. `unread` are paths that this run could not
    look at: comments there stay as they are.
    """
    standing = Standing(_named(wanted).union(found), posted, reviews)
    post: list[Draft] = []
    withheld: list[Draft] = []
    done = _Done()
    for draft in wanted:
        place = standing.place_for(draft, done.taken)
        if place is not None:
            done.take(place, draft)
        elif standing.aside.intersection(draft.fingerprints):
            withheld.append(draft)
        else:
            post.append(draft)
    now = _Now(head, _named(wanted), _named(withheld), frozenset(found), frozenset(unread))
    for each in standing.own:
        if id(each) not in done.taken:
            done.leave(each, now)
    return Plan(
        tuple(post),
        tuple(done.keep),
        tuple(done.edit),
        tuple(done.delete),
        tuple(withheld),
        standing.summary,
        frozenset(done.named.union(standing.missing, *map(_recorded, post))),
        frozenset(standing.said.dismissed | standing.answered),
    )


def _named(drafts: Iterable[Draft]) -> frozenset[str]:
    return frozenset(each for draft in drafts for each in draft.fingerprints)


def _recorded(draft: Draft) -> frozenset[str]:
    """The fingerprints that its marker names: of very many not all, and the others must not seem to be deleted."""
    mark = marker.read(draft.body)
    return mark.among(draft.fingerprints) if mark is not None else frozenset()


@dataclass(frozen=True, slots=True)
class _Now:
    """What this run knows: fingerprints that are wanted, of these the withheld, all that were found; unread paths."""

    head: str
    wanted: frozenset[str]
    withheld: frozenset[str]
    found: frozenset[str]
    unread: frozenset[str]


@dataclass(slots=True)
class _Done:
    """What was decided so far; `named` are the fingerprints of the comments that will stand."""

    keep: list[Posted] = field(default_factory=list)
    edit: list[tuple[Posted, str]] = field(default_factory=list)
    delete: list[Posted] = field(default_factory=list)
    named: set[str] = field(default_factory=set)
    taken: set[int] = field(default_factory=set)

    def take(self, own: Own, draft: Draft) -> None:
        """The comment is the draft, or becomes it."""
        self.taken.add(id(own))
        if own.says(draft):
            self.keep.append(own.comment)
            self.named |= own.names
        else:
            self.edit.append((own.comment, draft.body))
            # Written down before the edit: what it adds is known to stand there from the next run on.
            self.named |= own.names & _recorded(draft)

    def leave(self, own: Own, now: _Now) -> None:
        """The comment is no draft: it goes, or what people said below it stays readable."""
        comment = own.comment
        unseen = comment.path in now.unread and not own.names & now.wanted
        if not own.is_answered and not unseen:
            self.delete.append(comment)
            return
        self.named |= own.names
        # A suggestion for lines that have changed since cannot be accepted: the talk about its finding goes on.
        harmless = comment.line is None and bool(own.names & now.withheld)
        if unseen or own.is_untouchable or own.mark.closed or harmless:
            self.keep.append(comment)
            return
        sentence = WITHDRAWN if own.names & (now.found | now.wanted) else FIXED
        said = sentence.format(head=marker.short(now.head))
        self.edit.append((comment, closing(comment.body, said, head=now.head)))
