"""Reviews and comments at the fake: what it takes, what it refuses and in which words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.fakes.client import Client, client
from tests.fakes.github import FakeGitHub

LINES = "".join(f"line {number}\n" for number in range(1, 41))
CHANGED = LINES.replace("line 10\n", "line ten\n").replace("line 17\n", "line 17\nline 17.5\n")
"""Two hunks, 7 to 13 and 15 to 21: numbers that nearly touch."""


@pytest.fixture
def web(github: FakeGitHub) -> Iterator[Client]:
    """A client at a pull request that changes web.yaml."""
    github.open_pull({"web.yaml": LINES, "old.yaml": LINES, "gone.yaml": "kind: Gone\n"}, {
        "web.yaml": CHANGED, "old.yaml": None, "new.yaml": LINES + "end\n", "gone.yaml": None, "added.yaml": "a\nb\n",
    })  # fmt: skip
    with client(github) as found:
        yield found


def test_hunks_are_where_the_tests_think(web: Client) -> None:
    patch = {each["filename"]: each.get("patch") for each in web.get("/files")}["web.yaml"]
    assert [line for line in patch.split("\n") if line.startswith("@@")] == [
        "@@ -7,7 +7,7 @@ line 6",
        "@@ -15,6 +15,7 @@ line 14",
    ]


@pytest.mark.parametrize(
    "comment",
    [
        {"line": 10},
        {"line": 7},
        {"line": 13, "start_line": 11, "start_side": "RIGHT"},
        {"line": 21, "start_line": 15, "start_side": "RIGHT"},
        {"line": 10, "side": "LEFT"},
        {"line": 10, "start_line": 10, "start_side": "LEFT"},  # the deleted line above the new one
        {"path": "added.yaml", "line": 1},
        {"path": "gone.yaml", "line": 1, "side": "LEFT"},
        {"path": "new.yaml", "line": 41},
    ],
)
def test_lines_of_one_hunk_take_a_comment(web: Client, comment: dict[str, Any]) -> None:
    answer = web.review(comment)
    assert answer.status_code == 200, answer.text
    (stands,) = web.get(f"/reviews/{answer.json()['id']}/comments")
    assert (stands["line"], stands["side"]) == (comment["line"], comment.get("side", "RIGHT"))


BLANK = "Pull request review thread diff hunk can't be blank"
OUTSIDE = f"Pull request review thread line must be part of the diff and {BLANK}"
TWO_HUNKS = "Pull request review thread start line must be part of the same hunk as the line."
NO_PATH = f"Pull request review thread path is invalid and {BLANK}"


@pytest.mark.parametrize(
    ("comment", "message"),
    [
        ({"line": 6}, OUTSIDE),
        ({"line": 14}, OUTSIDE),
        ({"line": 22}, OUTSIDE),
        ({"line": 9, "side": "LEFT"}, OUTSIDE),  # context stands on the right only
        ({"path": "gone.yaml", "line": 1}, OUTSIDE),
        ({"line": 15, "start_line": 13, "start_side": "RIGHT"}, TWO_HUNKS),
        ({"line": 12, "start_line": 6, "start_side": "RIGHT"}, TWO_HUNKS),
        (
            {"line": 30, "start_line": 10, "start_side": "RIGHT"},
            OUTSIDE.replace(" and ", f", {TWO_HUNKS}, and "),
        ),
        (
            {"line": 10, "start_line": 10, "start_side": "RIGHT"},
            "Pull request review thread start line must precede the end line.",
        ),
        (
            {"line": 10, "start_line": 12, "start_side": "RIGHT"},
            "Pull request review thread start line must precede the end line.",
        ),
        ({"path": "./web.yaml", "line": 10}, NO_PATH),
        ({"path": "/web.yaml", "line": 10}, NO_PATH),
        ({"path": "old.yaml", "line": 10}, NO_PATH),  # the name before a rename
        ({"path": "untouched.yaml", "line": 1}, NO_PATH),
        (
            {"line": 10, "body": "x" * 65_537},
            "Pull request review comment body is too long (maximum is 65536 characters)",
        ),
    ],
)
def test_other_lines_do_not_and_then_nothing_is_posted(web: Client, comment: dict[str, Any], message: str) -> None:
    answer = web.review({"line": 10}, comment, {"line": 11})
    assert answer.status_code == 422
    assert answer.json() == {
        "message": "Unprocessable Entity",
        "errors": [message],
        "documentation_url": "https://docs.github.com/rest/pulls/reviews#create-a-review-for-a-pull-request",
        "status": "422",
    }
    assert web.get("/reviews") == web.get("/comments") == []


def test_a_single_comment_is_refused_in_another_shape(web: Client) -> None:
    body = {"commit_id": web.fake.newest.head, "path": "web.yaml", "body": "a word", "line": 30, "side": "RIGHT"}
    answer = web.post("comments", body)
    assert (answer.status_code, answer.json()["message"]) == (422, "Validation Failed")
    assert answer.json()["errors"] == [
        {
            "resource": "PullRequestReviewComment",
            "code": "custom",
            "field": "pull_request_review_thread.line",
            "message": "pull_request_review_thread.line must be part of the diff",
        },
        {
            "resource": "PullRequestReviewComment",
            "code": "missing_field",
            "field": "pull_request_review_thread.diff_hunk",
        },
    ]
    assert web.post("comments", body | {"line": 10}).status_code == 201
    answer = web.post("comments", body | {"line": 10, "commit_id": web.fake.newest.base})
    assert answer.json()["errors"][0]["message"] == "commit_id is not part of the pull request"


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"body": "x" * 65_537}, "Body is too long (maximum is 65536 characters)"),
        ({"body": " ", "comments": []}, "Body can't be blank"),
        ({"commit_id": "0" * 40}, "commit_id is not part of the pull request"),
        ({"event": "APPROVE"}, "GitHub Actions is not permitted to approve pull requests."),
    ],
)
def test_reviews_that_are_refused(web: Client, more: dict[str, Any], message: str) -> None:
    answer = web.review(**more)
    assert (answer.status_code, answer.json()["errors"]) == (422, [message])


def test_who_writes_is_another_login_in_each_interface(web: Client) -> None:
    made = web.review({"line": 10}).json()
    assert (made["user"]["login"], made["user"]["type"]) == ("github-actions[bot]", "Bot")
    answer = web.http.get("/user")
    assert (answer.status_code, answer.json()["message"]) == (403, "Resource not accessible by integration")
    with client(web.fake, web.fake.personal_token("rosa")) as rosa:
        assert rosa.http.get("/user").json()["login"] == "rosa"


def test_only_ones_own_words_can_be_changed(web: Client) -> None:
    own = web.review({"line": 10}).json()["id"]
    (mine,) = web.get("/comments")
    root = f"{web.repo}/pulls"
    assert web.http.patch(f"{root}/comments/{mine['id']}", json={"body": "new"}).json()["body"] == "new"
    assert web.http.put(f"{root}/{web.fake.newest.number}/reviews/{own}", json={"body": "x"}).json()["body"] == "x"
    assert web.http.delete(f"{root}/comments/{mine['id']}").status_code == 204
    assert web.http.delete(f"{root}/comments/{mine['id']}").status_code == 404
    theirs = web.fake.comment("web.yaml", 11, "a person's words")
    assert web.http.delete(f"{root}/comments/{theirs.id}").status_code == 403
    assert web.http.patch(f"{root}/comments/{theirs.id}", json={"body": "x"}).status_code == 403
    assert [each["body"] for each in web.get("/comments")] == ["a person's words"]
    assert [each.text for each in web.fake.offences] == [f"comment {theirs.id} is by karl"] * 2
    web.fake.offences.clear()


def test_lists_come_in_pages_whose_links_lead_on(web: Client) -> None:
    for number in range(7, 14):
        web.review({"line": number})
    assert [each["line"] for each in web.every("/comments", per_page=3)] == [7, 8, 9, 10, 11, 12, 13]
    assert len(web.every("/reviews", per_page=2)) == 7
    assert [each["filename"] for each in web.every("/files", per_page=1)] == sorted(
        ["web.yaml", "new.yaml", "gone.yaml", "added.yaml"]
    )
    assert web.get("/comments", per_page=3, page=9) == []


@pytest.mark.parametrize(
    ("comment", "message"),
    [
        ({"line": 30}, "Line could not be resolved"),
        ({"path": "x.yaml", "line": 1}, "Path could not be resolved"),
    ],
)
def test_the_other_words_for_it(web: Client, comment: dict[str, Any], message: str) -> None:
    web.fake.terse = True
    assert web.review(comment).json()["errors"] == [message]
    assert web.review({"line": 10}).status_code == 200


def test_who_posts_one_by_one_is_stopped(web: Client) -> None:
    web.fake.made_limit = 3
    assert [web.review({"line": 10}).status_code for _ in range(4)] == [200, 200, 200, 403]
    times = [each.began for each in web.fake.requests if each.operation == "pulls/create-review"]
    assert times == sorted(times)
    assert "secondary rate limit" in web.review({"line": 10}).json()["message"]


def test_the_other_operations_answer_as_described(web: Client) -> None:
    """Every answer is checked against the description: what is asked here is what no other test asks for."""
    pull = web.fake.newest
    assert [each["number"] for each in web.http.get(f"{web.repo}/pulls").json()] == [pull.number]
    assert web.http.get(f"{web.repo}/pulls", params={"state": "closed"}).json() == []
    assert [each["number"] for each in web.http.get(f"{web.repo}/commits/{pull.head}/pulls").json()] == [pull.number]
    assert [each["sha"] for each in web.get("/commits")] == [pull.head]
    assert web.http.get(f"{web.repo}/commits/main").json()["sha"] == pull.base
    assert web.http.get(f"{web.repo}/git/ref/heads/main").json()["object"]["sha"] == pull.base
    assert web.http.get(f"{web.repo}/git/ref/heads/none").status_code == 404
    made = web.review({"line": 10}).json()
    assert web.get(f"/reviews/{made['id']}")["body"] == "a summary"
    (comment,) = web.get("/comments")
    assert web.http.get(f"{web.repo}/pulls/comments/{comment['id']}").json() == comment
    answer = web.post(f"comments/{comment['id']}/replies", {"body": "and"})
    assert (answer.status_code, answer.json()["in_reply_to_id"]) == (201, comment["id"])


def test_a_draft_review_is_submitted_or_thrown_away(web: Client) -> None:
    head = web.fake.newest.head
    draft = {"commit_id": head, "comments": [{"path": "web.yaml", "line": 10, "body": "x"}]}
    first = web.post("reviews", draft).json()
    assert (first["state"], "submitted_at" in first) == ("PENDING", False)
    again = web.post("reviews", draft)
    assert again.json()["errors"] == ["User can only have one pending review per pull request"]
    assert web.get("/comments") == []
    root = f"{web.repo}/pulls/{web.fake.newest.number}/reviews"
    assert web.http.delete(f"{root}/{first['id']}").status_code == 200
    second = web.post("reviews", draft).json()
    done = web.post(f"reviews/{second['id']}/events", {"event": "COMMENT", "body": "now"}).json()
    assert (done["state"], done["body"], len(web.get("/comments"))) == ("COMMENTED", "now", 1)
    assert web.http.delete(f"{root}/{second['id']}").json()["errors"] == [
        "Can not delete a non-pending pull request review"
    ]
    assert {each.text for each in web.fake.offences} == {"no event: the review is a draft that nobody sees"}
    web.fake.offences.clear()
