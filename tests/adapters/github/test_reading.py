from __future__ import annotations

from typing import Any

import pytest

from bot.adapters.github import reading
from bot.adapters.github.identity import Identity
from bot.adapters.github.threads import Thread, Threads
from bot.errors import BotError
from bot.review.model import Author
from tests.adapters.github.scripted import ADA, BOT, HEAD, pull

ME = Identity()


def comment(number: int = 1, **members: Any) -> dict[str, Any]:
    found = {
        "id": number,
        "node_id": f"PRRC_{number}",
        "user": BOT,
        "path": "web.yaml",
        "start_line": None,
        "line": 5,
        "body": "text",
        "commit_id": "f" * 40,
        "original_commit_id": HEAD,
    }
    return found | members


@pytest.mark.parametrize(
    ("user", "author"),
    [
        (BOT, Author.OWN),
        (ADA, Author.OTHER),
        ({"login": "github-actions", "type": "User"}, Author.OTHER),
        (None, Author.OTHER),
    ],
    ids=["bot", "person", "person with the bot's short name", "account that is gone"],
)
def test_author(user: Any, author: Author) -> None:
    (found,) = reading.comments([comment(user=user)], ME, Threads())
    assert found.author is author


def test_answers_are_counted_and_have_the_state_of_their_thread() -> None:
    items = [comment(1), comment(2), comment(3, in_reply_to_id=1, user=ADA), comment(4, in_reply_to_id=1)]
    found = reading.comments(items, ME, Threads(True, "", {1: Thread(1, resolved=True)}))
    assert [(each.replies, each.resolved) for each in found] == [(2, True), (0, False), (0, True), (0, True)]


def test_outdated_comment_has_no_line() -> None:
    items = [comment(1, line=None), comment(2, start_line=3)]
    found = reading.comments(items, ME, Threads(True, "", {2: Thread(2, outdated=True)}))
    assert [(each.start_line, each.line) for each in found] == [(None, None), (None, None)]


@pytest.mark.parametrize(
    ("editor", "edited"),
    [
        ({"__typename": "Bot", "login": "github-actions"}, False),
        ({"__typename": "User", "login": "github-actions"}, True),
        ({"__typename": "User", "login": "ada"}, True),
        (None, True),
    ],
    ids=["ourselves", "person with the bot's short name", "person", "account that is gone"],
)
def test_edited_by_somebody_else(editor: Any, edited: bool) -> None:
    threads = Threads(True, "", {1: Thread(1, edited=True, editor=editor)})
    (found,) = reading.comments([comment(1)], ME, threads)
    assert found.edited is edited


def test_commit_is_the_one_that_the_comment_was_written_for() -> None:
    (found,) = reading.comments([comment()], ME, Threads())
    assert found.commit == HEAD


def test_pending_reviews_are_left_out() -> None:
    review = {"id": 1, "user": BOT, "body": None, "commit_id": HEAD, "state": "COMMENTED"}
    found = reading.reviews([review, review | {"id": 2, "state": "PENDING"}], ME)
    assert [(each.id, each.author, each.body) for each in found] == [(1, Author.OWN, "")]


def test_patches() -> None:
    found = reading.patches(
        [
            {"filename": "a.yaml", "patch": "@@ -1,2 +1,2 @@\n a\n-b\n+c\r\n@@ -9 +9,2 @@\n d\n+e\n\\ No newline"},
            {"filename": "large.yaml"},
            {"filename": "null.yaml", "patch": None},
        ]
    )
    assert {path: [(hunk.start, hunk.end) for hunk in hunks] for path, hunks in found.items()} == {
        "a.yaml": [(1, 2), (9, 10)]
    }


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ([], "the whole is no object"),
        (pull() | {"head": None}, "head.sha is missing"),
        (pull(head=7), "head.sha is no text"),  # type: ignore[arg-type]
    ],
)
def test_odd_pull_requests(answer: Any, message: str) -> None:
    with pytest.raises(BotError, match=f"GitHub's answer cannot be used: {message}"):
        reading.state(answer)
