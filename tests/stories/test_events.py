"""Every event that starts a workflow: what is posted, what is annotated, what is left as files, which exit code."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import events
from tests.fakes.events import Event
from tests.fakes.github import FakeGitHub, Fault
from tests.fakes.runner import Run
from tests.stories.shop import CLEAN, GAIN, PID, SECCOMP, deployment
from tests.stories.stage import Stage

FILES = {"findings.json", "results.sarif", "fixes.patch", "review.json", "summary.md"}
RIGHTS = "\n  permissions:\n    contents: read\n    pull-requests: write\n"


def open_pull(stage: Stage, *risks: str, **more: Any) -> None:
    stage.github.open_pull({"web.yaml": CLEAN}, {"web.yaml": deployment(*risks)}, **more)


def lines(run: Run) -> list[tuple[str, str, str]]:
    """Level, file and line of each annotation."""
    return [
        (each.level, each.properties["file"], each.properties["line"])
        for each in run.annotations
        if "file" in each.properties
    ]


def told_without_a_review(stage: Stage, run: Run, why: str) -> None:
    """Nothing was posted or tried; the findings are annotations, in the step's summary, and in the files."""
    assert not [each for each in stage.operations() if "create" in each or "update" in each or "delete" in each]
    assert lines(run) == [("error", "web.yaml", "18"), ("warning", "web.yaml", "41")]
    assert run.summary.startswith(f"> {why}")
    assert "hostPID: true" in run.summary, "the patch is shown"
    assert (run.outputs["findings"], run.outputs["suggestions"], run.outputs["patched"]) == ("2", "0", "2")
    assert run.outputs["review-url"] == ""
    told_in_files(stage, run)


def told_in_files(stage: Stage, run: Run) -> None:
    """The report files are there, belong to the workspace's owner, and say the same; the patch applies at the head."""
    folder = run.folder / run.outputs["report"]
    assert {each.name for each in folder.iterdir()} == FILES
    assert {each.stat().st_uid for each in (folder, *folder.iterdir())} == {run.folder.stat().st_uid}
    found = json.loads((folder / "findings.json").read_text())
    assert sorted(each["policy"] for each in found["findings"]) == [GAIN, PID]
    sarif = json.loads((run.folder / run.outputs["sarif"]).read_text())
    assert sorted(each["ruleId"] for each in sarif["runs"][0]["results"]) == [GAIN, PID]
    payload = json.loads((run.folder / run.outputs["payload"]).read_text())
    assert [each["line"] for each in payload["comments"]] == [41, 18]
    applied(stage, run.folder / run.outputs["patch"])


def applied(stage: Stage, patch: Path) -> None:
    """`git apply` takes the patch at the head, and nothing is left to find then."""
    place = stage.runner.folder / "applied"
    subprocess.run(["git", "clone", "--quiet", "--no-checkout", stage.github.repository.path, place], check=True)
    for command in (["fetch", "-q", "origin", stage.github.newest.head], ["checkout", "-q", "FETCH_HEAD"]):
        subprocess.run(["git", *command], cwd=place, check=True, capture_output=True)
    subprocess.run(["git", "apply", patch], cwd=place, check=True)
    assert (place / "web.yaml").read_text() == CLEAN


def test_fork(stage: Stage) -> None:
    open_pull(stage, PID, GAIN, fork="stranger")
    stage.github.read_only()
    told_without_a_review(stage, stage.review(), "a pull request from a fork: the token only reads")


def test_fork_that_is_gone(stage: Stage) -> None:
    open_pull(stage, PID, GAIN, fork="stranger")
    stage.github.delete_fork()
    stage.github.read_only()
    told_without_a_review(stage, stage.review(), "a pull request from a fork: the token only reads")


def test_dependabot(stage: Stage) -> None:
    open_pull(stage, PID, GAIN)
    stage.github.read_only()
    run = stage.review(events.dependabot(stage.github))
    told_without_a_review(stage, run, "a pull request from Dependabot: the token only reads")


def test_a_person_who_pushes_to_dependabots_branch_gets_a_review(stage: Stage) -> None:
    open_pull(stage, PID, GAIN)
    event = events.dependabot(stage.github)
    stage.review(Event(event.name, event.payload, "karl", event.ref, event.sha, event.head_ref, event.base_ref))
    assert stage.suggested == [GAIN, PID]


