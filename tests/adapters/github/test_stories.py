"""A pull request's reviews against the strict fake, which judges every request by GitHub's own description."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from bot.adapters.github import connect, posting
from bot.adapters.github.errors import Forbidden, Unreachable
from bot.adapters.github.patience import Patience
from bot.adapters.github.place import locate
from bot.adapters.github.pull_request import GitHubPullRequest
from bot.review import marker
from bot.review.model import Author, Draft
from tests.adapters.github.scripted import Clock
from tests.fakes.github import FakeGitHub, Fault

BEFORE = "".join(f"line-{number}: old\n" for number in range(1, 41))
# Two hunks: around line 5 and around line 30.
AFTER = BEFORE.replace("line-5: old", "line-5: new").replace("line-30: old", "line-30: new")


def open_pull(fake: FakeGitHub, *, fork: str | None = None) -> str:
    """A pull request with two hunks; says its head."""
    return fake.open_pull({"web.yaml": BEFORE}, {"web.yaml": AFTER}, fork=fork).head


def there(fake: FakeGitHub, clock: Clock, *, token: str = "", budget: float = 300) -> GitHubPullRequest:
    """The newest pull request, as the adapter sees it."""
    patience = Patience(budget, clock=clock.now, sleep=clock.sleep)
    place = locate(fake.full_name, fake.environment)
    return connect(place, fake.newest.number, token or fake.secret, patience)


def draft(head: str, line: int, *, start: int | None = None, path: str = "web.yaml") -> Draft:
    name = f"{line:016x}"
    text = f"A finding.\n\n```suggestion\nline-{line}: mended\n```\n{marker.write([name], head=head)}"
    return Draft(path, start, line, text, (name,))


def summary(head: str) -> str:
    return f"### Suggestions\n\n{marker.write_summary([], [], head=head)}"


def standing(fake: FakeGitHub) -> list[tuple[int, bool]]:
    """Line and whose it is, of every comment that stands at the pull request."""
    return [(each.original.line, each.author.bot) for each in fake.newest.comments]


def operations(fake: FakeGitHub) -> list[str]:
    return [request.operation for request in fake.requests]


def test_ten_requests_at_most_for_a_run_that_posts_a_review(github: FakeGitHub, clock: Clock) -> None:
    files = {f"{number}.yaml": "a: 1\n" for number in range(299)}
    github.open_pull(dict.fromkeys(files, "a: 0\n") | {"web.yaml": BEFORE}, files | {"web.yaml": AFTER})
    run = there(github, clock)
    state = run.pull()
    assert run.merge_base(state.base, state.head) == github.merge_base(state.base, state.head)
    assert len(run.patches(300)) == 300
    assert (run.reviews(), run.comments()) == ((), ())
    outcome = run.post(state.head, summary(state.head), [draft(state.head, 5), draft(state.head, 30, start=28)])
    assert len(outcome.posted) == 2
    assert len(github.requests) <= 10, operations(github)
    assert operations(github).count("pulls/list-files") == 3


def test_what_was_posted_is_read_again(github: FakeGitHub, clock: Clock) -> None:
    head = open_pull(github)
    run = there(github, clock)
    drafts = [draft(head, 5), draft(head, 30, start=28)]
    outcome = run.post(head, summary(head), drafts)
    assert outcome.review is not None
    assert outcome.url.startswith(github.url)
    github.comment("web.yaml", 6, "A person's word.")
    again = there(github, clock)
    (review, other) = again.reviews()
    assert (review.id, review.author, review.body, review.commit) == (outcome.review, Author.OWN, summary(head), head)
    assert other.author is Author.OTHER
    found = [(each.author, each.start_line, each.line, each.commit, each.edited) for each in again.comments()]
    assert found == [
        (Author.OWN, 28, 30, head, False),
        (Author.OWN, None, 5, head, False),
        (Author.OTHER, None, 6, head, False),
    ]


def test_hunks_are_githubs(github: FakeGitHub, clock: Clock) -> None:
    open_pull(github)

    hunks = there(github, clock).patches(1)["web.yaml"]
    assert [(hunk.start, hunk.end, hunk.added) for hunk in hunks] == [
        (2, 8, (range(5, 6),)),
        (27, 33, (range(30, 31),)),
    ]


def test_what_people_did_is_seen(github: FakeGitHub, clock: Clock) -> None:
    head = open_pull(github)
    there(github, clock).post(head, summary(head), [draft(head, line) for line in (3, 4, 5, 6, 30)])
    ours = {comment.original.line: comment.id for comment in github.newest.comments}
    github.resolve(ours[3])
    github.reply(ours[4], "No.")
    github.reply(ours[4], "Really not.")
    github.delete_comment(ours[6])
    github.push({"web.yaml": AFTER.replace("line-30: new", "line-30: newer")})
    run = there(github, clock)
    seen = {each.id: each for each in run.comments()}
    assert ours[6] not in seen
    assert [(seen[ours[line]].resolved, seen[ours[line]].replies) for line in (3, 4, 5)] == [
        (True, 0),
        (False, 2),
        (False, 0),
    ]
    assert seen[ours[30]].line is None, "the line is not there any more"
    assert seen[ours[30]].commit == head


def test_somebody_elses_edit_is_seen(github: FakeGitHub, clock: Clock) -> None:
    head = open_pull(github)
    there(github, clock).post(head, summary(head), [draft(head, line) for line in (4, 5)])
    ours = {comment.original.line: comment.id for comment in github.newest.comments}
    github.edit_comment(ours[5], "Changed.", by="ada")
    assert {each.line: each.edited for each in there(github, clock).comments()} == {4: False, 5: True}


def test_our_own_edit_is_no_edit(github: FakeGitHub, clock: Clock) -> None:
    head = open_pull(github)
    run = there(github, clock)
    outcome = run.post(head, summary(head), [draft(head, 5)])
    (comment,) = run.comments()
    run.edit_comment(comment.id, "Fixed.")
    assert outcome.review is not None
    run.edit_review(outcome.review, "Nothing left.")
    again = there(github, clock)
    assert [(each.body, each.edited) for each in again.comments()] == [("Fixed.", False)]
    assert [each.body for each in again.reviews()] == ["Nothing left."]
    again.delete_comment(comment.id)
    again.delete_comment(comment.id)
    assert again.comments() == ()


def test_a_personal_token_knows_its_own(github: FakeGitHub, clock: Clock) -> None:
    head = open_pull(github)
    there(github, clock).post(head, summary(head), [draft(head, 5)])
    ada = github.personal_token("ada")
    there(github, clock, token=ada).post(head, summary(head), [draft(head, 30)])
    authors = {each.line: each.author for each in there(github, clock, token=ada).comments()}
    assert authors == {5: Author.OTHER, 30: Author.OWN}


def test_other_hunks_than_ours(github: FakeGitHub, clock: Clock) -> None:
    """GitHub shows fewer lines than we thought: what lies outside is left out, the rest stands once."""
    head = open_pull(github)
    github.diff_options += ("--unified=1",)
    run = there(github, clock)
    outcome = run.post(head, summary(head), [draft(head, line) for line in (2, 5, 30, 33)])
    assert [each.line for each in outcome.posted] == [30, 5]
    assert [(each.line, reason) for each, reason in outcome.refused] == [(33, posting.OUTSIDE), (2, posting.OUTSIDE)]
    assert standing(github) == [(30, True), (5, True)]
    assert len(github.newest.reviews) == 1


def test_a_refusal_that_names_nothing(github: FakeGitHub, clock: Clock) -> None:
    """One comment that GitHub does not take, in a file without a patch: halves find it."""
    head = github.open_pull({"web.yaml": BEFORE, "big.yaml": "a: 1\n"}, {"web.yaml": AFTER, "big.yaml": "a: 2\n"}).head
    github.withheld.add("big.yaml")
    bad = draft(head, 1, path="big.yaml")
    outcome = there(github, clock).post(head, summary(head), [*(draft(head, line) for line in (3, 5, 30)), bad])
    assert [each for each, _ in outcome.refused] == [bad]
    assert sorted(each.line for each in outcome.posted) == [3, 5, 30]
    assert sorted(standing(github)) == [(3, True), (5, True), (30, True)]
    assert [marker.read_summary(each.body) is not None for each in github.newest.reviews].count(True) == 1


@pytest.mark.parametrize("fault", ["502", "502-after", "500", "hang-up", "hang-up-after", "not-json"])
@pytest.mark.parametrize("unseen", [0, 3])
def test_nothing_is_there_twice_after_a_lost_answer(github: FakeGitHub, clock: Clock, fault: str, unseen: int) -> None:
    head = open_pull(github)
    github.faults.append(Fault("pulls/create-review", fault))  # type: ignore[arg-type]
    if unseen:
        github.faults.append(Fault("pulls/create-review", "unseen", reads=unseen))
    outcome = there(github, clock).post(head, summary(head), [draft(head, 5), draft(head, 30)])
    assert sorted(each.line for each in outcome.posted) == [5, 30]
    assert sorted(standing(github)) == [(5, True), (30, True)]
    assert [each.id for each in github.newest.reviews] == [outcome.review]


@pytest.mark.parametrize(
    ("fault", "slept"),
    [("secondary", [90]), ("secondary-silent", [60]), ("too-many", [90]), ("too-many-silent", [60])],
)
def test_rate_limits(github: FakeGitHub, clock: Clock, fault: str, slept: list[float]) -> None:
    head = open_pull(github)
    github.faults.append(Fault("pulls/create-review", fault, seconds=90))  # type: ignore[arg-type]
    there(github, clock).post(head, summary(head), [draft(head, 5)])
    assert clock.slept == slept
    assert standing(github) == [(5, True)]


def test_head_moves_before_the_post(github: FakeGitHub, clock: Clock) -> None:
    head = open_pull(github)
    github.push({"web.yaml": AFTER + "more: 1\n"})
    assert there(github, clock).post(head, summary(head), [draft(head, 5)]).moved
    assert "pulls/create-review" not in operations(github)


def test_head_is_pushed_away_during_the_post(github: FakeGitHub, clock: Clock) -> None:
    head = open_pull(github)
    github.faults.append(Fault("pulls/create-review", "force-push", files={"web.yaml": AFTER + "more: 1\n"}))
    assert there(github, clock).post(head, summary(head), [draft(head, 5)]).moved
    assert standing(github) == []


def test_read_only_token_tries_once(github: FakeGitHub, clock: Clock) -> None:
    head = open_pull(github, fork="reader")
    github.read_only()
    run = there(github, clock)
    assert (run.reviews(), run.comments()) == ((), ())
    with pytest.raises(Forbidden, match=r"\n  permissions:\n    contents: read\n    pull-requests: write\n"):
        run.post(head, summary(head), [draft(head, 5)])
    assert operations(github).count("pulls/create-review") == 1


def test_fork_that_is_gone(github: FakeGitHub, clock: Clock) -> None:
    head = open_pull(github, fork="reader")
    github.delete_fork()
    state = there(github, clock).pull()
    assert (state.head, state.open) == (head, True)


def test_private_repository_without_rights(tmp_path: Path, clock: Clock) -> None:
    with FakeGitHub(tmp_path, private=True) as fake:
        open_pull(fake)
        fake.permit()
        with pytest.raises(Forbidden, match=r"acme/shop#\d+ is not there, or this token may not see it"):
            there(fake, clock).pull()
        assert fake.offences == []


def test_enterprise_server(tmp_path: Path, clock: Clock) -> None:
    with FakeGitHub(tmp_path, ghes=True) as fake:
        head = open_pull(fake)
        run = there(fake, clock)
        run.post(head, summary(head), [draft(head, 5)])
        assert [each.author for each in run.comments()] == [Author.OWN]
        assert fake.offences == []


def test_certificate_of_an_authority_of_ones_own(tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    pem, key = tmp_path / "authority.pem", tmp_path / "key.pem"
    names = ("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1")
    make = ("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key, "-out", pem)
    subprocess.run((*make, *names), check=True, capture_output=True)
    both = tmp_path / "both.pem"
    both.write_bytes(pem.read_bytes() + key.read_bytes())
    with FakeGitHub(tmp_path / "github", certificate=both) as fake:
        head = open_pull(fake)
        place = locate(fake.full_name, fake.environment, certificate=str(pem))
        patience = Patience(0, clock=clock.now, sleep=clock.sleep)
        run = connect(place, fake.newest.number, fake.secret, patience)
        run.post(head, summary(head), [draft(head, 5)])
        assert [each.author for each in run.comments()] == [Author.OWN]
        with pytest.raises(Unreachable, match="is not trusted; `ca-certificate` names the PEM file"):
            there(fake, clock).pull()


def test_many_comments_are_read_in_pages(github: FakeGitHub, clock: Clock) -> None:
    head = open_pull(github)
    there(github, clock).post(head, summary(head), [draft(head, 5)])
    (first,) = github.newest.comments
    for number in range(150):
        github.reply(first.id, f"answer {number}")
        github.comment("web.yaml", 6, f"word {number}")
    github.resolve(github.newest.comments[-1].id)
    run = there(github, clock)
    found = run.comments()
    assert len(found) == 301
    assert (found[0].replies, found[0].resolved) == (150, False)
    assert sum(each.resolved for each in found) == 1


def test_server_that_is_down(github: FakeGitHub, clock: Clock) -> None:
    open_pull(github)
    github.faults.append(Fault("*", "502", times=99))
    with pytest.raises(Unreachable, match="the next run tries again"):
        there(github, clock).pull()
