"""The second of two workflows, against the fake GitHub as a process: what a stranger's report can do, and cannot."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import events
from tests.fakes.github import FakeGitHub, Fault
from tests.fakes.runner import Run, Runner

PUBLISH = ("-m", "bot", "publish")
FORK = "stranger"
WEB = """\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - name: web
      image: registry.example/web:1.4.2
      securityContext:
        allowPrivilegeEscalation: true  # an old habit
"""
SWEEP = """\
apiVersion: v1
kind: Pod
metadata: {name: sweep}
spec:
  hostPID: true
  containers:
    - name: sweep
      image: registry.example/sweep:1.0.2
      securityContext: {allowPrivilegeEscalation: false, seccompProfile: {type: RuntimeDefault}}
"""
FILES = {"shop/web.yaml": WEB, "shop/sweep.yaml": SWEEP}
BOTH = [("shop/sweep.yaml", 5), ("shop/web.yaml", 9)]
"""Where suggestions stand: path and last line."""

Payload = dict[str, Any]


@pytest.fixture
def runner(github: FakeGitHub, tmp_path: Path) -> Runner:
    """A runner for a repository with one pull request, from a fork."""
    return opened(github, tmp_path)


def opened(github: FakeGitHub, folder: Path) -> Runner:
    """The same commits every time."""
    github.open_pull({"README.md": "A shop.\n"}, FILES, fork=FORK)
    return Runner(github, folder / "runner")


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of the first workflow on that pull request."""
    folder = tmp_path_factory.mktemp("first")
    with FakeGitHub(folder / "github") as fake:
        return reported(opened(fake, folder))


def reported(runner: Runner) -> Path:
    """The first workflow, with a token that only reads; the folder of its report."""
    runner.fake.read_only()
    run = runner.run(events.opened(runner.fake), dry_run="true")
    assert run.code == 0, run.stderr
    assert not runner.fake.bot_comments
    return runner.workspace / run.outputs["report"]


@pytest.fixture
def artifact(runner: Runner, honest: Path) -> Path:
    """The report where the second workflow downloads it to."""
    return shutil.copytree(honest, runner.workspace / "k8s-auto-fix-report")


def second(runner: Runner, event: events.Event | None = None, **more: Any) -> Run:
    """The second workflow, of the default branch, whose token can write."""
    runner.fake.permit(contents="read", pull_requests="write")
    return runner.run(event or events.workflow_run(runner.fake, 7), **more)


def changed(folder: Path, change: Callable[[Payload], object]) -> None:
    """The report as somebody made it."""
    path = folder / "review.json"
    payload = json.loads(path.read_text())
    change(payload)
    path.write_text(json.dumps(payload))


def bodies(fake: FakeGitHub) -> dict[tuple[str, int], str]:
    return {(each.original.path, each.original.line): each.body for each in fake.bot_comments}


def written(fake: FakeGitHub) -> list[str]:
    """What was posted, edited or deleted."""
    reading = ("git/", "graphql/")
    return [each.operation for each in fake.requests if each.method != "GET" and not each.operation.startswith(reading)]


@pytest.mark.parametrize("command", [("-m", "bot", "review"), PUBLISH], ids=["the action", "the command"])
def test_an_honest_report_is_posted(runner: Runner, artifact: Path, command: tuple[str, ...]) -> None:
    run = second(runner, command=command)
    assert run.code == 0, run.stderr
    found = bodies(runner.fake)
    reported = json.loads((artifact / "review.json").read_text())["comments"]
    assert {(each["path"], each["line"]): each["body"] for each in reported} == found
    assert sorted(found) == BOTH
    assert run.outputs["suggestions"] == str(len(found))
    assert run.outputs["report"] == "k8s-auto-fix-published"
    assert run.outputs["review-url"].endswith(f"#pullrequestreview-{runner.fake.newest.reviews[0].id}")
    assert "holds what" not in run.stderr
    again = second(runner, command=command)
    assert again.code == 0, again.stderr
    assert bodies(runner.fake) == found
    assert len(runner.fake.newest.reviews) == 1


def test_the_words_are_those_of_this_run(runner: Runner, artifact: Path) -> None:
    """Whatever a report says around a suggestion, ours is posted: with our evidence, and our summary."""

    def lie(payload: Payload) -> None:
        payload["body"] = "### Approved by @octo-admin\n<img src=x>\n"
        for each in payload["comments"]:
            block = "```suggestion" + each["body"].partition("```suggestion")[2].partition("```")[0] + "```"
            each["body"] = (
                f"@everyone **Safe**, [see](https://evil.example)\n\n{block}\n\u2713 Kubernetes 9.9.9 accepted it"
            )

    changed(artifact, lie)
    run = second(runner)
    assert run.code == 0, run.stderr
    assert sorted(bodies(runner.fake)) == BOTH
    said = "\n".join([*bodies(runner.fake).values(), runner.fake.newest.reviews[0].body, run.summary])
    assert "Valid by the schema of Kubernetes" in said
    assert not [word for word in ("@", "evil", "9.9.9", "Approved", "img") if word in said.replace("at `", "")]
    assert "evil" not in run.stdout + run.stderr


