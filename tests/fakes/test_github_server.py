"""What the fake demands of every request, what it does when told to fail, and git over HTTP."""

from __future__ import annotations

import base64
import ssl
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fakes import certificates
from tests.fakes.client import HEADERS, Client, client
from tests.fakes.github import SECRET, FakeGitHub, Fault

LINES = "".join(f"line {number}\n" for number in range(1, 31))
CHANGED = LINES.replace("line 10\n", "ten\n")


@pytest.fixture
def web(github: FakeGitHub) -> Iterator[Client]:
    """A client at a pull request that changes line 10 of web.yaml."""
    github.open_pull({"web.yaml": LINES}, {"web.yaml": CHANGED})
    with client(github) as found:
        yield found


def offences(fake: FakeGitHub) -> list[str]:
    """What was noted; the list is empty afterwards."""
    found = [each.text for each in fake.offences]
    fake.offences.clear()
    return found


def test_it_starts_in_no_time(tmp_path: Path) -> None:
    FakeGitHub(tmp_path / "warm").stop()
    began = time.perf_counter()
    fake = FakeGitHub(tmp_path / "github")
    spent = time.perf_counter() - began
    fake.stop()
    assert spent < 0.05


def test_an_operation_that_it_does_not_have(web: Client) -> None:
    assert web.http.get(f"{web.repo}/labels").status_code == 500
    assert offences(web.fake) == ["the fake has no such operation"]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"comment": []}, "Additional properties are not allowed"),
        (
            {"comments": [{"path": "web.yaml", "body": "x", "line": 10, "subject_type": "line"}]},
            "Additional properties",
        ),
        ({"comments": [{"path": "web.yaml", "body": "x", "line": "10"}]}, 'is not of type "integer"'),
        ({"comments": [{"path": "web.yaml", "line": 10}]}, '"body" is a required property'),
        ({"event": "PRAISE"}, "is not one of"),
    ],
)
def test_a_body_that_the_description_does_not_allow(web: Client, more: dict[str, Any], said: str) -> None:
    answer = web.review(**more)
    assert answer.status_code == 422
    assert said in answer.json()["message"]
    (noted,) = offences(web.fake)
    assert said in noted
    assert web.get("/reviews") == []


@pytest.mark.parametrize(
    ("more", "noted"),
    [
        ({"event": None}, "no event: the review is a draft that nobody sees"),
        ({"commit_id": None}, "no commit_id: lines mean whatever the head is by then"),
        ({"comments": [{"path": "web.yaml", "body": "x", "position": 5}]}, "position is going away"),
    ],
)
def test_what_is_allowed_and_still_wrong_for_us(web: Client, more: dict[str, Any], noted: str) -> None:
    body = {"commit_id": web.fake.newest.head, "event": "COMMENT", "body": "x", **more}
    web.post("reviews", {name: value for name, value in body.items() if value is not None})
    (found,) = offences(web.fake)
    assert noted in found


def test_a_draft_is_seen_by_its_author_only(web: Client) -> None:
    web.post("reviews", {"commit_id": web.fake.newest.head, "body": "x"})
    assert [each["state"] for each in web.get("/reviews")] == ["PENDING"]
    with client(web.fake, web.fake.personal_token("rosa")) as rosa:
        assert rosa.get("/reviews") == []
    offences(web.fake)


@pytest.mark.parametrize(
    ("headers", "status", "noted"),
    [
        ({"x-github-api-version": ""}, 200, "X-GitHub-Api-Version is not 2022-11-28"),
        ({"accept": "text/html"}, 200, "Accept: text/html"),
        ({"authorization": "Bearer ghs_another"}, 401, None),
        ({"authorization": "Basic abc"}, 401, None),
    ],
)
def test_headers(github: FakeGitHub, headers: dict[str, str], status: int, noted: str | None) -> None:
    github.open_pull({}, {"a": "b"})
    with client(github, **headers) as web:
        assert web.http.get(web.repo).status_code == status
    assert offences(github) == ([noted] if noted else [])


def test_parameters_and_page_sizes_that_github_does_not_know(web: Client) -> None:
    web.get("/files", per_page=1000, order="asc")
    assert offences(web.fake) == ["no parameter 'order' in pulls/list-files", "per_page=1000: GitHub gives 100 at most"]


