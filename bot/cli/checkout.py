"""A review on a checkout: two commits of the repository around the current folder, no network."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
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
    wish = replace(wish, paths=tuple(inside(found, path) for path in wish.paths))
    run = Reviewing(wish, lambda: found, fork, tip)
    run.order.workspace = _root(found)
    return run


def inside(found: Repository, path: str) -> str:
    """A path as it is given here, below the current folder, as the repository knows it."""
    return os.path.relpath(os.path.realpath(path), os.path.realpath(_root(found)))


def shown(found: Repository, path: str) -> str:
    """A path of the repository as it is opened from the current folder."""
    return os.path.relpath(Path(os.path.realpath(_root(found)), path))


def _root(found: Repository) -> Path:
    assert found.root is not None, "a checkout has a working tree"
    return found.root