def other_path(comment: Payload) -> None:
    comment["path"] = "README.md"


def other_line(comment: Payload) -> None:
    comment["line"] += 1


def other_range(comment: Payload) -> None:
    comment |= {"start_line": comment["line"] - 1, "start_side": "RIGHT"}


def other_text(comment: Payload) -> None:
    comment["body"] = comment["body"].replace(
        "```suggestion\n", "```suggestion\n      image: evil.example/x  # @octo\n"
    )


def two_blocks(comment: Payload) -> None:
    comment["body"] = "```suggestion\nevil\n```\n" + comment["body"]


OTHERS = (other_path, other_line, other_range, other_text, two_blocks)


@pytest.mark.parametrize("change", OTHERS, ids=lambda change: change.__name__)
def test_another_suggestion_is_counted_and_not_posted(
    runner: Runner, artifact: Path, change: Callable[[Payload], None]
) -> None:
    """Ours that the report lacks waits in the patch, and the summary says why; the other one is posted as ever."""
    changed(artifact, lambda payload: change(payload["comments"][0]))
    run = second(runner)
    assert run.code == 0, run.stderr
    assert sorted(bodies(runner.fake)) == [BOTH[1]]
    summary = runner.fake.newest.reviews[0].body
    assert "patch: not suggested by the pull request's own run" in summary
    assert "-  hostPID: true" in summary
    assert "evil" not in summary + "".join(bodies(runner.fake).values())
    (line,) = [each for each in run.stderr.splitlines() if "holds what" in each]
    assert "1 suggestion not posted (" in line
    assert "evil" not in run.stdout + run.stderr


def test_an_empty_report_leaves_the_findings_in_the_summary(runner: Runner, artifact: Path) -> None:
    changed(artifact, lambda payload: payload["comments"].clear())
    run = second(runner)
    assert run.code == 0, run.stderr
    assert bodies(runner.fake) == {}
    assert runner.fake.newest.reviews[0].body.count("patch: not suggested by") == len(BOTH)
    assert (run.outputs["suggestions"], run.outputs["patched"]) == ("0", "2")


def test_log_lines_cannot_become_commands(runner: Runner, artifact: Path) -> None:
    changed(artifact, lambda payload: payload["comments"][0].update(path="::error::x"))
    (artifact / "\n::error::y").write_text("z")
    (artifact / "more").symlink_to("/etc/passwd")
    run = second(runner)
    assert run.code == 0, run.stderr
    assert run.annotations == []
    (line,) = [each for each in run.stderr.splitlines() if "holds what" in each]
    assert "2 files not read (" in line


def emptied(folder: Path) -> None:
    shutil.rmtree(folder)


def linked(folder: Path) -> None:
    real = folder.parent / "elsewhere.json"
    (folder / "review.json").rename(real)
    (folder / "review.json").symlink_to(real)


def other_commit(folder: Path) -> None:
    changed(folder, lambda payload: payload.update(commit_id="0" * 40))


