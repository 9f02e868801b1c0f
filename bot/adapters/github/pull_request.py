"""One pull request at GitHub: what `bot.pull.GitHub` asks for.

A run that posts one review sends ten requests at most: the pull request, the merge base, three pages of files, reviews,
comments, threads, the pull request once more, the review.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from functools import cached_property
from urllib.parse import quote

from bot.adapters.github import posting, reading, threads
from bot.adapters.github.answers import Failure
from bot.adapters.github.calls import Calls, explain
from bot.adapters.github.errors import READ, WRITE, Forbidden
from bot.adapters.github.identity import WORKFLOW, Identity
from bot.adapters.github.place import Place
from bot.adapters.github.poster import Poster
from bot.adapters.github.posting import Found
from bot.adapters.github.threads import THREADS, Thread, Threads
from bot.review.hunks import Hunk
from bot.review.model import Draft, Outcome, Posted, PostedReview, PullState

LISTED = 300
"""Changed files up to which GitHub is asked for its hunks: of more, every page would cost a request."""

INSTALLATION = "ghs_"
"""How a token begins that belongs to an installation, as a workflow's does: it may not ask for its user."""

_log = logging.getLogger(__name__)


class GitHubPullRequest:
    """See `bot.pull.GitHub`. A `number` of 0 is no pull request: commits can be compared, and nothing else.

    `token_kind` are the first four characters of the token, which say what it is.
    """

    def __init__(self, calls: Calls, place: Place, number: int, *, token_kind: str = INSTALLATION) -> None:
        self._calls = calls
        self._place = place
        self._number = number
        self._token_kind = token_kind
        self._repository = f"/repos/{place.repository}"
        self._path = f"{self._repository}/pulls/{number}"
        self._what = f"{place.repository}#{number}"
        self._before: frozenset[int] = frozenset()

    def pull(self) -> PullState:
        """The pull request as it is now."""
        return reading.state(self._calls.get(self._path, "read the pull request", self._what))

    def merge_base(self, base: str, head: str) -> str:
        """The full object name of the merge base; `base` and `head` are object names or branches."""
        path = f"{self._repository}/compare/{quote(base)}...{quote(head)}"
        rights = WRITE if self._number else READ
        found = self._calls.get(path, "compare two commits", self._place.repository, rights=rights, per_page=1)
        return reading.fields(found)["merge_base_commit"]["sha"].text()

    def patches(self, changed: int) -> Mapping[str, tuple[Hunk, ...]]:
        """GitHub's hunks by path; nothing when more than 300 files changed."""
        if changed > LISTED:
            return {}
        return reading.patches(self._calls.list(f"{self._path}/files", "list the changed files", self._what))

    def reviews(self) -> Sequence[PostedReview]:
        """The submitted reviews, oldest first."""
        found = reading.reviews(self._calls.list(f"{self._path}/reviews", "read the reviews", self._what), self._me)
        self._before = frozenset(review.id for review in found)
        return found

    def comments(self) -> Sequence[Posted]:
        """All review comments, oldest first. Threads are as they were when they were first asked for."""
        items = self._calls.list(f"{self._path}/comments", "read the comments", self._what)
        return reading.comments(items, self._me, self._threads)

    def post(self, head: str, body: str, drafts: Sequence[Draft]) -> Outcome:
        """Post one review on `head`; nothing is there twice, and nothing at all when the head is another by now."""
        poster = Poster(
            self._calls,
            f"{self._path}/reviews",
            self._what,
            moved=lambda expected: self.pull().head != expected,
            patches=self._patches_again,
            find=self._find,
        )
        return poster.post(head, body, drafts)

    def edit_review(self, review: int, body: str) -> None:
        """Replace the body of a review."""
        try:
            self._calls.change("PUT", f"{self._path}/reviews/{review}", "edit the summary", self._what, {"body": body})
        except Failure as failure:
            raise explain(failure.answer, "edit the summary", self._what, WRITE) from None

    def edit_comment(self, comment: int, body: str) -> None:
        """Replace the body of a comment; one that is gone already is no error."""
        self._change_comment("PATCH", comment, "edit a comment", {"body": body})

    def delete_comment(self, comment: int) -> None:
        """Delete a comment; one that is gone already is no error."""
        self._change_comment("DELETE", comment, "delete a comment", None)

    def _change_comment(self, verb: str, comment: int, doing: str, body: dict[str, str] | None) -> None:
        try:
            self._calls.change(verb, f"{self._repository}/pulls/comments/{comment}", doing, self._what, body)
        except Failure:
            _log.info("%s: comment %d is gone already", self._what, comment)

    def _patches_again(self) -> Mapping[str, tuple[Hunk, ...]]:
        changed = reading.fields(self._calls.get(self._path, "read the pull request", self._what))["changed_files"]
        return self.patches(0 if changed.absent else changed.natural())

    def _find(self, head: str, body: str, drafts: Sequence[Draft]) -> Found:
        return posting.find(
            head,
            body,
            drafts,
            reviews=self._calls.list(f"{self._path}/reviews", "read the reviews", self._what),
            comments=self._calls.list(f"{self._path}/comments", "read the comments", self._what),
            me=self._me,
            before=self._before,
        )

    @cached_property
    def _me(self) -> Identity:
        installed = self._token_kind == INSTALLATION
        if self._threads.viewer:
            return Identity.of(self._threads.viewer, bot=installed)
        if installed:
            return Identity(WORKFLOW)
        try:
            return Identity(reading.fields(self._calls.get("/user", "ask who it is", "the user"))["login"].text())
        except Forbidden:
            return Identity(WORKFLOW)

    @cached_property
    def _threads(self) -> Threads:
        """Read once: who we are, and which threads are resolved."""
        owner, _, name = self._place.repository.partition("/")
        variables = {"owner": owner, "name": name, "number": self._number, "after": None}
        every: dict[int, Thread] = {}
        viewer = ""
        while True:
            try:
                body = self._calls.query(self._place.graphql, THREADS, variables, "read the threads", self._what)
            except Failure as failure:
                _log.info("%s: threads cannot be read: %s", self._what, failure.answer.reason)
                return Threads(viewer=viewer)
            page = threads.read(body)
            viewer = page.viewer or viewer
            every |= {thread.comment: thread for thread in page.threads}
            if not page.complete:
                _log.info("%s: threads cannot be read", self._what)
                return Threads(viewer=viewer)
            if page.after is None:
                return Threads(True, viewer, every)
            variables["after"] = page.after
