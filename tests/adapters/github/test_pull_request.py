"""Reading and changing one pull request."""

from __future__ import annotations

import pytest

from bot.adapters.github.errors import Forbidden, Unreachable
from bot.review.model import Author, PullState
from tests.adapters.github.scripted import (
    ADA,
    BASE,
    BOT,
    HEAD,
    PULLS,
    Clock,
    Said,
    Script,
    pull,
    seven,
    thread,
    threads,
)

REVIEW = {"id": 1, "user": BOT, "body": "Summary.", "commit_id": HEAD, "state": "COMMENTED"}
COMMENT = {"id": 5, "user": BOT, "path": "web.yaml", "line": 3, "body": "Text."}
FORBIDDEN = Said(403, {"message": "Resource not accessible by integration"})


def test_pull(script: Script, clock: Clock) -> None:
    script.on(f"GET {PULLS}/7", pull(draft=True, state="closed"))
    assert seven(script, clock).pull() == PullState(7, HEAD, BASE, draft=True, open=False)


def test_merge_base_takes_one_small_request(script: Script, clock: Clock) -> None:
    script.on(f"GET /repos/octo/shop/compare/{BASE}...{HEAD}", {"merge_base_commit": {"sha": "a" * 40}})
    assert seven(script, clock).merge_base(BASE, HEAD) == "a" * 40
    assert script.lines == [f"GET /repos/octo/shop/compare/{BASE}...{HEAD}?per_page=1"]


def test_merge_base_with_a_branch_of_an_odd_name(script: Script, clock: Clock) -> None:
    script.on(f"GET /repos/octo/shop/compare/fix/%23%25%26...{HEAD}", {"merge_base_commit": {"sha": "a" * 40}})
    assert seven(script, clock).merge_base("fix/#%&", HEAD) == "a" * 40


def test_files_are_listed_up_to_300(script: Script, clock: Clock) -> None:
    script.on(f"GET {PULLS}/7/files", [{"filename": "a.yaml", "patch": "@@ -1 +1 @@\n-a\n+b"}])
    there = seven(script, clock)
    assert there.patches(301) == {}
    assert script.lines == []
    assert list(there.patches(300)) == ["a.yaml"]


def test_reviews_and_comments_ask_for_threads_once(script: Script, clock: Clock) -> None:
    script.on(f"GET {PULLS}/7/reviews", [REVIEW, REVIEW | {"id": 2, "user": ADA}])
    script.on(f"GET {PULLS}/7/comments", [COMMENT, COMMENT | {"id": 6}, COMMENT | {"id": 8, "user": ADA}])
    script.on("POST /graphql", threads(thread(5), after="one"), threads(thread(6, resolved=True)))
    there = seven(script, clock)
    assert [each.author for each in there.reviews()] == [Author.OWN, Author.OTHER]
    assert [(each.id, each.author, each.resolved) for each in there.comments()] == [
        (5, Author.OWN, False),
        (6, Author.OWN, True),
        (8, Author.OTHER, False),
    ]
    assert [asked.line.partition("?")[0] for asked in script.asked] == [
        f"GET {PULLS}/7/reviews",
        "POST /graphql",
        "POST /graphql",
        f"GET {PULLS}/7/comments",
    ]
    assert [asked.body["variables"]["after"] for asked in script.asked if asked.body] == [None, "one"]


@pytest.mark.parametrize(
    "answer",
    [
        FORBIDDEN,
        Said(404),
        {"errors": [{"type": "FORBIDDEN", "message": "Resource not accessible by integration"}], "data": None},
    ],
)
def test_threads_that_cannot_be_read_are_open(script: Script, clock: Clock, answer: object) -> None:
    script.on(f"GET {PULLS}/7/comments", [COMMENT])
    script.on("POST /graphql", answer)
    (found,) = seven(script, clock).comments()
    assert (found.author, found.resolved, found.edited) == (Author.OWN, False, False)


