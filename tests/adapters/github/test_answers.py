"""Answers of GitHub as they are known from its documentation and from other bots' reports."""

from __future__ import annotations

from typing import Any

import pytest

from bot.adapters.github.answers import Answer, Kind, Reply, understand, words
from bot.adapters.github.calls import delay

NOW = 1_700_000_000.0
SECONDARY = {"message": "You have exceeded a secondary rate limit and have been temporarily blocked"}
INTEGRATION = {"message": "Resource not accessible by integration"}


@pytest.mark.parametrize(
    ("reply", "kind", "wait"),
    [
        (Reply(403, {"retry-after": "120"}, SECONDARY), Kind.LIMITED, 120),
        (Reply(429, {"retry-after": "0"}), Kind.LIMITED, 1),
        (Reply(403, {}, SECONDARY), Kind.LIMITED, None),
        (Reply(429, {"retry-after": "soon"}), Kind.LIMITED, None),
        (Reply(429), Kind.LIMITED, None),
        (Reply(403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1700000600"}), Kind.LIMITED, 601),
        (Reply(403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1600000000"}), Kind.LIMITED, 1),
        (Reply(403, {"x-ratelimit-remaining": "0"}), Kind.LIMITED, None),
        (Reply(403, {}, {"message": "API rate limit exceeded for installation ID 1."}), Kind.LIMITED, None),
        (Reply(422, {}, {"message": "Validation Failed", "errors": ["was submitted too quickly"]}), Kind.LIMITED, None),
        (Reply(403, {"x-ratelimit-remaining": "4000"}, INTEGRATION), Kind.FORBIDDEN, None),
        (Reply(401, {}, {"message": "Bad credentials"}), Kind.FORBIDDEN, None),
        (Reply(404, {}, {"message": "Not Found"}), Kind.MISSING, None),
        (Reply(422, {}, {"message": "Unprocessable Entity", "errors": ["Path is invalid"]}), Kind.INVALID, None),
        (Reply(502, {}, {"data": "<html>"}), Kind.UNCERTAIN, None),
        (Reply(503, {"retry-after": "3600"}), Kind.UNCERTAIN, None),
        (Reply(408), Kind.UNCERTAIN, None),
        (Reply(400), Kind.UNUSABLE, None),
        (Reply(302, {"location": "https://elsewhere.example.com"}), Kind.UNUSABLE, None),
    ],
)
def test_kinds(reply: Reply, kind: Kind, wait: float | None) -> None:
    answer = understand(reply, now=NOW)
    assert (answer.kind, answer.wait) == (kind, wait)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            {"message": "Unprocessable Entity", "errors": ["Pull request review thread line must be part of the diff"]},
            "Unprocessable Entity: Pull request review thread line must be part of the diff",
        ),
        (
            {
                "message": "Validation Failed",
                "errors": [
                    {"resource": "PullRequestReviewComment", "field": "line", "code": "invalid"},
                    {"message": "start_line must precede the end line."},
                ],
            },
            "Validation Failed: line invalid: start_line must precede the end line.",
        ),
        ({"message": "Validation Failed", "errors": "one text"}, "Validation Failed: one text"),
        ({"message": "two\nlines\t\x1b[31m and\u202e more"}, "two lines [31m and more"),
        ({"message": None, "errors": [None, 7, [], {}]}, ""),
        ({"message": 7}, ""),
        ([], ""),
        ("text", ""),
        (None, ""),
    ],
)
def test_words(body: Any, said: str) -> None:
    assert words(body) == said


def test_words_are_short() -> None:
    assert len(words({"message": "x" * 10_000, "errors": ["y" * 10_000]})) == 200


def test_unnamed_waits_grow() -> None:
    limited = Answer(Kind.LIMITED, 403, "")
    assert [delay(limited, times) for times in range(3)] == [60, 120, 240]
    assert delay(Answer(Kind.LIMITED, 403, "", wait=5), 3) == 5
