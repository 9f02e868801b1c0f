"""The fields of GraphQL documents that the fake can answer, and the mutations.

Offered: `repository.pullRequest` with its threads, comments and reviews, `node`, `viewer`, `rateLimit`, and the
mutations that resolve and answer threads and minimise comments. Permissions are those that people measured:
resolving needs `contents: write`, minimising `issues: write` beside `pull-requests: write`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from graphql import GraphQLError

from tests.fakes.github.hub import Hub
from tests.fakes.github.records import Account, Comment, Pull, Review, Thread, Token

Node = dict[str, Any]
DENIED = "Resource not accessible by integration"


class Denied(Exception):
    """A field cannot be had; `kind` is GitHub's `type` of the error."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class Root:
    """The fields at the root of a document, for one token."""

    def __init__(self, hub: Hub, token: Token) -> None:
        self.hub = hub
        self.token = token

    def fields(self) -> Node:
        """Field to resolver, as graphql-core takes them."""
        return {
            "repository": self._repository,
            "node": self._node,
            "viewer": lambda _: self._actor(self.token.account) | {"login": self.token.account.login},
            "rateLimit": self._rate,
            "resolveReviewThread": lambda _, input: self._resolve(input, done=True),  # noqa: A006
            "unresolveReviewThread": lambda _, input: self._resolve(input, done=False),  # noqa: A006
            "minimizeComment": lambda _, input: self._minimize(input, input["classifier"]),  # noqa: A006
            "unminimizeComment": lambda _, input: self._minimize(input, None),  # noqa: A006
            "addPullRequestReviewThreadReply": lambda _, input: self._reply(input),  # noqa: A006
            "addPullRequestReview": self._not_offered,
            "addPullRequestReviewThread": self._not_offered,
        }

    def _not_offered(self, _: Any, **__: Any) -> None:
        raise GraphQLError("the fake GitHub does not offer this: reviews are created by REST")

    def _needs(self, *permissions: str) -> None:
        if not all(self.token.may(each, "write") for each in permissions):
            raise Denied("FORBIDDEN", DENIED)

    def _rate(self, _: Any, **__: Any) -> Node:
        hub = self.hub
        left = max(0, hub.limit - hub.spent)
        return {"limit": hub.limit, "used": hub.spent, "remaining": left, "cost": 1, "nodeCount": 1}

    def _repository(self, _: Any, owner: str, name: str, **__: Any) -> Node:
        hub = self.hub
        readable = not hub.private or self.token.may("pull-requests", "read")
        if f"{owner}/{name}".lower() != hub.full_name.lower() or not readable:
            raise Denied("NOT_FOUND", f"Could not resolve to a Repository with the name '{owner}/{name}'.")
        return {
            "__typename": "Repository",
            "id": "R_kgDO1",
            "name": hub.name,
            "nameWithOwner": hub.full_name,
            "isPrivate": hub.private,
            "pullRequest": self._pull_request,
        }

    def _pull_request(self, _: Any, number: int) -> Node:
        pull = self.hub.pull(number)
        if pull is None:
            raise Denied("NOT_FOUND", f"Could not resolve to a PullRequest with the number of {number}.")
        return self._pull(pull)

    def _pull(self, pull: Pull) -> Node:
        seen: list[tuple[list[Review], list[Comment]]] = []

        def visible() -> tuple[list[Review], list[Comment]]:
            if not seen:  # one document is one read
                seen.append(self.hub.visible(pull, self.token.account))
            return seen[0]

        return {
            "__typename": "PullRequest",
            "id": pull.node,
            "number": pull.number,
            "headRefOid": pull.head,
            "baseRefOid": pull.base,
            "isDraft": pull.draft,
            "state": "OPEN" if pull.open else "CLOSED",
            "author": self._actor(pull.author),
            "reviewThreads": _connection(
                lambda: [each for each in pull.threads if each.comments[0] in visible()[1]],
                lambda each: self._thread(pull, each),
            ),
            "reviews": _connection(lambda: visible()[0], self._review),
        }

    def _thread(self, pull: Pull, thread: Thread) -> Node:
        first = thread.comments[0]
        now, then = first.anchor, first.original
        may = self.token.may("contents", "write") and self.token.may("pull-requests", "write")
        return {
            "__typename": "PullRequestReviewThread",
            "id": thread.node,
            "isResolved": thread.resolved_by is not None,
            "isOutdated": thread.outdated,
            "isCollapsed": thread.resolved_by is not None or thread.outdated,
            "resolvedBy": self._actor(thread.resolved_by) if thread.resolved_by else None,
            "path": then.path,
            "line": now.line if now else None,
            "startLine": now.start_line if now else None,
            "originalLine": then.line,
            "originalStartLine": then.start_line,
            "diffSide": then.side,
            "startDiffSide": then.start_side,
            "subjectType": "LINE",
            "viewerCanReply": self.token.may("pull-requests", "write"),
            "viewerCanResolve": may and thread.resolved_by is None,
            "viewerCanUnresolve": may and thread.resolved_by is not None,
            "comments": _connection(lambda: thread.comments, lambda each: self._comment(pull, each)),
            "pullRequest": lambda _: self._pull(pull),
        }

    def _comment(self, pull: Pull, comment: Comment) -> Node:
        now, then = comment.anchor, comment.original
        own = comment.author == self.token.account
        reply_to = next((each for each in comment.thread.comments if each.id == comment.reply_to), None)
        review = next((each for each in pull.reviews if each.id == comment.review), None)
        return {
            "__typename": "PullRequestReviewComment",
            "id": comment.node,
            "databaseId": _small(comment.id),
            "fullDatabaseId": str(comment.id),
            "author": self._actor(comment.author),
            "editor": self._actor(comment.editor) if comment.editor else None,
            "lastEditedAt": comment.updated if comment.editor else None,
            "includesCreatedEdit": comment.editor is not None,
            "body": comment.body,
            "createdAt": comment.created,
            "updatedAt": comment.updated,
            "diffHunk": comment.diff_hunk,
            "isMinimized": comment.minimized is not None,
            "minimizedReason": comment.minimized,
            "outdated": now is None,
            "path": then.path,
            "line": now.line if now else None,
            "startLine": now.start_line if now else None,
            "originalLine": then.line,
            "originalStartLine": then.start_line,
            "position": comment.position,
            "originalPosition": comment.original_position,
            "state": "PENDING" if review and review.state == "PENDING" else "SUBMITTED",
            "subjectType": "LINE",
            "viewerDidAuthor": own,
            "viewerCanUpdate": own and self.token.may("pull-requests", "write"),
            "viewerCanDelete": own and self.token.may("pull-requests", "write"),
            "viewerCanMinimize": self.token.may("pull-requests", "write") and self.token.may("issues", "write"),
            "viewerCanReact": True,
            "replyTo": lambda _: self._comment(pull, reply_to) if reply_to else None,
            "pullRequestReview": lambda _: self._review(review) if review else None,
            "pullRequest": lambda _: self._pull(pull),
            "url": f"{self.hub.url}/{self.hub.full_name}/pull/{pull.number}#discussion_r{comment.id}",
        }

    def _review(self, review: Review) -> Node:
        return {
            "__typename": "PullRequestReview",
            "id": review.node,
            "databaseId": _small(review.id),
            "fullDatabaseId": str(review.id),
            "author": self._actor(review.author),
            "body": review.body,
            "state": review.state,
            "submittedAt": review.submitted,
        }

    def _actor(self, account: Account) -> Node:
        return {
            "__typename": "Bot" if account.bot else "User",
            "id": f"U_kgDO{account.id:x}",
            "databaseId": account.id,
            "login": account.graphql_login,
        }

    def _node(self, _: Any, id: str) -> Node:  # noqa: A002 - GitHub's name
        for pull in self.hub.pulls.values():
            if pull.node == id:
                return self._pull(pull)
            for thread in pull.threads:
                if thread.node == id:
                    return self._thread(pull, thread)
            for comment in pull.comments:
                if comment.node == id:
                    return self._comment(pull, comment)
            for review in pull.reviews:
                if review.node == id:
                    return self._review(review)
        raise Denied("NOT_FOUND", f"Could not resolve to a node with the global id of '{id}'")

    def _resolve(self, given: Node, *, done: bool) -> Node:
        pull, thread = self._thread_of(given["threadId"])
        self._needs("pull-requests", "contents")
        thread.resolved_by = self.token.account if done else None
        return _payload(given) | {"thread": self._thread(pull, thread)}

    def _reply(self, given: Node) -> Node:
        pull, thread = self._thread_of(given["pullRequestReviewThreadId"])
        self._needs("pull-requests")
        made = self.hub.add_reply(pull, thread.comments[0], self.token.account, given["body"])
        return _payload(given) | {"comment": self._comment(pull, made)}

    def _thread_of(self, node: str) -> tuple[Pull, Thread]:
        for pull in self.hub.pulls.values():
            for thread in pull.threads:
                if thread.node == node:
                    return pull, thread
        raise Denied("NOT_FOUND", f"Could not resolve to a node with the global id of '{node}'")

    def _minimize(self, given: Node, classifier: str | None) -> Node:
        for pull in self.hub.pulls.values():
            for comment in pull.comments:
                if comment.node == given["subjectId"]:
                    self._needs("pull-requests", "issues")
                    comment.minimized = classifier.lower() if classifier else None
                    return _payload(given) | {"minimizedComment": self._comment(pull, comment)}
        raise Denied("NOT_FOUND", f"Could not resolve to a node with the global id of '{given['subjectId']}'")


