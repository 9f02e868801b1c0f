"""A review on a checkout: two commits of the repository around the current folder, no network."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bot.cli.reviewing import Reviewing, Wish
from bot.errors import UsageError
from bot.settings import repository_root

if TYPE_CHECKING:
    from bot.adapters.git import Repository


@contextmanager
def repository() -> Iterator[Repository]:
    """The repository around the current folder."""
    from bot.adapters.git import Repository

    root = repository_root(".")
    if root is None:
        raise UsageError("not in a git repository: --base compares two of its commits")
    with Repository(root) as found:
        yield found


def reviewing(wish: Wish, found: Repository, base: str, head: str) -> Reviewing:
    """The review of what the commit `head` brings to `base`, both by any name that git knows."""
    tip = found.resolve(head)
    fork = found.merge_base(found.resolve(base), tip)
    return Reviewing(wish, opener(found), fork, tip)


def opener(found: Repository) -> Callable[[], Repository]:
    """Gives `found` in this process, and another one of the same repository in a process forked from it."""
    from bot.adapters.git import Repository

    mine = os.getpid()
    root = found.root
    assert root is not None, "a checkout has a working tree"
    return lambda: found if os.getpid() == mine else Repository(root)
