"""The state of the fake and what happens to it, whoever asked: a request or a person."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.fakes.github import anchors, diffs
from tests.fakes.github.diffs import Change, Moves
from tests.fakes.github.faults import Fault, Faults
from tests.fakes.github.records import WORKFLOW, Account, Anchor, Comment, Pull, Review, Thread, Token
from tests.fakes.github.repository import START, Clock, Repository

DEFAULT_PERMISSIONS = {"metadata": "read", "contents": "read", "pull-requests": "write"}
"""What README's workflow asks for."""

SECRET = "ghs_fakeWorkflowToken0000000000000000000"
"""The workflow's token in every test: a text that must never be seen anywhere."""


@dataclass(frozen=True)
class Offence:
    """A request that no client of ours should make, or an answer of the fake that GitHub would not give."""

    operation: str
    text: str


@dataclass(frozen=True)
class Request:
    """A request that came in. `body` is the JSON in it; `status` that of the answer, 0 for a broken connection."""

    operation: str
    method: str
    path: str
    query: Mapping[str, str]
    body: Any
    status: int
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    began: float = field(default=0, repr=False)
    """When it came in, in seconds of a clock that starts anywhere."""


class Hub:
    """One repository with its pull requests, people and tokens."""

    def __init__(self, folder: Path, *, owner: str, name: str, private: bool, ghes: bool) -> None:
        self.owner = owner
        self.name = name
        self.private = private
        self.ghes = ghes
        self.lock = threading.RLock()
        self.clock = Clock()
        self.folder = folder
        self.repository = Repository(folder / owner / f"{name}.git", self.clock)
        self.url = ""
        """Where the server answers, without a slash at the end; set when it listens."""
        self.faults = Faults()
        self.offences: list[Offence] = []
        self.requests: list[Request] = []
        self.pulls: dict[int, Pull] = {}
        self.withheld: set[str] = set()
        """Files whose diff is too big to be shown: no `patch`, and no comment can stand there."""
        self.zeroed: set[str] = set()
        """Files listed without `patch` and with zero lines, though GitHub knows their diff."""
        self.patch_lines = 20_000
        """Lines of patches in one answer; the files past that are listed as if zeroed."""
        self.diff_options: tuple[str, ...] = diffs.OPTIONS
        """Other options make other hunks than the bot's: `fake.diff_options += ("--unified=1",)`."""
        self.demands_credentials = True
        """Whether git over HTTP wants a token for a public repository too, so that a client that lost it is seen."""
        self.limit = 1000
        """Requests an hour."""
        self.made_limit = 80
        """Pieces of content that may be made a minute."""
        self.made: list[float] = []
        self.terse = False
        """Refuse lines in the words that GitHub uses as well since 2026, which name no field."""
        self.spent = 0
        self.reset = int(time.time()) + 3600
        self._accounts: dict[str, Account] = {WORKFLOW.login: WORKFLOW}
        self._ids = itertools.count(2_700_000_001)  # like the real ones, beyond 32 bits
        self._numbers = itertools.count(128)
        self._changes: dict[tuple[str, str, tuple[str, ...]], dict[str, Change]] = {}
        self._moves: dict[tuple[str, str], dict[str, Moves | None]] = {}
        self._commits: dict[tuple[str, str], list[str]] = {}
        self._merge_bases: dict[tuple[str, str], str] = {}
        self._tokens: dict[str, Token] = {}
        self.permit(**{name.replace("-", "_"): level for name, level in DEFAULT_PERMISSIONS.items()})

    # Who

    def account(self, login: str) -> Account:
        """The account of a person, made when first named."""
        if login not in self._accounts:
            self._accounts[login] = Account(1000 + len(self._accounts), login)
        return self._accounts[login]

    def permit(self, **permissions: str) -> None:
        """Set what the workflow's token may do, as `permissions:` in a workflow does: `permit(contents="read")`.

        What is not named is not allowed, but `metadata: read`, which every token has.
        """
        named = {name.replace("_", "-"): level for name, level in permissions.items()}
        self._tokens[SECRET] = Token(SECRET, WORKFLOW, {"metadata": "read", **named})

    def read_only(self) -> None:
        """Give the workflow the token that it has for forks and for Dependabot."""
        self.permit(contents="read", pull_requests="read", issues="read")

    def personal_token(self, login: str) -> str:
        """A token of a person, who has every permission."""
        secret = f"ghp_fakeToken0of0{login}"
        self._tokens[secret] = Token(secret, self.account(login), None)
        return secret

    def token(self, secret: str) -> Token | None:
        """The token with this secret."""
        return self._tokens.get(secret)

    def offend(self, operation: str, text: str) -> None:
        """Note an offence."""
        self.offences.append(Offence(operation, text))

    # What a diff shows

    @property
    def full_name(self) -> str:
        """`owner/name`."""
        return f"{self.owner}/{self.name}"

    def now(self) -> str:
        """The next moment, as GitHub writes it."""
        return self.clock.tick().strftime("%Y-%m-%dT%H:%M:%SZ")

    def tip(self, pull: Pull) -> str:
        """The commit that the base branch is at."""
        return self.repository.resolve(f"refs/heads/{pull.base_ref}")

    def merge_base(self, one: str, other: str) -> str:
        """Where two commits' histories part."""
        if (one, other) not in self._merge_bases:
            self._merge_bases[one, other] = self.repository.merge_base(one, other)
        return self._merge_bases[one, other]

    def shown(self, pull: Pull, head: str = "") -> dict[str, Change]:
        """Path to change of the pull request's three-dot diff, at its head or at another commit."""
        head = head or pull.head
        return self.changes(self.merge_base(self.tip(pull), head), head)

    def changes(self, base: str, head: str) -> dict[str, Change]:
        """Path to change between two commits."""
        key = (base, head, self.diff_options)
        if key not in self._changes:
            found = diffs.changes(self.repository, base, head, self.diff_options)
            self._changes[key] = {change.path: change for change in found}
        return self._changes[key]

    def moves(self, old: str, new: str) -> dict[str, Moves | None]:
        """How lines moved between two commits."""
        if (old, new) not in self._moves:
            self._moves[old, new] = {} if old == new else diffs.moves(self.repository, old, new)
        return self._moves[old, new]

    def commits(self, pull: Pull) -> list[str]:
        """The commits of a pull request, the oldest first."""
        key = (self.merge_base(self.tip(pull), pull.head), pull.head)
        if key not in self._commits:
            self._commits[key] = self.repository.between(*key)
        return self._commits[key]

    # What happens

    def pushed_meanwhile(self, fault: Fault) -> None:
        """A fault that moves the head; people do that."""
        raise NotImplementedError

    def next_id(self) -> int:
        """A number that nothing has yet."""
        return next(self._ids)

    def next_number(self) -> int:
        """The number of the next pull request."""
        return next(self._numbers)

    def pull(self, number: int) -> Pull | None:
        """A pull request."""
        return self.pulls.get(number)

    def move_head(self, pull: Pull, head: str) -> None:
        """The head branch is at another commit now: comments find their new place, or are outdated."""
        old, pull.head = pull.head, head
        self.repository.point(pull.head_git_ref, head)
        self.repository.point(f"refs/pull/{pull.number}/head", head)
        pull.updated = self.now()
        tip = self.tip(pull)
        self._anchor_all(pull, old, self.merge_base(tip, old), self.merge_base(tip, head))
        pull.base = tip

    def move_base(self, pull: Pull, base_ref: str) -> None:
        """The pull request is against another branch now, or that branch moved."""
        old = self.merge_base(self.tip(pull), pull.head)
        pull.base_ref = base_ref
        pull.base = self.tip(pull)
        pull.updated = self.now()
        self._anchor_all(pull, pull.head, old, self.merge_base(pull.base, pull.head))

    def _anchor_all(self, pull: Pull, old_head: str, old_base: str, new_base: str) -> None:
        right, left = self.moves(old_head, pull.head), self.moves(old_base, new_base)
        shown = self.shown(pull)
        for comment in pull.comments:
            if comment.anchor is None:
                continue
            self._place(comment, anchors.moved(comment.anchor, right, left, shown), pull.head, shown)

    def _place(self, comment: Comment, anchor: Anchor | None, head: str, shown: Mapping[str, Change]) -> None:
        comment.anchor = anchor
        comment.position = None
        if anchor is not None:
            comment.commit = head
            comment.position = shown[anchor.path].position(anchor.side, anchor.line)

    def add_review(self, pull: Pull, author: Account, *, state: str, body: str, commit: str) -> Review:
        """A review without comments."""
        submitted = None if state == "PENDING" else self.now()
        review = Review(self.next_id(), author, body, state, commit, submitted)
        pull.reviews.append(review)
        return review

    def add_comment(self, pull: Pull, review: Review, anchor: Anchor, body: str) -> Comment:
        """A comment of a review, at the commit of the review; `anchors.problems` has nothing against it."""
        shown = self.shown(pull, review.commit)
        found = shown[anchor.path].find(anchor.side, anchor.line)
        position = shown[anchor.path].position(anchor.side, anchor.line)
        assert found is not None
        assert position is not None
        now = self.now()
        thread = Thread(self.next_id())
        comment = Comment(
            id=self.next_id(),
            author=review.author,
            body=body,
            original=anchor,
            anchor=anchor,
            original_commit=review.commit,
            commit=review.commit,
            review=review.id,
            thread=thread,
            diff_hunk=anchors.hunk_above(found[0], anchor),
            original_position=position,
            position=position,
            created=now,
            updated=now,
        )
        thread.comments.append(comment)
        pull.threads.append(thread)
        if review.commit != pull.head:
            tip = self.tip(pull)
            left = self.moves(self.merge_base(tip, review.commit), self.merge_base(tip, pull.head))
            at_head = self.shown(pull)
            right = self.moves(review.commit, pull.head)
            self._place(comment, anchors.moved(anchor, right, left, at_head), pull.head, at_head)
        return comment

    def add_reply(self, pull: Pull, to: Comment, author: Account, body: str) -> Comment:
        """An answer in a thread. It has a review of its own, without a body, as on GitHub."""
        first = to.thread.comments[0]
        review = self.add_review(pull, author, state="COMMENTED", body="", commit=pull.head)
        now = self.now()
        reply = Comment(
            id=self.next_id(),
            author=author,
            body=body,
            original=first.original,
            anchor=first.anchor,
            original_commit=first.original_commit,
            commit=first.commit,
            review=review.id,
            thread=first.thread,
            diff_hunk=first.diff_hunk,
            original_position=first.original_position,
            position=first.position,
            created=now,
            updated=now,
            reply_to=first.id,
        )
        first.thread.comments.append(reply)
        return reply

    def change_comment(self, comment: Comment, by: Account, body: str) -> None:
        """Another body."""
        comment.body, comment.editor, comment.updated = body, by, self.now()

    def remove_comment(self, pull: Pull, comment: Comment) -> None:
        """A comment goes; answers to it stay. A review goes with its last comment when it has no body."""
        comment.thread.comments.remove(comment)
        if not comment.thread.comments:
            pull.threads.remove(comment.thread)
        left = [each for each in pull.comments if each.review == comment.review]
        pull.reviews = [each for each in pull.reviews if each.id != comment.review or each.body or left]

    def find_comment(self, number: int) -> tuple[Pull, Comment] | None:
        """A comment of any pull request."""
        for pull in self.pulls.values():
            for comment in pull.comments:
                if comment.id == number:
                    return pull, comment
        return None

    def visible(self, pull: Pull, account: Account | None) -> tuple[list[Review], list[Comment]]:
        """What one read shows: nobody sees others' drafts, and what is written may be missing from some reads."""
        reviews = []
        for review in pull.reviews:
            if review.unseen:
                review.unseen -= 1
            elif review.state != "PENDING" or review.author == account:
                reviews.append(review)
        shown = {review.id for review in reviews if review.state != "PENDING"}
        known = {review.id for review in pull.reviews}
        return reviews, [each for each in pull.comments if each.review in shown or each.review not in known]


def started() -> str:
    """When the fake's world began, as GitHub writes it."""
    return START.strftime("%Y-%m-%dT%H:%M:%SZ")


def reviews_of(pull: Pull, ids: Sequence[int]) -> list[Review]:
    """Reviews by number."""
    return [review for review in pull.reviews if review.id in ids]