def _small(number: int) -> int | None:
    """GraphQL's Int has 32 bits: a number beyond is not there."""
    return number if number < 1 << 31 else None


def _payload(given: Node) -> Node:
    return {"clientMutationId": given.get("clientMutationId")}


def _connection(items: Callable[[], Sequence[Any]], shape: Callable[[Any], Node]) -> Callable[..., Node]:
    """A list in pages; GitHub wants `first` or `last`, and gives 100 at most."""

    def resolve(
        _: Any, first: int | None = None, last: int | None = None, after: str | None = None, **rest: Any
    ) -> Node:
        if first is None and last is None:
            raise Denied("MISSING_PAGINATION_BOUNDARIES", "You must provide a `first` or `last` value.")
        if max(first or 0, last or 0) > 100:
            raise Denied("EXCESSIVE_PAGINATION", "Requesting more than 100 records exceeds the `first` limit.")
        every = list(items())
        start = int(after) if after is not None else 0
        stop = start + first if first is not None else len(every)
        if last is not None:
            start = max(start, stop - last)
        return _page(every, start, min(stop, len(every)), shape)

    return resolve


def _page(every: Sequence[Any], start: int, stop: int, shape: Callable[[Any], Node]) -> Node:
    nodes: Iterable[Node] = [shape(each) for each in every[start:stop]]
    return {
        "totalCount": len(every),
        "nodes": nodes,
        "edges": [{"cursor": str(start + at + 1), "node": node} for at, node in enumerate(nodes)],
        "pageInfo": {
            "startCursor": str(start + 1) if stop > start else None,
            "endCursor": str(stop) if stop > start else None,
            "hasNextPage": stop < len(every),
            "hasPreviousPage": start > 0,
        },
    }
