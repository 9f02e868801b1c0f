"""Events as GitHub sends them, cut down to what is read, and as nobody should."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.errors import InputError
from bot.review import events
from bot.review.events import Annotate, Nothing, Publish, PullRequest

HEAD = "e" * 40
BASE = "b" * 40
ZEROS = "0" * 40
SHOP = {"full_name": "octo/shop", "default_branch": "trunk"}
FORK = {"full_name": "reader/shop", "fork": True}


def run(name: str, payload: Any, **environment: str) -> events.Task:
    variables = {"GITHUB_EVENT_NAME": name, "GITHUB_REPOSITORY": "octo/shop", "GITHUB_ACTOR": "ada"}
    return events.read(json.dumps(payload), variables | environment)


def pull(action: str = "opened", *, head: Any = SHOP, **members: Any) -> dict[str, Any]:
    found = {
        "number": 7,
        "state": "open",
        "draft": False,
        "head": {"sha": HEAD, "ref": "change", "repo": head},
        "base": {"sha": BASE, "ref": "main", "repo": SHOP},
    }
    return {"action": action, "number": 7, "pull_request": found | members, "sender": {"login": "ada"}}


PULL = PullRequest("octo/shop", 7, HEAD, BASE, "main")


@pytest.mark.parametrize("action", ["opened", "synchronize", "reopened", "ready_for_review", "labeled", "unheard-of"])
def test_pull_request_is_reviewed(action: str) -> None:
    assert run("pull_request", pull(action)) == PULL


def test_draft_is_said() -> None:
    task = run("pull_request", pull(draft=True))
    assert isinstance(task, PullRequest)
    assert task.draft


@pytest.mark.parametrize("head", [FORK, None], ids=["fork", "fork that is gone"])
def test_fork_has_a_read_only_token(head: Any) -> None:
    task = run("pull_request", pull(head=head))
    assert isinstance(task, PullRequest)
    assert (task.fork, task.read_only) == (True, "fork")
    assert task.repository == "octo/shop"


def test_pull_request_target_may_write_to_a_fork() -> None:
    task = run("pull_request_target", pull(head=FORK))
    assert isinstance(task, PullRequest)
    assert (task.fork, task.read_only) == (True, "")


def test_a_repository_that_is_a_fork_itself_is_none_to_its_own_pull_requests() -> None:
    task = run("pull_request", pull(head=SHOP | {"fork": True, "full_name": "Octo/Shop"}))
    assert task == PULL


@pytest.mark.parametrize("event", ["pull_request", "pull_request_target"])
def test_dependabot_has_a_read_only_token(event: str) -> None:
    task = run(event, pull(), GITHUB_ACTOR="dependabot[bot]")
    assert isinstance(task, PullRequest)
    assert (task.fork, task.read_only) == (False, "Dependabot")


def test_a_person_who_pushes_to_a_branch_of_dependabot_may_write() -> None:
    task = run("pull_request", pull(user={"login": "dependabot[bot]"}), GITHUB_ACTOR="ada")
    assert task == PULL


def test_sender_counts_without_an_actor() -> None:
    payload = pull() | {"sender": {"login": "dependabot[bot]"}}
    task = run("pull_request", payload, GITHUB_ACTOR="")
    assert isinstance(task, PullRequest)
    assert task.read_only == "Dependabot"


def test_new_base_is_a_new_review() -> None:
    changed = pull("edited") | {"changes": {"base": {"ref": {"from": "old"}, "sha": {"from": HEAD}}}}
    assert run("pull_request", changed) == PULL


def test_repository_has_the_name_that_the_runner_says() -> None:
    task = run("pull_request", pull(), GITHUB_REPOSITORY="octo/store")
    assert isinstance(task, PullRequest)
    assert task.repository == "octo/store"


def test_repository_of_the_payload_without_a_runner() -> None:
    assert run("pull_request", pull(head=FORK), GITHUB_REPOSITORY="").repository == "octo/shop"  # type: ignore[union-attr]


def push(before: str = BASE, after: str = HEAD, ref: str = "refs/heads/main") -> dict[str, Any]:
    return {"ref": ref, "before": before, "after": after, "repository": SHOP}


@pytest.mark.parametrize(
    ("payload", "base"),
    [(push(), BASE), (push(before=ZEROS), None), (push(before="0" * 64, after="e" * 64), None)],
    ids=["push", "new branch", "new branch, SHA-256"],
)
def test_push_is_annotated(payload: dict[str, Any], base: str | None) -> None:
    assert run("push", payload) == Annotate("octo/shop", payload["after"], base, "trunk")


def test_merge_group_is_annotated() -> None:
    payload = {"action": "checks_requested", "merge_group": {"head_sha": HEAD, "base_sha": BASE}, "repository": SHOP}
    assert run("merge_group", payload) == Annotate("octo/shop", HEAD, BASE)


def ended(**members: Any) -> dict[str, Any]:
    found = {
        "id": 30433642,
        "event": "pull_request",
        "head_sha": HEAD,
        "head_branch": "change",
        "head_repository": FORK,
        "pull_requests": [],
    }
    return {"action": "completed", "workflow_run": found | members, "repository": SHOP}


PUBLISH = Publish("octo/shop", 30433642, HEAD, "reader/shop", "change")


def test_workflow_run_is_for_publishing() -> None:
    assert run("workflow_run", ended()) == PUBLISH


def listed(number: int = 7, *, repo: Any = FORK, ref: str = "change", sha: str = HEAD, **members: Any) -> Any:
    return pull(head={"full_name": "unused"})["pull_request"] | {
        "number": number,
        "head": {"sha": sha, "ref": ref, "repo": repo},
        **members,
    }


@pytest.mark.parametrize(
    "others",
    [
        [],
        [listed(8, repo={"full_name": "other/shop"})],
        [listed(8, repo=None)],
        [listed(8, ref="change-2")],
        [listed(8, sha=BASE, base={"sha": BASE, "ref": "next", "repo": SHOP})],
    ],
    ids=["alone", "another fork", "a fork that is gone", "another branch", "another commit"],
)
def test_the_pull_request_that_a_run_was_for(others: list[Any]) -> None:
    wanted = PullRequest("octo/shop", 7, HEAD, BASE, "main", fork=True)
    assert events.published(PUBLISH, [*others, listed()]) == wanted
    assert events.published(PUBLISH, [listed(), *others]) == wanted


def test_a_draft_and_a_branch_of_the_repository_itself() -> None:
    task = Publish("octo/shop", 1, HEAD, "Octo/Shop", "change")
    found = events.published(task, [listed(repo=SHOP, draft=True)])
    assert found == PullRequest("octo/shop", 7, HEAD, BASE, "main", draft=True)


@pytest.mark.parametrize(
    ("pulls", "reason"),
    [
        ([], "no open pull request has the head eeeeeee any more"),
        ([listed(sha=BASE)], "any more; a newer run posts for #7"),
        ([listed(repo={"full_name": "other/shop"})], "no open pull request has the head eeeeeee any more"),
        ([listed(7), listed(8)], "the pull requests #7, #8 have the same head"),
    ],
)
def test_no_pull_request_to_publish_for(pulls: list[Any], reason: str) -> None:
    found = events.published(PUBLISH, pulls)
    assert isinstance(found, Nothing)
    assert reason in found.reason


ODD = ["7", {"head": "x"}, {"head": {"repo": FORK}}, listed(base={"sha": BASE, "ref": "-x"})]


@pytest.mark.parametrize("entry", ODD)
def test_a_list_of_pull_requests_that_is_none(entry: Any) -> None:
    with pytest.raises(InputError, match="GitHub's list of pull requests cannot be used"):
        events.published(PUBLISH, [entry])


@pytest.mark.parametrize(
    ("event", "payload", "reason"),
    [
        ("pull_request", pull("closed", state="closed"), "closed"),
        ("pull_request", pull("labeled", state="closed"), "closed"),
        ("pull_request", pull("edited") | {"changes": {"title": {"from": "old"}}}, "title or the description"),
        ("pull_request", pull("edited") | {"changes": {}}, "title or the description"),
        ("push", push(after=ZEROS), "deleted"),
        ("push", push(ref="refs/tags/v1"), "tag"),
        ("merge_group", {"action": "destroyed", "reason": "merged"}, "merge group is gone"),
        ("workflow_run", {"action": "requested", "workflow_run": {}}, "not ended"),
        ("workflow_run", ended(event="push"), "ran for push, not for pull_request"),
        ("workflow_run", ended(event="pull_request_target"), "ran for pull_request_target"),
        ("workflow_run", ended(head_repository=None), "the fork is gone"),
        ("issue_comment", {}, "issue_comment: a comment says nothing"),
        ("schedule", {}, "no pull request"),
        ("workflow_dispatch", "no JSON object", "no pull request"),
        ("fork", {}, "the event is fork"),
    ],
)
def test_nothing_to_do(event: str, payload: Any, reason: str) -> None:
    task = run(event, payload)
    assert isinstance(task, Nothing)
    assert reason in task.reason


@pytest.mark.parametrize(
    ("event", "payload", "message"),
    [
        ("pull_request", [], "the whole is no object"),
        ("pull_request", None, "action is missing"),
        ("pull_request", {"action": "opened"}, "pull_request.state is missing"),
        ("pull_request", {"action": 7}, "action is no text"),
        ("pull_request", {"action": "opened", "pull_request": "7"}, "pull_request is no object"),
        ("pull_request", pull(number="7"), "pull_request.number is no number above zero"),
        ("pull_request", pull(number=True), "pull_request.number is no number above zero"),
        ("pull_request", pull(number=0), "pull_request.number is no number above zero"),
        ("pull_request", pull(draft="no"), "pull_request.draft is neither true nor false"),
        ("pull_request", pull(head=[]), "pull_request.head.repo is no object"),
        ("pull_request", pull(head={"full_name": None}), "pull_request.head.repo.full_name is missing"),
        ("pull_request", pull(head={}) | {"changes": 1}, "pull_request.head.repo.full_name is missing"),
        ("pull_request", pull("edited") | {"changes": 1}, "changes is no object"),
        (
            "pull_request",
            pull(base={"sha": "--upload-pack", "repo": SHOP}),
            "'--upload-pack', not the name",
        ),
        ("pull_request", pull(base={"sha": BASE, "ref": "-x", "repo": SHOP}), "'-x', not the name of a branch"),
        ("pull_request", pull(base={"sha": BASE, "ref": "a\nb", "repo": SHOP}), "not the name of a branch"),
        ("pull_request", pull(base={"sha": BASE, "ref": "\ud800", "repo": SHOP}), "not the name of a branch"),
        ("push", push(before="HEAD~1"), "before is 'HEAD~1', not the name of a commit"),
        ("push", push() | {"ref": ""}, "ref is no text"),
        ("merge_group", {"action": "checks_requested"}, "merge_group.head_sha is missing"),
        ("workflow_run", {"action": "completed", "workflow_run": {"id": -1}}, "workflow_run.id is no number"),
        ("workflow_run", ended(head_sha="HEAD"), "workflow_run.head_sha is 'HEAD', not the name of a commit"),
        ("workflow_run", ended(head_branch="-x"), "'-x', not the name of a branch"),
        ("workflow_run", ended(head_repository={"full_name": "a/b/../c"}), "not OWNER/NAME"),
    ],
)
def test_odd_payloads_get_one_line(event: str, payload: Any, message: str) -> None:
    with pytest.raises(InputError) as refusal:
        run(event, payload)
    assert message in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("text", ["", "{", "\0", "[" * 100_000])
def test_no_json(text: str) -> None:
    with pytest.raises(InputError, match="is no JSON; GITHUB_EVENT_PATH"):
        events.read(text, {"GITHUB_EVENT_NAME": "push"})


def test_outside_of_a_workflow() -> None:
    with pytest.raises(InputError, match="--base and --head"):
        events.read("{}", {})


@pytest.mark.parametrize("name", ["octo", "octo/shop/x", "octo/shop\n", "../shop x"])
def test_odd_repository(name: str) -> None:
    with pytest.raises(InputError, match="it is OWNER/NAME"):
        run("pull_request", pull(), GITHUB_REPOSITORY=name)