@pytest.mark.parametrize(("fail_on", "code"), [("never", 0), ("low", 1), ("medium", 1), ("high", 1), ("critical", 0)])
def test_fail_on_decides_the_exit_code_of_a_fork(stage: Stage, fail_on: str, code: int) -> None:
    open_pull(stage, PID, GAIN, fork="stranger")
    stage.github.read_only()
    stage.review(code=code, fail_on=fail_on)


@pytest.mark.parametrize(("fail_on", "code"), [("high", 1), ("critical", 0)])
def test_fail_on_decides_the_exit_code_beside_a_review(stage: Stage, fail_on: str, code: int) -> None:
    open_pull(stage, PID)
    stage.review(code=code, fail_on=fail_on)
    assert stage.suggested == [PID]


def test_fail_on_does_not_count_what_is_older(stage: Stage) -> None:
    stage.github.open_pull({"web.yaml": deployment(PID)}, {"web.yaml": deployment(PID).replace("1.2.3", "1.2.4")})
    run = stage.review(fail_on="low")
    assert (run.outputs["older"], run.outputs["findings"], run.outputs["highest"]) == ("1", "0", "")


def test_a_job_that_forgot_its_permissions(stage: Stage) -> None:
    """One try, the lines to add, and the findings all the same."""
    open_pull(stage, PID, GAIN)
    stage.github.permit(contents="read", pull_requests="read")
    run = stage.review(code=2)
    assert stage.operations().count("pulls/create-review") == 1
    assert RIGHTS in run.stderr
    assert RIGHTS in run.annotations[-1].message
    assert lines(run)[:2] == [("error", "web.yaml", "18"), ("warning", "web.yaml", "41")]
    assert "hostPID: true" in run.summary
    told_in_files(stage, run)


def test_a_token_that_may_only_read_the_code(stage: Stage) -> None:
    """A private repository's pull request is hidden from it; the findings are told where it can."""
    stage.github.private = True
    open_pull(stage, PID, GAIN)
    stage.github.permit(contents="read")
    run = stage.review(code=2)
    assert RIGHTS in run.stderr
    assert lines(run)[:2] == [("error", "web.yaml", "18"), ("warning", "web.yaml", "41")]
    told_in_files(stage, run)


def test_a_token_that_may_nothing(stage: Stage) -> None:
    stage.github.private = True
    open_pull(stage, PID, GAIN)
    stage.github.permit()
    run = stage.review(code=2)
    assert "contents: read" in run.stderr
    assert [each.level for each in run.annotations] == ["error"]


@pytest.mark.parametrize("operation", ["pulls/list-review-comments", "pulls/list-reviews", "pulls/list-files"])
def test_github_that_cannot_be_read(stage: Stage, operation: str) -> None:
    """Whatever GitHub does not give, a person finds the findings."""
    open_pull(stage, PID, GAIN)
    stage.github.faults.append(Fault(operation, "not-json", times=99))
    run = stage.review(code=2)
    assert lines(run)[:2] == [("error", "web.yaml", "18"), ("warning", "web.yaml", "41")]
    assert stage.github.newest.reviews == []
    told_in_files(stage, run)


def test_the_summary_that_cannot_be_edited(stage: Stage) -> None:
    """What is posted stays posted; the run says what it could not do."""
    open_pull(stage, PID)
    stage.review()
    before = stage.github.newest.head
    stage.github.push({"web.yaml": deployment(PID, GAIN)})
    stage.github.faults.append(Fault("pulls/update-review", "422", times=99))
    stage.pushed(before, code=2)
    assert stage.suggested == [GAIN, PID]


def test_pull_request_target(stage: Stage) -> None:
    """With the rights of the base branch a fork gets its review; the workspace is not looked at."""
    open_pull(stage, PID, GAIN, fork="stranger")
    (stage.runner.workspace).mkdir(parents=True)
    (stage.runner.workspace / "web.yaml").write_text("spec: [")
    stage.review(events.pull_request_target(stage.github))
    assert stage.suggested == [GAIN, PID]


def test_workflow_call(stage: Stage) -> None:
    open_pull(stage, PID)
    stage.review(events.workflow_call(stage.github))
    assert stage.suggested == [PID]


