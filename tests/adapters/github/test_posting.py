from __future__ import annotations

from typing import Any

import pytest

from bot.adapters.github import posting
from bot.adapters.github.answers import Answer, Kind
from bot.adapters.github.identity import Identity
from bot.review import marker
from bot.review.hunks import Hunk
from bot.review.model import Draft
from tests.adapters.github.scripted import ADA, BOT, HEAD


def draft(line: int = 5, start: int | None = None, path: str = "web.yaml", name: str = "") -> Draft:
    fingerprint = name or f"{line:016x}"
    return Draft(path, start, line, f"Text.\n{marker.write([fingerprint], head=HEAD)}", (fingerprint,))


def test_lower_lines_first() -> None:
    drafts = [draft(5), draft(90), draft(7, path="app.yaml"), draft(40, start=10)]
    sent = [(each.path, each.line) for each in posting.ordered(drafts)]
    assert sent == [("app.yaml", 7), ("web.yaml", 90), ("web.yaml", 40), ("web.yaml", 5)]


def test_payload_is_pinned_and_visible() -> None:
    one, several = draft(5), draft(9, start=7)
    assert posting.payload(HEAD, "Summary.", [several, one]) == {
        "commit_id": HEAD,
        "event": "COMMENT",
        "body": "Summary.",
        "comments": [
            {
                "path": "web.yaml",
                "body": several.body,
                "line": 9,
                "side": "RIGHT",
                "start_line": 7,
                "start_side": "RIGHT",
            },
            {"path": "web.yaml", "body": one.body, "line": 5, "side": "RIGHT"},
        ],
    }


@pytest.mark.parametrize(
    ("hunks", "kept"),
    [
        ((Hunk(1, 10),), True),
        ((Hunk(7, 9),), True),
        ((Hunk(8, 20),), False),
        ((Hunk(1, 8),), False),
        ((Hunk(1, 8), Hunk(9, 20)), False),
        ((), False),
        (None, True),
    ],
    ids=["inside", "exactly", "begins before", "ends behind", "two hunks that touch", "no hunks", "no patch"],
)
def test_inside(hunks: tuple[Hunk, ...] | None, kept: bool) -> None:
    each = draft(9, start=7)
    patches = {} if hunks is None else {"web.yaml": hunks}
    assert posting.inside([each], patches) == (((each,), ()) if kept else ((), ((each, posting.OUTSIDE),)))


def test_long_comments_are_left_out() -> None:
    long = Draft("web.yaml", None, 1, "x" * 65_537, ())
    just = Draft("web.yaml", None, 2, "x" * 65_536, ())
    assert posting.fitting([long, just]) == ((just,), ((long, posting.TOO_LONG),))


@pytest.mark.parametrize("count", [2, 3, 10])
def test_halves(count: int) -> None:
    drafts = [draft(line) for line in range(1, count + 1)]
    one, other = posting.halves(drafts)
    assert [*one, *other] == drafts
    assert 0 < len(one) < count


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("Unprocessable Entity: Pull request review thread line must be part of the diff", posting.OUTSIDE),
        ("Unprocessable Entity: Line could not be resolved", posting.OUTSIDE),
        ("Pull request review thread start line must be part of the same hunk as the line.", "different parts"),
        ("Validation Failed: start_line must precede the end line.", "does not take the range"),
        ("Pull request review thread diff hunk can't be blank", "no changes of the file"),
        ("Unprocessable Entity: Path is invalid", "does not know the file"),
        ("Body is too long (maximum is 65536 characters)", posting.TOO_LONG),
        ("Something new", "GitHub refused the comment: Something new"),
    ],
)
def test_reasons(said: str, reason: str) -> None:
    assert reason in posting.reason(Answer(Kind.INVALID, 422, said))


def review(number: int = 11, **members: Any) -> dict[str, Any]:
    found = {
        "id": number,
        "user": BOT,
        "body": "Summary.\r\nMore.",
        "commit_id": HEAD,
        "state": "COMMENTED",
        "html_url": "https://github.com/octo/shop/pull/7#11",
    }
    return found | members


def comment(of: Draft, **members: Any) -> dict[str, Any]:
    return {"user": BOT, "path": of.path, "body": of.body, "pull_request_review_id": 11} | members


ONE, TWO = draft(5), draft(9)
BODY = "Summary.\nMore.\n"


@pytest.mark.parametrize(
    ("reviews", "comments", "expected"),
    [
        ([review()], [comment(ONE), comment(TWO)], (11, (ONE, TWO))),
        ([review()], [comment(TWO, body=TWO.body.replace("\n", "\r\n"))], (11, (TWO,))),
        ([review(body="edited since")], [comment(ONE)], (11, (ONE,))),
        ([], [comment(ONE)], (11, (ONE,))),
        ([review()], [], (11, ())),
        ([review(3)], [comment(ONE, pull_request_review_id=3)], (None, ())),
        ([review(user=ADA)], [comment(ONE, user=ADA)], (None, ())),
        ([review(user=None)], [comment(ONE, path="other.yaml")], (None, ())),
        ([review(commit_id="f" * 40)], [], (None, ())),
        ([review(state="PENDING")], [], (None, ())),
        ([review(body="another text")], [], (None, ())),
    ],
    ids=[
        "all of it",
        "one comment, other line ends",
        "known by its comment",
        "the review does not show yet",
        "the comments do not show yet",
        "stood there before",
        "somebody else's with our marker",
        "another file",
        "another head",
        "pending",
        "another review",
    ],
)
def test_what_a_lost_request_has_done(reviews: Any, comments: Any, expected: tuple[int | None, Any]) -> None:
    found = posting.find(HEAD, BODY, [ONE, TWO], reviews=reviews, comments=comments, me=Identity(), before={3})
    assert (found.review, found.drafts) == expected