@pytest.mark.parametrize(
    ("private", "permissions", "reads", "writes"),
    [
        (False, {"pull_requests": "write"}, 200, 200),
        (False, {"pull_requests": "read"}, 200, 403),
        (False, {}, 200, 403),
        (True, {"pull_requests": "write"}, 200, 200),
        (True, {"pull_requests": "read"}, 200, 403),
        (True, {"contents": "write"}, 404, 404),
    ],
)
def test_permissions(tmp_path: Path, private: bool, permissions: dict[str, str], reads: int, writes: int) -> None:
    with FakeGitHub(tmp_path / "github", private=private) as fake, client(fake) as web:
        fake.open_pull({"web.yaml": LINES}, {"web.yaml": CHANGED})
        fake.permit(**permissions)
        assert web.http.get(f"{web.repo}/pulls/{fake.newest.number}").status_code == reads
        answer = web.review({"line": 10})
        assert answer.status_code == writes
        if writes == 403:
            assert answer.json()["message"] == "Resource not accessible by integration"
            assert answer.headers["x-accepted-github-permissions"] == "pull_requests=write"
        assert fake.offences == []


def test_without_a_token_only_public_things_can_be_read(github: FakeGitHub) -> None:
    github.open_pull({"web.yaml": LINES}, {"web.yaml": CHANGED})
    with client(github, None) as nobody:
        assert nobody.get()["number"] == github.newest.number
        assert nobody.review({"line": 10}).status_code == 401


def test_enterprise_server_answers_below_its_own_path(tmp_path: Path) -> None:
    with FakeGitHub(tmp_path / "github", ghes=True) as fake, client(fake) as web:
        fake.open_pull({"web.yaml": LINES}, {"web.yaml": CHANGED})
        assert fake.environment["GITHUB_API_URL"].endswith("/api/v3")
        assert web.get()["url"].startswith(fake.environment["GITHUB_API_URL"])
        assert web.graphql("{ viewer { login } }") == {"data": {"viewer": {"login": "github-actions[bot]"}}}
        assert fake.offences == []
        assert httpx.get(f"{fake.url}{web.repo}", trust_env=False).status_code == 404
        assert "below /api/v3" in offences(fake)[0]


THREADS = """query($n: Int!) { repository(owner: "acme", name: "shop") { pullRequest(number: $n) {
  reviewThreads(first: 50) { totalCount nodes { id isResolved isOutdated line viewerCanResolve
    comments(first: 10) { nodes { id fullDatabaseId databaseId author { __typename login } editor { login } } }
  } } } } }"""


def threads(web: Client) -> list[dict[str, Any]]:
    """The threads as GraphQL tells them."""
    found = web.graphql(THREADS, n=web.fake.newest.number)["data"]["repository"]["pullRequest"]["reviewThreads"][
        "nodes"
    ]
    assert isinstance(found, list)
    return found


def test_threads(web: Client) -> None:
    web.review({"line": 10}, {"line": 12})
    first = web.fake.bot_comments[0]
    web.fake.resolve(first.id)
    web.fake.edit_comment(first.id, "edited")
    web.fake.push({"web.yaml": CHANGED.replace("line 12\n", "12\n")})
    one, other = threads(web)
    assert (one["isResolved"], one["isOutdated"], one["line"], one["viewerCanResolve"]) == (True, False, 10, False)
    assert (other["isResolved"], other["isOutdated"], other["line"]) == (False, True, None)
    (comment,) = one["comments"]["nodes"]
    assert comment["author"] == {"__typename": "Bot", "login": "github-actions"}
    assert (comment["fullDatabaseId"], comment["databaseId"]) == (str(first.id), None)
    assert comment["editor"] == {"login": "karl"}


RESOLVE = "mutation($id: ID!) { resolveReviewThread(input: {threadId: $id}) { thread { isResolved } } }"
MINIMIZE = (
    "mutation($id: ID!) { minimizeComment(input: {subjectId: $id, classifier: OUTDATED}) "
    "{ minimizedComment { isMinimized minimizedReason } } }"
)


def test_resolving_needs_contents_write(web: Client) -> None:
    web.review({"line": 10})
    thread = threads(web)[0]["id"]
    refused = web.graphql(RESOLVE, id=thread)
    assert refused["data"] == {"resolveReviewThread": None}
    (error,) = refused["errors"]
    assert (error["type"], error["message"]) == ("FORBIDDEN", "Resource not accessible by integration")
    web.fake.permit(contents="write", pull_requests="write")
    assert web.graphql(RESOLVE, id=thread)["data"]["resolveReviewThread"]["thread"]["isResolved"]
    assert threads(web)[0]["isResolved"]