def test_the_checked_out_merge_commit_is_not_what_is_read(stage: Stage) -> None:
    """Lines are those of the head, also when the base branch has moved them meanwhile."""
    open_pull(stage, PID)
    stage.github.advance_base({"web.yaml": "# A line\n# and another one\n" + CLEAN})
    event = events.opened(stage.github)
    stage.runner.check_out(event.sha)
    stage.review(event)
    assert [each.original.line for each in stage.open] == [18]


def test_merge_group(stage: Stage) -> None:
    open_pull(stage, PID, GAIN)
    run = stage.review(events.merge_group(stage.github))
    told_without_a_review(stage, run, "no pull request to comment on")


def test_push(stage: Stage) -> None:
    before = stage.github.base_commit({"web.yaml": CLEAN})
    stage.github.advance_base({"web.yaml": deployment(PID, GAIN)})
    run = stage.review(events.push(stage.github, before))
    assert lines(run) == [("error", "web.yaml", "18"), ("warning", "web.yaml", "41")]
    assert stage.operations() == []


def test_push_of_a_new_branch(stage: Stage) -> None:
    """It is compared with where it left the default branch."""
    open_pull(stage, PID, GAIN)
    stage.github.advance_base({"other.yaml": deployment(SECCOMP, name="other")})
    run = stage.review(events.push(stage.github, branch=stage.github.newest.head_ref))
    assert lines(run) == [("error", "web.yaml", "18"), ("warning", "web.yaml", "41")]


def test_push_of_the_first_branch(stage: Stage) -> None:
    """There is nothing to compare it with: it is its own default branch."""
    stage.github.base_commit({"web.yaml": deployment(PID)})
    run = stage.review(events.push(stage.github))
    assert run.annotations == []


def test_push_that_throws_away_what_was_there(stage: Stage) -> None:
    """A forced push names a commit that nobody gives out any more."""
    stage.github.base_commit({"web.yaml": CLEAN})
    gone = "ba5eba11" * 5
    stage.github.advance_base({"web.yaml": deployment(PID)})
    run = stage.review(events.push(stage.github, gone))
    assert run.annotations == []
    stage.github.offences.clear()  # git asked for what is not there


def changed(fake: FakeGitHub, **more: Any) -> Event:
    event = events.opened(fake)
    event.payload.update(more)
    return event


def without(fake: FakeGitHub, *path: str) -> Event:
    event = events.opened(fake)
    inner = event.payload
    for each in path[:-1]:
        inner = inner[each]
    del inner[path[-1]]
    return event


@pytest.mark.parametrize(
    "action",
    ["labeled", "converted_to_draft", "something_new"],
)
def test_every_action_that_asks_for_a_run_gets_one(stage: Stage, action: str) -> None:
    open_pull(stage, PID)
    stage.review(changed(stage.github, action=action))
    assert stage.suggested == [PID]


@pytest.mark.parametrize(
    ("odd", "said"),
    [
        (lambda fake: without(fake, "pull_request"), "pull_request"),
        (lambda fake: without(fake, "pull_request", "head", "sha"), "pull_request.head.sha is missing"),
        (lambda fake: without(fake, "pull_request", "number"), "pull_request.number is missing"),
        (lambda fake: changed(fake, pull_request=[]), "pull_request is no object"),
    ],
)
def test_payloads_that_cannot_be_used(stage: Stage, odd: Callable[[FakeGitHub], Event], said: str) -> None:
    open_pull(stage, PID)
    run = stage.review(odd(stage.github), code=2)
    assert said in run.stderr
    assert [each.level for each in run.annotations] == ["error"]
    assert stage.operations() == []


def test_a_payload_that_lacks_what_is_not_needed(stage: Stage) -> None:
    open_pull(stage, PID)
    event = events.opened(stage.github)
    for name in ("sender", "number", "repository"):
        del event.payload[name]
    for name in ("draft", "user", "title"):
        del event.payload["pull_request"][name]
    stage.review(event)
    assert stage.suggested == [PID]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files to somebody else")
def test_files_belong_to_whom_the_workspace_belongs(stage: Stage) -> None:
    open_pull(stage, PID, GAIN)
    stage.runner.workspace.mkdir(parents=True)
    os.chown(stage.runner.workspace, 1001, 127)
    run = stage.review()
    folder = run.folder / run.outputs["report"]
    assert {(each.stat().st_uid, each.stat().st_gid) for each in (folder, *folder.iterdir())} == {(1001, 127)}
    assert [each.name for each in run.folder.iterdir()] == ["k8s-auto-fix-report"]
