"""What can go wrong with GitHub that a person can do something about.

Invariant: no message holds the token, and what GitHub says is quoted short and on one line.
"""

from __future__ import annotations

from bot.errors import BotError

READ = ("contents: read",)
WRITE = ("contents: read", "pull-requests: write")
"""Lines below `permissions:` of a job that compares commits, and of one that posts a review.

Whoever cannot read a pull request is told the second: a job that reads one wants to post there next.
"""


class GitHubError(BotError):
    """GitHub did not do what it was asked for."""


class Forbidden(GitHubError):
    """The token may not do it (or may not even see it); the message has the lines to add to the workflow."""


class RateLimited(GitHubError):
    """GitHub asks for more patience than the budget allows."""


class Unreachable(GitHubError):
    """No answer, or none that can be used: a broken connection, a server error, a proxy's page."""


class Rejected(GitHubError):
    """GitHub understood the request and refuses its content."""


def lacking(doing: str, said: str, permissions: tuple[str, ...]) -> Forbidden:
    """`doing` is what was tried (`post the review`), `said` GitHub's answer in short."""
    lines = "".join(f"\n    {line}" for line in permissions)
    return Forbidden(
        f"GitHub does not let this token {doing} ({said}); the job of the workflow needs\n"
        f"  permissions:{lines}\n"
        "A pull request from a fork or from Dependabot has a token that only reads, whatever the workflow says."
    )


def unseen(doing: str, what: str, permissions: tuple[str, ...]) -> Forbidden:
    """404: `what` (`octo/shop#7`) is not there, or it is private and the token may not know."""
    lines = "".join(f"\n    {line}" for line in permissions)
    return Forbidden(
        f"{what} is not there, or this token may not see it, so that nothing could {doing} (404); in a private "
        f"repository the job of the workflow needs\n  permissions:{lines}"
    )