def test_minimising_needs_issues_write(web: Client) -> None:
    web.review({"line": 10})
    comment = threads(web)[0]["comments"]["nodes"][0]["id"]
    assert web.graphql(MINIMIZE, id=comment)["errors"][0]["type"] == "FORBIDDEN"
    web.fake.permit(pull_requests="write", issues="write")
    done = web.graphql(MINIMIZE, id=comment)["data"]["minimizeComment"]["minimizedComment"]
    assert done == {"isMinimized": True, "minimizedReason": "outdated"}


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("{ viewer { nickname } }", "Cannot query field 'nickname' on type 'User'"),
        ("{ viewer { login }", "Syntax Error"),
    ],
)
def test_documents_are_checked_against_the_schema(web: Client, document: str, said: str) -> None:
    assert said in web.graphql(document)["errors"][0]["message"]
    (noted,) = offences(web.fake)
    assert said in noted


def test_lists_of_graphql_want_a_size(web: Client) -> None:
    query = THREADS.replace("reviewThreads(first: 50)", "reviewThreads")
    assert "You must provide a `first` or `last` value" in web.graphql(query, n=128)["errors"][0]["message"]
    query = THREADS.replace("first: 50", "first: 101")
    assert web.graphql(query, n=128)["errors"][0]["type"] == "EXCESSIVE_PAGINATION"


@pytest.mark.parametrize(
    ("kind", "status", "wait"),
    [
        ("502", 502, None),
        ("500", 500, None),
        ("secondary", 403, "7"),
        ("secondary-silent", 403, None),
        ("too-many", 429, "7"),
        ("too-many-silent", 429, None),
        ("422", 422, None),
    ],
)
def test_faults_instead_of_an_answer(web: Client, kind: Any, status: int, wait: str | None) -> None:
    web.fake.faults.append(Fault("pulls/create-review", kind, nth=2, seconds=7))
    assert [web.review({"line": 10}).status_code for _ in range(3)] == [200, status, 200]
    assert len(web.get("/comments")) == 2
    refused = [each for each in web.fake.requests if each.status == status]
    assert len(refused) == 1
    web.fake.faults.append(Fault("pulls/create-review", kind, seconds=7))
    assert web.review({"line": 10}).headers.get("retry-after") == wait


def test_an_answer_that_gets_lost(web: Client) -> None:
    web.fake.faults.append(Fault("pulls/create-review", "502-after"))
    assert web.review({"line": 10}).status_code == 502
    web.fake.faults.append(Fault("pulls/create-review", "hang-up-after"))
    with pytest.raises(httpx.RemoteProtocolError):
        web.review({"line": 11})
    assert [each["line"] for each in web.get("/comments")] == [10, 11]


def test_what_was_written_may_be_missing_from_some_reads(web: Client) -> None:
    web.fake.faults.append(Fault("pulls/create-review", "unseen", reads=2))
    web.review({"line": 10})
    assert [len(web.get(what)) for what in ("/reviews", "/comments", "/reviews", "/comments")] == [0, 0, 1, 1]


def test_the_head_may_move_between_two_requests(web: Client) -> None:
    old = web.get()["head"]["sha"]
    web.fake.faults.append(Fault("pulls/get", "push", files={"web.yaml": LINES.replace("line 10\n", "10\n")}))
    new = web.get()["head"]["sha"]
    assert old != new
    assert web.fake.repository.parents(new) == [old]


def test_the_hours_requests_are_counted(web: Client) -> None:
    web.fake.limit = 3
    answers = [web.http.get(web.repo) for _ in range(4)]
    assert [each.status_code for each in answers] == [200, 200, 200, 403]
    assert [each.headers["x-ratelimit-remaining"] for each in answers] == ["2", "1", "0", "0"]
    assert answers[3].json()["message"].startswith("API rate limit exceeded")
    assert web.http.get("/rate_limit").json()["resources"]["core"]["remaining"] == 0


def test_patches_that_are_missing(web: Client) -> None:
    web.fake.push({"big.yaml": "a\n", "huge.yaml": "a\n", "last.yaml": LINES})
    web.fake.withheld.add("big.yaml")
    web.fake.zeroed.add("huge.yaml")
    found = {each["filename"]: each for each in web.get("/files")}
    assert ("patch" in found["big.yaml"], found["big.yaml"]["additions"]) == (False, 1)
    assert ("patch" in found["huge.yaml"], found["huge.yaml"]["additions"]) == (False, 0)
    assert web.review({"path": "huge.yaml", "line": 1}).status_code == 200
    refused = web.review({"path": "big.yaml", "line": 1})
    assert refused.json()["errors"] == ["Pull request review thread diff hunk can't be blank"]
    web.fake.patch_lines = 40
    found = {each["filename"]: each for each in web.get("/files")}
    assert ("patch" in found["last.yaml"], "patch" in found["web.yaml"]) == (True, False)
    assert "patch" in web.get("/files", per_page=1, page=4)[0]


