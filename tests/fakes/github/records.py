"""What stands at the fake's pull requests. Plain records that change; the server's lock guards them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Account:
    """Someone with a login. A bot has two: REST says `github-actions[bot]`, GraphQL `github-actions`."""

    id: int
    login: str
    bot: bool = False

    @property
    def graphql_login(self) -> str:
        """The login as GraphQL says it."""
        return self.login.removesuffix("[bot]")


WORKFLOW = Account(41898282, "github-actions[bot]", bot=True)
"""Who a workflow's own token is; the number is the real one."""


@dataclass(frozen=True)
class Token:
    """What a request comes with. `permissions` of an app or a workflow: name to `read` or `write`; None for a person,
    who may do everything."""

    secret: str
    account: Account
    permissions: Mapping[str, str] | None

    def may(self, permission: str, level: str) -> bool:
        """Whether it allows this."""
        if self.permissions is None:
            return True
        held = self.permissions.get(permission, "none")
        return held == "write" or held == level


@dataclass(frozen=True)
class Anchor:
    """The lines that a comment stands at: 1-based, inclusive, each end on its side."""

    path: str
    line: int
    side: str = "RIGHT"
    start_line: int | None = None
    start_side: str | None = None

    @property
    def first(self) -> int:
        """The first line."""
        return self.line if self.start_line is None else self.start_line


@dataclass
class Comment:
    """A review comment. `anchor` is None once it is outdated; `commit` is the last head at which it had its place."""

    id: int
    author: Account
    body: str
    original: Anchor
    anchor: Anchor | None
    original_commit: str
    commit: str
    review: int
    thread: Thread
    diff_hunk: str
    original_position: int
    position: int | None
    created: str
    updated: str
    reply_to: int | None = None
    minimized: str | None = None
    editor: Account | None = None
    """Who changed the body last; None while it is as it was written."""

    @property
    def node(self) -> str:
        """Its name in GraphQL."""
        return f"PRRC_kwDO{self.id:x}"


@dataclass
class Thread:
    """Comments that answer each other; the first one has the place."""

    id: int
    comments: list[Comment] = field(default_factory=list)
    resolved_by: Account | None = None

    @property
    def node(self) -> str:
        """Its name in GraphQL."""
        return f"PRRT_kwDO{self.id:x}"

    @property
    def outdated(self) -> bool:
        """Whether its lines are gone."""
        return self.comments[0].anchor is None


@dataclass
class Review:
    """A review. `unseen` is the number of reads that it will still be missing from."""

    id: int
    author: Account
    body: str
    state: str
    commit: str
    submitted: str | None
    unseen: int = 0

    @property
    def node(self) -> str:
        """Its name in GraphQL."""
        return f"PRR_kwDO{self.id:x}"


@dataclass
class Pull:
    """A pull request. `head` and `base` are commits, `base` the tip of the base branch when it was last looked at.

    `fork` is the account whose fork the head comes from, None for a branch of the same repository; `fork_gone` says
    that the fork was deleted since.
    """

    number: int
    title: str
    author: Account
    base_ref: str
    base: str
    head_ref: str
    head: str
    draft: bool
    fork: Account | None
    created: str
    updated: str
    fork_gone: bool = False
    open: bool = True
    queued: bool = False
    reviews: list[Review] = field(default_factory=list)
    threads: list[Thread] = field(default_factory=list)

    @property
    def head_git_ref(self) -> str:
        """The ref of the fake's repository that the head branch lives at."""
        return f"refs/fork/{self.fork.login}/heads/{self.head_ref}" if self.fork else f"refs/heads/{self.head_ref}"

    @property
    def comments(self) -> list[Comment]:
        """Every review comment, the oldest first."""
        return sorted((comment for thread in self.threads for comment in thread.comments), key=lambda each: each.id)

    @property
    def node(self) -> str:
        """Its name in GraphQL."""
        return f"PR_kwDO{self.number:x}"
