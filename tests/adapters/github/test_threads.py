from __future__ import annotations

from typing import Any

import pytest

from bot.adapters.github.threads import Page, Thread, read
from tests.adapters.github.scripted import thread, threads


def test_threads_by_their_first_comment() -> None:
    ada = {"__typename": "User", "login": "ada"}
    page = read(threads(thread(1), thread(2**40, resolved=True), thread(3, outdated=True, editor=ada), after="next"))
    assert page == Page(
        (Thread(1), Thread(2**40, resolved=True), Thread(3, outdated=True, edited=True, editor=ada)),
        viewer="github-actions[bot]",
        after="next",
        complete=True,
    )


def test_thread_whose_comments_are_gone() -> None:
    page = read(threads({"isResolved": True, "comments": {"nodes": []}}, None, thread(1)))
    assert page.threads == (Thread(1),)


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {},
        {"data": None, "errors": [{"type": "FORBIDDEN"}]},
        {"data": {"repository": None}},
        {"data": {"repository": {"pullRequest": {"reviewThreads": {"nodes": None}}}}},
        {"data": {"repository": {"pullRequest": []}}},
    ],
)
def test_answers_without_threads(body: Any) -> None:
    assert read(body) == Page()


def test_who_we_are_is_known_without_threads() -> None:
    assert read({"data": {"viewer": {"login": "tidy[bot]"}, "repository": None}}) == Page(viewer="tidy[bot]")
