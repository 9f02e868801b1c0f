"""A report as another run wrote it, and as a stranger did."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.errors import InputError
from bot.review import comment, reported
from bot.review.reported import UNREPORTED, Reported
from tests.review.material import HARD_LINES, HEAD, finding, offer

REPLACEMENT = "            allowPrivilegeEscalation: false\n"
PLACE = Reported("deploy/web.yaml", 20, 20, REPLACEMENT)


def said(**members: Any) -> dict[str, Any]:
    body = f"Words.\n\n```suggestion\n{REPLACEMENT}```\n\nMore words."
    return {"path": "deploy/web.yaml", "body": body, "line": 20, "side": "RIGHT"} | members


def report(*comments: Any, **members: Any) -> bytes:
    whole = {"commit_id": HEAD, "body": "### Summary", "event": "COMMENT", "comments": list(comments)} | members
    return json.dumps(whole).encode()


@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        (said(), PLACE),
        (said(start_line=18, start_side="RIGHT"), Reported("deploy/web.yaml", 18, 20, REPLACEMENT)),
        (said(body="```suggestion\n```"), Reported("deploy/web.yaml", 20, 20, "")),
        (said(body="```suggestion\r\na\r\n```\r\n"), Reported("deploy/web.yaml", 20, 20, "a\n")),
        (said(path="..a/b..c/.hidden.yaml"), Reported("..a/b..c/.hidden.yaml", 20, 20, REPLACEMENT)),
    ],
)
def test_suggestions_of_a_report(comment: Any, expected: Reported) -> None:
    assert reported.read(report(comment), head=HEAD) == {expected}


def test_none_and_the_same_one_twice() -> None:
    assert reported.read(report(), head=HEAD) == frozenset()
    assert reported.read(report(said(), said(body=f"```suggestion\n{REPLACEMENT}```")), head=HEAD) == {PLACE}


TWICE = report(said()).replace(b'"line": 20', b'"line": 1, "line": 20')


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "no JSON"),
        (b"\xff\xfe", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b'{"body": NaN}', "no JSON"),
        (b"1" * 10_000, "no JSON"),
        (TWICE, "no JSON"),
        (b"[]", "the whole is not as a review has it"),
        (b"null", "the whole is not as a review has it"),
        (b"{}", "the whole is not as a review has it"),
        (report(extra=1), "the whole is not as a review has it"),
        (report(event="APPROVE"), "event is not as a review has it"),
        (report(event="REQUEST_CHANGES"), "event is not as a review has it"),
        (report(body="x" * 65_537), "body is not as a review has it"),
        (report(comments={}), "comments is not as a review has it"),
        (report(*[said()] * 51), "comments is not as a review has it"),
        (report(commit_id="0" * 40), "not about 4f2c9e1, the commit that GitHub names"),
        (report(commit_id=HEAD[:7]), "not about 4f2c9e1"),
        (report(said(), "x"), "comments/1 is not as a review has it"),
        (report(said(in_reply_to=1)), "comments/0 is not as a review has it"),
        (report(said(side="LEFT")), "comments/0/side is not as a review has it"),
        (report(said(line=0)), "comments/0/line is not as a review has it"),
        (report(said(line=True)), "comments/0/line is not as a review has it"),
        (report(said(line="20")), "comments/0/line is not as a review has it"),
        (report(said(line=10**30)), "comments/0/line is not as a review has it"),
        (report(said(start_line=18)), "comments/0 is not as a review has it"),
        (report(said(start_side="RIGHT")), "comments/0 is not as a review has it"),
        (report(said(start_line=20, start_side="RIGHT")), "comments/0/start_line is not above its line"),
        (report(said(start_line=21, start_side="RIGHT")), "comments/0/start_line is not above its line"),
        (report(said(path="")), "comments/0/path is not as a review has it"),
        (report(said(path="a" * 4_097)), "comments/0/path is not as a review has it"),
        (report(said(body="no block")), "comments/0/body has no suggestion"),
        *(
            (report(said(path=path)), "comments/0/path is no path of a file in the repository")
            for path in (
                "/etc/passwd",
                "..",
                "../x",
                "a/../x",
                "a/..",
                ".",
                "./a",
                "a//b",
                "a/",
                "a\nb",
                "a\0",
                "\x1b[2J",
            )
        ),
    ],
)
def test_what_is_no_report(data: bytes, message: str) -> None:
    with pytest.raises(InputError) as refusal:
        reported.read(data, head=HEAD)
    assert str(refusal.value).startswith(f"review.json of the artifact: {message}")
    assert str(refusal.value).endswith("; nothing is posted")


@pytest.mark.parametrize("new", ["", REPLACEMENT, "\n", "".join(f"{line}\n" for line in HARD_LINES)])
def test_what_we_would_post_is_what_we_read(new: str) -> None:
    """The way there and back: a draft of ours, written to a report, is leave for the same offer."""
    mine = offer(finding(), new=new, start=18, end=20)
    draft = comment.draft(mine, head=HEAD, policies={})
    found = reported.read(report(draft.payload()), head=HEAD)
    assert reported.narrowed(mine, found) is mine
    assert reported.unmatched(found, [mine]) == ""


@pytest.mark.parametrize(
    "other",
    [
        offer(finding(path="deploy/other.yaml")),
        offer(finding(), start=19),
        offer(finding(), start=21, end=21),
        offer(finding(), new=REPLACEMENT.upper()),
        offer(finding(), new=""),
    ],
)
def test_anything_else_is_for_the_patch(other: Any) -> None:
    found = reported.narrowed(other, frozenset({PLACE}))
    assert (found.span, found.reason, found.blocks) == (None, UNREPORTED, other.blocks)


def test_an_offer_for_the_patch_keeps_its_reason() -> None:
    mine = offer(finding(), new=None, reason="outside the diff")
    assert reported.narrowed(mine, frozenset()) is mine


def test_one_line_names_what_is_of_no_use() -> None:
    more = {Reported(f"{name}.yaml", 3, end, "x\n") for name, end in (("a", 3), ("b", 7), ("c", 3), ("d" * 99, 3))}
    assert reported.unmatched({PLACE}, [offer(finding())]) == ""
    assert reported.unmatched({PLACE, *more}, [offer(finding())], ["x", "y"]) == (
        "the artifact holds what this run does not come to: 4 suggestions not posted (a.yaml:3, b.yaml:3-7, c.yaml:3, "
        "...), 2 files not read (x, y)"
    )
    assert len(reported.unmatched([], [], ["a\n::error::b\r\x1b[2J\u2028\u202ec"]).splitlines()) == 1
    assert reported.unmatched([], [], ["z" * 99]).endswith(f"1 file not read ({'z' * 80}...)")
