"""What people do at the fake: suggestions are committed as GitHub does, and comments follow pushes or are outdated."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.review import hunks
from tests.fakes.client import Client, client
from tests.fakes.github import CannotApply, FakeGitHub, File
from tests.fakes.github.suggestions import Taken, applied, blocks

LINES = [f"line {number}" for number in range(1, 31)]


def text(lines: list[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def suggestion(content: str) -> str:
    return f"Better:\n\n```suggestion\n{content}```\n"


@pytest.fixture
def web(github: FakeGitHub) -> Iterator[Client]:
    """A client at a pull request that changes lines 10 and 20 of web.yaml; hunks 7 to 13 and 17 to 23."""
    changed = text(LINES).replace("line 10\n", "ten\n").replace("line 20\n", "twenty\n")
    github.open_pull({"web.yaml": text(LINES)}, {"web.yaml": changed})
    with client(github) as found:
        yield found


def content(fake: FakeGitHub, path: str = "web.yaml") -> bytes:
    return fake.repository.read(fake.newest.head, path)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("```suggestion\na\n```", ["a\n"]),
        ("```suggestion\r\na\r\nb\r\n```\r\n", ["a\nb\n"]),
        ("```suggestion\n```", [""]),
        ("```suggestion\n\n```", ["\n"]),
        ("````suggestion\n```\n~~~\n````", ["```\n~~~\n"]),
        ("~~~suggestion\n```\n~~~", ["```\n"]),
        ("```suggestion\n  ```` \n", [""]),  # a longer run closes it: an empty block
        ("```yaml\na\n```\n```suggestion\nb\n```", ["b\n"]),
        ("```suggestion\na", []),  # never closed: GitHub shows the rest as code, and no button
        ("`suggestion`", []),
    ],
)
def test_blocks_of_a_comment(body: str, expected: list[str]) -> None:
    assert blocks(body) == expected


@pytest.mark.parametrize(
    ("before", "taken", "after"),
    [
        (b"a\nb\nc\n", Taken("f", 2, 2, "B\n"), b"a\nB\nc\n"),
        (b"a\nb\nc\n", Taken("f", 2, 3, ""), b"a\n"),
        (b"a\nb\nc\n", Taken("f", 1, 1, "a\nA\n"), b"a\nA\nb\nc\n"),
        (b"a\nb", Taken("f", 1, 1, "A\n"), b"A\nb\n"),  # the editor ends every file with a line feed
        (b"a\r\nb\r\n", Taken("f", 1, 1, "A\n"), b"A\nb\r\n"),  # the block has no CR: the ends are mixed now
        (b"\xef\xbb\xbfa\nb\n", Taken("f", 2, 2, "B\n"), b"\xef\xbb\xbfa\nB\n"),
        (b"a\x0bb\x0cc\xe2\x80\xa8d\nb\n", Taken("f", 2, 2, "B\n"), b"a\x0bb\x0cc\xe2\x80\xa8d\nB\n"),
    ],
)
def test_lines_are_replaced_byte_for_byte(before: bytes, taken: Taken, after: bytes) -> None:
    assert applied(lambda _: before, [taken]) == {"f": after}


def test_a_batch_may_come_out_with_other_line_ends() -> None:
    assert applied(lambda _: b"a\nb\nc\n", [Taken("f", 2, 2, "B\n")], flip=True) == {"f": b"a\r\nB\r\nc\r\n"}


def test_accepting_commits_resolves_and_outdates(web: Client) -> None:
    web.review({"line": 10, "body": suggestion("TEN\n")}, {"line": 20, "body": suggestion("TWENTY\nmore\n")})
    first, second = web.fake.bot_comments
    before = web.fake.newest.head
    head = web.fake.accept(first.id)
    assert web.fake.repository.parents(head) == [before]
    assert content(web.fake) == text(LINES).replace("line 10\n", "TEN\n").replace("line 20\n", "twenty\n").encode()
    lines = {each["id"]: (each["line"], each["original_line"], each["commit_id"]) for each in web.get("/comments")}
    assert lines == {first.id: (None, 10, before), second.id: (20, 20, head)}
    assert first.thread.resolved_by == web.fake.account("karl")
    web.fake.accept(second.id)
    assert b"\nTWENTY\nmore\nline 21\n" in content(web.fake)


def test_a_program_stays_one(github: FakeGitHub) -> None:
    github.open_pull({"run.sh": File("a\n", "100755")}, {"run.sh": File("b\n", "100755")})
    comment = github.comment("run.sh", 1, suggestion("c\n"))
    github.accept(comment.id)
    assert github.repository.tree(github.newest.head)["run.sh"][0] == "100755"


def test_a_batch_is_one_commit(web: Client) -> None:
    web.review({"line": 9, "body": suggestion("NINE\nmore\n")}, {"line": 20, "body": suggestion("TWENTY\n")})
    before = web.fake.newest.head
    web.fake.accept_batch([each.id for each in web.fake.bot_comments])
    assert web.fake.repository.between(before, web.fake.newest.head) == [web.fake.newest.head]
    assert b"\nNINE\nmore\nten\n" in content(web.fake)
    assert b"\nTWENTY\n" in content(web.fake)


@pytest.mark.parametrize(
    ("comment", "before", "words"),
    [
        ({"line": 10, "body": suggestion("ten\n")}, None, "no changes were made"),
        ({"line": 10, "side": "LEFT", "body": suggestion("x\n")}, None, "deleted lines"),
        ({"line": 11, "start_line": 9, "start_side": "RIGHT", "body": suggestion("x\n")}, None, "deleted lines"),
        ({"line": 10, "body": "no block"}, None, "no suggestion"),
        ({"line": 10, "body": suggestion("x\n")}, "close", "closed"),
        ({"line": 10, "body": suggestion("x\n")}, "resolve", "resolved"),
        ({"line": 10, "body": suggestion("x\n")}, "push", "Outdated"),
        ({"line": 10, "body": suggestion("x\n")}, "queue", "queued"),
    ],
)
def test_when_the_button_is_grey(web: Client, comment: dict[str, Any], before: str | None, words: str) -> None:
    assert web.review(comment).status_code == 200
    (stands,) = web.fake.bot_comments
    if before == "close":
        web.fake.close()
    elif before == "resolve":
        web.fake.resolve(stands.id)
    elif before == "push":
        web.fake.push({"web.yaml": text(LINES).replace("line 10\n", "10\n")})
    elif before == "queue":
        web.fake.newest.queued = True
    with pytest.raises(CannotApply, match=words):
        web.fake.accept(stands.id)


def test_overlapping_suggestions_do_not_go_into_one_batch(web: Client) -> None:
    web.review(
        {"line": 12, "start_line": 11, "start_side": "RIGHT", "body": suggestion("x\n")},
        {"line": 12, "body": suggestion("y\n")},
    )
    with pytest.raises(CannotApply, match="one suggestion per line"):
        web.fake.accept_batch([each.id for each in web.fake.bot_comments])


def test_comments_move_with_their_lines_over_a_rebase(web: Client) -> None:
    web.review({"line": 11}, {"line": 10, "side": "LEFT"}, {"line": 21, "start_line": 20, "start_side": "RIGHT"})
    web.fake.advance_base({"web.yaml": "new\n" * 40 + text(LINES)})
    web.fake.rebase()
    assert [(each["start_line"], each["line"]) for each in web.get("/comments")] == [(None, 51), (None, 50), (60, 61)]
    assert [each["original_line"] for each in web.get("/comments")] == [11, 10, 21]


def test_a_comment_is_outdated_when_its_lines_leave_the_diff(web: Client) -> None:
    web.review({"line": 10}, {"line": 20})
    web.fake.push({"web.yaml": text(LINES).replace("line 20\n", "twenty\n")})  # line 10 is as it was in the base
    assert [each["line"] for each in web.get("/comments")] == [None, 20]


def test_a_comment_on_an_older_commit_finds_its_place(web: Client) -> None:
    older = web.fake.newest.head
    web.fake.push({"web.yaml": "top\n" + content(web.fake).decode()})
    assert web.review({"line": 10}, {"line": 20}, commit_id=older).status_code == 200
    assert [(each["line"], each["original_line"]) for each in web.get("/comments")] == [(11, 10), (21, 20)]


def test_a_commit_that_a_force_push_took_away_has_no_lines(web: Client) -> None:
    older = web.fake.newest.head
    web.fake.force_push({"web.yaml": text(LINES).replace("line 20\n", "20\n")})
    answer = web.review({"line": 10}, commit_id=older)
    assert answer.status_code == 422
    assert "line must be part of the diff" in answer.json()["errors"][0]


def test_deleting_a_comment_keeps_the_answers_to_it(web: Client) -> None:
    web.review({"line": 10})
    (first,) = web.fake.bot_comments
    web.fake.reply(first.id, "Why?")
    web.fake.delete_comment(first.id)
    (answer,) = web.get("/comments")
    assert (answer["body"], answer["in_reply_to_id"], answer["line"]) == ("Why?", first.id, 10)


def test_editing_in_the_browser_brings_crlf(web: Client) -> None:
    web.review({"line": 10, "body": "a\nb"})
    web.fake.edit_comment(web.fake.bot_comments[0].id, "a\nb, I think")
    assert web.get("/comments")[0]["body"] == "a\r\nb, I think"


EDITS = st.lists(
    st.tuples(st.integers(0, 29), st.sampled_from(["change", "delete", "insert"]), st.integers(1, 3)), max_size=6
)


def edited(lines: list[str], edits: list[tuple[int, str, int]], name: str) -> list[str]:
    """Lines changed, deleted or inserted at places that are counted in `lines`; every new line is unlike any other."""
    found = [[line] for line in lines]
    for order, (at, what, count) in enumerate(edits):
        fresh = [f"{name} {order} {number}" for number in range(count)]
        if at < len(found):
            found[at] = {"change": fresh, "delete": [], "insert": [*fresh, *found[at]]}[what]
    return [line for part in found for line in part]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=EDITS.filter(bool), second=EDITS, data=st.data())
def test_random_edits(tmp_path_factory: pytest.TempPathFactory, first: Any, second: Any, data: st.DataObject) -> None:
    """Three laws: the lines that take a comment are those that git's diff shows; a comment is where its text is, or
    outdated when that changed or left the diff; a suggestion changes what `git apply` of the same change would."""
    folder = tmp_path_factory.mktemp("random")
    head = edited(LINES, first, "first")
    if head == LINES:
        return
    with FakeGitHub(folder / "github") as fake, client(fake) as web:
        fake.open_pull({"web.yaml": text(LINES)}, {"web.yaml": text(head)})
        (listed,) = web.get("/files")
        shown = hunks.parse(listed["patch"].split("\n"))
        takes = [number for number in range(1, len(head) + 2) if web.review({"line": number}).status_code == 200]
        assert takes == [line for hunk in shown for line in range(hunk.start, hunk.end + 1)]
        _accepted_like_git_apply(folder, web, head, shown, data)
        fake.force_push({"web.yaml": text(edited(head, second, "second"))})
        now = edited(head, second, "second")
        visible = {line for change in fake.shown(fake.newest).values() for line in _right(change.patch or "")}
        for comment in fake.newest.comments:
            start, end = comment.original.first, comment.original.line
            kept = _place(now, head[start - 1 : end])
            wanted = None if kept is None or not set(range(kept[0], kept[1] + 1)) <= visible else kept
            stands = comment.anchor and (comment.anchor.first, comment.anchor.line)
            assert stands == wanted
        assert fake.offences == []


def _right(patch: str) -> set[int]:
    return {line for hunk in hunks.parse(patch.split("\n")) for line in range(hunk.start, hunk.end + 1)}


def _place(lines: list[str], part: list[str]) -> tuple[int, int] | None:
    """Where the part is, 1-based; no line is twice in a text."""
    if part[0] not in lines:
        return None
    at = lines.index(part[0])
    return (at + 1, at + len(part)) if lines[at : at + len(part)] == part else None


def _accepted_like_git_apply(
    folder: Path, web: Client, head: list[str], shown: tuple[hunks.Hunk, ...], data: st.DataObject
) -> None:
    hunk = data.draw(st.sampled_from([each for each in shown if each.end >= each.start] or [None]))
    if hunk is None:
        return
    start = data.draw(st.integers(hunk.start, hunk.end))
    end = data.draw(st.integers(start, hunk.end))
    if not hunk.whole(start, end):
        return
    new = data.draw(st.lists(st.sampled_from(["", " ", "\tx", "new", "```", "ü"]), max_size=3))
    old = head[start - 1 : end]
    body = f"````suggestion\n{text(new)}````"
    first = {} if start == end else {"start_line": start, "start_side": "RIGHT"}
    assert web.review({"line": end, "body": body, **first}).status_code == 200
    comment = web.fake.bot_comments[-1]
    if end < len(head) and hunk.start <= start and start in hunk.cuts:
        return  # deleted lines stand directly above: git and GitHub count them to the change or not
    changed = applied(lambda _: text(head).encode(), [Taken("web.yaml", start, end, blocks(body)[0])])["web.yaml"]
    patch = [
        "--- a/web.yaml",
        "+++ b/web.yaml",
        f"@@ -{start},{len(old)} +{start if new else start - 1},{len(new)} @@",
        *(f"-{line}" for line in old),
        *(f"+{line}" for line in new),
    ]
    (folder / "web.yaml").write_bytes(text(head).encode())
    command = ["git", "apply", "--unidiff-zero", "--whitespace=nowarn", "-"]
    subprocess.run(command, cwd=folder, input=text(patch).encode(), check=True, capture_output=True)
    assert changed == (folder / "web.yaml").read_bytes()
    assert comment.anchor is not None