def test_other_hunks_than_git_shows_by_itself(web: Client) -> None:
    web.fake.diff_options = (*web.fake.diff_options, "--unified=1")
    assert web.review({"line": 12}).status_code == 422
    assert web.review({"line": 11}).status_code == 200


def test_no_more_than_3000_files(github: FakeGitHub) -> None:
    github.open_pull({"a": "b"}, {f"{number:04}.yaml": "a\n" for number in range(3005)})
    with client(github) as web:
        assert web.get()["changed_files"] == 3005
        assert len(web.every("/files", per_page=100)) == 3000


def test_comparing_gives_the_merge_base(web: Client) -> None:
    base = web.fake.newest.base
    tip = web.fake.advance_base({"other.yaml": "a\n"})
    found = web.http.get(f"{web.repo}/compare/{tip}...{web.fake.newest.head}", params={"per_page": 1}).json()
    assert (found["merge_base_commit"]["sha"], found["status"]) == (base, "diverged")
    assert (found["ahead_by"], found["behind_by"]) == (1, 1)
    assert [each["filename"] for each in found["files"]] == ["web.yaml"]


def fetched(fake: FakeGitHub, folder: Path, *headers: str) -> subprocess.CompletedProcess[str]:
    """Fetch a pull request's head at depth 1, with these headers."""
    subprocess.run(["git", "init", "--quiet", "--bare", str(folder)], check=True)
    extra = [part for header in headers for part in ("-c", f"http.extraHeader={header}")]
    url = f"{fake.url}/{fake.full_name}"
    command = ["git", "-C", str(folder), *extra, "fetch", "--depth=1", url, f"refs/pull/{fake.newest.number}/head"]
    environment = {"PATH": "/usr/bin:/bin:/usr/local/bin", "GIT_TERMINAL_PROMPT": "0", "HOME": str(folder)}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def basic(secret: str) -> str:
    return "Authorization: basic " + base64.b64encode(f"x-access-token:{secret}".encode()).decode()


def test_git_fetches_a_pull_request_with_a_token(github: FakeGitHub, tmp_path: Path) -> None:
    github.open_pull({"a": "b"}, {"a": "c"}, fork="rosa")
    done = fetched(github, tmp_path / "clone", basic(SECRET))
    assert done.returncode == 0, done.stderr
    command = ["git", "-C", str(tmp_path / "clone"), "rev-parse", "FETCH_HEAD"]
    assert subprocess.check_output(command, text=True).strip() == github.newest.head
    command = ["git", "-c", f"http.extraHeader={basic(SECRET)}", "ls-remote", f"{github.url}/{github.full_name}.git"]
    told = {line.split("\t")[1] for line in subprocess.check_output(command, text=True).splitlines()}
    assert told == {
        "HEAD",
        "refs/heads/main",
        f"refs/pull/{github.newest.number}/head",
    }  # not the fork


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ([], "could not read Username"),
        ([basic("ghs_another")], "could not read Username"),
        ([basic(SECRET), basic(SECRET)], "400"),
    ],
)
def test_git_is_refused_otherwise(github: FakeGitHub, tmp_path: Path, headers: list[str], said: str) -> None:
    github.open_pull({"a": "b"}, {"a": "c"})
    done = fetched(github, tmp_path / "clone", *headers)
    assert done.returncode != 0
    assert said in done.stderr
    assert len(offences(github)) == (len(headers) == 2)


def test_git_sees_no_private_repository_without_permission(tmp_path: Path) -> None:
    with FakeGitHub(tmp_path / "github", private=True) as fake:
        fake.open_pull({"a": "b"}, {"a": "c"})
        fake.permit(pull_requests="write")
        assert "not found" in fetched(fake, tmp_path / "clone", basic(SECRET)).stderr


def test_with_a_certificate_it_speaks_tls(tmp_path: Path) -> None:
    made = certificates.make(tmp_path)
    with FakeGitHub(tmp_path / "github", certificate=made.server) as fake:
        fake.open_pull({"a": "b"}, {"a": "c"})
        assert fake.url.startswith("https://127.0.0.1:")
        trusting = ssl.create_default_context(cafile=str(made.authority))
        url = f"{fake.url}/repos/{fake.full_name}"
        assert httpx.get(url, verify=trusting, trust_env=False, headers=HEADERS).status_code == 200
        with pytest.raises(httpx.ConnectError, match="certificate verify failed"):
            httpx.get(url, trust_env=False)
        assert fake.offences == []