UNUSABLE: dict[str, tuple[Callable[[Path], None], str]] = {
    "no artifact": (emptied, "k8s-auto-fix-report: not there; it has to be the report of the first workflow"),
    "a link": (linked, "k8s-auto-fix-report/review.json: a link, which is not followed"),
    "for another commit": (other_commit, "review.json of the artifact: not about"),
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_without_a_report_that_can_be_used_nothing_is_posted(runner: Runner, artifact: Path, name: str) -> None:
    spoil, message = UNUSABLE[name]
    spoil(artifact)
    run = second(runner)
    assert run.code == 2
    assert written(runner.fake) == []
    (line,) = [each for each in run.stderr.splitlines() if each.startswith("error: ")]
    assert message in line
    assert [each.level for each in run.annotations] == ["error"]


def quiet(run: Run, fake: FakeGitHub, reason: str) -> None:
    """It ended well, said why, and wrote nothing to GitHub."""
    assert run.code == 0, run.stderr
    assert reason in run.stderr
    assert written(fake) == []


@pytest.mark.usefixtures("artifact")
def test_a_head_that_has_moved(runner: Runner) -> None:
    event = events.workflow_run(runner.fake, 7)
    runner.fake.push({"shop/web.yaml": WEB + "# more\n"})
    quiet(second(runner, event), runner.fake, "a newer run posts for #128")


@pytest.mark.usefixtures("artifact")
def test_a_head_that_moves_before_the_review_is_posted(runner: Runner) -> None:
    runner.fake.faults.append(Fault("pulls/list-files", "push", files={"shop/web.yaml": WEB + "# more\n"}))
    quiet(second(runner), runner.fake, "has a newer head than")


@pytest.mark.usefixtures("artifact")
def test_a_closed_pull_request(runner: Runner) -> None:
    runner.fake.close()
    quiet(second(runner), runner.fake, "nothing to do: no open pull request has the head")


@pytest.mark.usefixtures("artifact")
def test_a_fork_that_is_gone(runner: Runner) -> None:
    runner.fake.delete_fork()
    quiet(second(runner), runner.fake, "nothing to do: the fork is gone")


@pytest.mark.usefixtures("artifact")
def test_a_draft(runner: Runner) -> None:
    runner.fake.newest.draft = True
    quiet(second(runner), runner.fake, "a draft")


@pytest.mark.usefixtures("artifact")
def test_the_head_of_somebody_else(runner: Runner) -> None:
    """A stranger pushes another pull request's commit to their own fork, and lets a run end there."""
    victim = runner.fake.newest
    event = events.workflow_run(runner.fake, 7)
    event.payload["workflow_run"]["head_repository"]["full_name"] = "mallory/shop"
    quiet(second(runner, event), runner.fake, "nothing to do: no open pull request has the head")
    assert not victim.reviews


@pytest.mark.usefixtures("artifact")
def test_of_two_pull_requests_with_one_head_that_of_the_branch_counts(runner: Runner) -> None:
    """The other one has the same commit, from somebody else's fork."""
    mine = runner.fake.newest
    other = runner.fake.open_pull({}, {"unused": "x"}, fork="mallory")
    runner.fake.move_head(other, mine.head)
    run = second(runner, events.workflow_run(runner.fake, 7, pull=mine))
    assert run.code == 0, run.stderr
    assert len(mine.comments) == len(BOTH)
    assert not other.reviews


@pytest.mark.usefixtures("artifact")
def test_two_pull_requests_of_one_branch(runner: Runner) -> None:
    mine = runner.fake.newest
    runner.fake.repository.point("refs/heads/next", mine.base)
    other = runner.fake.open_pull({}, {"unused": "x"}, fork=FORK, base="next", branch=mine.head_ref)
    runner.fake.move_head(other, mine.head)
    run = second(runner, events.workflow_run(runner.fake, 7, pull=mine))
    quiet(run, runner.fake, "the pull requests #129, #128 have the same head")


def test_settings_are_those_of_the_merge_base(runner: Runner) -> None:
    """What the pull request says counts neither in the first run nor in the second."""
    runner.fake.push({".k8s-auto-fix.yaml": "ignore: [host-pid]\n"})
    reported(runner)
    run = second(runner)
    assert run.code == 0, run.stderr
    assert sorted(bodies(runner.fake)) == BOTH
    assert "settings count as they are in the merge base" in runner.fake.newest.reviews[0].body


@pytest.mark.usefixtures("artifact")
def test_a_token_that_only_reads(runner: Runner) -> None:
    runner.fake.read_only()
    run = runner.run(events.workflow_run(runner.fake, 7))
    assert run.code == 2
    assert "pull-requests: write" in run.stderr
    assert [each.level for each in run.annotations] == ["error"]
    assert not runner.fake.newest.reviews


@pytest.mark.usefixtures("artifact")
def test_a_dry_run_posts_nothing(runner: Runner) -> None:
    run = second(runner, dry_run="true", format="payload")
    quiet(run, runner.fake, "a dry run")
    assert '"event": "COMMENT"' in run.stdout


@pytest.mark.usefixtures("artifact")
@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({"report": "./k8s-auto-fix-report/"}, "report and artifact are both"),
        ({"artifact": "."}, "artifact: the whole workspace"),
        ({"artifact": "k8s-auto-fix-report/.."}, "artifact: the whole workspace"),
    ],
)
def test_a_strangers_files_lie_apart(runner: Runner, inputs: dict[str, str], message: str) -> None:
    run = second(runner, **inputs)
    assert run.code == 2
    assert message in run.stderr
    assert written(runner.fake) == []


def test_an_event_of_another_kind(runner: Runner) -> None:
    run = runner.run(events.opened(runner.fake), command=PUBLISH)
    assert run.code == 2
    assert "publish is for a workflow on the event workflow_run, and this one is for pull_request" in run.stderr
