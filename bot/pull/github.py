"""A pull request at GitHub, as a run on it needs one. Adapters satisfy the Protocol structurally."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from bot.review.hunks import Hunk
from bot.review.model import Draft, Outcome, Posted, PostedReview, PullState


class GitHub(Protocol):
    """One pull request at GitHub, with what its review bot may need."""

    def pull(self) -> PullState:
        """The pull request as it is now."""

    def merge_base(self, base: str, head: str) -> str:
        """The full object name of the merge base."""

    def patches(self, changed: int) -> Mapping[str, tuple[Hunk, ...]]:
        """The hunks that GitHub knows, by path; files that it sends no patch for are absent.

        `changed` is the number of changed files: of more than 300 nothing is listed.
        """

    def reviews(self) -> Sequence[PostedReview]:
        """The submitted reviews, oldest first."""

    def comments(self) -> Sequence[Posted]:
        """All review comments, oldest first; whether their threads are resolved where that can be read."""

    def post(self, head: str, body: str, drafts: Sequence[Draft]) -> Outcome:
        """Post one review with all drafts on `head`; what GitHub refuses is in the outcome, nothing is there twice."""

    def edit_review(self, review: int, body: str) -> None:
        """Replace the body of a review of ours."""

    def edit_comment(self, comment: int, body: str) -> None:
        """Replace the body of a comment of ours."""

    def delete_comment(self, comment: int) -> None:
        """Delete a comment of ours; one that is gone already is no error."""
