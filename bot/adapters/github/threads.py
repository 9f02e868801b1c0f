"""What only GraphQL tells: who we are, which threads are resolved or outdated, and whether a body was edited.

Invariant: of an answer that lacks something as much is taken as there is; a token that may not ask is no error.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bot.model import Json

THREADS = """
query Threads($owner: String!, $name: String!, $number: Int!, $after: String) {
  viewer { login }
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      reviewThreads(first: 100, after: $after) {
        pageInfo { hasNextPage endCursor }
        nodes {
          isResolved
          isOutdated
          comments(first: 1) { nodes { fullDatabaseId lastEditedAt editor { __typename login } } }
        }
      }
    }
  }
}
"""
"""`fullDatabaseId`, because numbers of comments no longer fit into the Int of `databaseId`."""


@dataclass(frozen=True, slots=True)
class Thread:
    """A thread by its first comment. `editor` is the Actor who edited that last, None when nobody did."""

    comment: int
    resolved: bool = False
    outdated: bool = False
    edited: bool = False
    editor: Json = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of an answer; `viewer` is empty when it is not said, `after` None on the last one."""

    threads: tuple[Thread, ...] = ()
    viewer: str = ""
    after: str | None = None
    complete: bool = False


@dataclass(frozen=True, slots=True)
class Threads:
    """All threads by the numbers of their first comments; `known` is false when they could not be read."""

    known: bool = False
    viewer: str = ""
    by_comment: Mapping[int, Thread] = field(default_factory=dict)


def read(body: Json) -> Page:
    """A page of the answer to THREADS; not `complete` when the threads are not there."""
    data = _member(body, "data")
    login = _member(_member(data, "viewer"), "login")
    viewer = login if isinstance(login, str) else ""
    connection = _member(_member(_member(data, "repository"), "pullRequest"), "reviewThreads")
    nodes = _member(connection, "nodes")
    if not isinstance(nodes, list):
        return Page(viewer=viewer)
    info = _member(connection, "pageInfo")
    cursor = _member(info, "endCursor")
    more = _member(info, "hasNextPage") is True and isinstance(cursor, str)
    return Page(tuple(_threads(nodes)), viewer, cursor if more else None, complete=True)


def _threads(nodes: list[Json]) -> Iterator[Thread]:
    for node in nodes:
        comments = _member(_member(node, "comments"), "nodes")
        first = comments[0] if isinstance(comments, list) and comments else None
        number = _member(first, "fullDatabaseId")  # a BigInt, which is a text
        if not isinstance(number, int | str) or not str(number).isdecimal():
            continue
        yield Thread(
            comment=int(number),
            resolved=_member(node, "isResolved") is True,
            outdated=_member(node, "isOutdated") is True,
            edited=_member(first, "lastEditedAt") is not None,
            editor=_member(first, "editor"),
        )


def _member(value: Json, key: str) -> Json:
    return value.get(key) if isinstance(value, dict) else None