def test_threads_are_asked_again_after_a_server_error_or_a_limit(script: Script, clock: Clock) -> None:
    script.on(f"GET {PULLS}/7/comments", [COMMENT])
    limited = {"errors": [{"type": "RATE_LIMITED"}]}
    script.on("POST /graphql", Said(502), limited, threads(thread(5, resolved=True)))
    (found,) = seven(script, clock).comments()
    assert found.resolved
    assert clock.slept == [2, 60]


@pytest.mark.parametrize(
    ("token", "user", "login"),
    [
        ("ghp_personal", {"login": "ada"}, "ada"),
        ("ghp_personal", FORBIDDEN, "github-actions[bot]"),
        ("ghs_workflow", {"login": "never asked"}, "github-actions[bot]"),
    ],
)
def test_who_we_are_without_graphql(script: Script, clock: Clock, token: str, user: object, login: str) -> None:
    script.on("POST /graphql", FORBIDDEN)
    script.on("GET /user", user)
    script.on(f"GET {PULLS}/7/reviews", [REVIEW | {"user": {"login": login}}])
    there = seven(script, clock, token=token)
    assert [there.reviews()[0].author, there.reviews()[0].author] == [Author.OWN, Author.OWN]
    assert script.lines.count("GET /user") == token.startswith("ghp_")


@pytest.mark.parametrize("viewer", ["tidy[bot]", "tidy"])
def test_an_app_is_not_the_workflow(script: Script, clock: Clock, viewer: str) -> None:
    script.on("POST /graphql", threads(viewer=viewer))
    script.on(f"GET {PULLS}/7/reviews", [REVIEW, REVIEW | {"user": {"login": "tidy[bot]"}}])
    assert [each.author for each in seven(script, clock).reviews()] == [Author.OTHER, Author.OWN]


def test_changes(script: Script, clock: Clock) -> None:
    script.on(f"PUT {PULLS}/7/reviews/1", REVIEW)
    script.on(f"PATCH {PULLS}/comments/5", Said(503), COMMENT)
    script.on(f"DELETE {PULLS}/comments/6", Said(204))
    there = seven(script, clock)
    there.edit_review(1, "New summary.")
    there.edit_comment(5, "New text.")
    there.delete_comment(6)
    assert [(asked.line, asked.body) for asked in script.asked] == [
        (f"PUT {PULLS}/7/reviews/1", {"body": "New summary."}),
        (f"PATCH {PULLS}/comments/5", {"body": "New text."}),
        (f"PATCH {PULLS}/comments/5", {"body": "New text."}),
        (f"DELETE {PULLS}/comments/6", None),
    ]
    assert clock.slept == [1, 2, 1], "a second between writes, two before the repetition"


def test_comments_that_are_gone_are_no_error(script: Script, clock: Clock) -> None:
    there = seven(script, clock)
    there.edit_comment(5, "New text.")
    there.delete_comment(5)
    assert script.lines == [f"PATCH {PULLS}/comments/5", f"DELETE {PULLS}/comments/5"]


def test_changes_without_the_right(script: Script, clock: Clock) -> None:
    script.on(f"PUT {PULLS}/7/reviews/1", FORBIDDEN)
    script.on(f"DELETE {PULLS}/comments/5", FORBIDDEN)
    there = seven(script, clock)
    with pytest.raises(Forbidden, match=r"edit the summary .*\n  permissions:\n .*\n    pull-requests: write"):
        there.edit_review(1, "New summary.")
    with pytest.raises(Forbidden, match="delete a comment"):
        there.delete_comment(5)
    with pytest.raises(Forbidden, match="edit the summary"):
        there.edit_review(2, "Not there.")


def test_changes_give_up(script: Script, clock: Clock) -> None:
    script.on(f"PATCH {PULLS}/comments/5", Said(502))
    with pytest.raises(Unreachable, match="edit a comment"):
        seven(script, clock).edit_comment(5, "New text.")
    assert len(script.asked) == 3
