"""Acceptance cases 16 to 23 and 25: what becomes of a review while people and GitHub do what they do.

Case 24 is `test_limits.py`. Numbered as the collected rules for review bots have them.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

import pytest

from bot.adapters.cluster import binaries
from tests.fakes import events
from tests.fakes.github import Fault
from tests.stories.shop import CLEAN, GAIN, PID, SECCOMP, deployment, shifted
from tests.stories.stage import Stage, names

ALL = (PID, SECCOMP, GAIN)


def open_pull(stage: Stage, *risks: str) -> None:
    stage.github.open_pull({"web.yaml": CLEAN}, {"web.yaml": deployment(*risks)})


def test_case_16_one_of_three_is_accepted(stage: Stage) -> None:
    open_pull(stage, *ALL)
    stage.review()
    left = {each.id for each in stage.open} - {stage.one(SECCOMP).id}
    before = stage.github.newest.head
    stage.github.accept(stage.one(SECCOMP).id)
    stage.pushed(before)
    assert {each.id for each in stage.open} == left
    assert stage.suggested == sorted({PID, GAIN})
    assert "### 2 suggestions" in stage.summary


def test_case_17_all_lines_move_by_forty(stage: Stage) -> None:
    open_pull(stage, *ALL)
    stage.review()
    stage.github.resolve(stage.one(GAIN).id)
    known = {names(each) for each in stage.open}
    before = stage.github.newest.head
    stage.github.force_push({"web.yaml": shifted(deployment(*ALL), 40)})
    stage.pushed(before)
    assert {names(each) for each in stage.open} == known
    assert sorted(each.anchor.line for each in stage.open if each.anchor) == [58, 64]
    assert len(stage.open) == 2


@pytest.mark.parametrize("kind", ["push", "force-push"])
@pytest.mark.parametrize("operation", ["pulls/get", "pulls/create-review", "git/upload-pack"])
def test_case_18_the_head_moves(stage: Stage, kind: Literal["push", "force-push"], operation: str) -> None:
    """Nothing stands on the old head that the new one does not have; the next run says what there is, once."""
    open_pull(stage, PID)
    event = events.opened(stage.github)
    before = stage.github.newest.head
    files = {"web.yaml": deployment(GAIN)}
    if operation == "git/upload-pack":
        moves = stage.github.push if kind == "push" else stage.github.force_push
        stage.github.faults.append(Fault(operation, "call", call=lambda: moves(files) and None))
    else:
        stage.github.faults.append(Fault(operation, kind, files=files))
    run = stage.review(event)
    posted = operation == "pulls/create-review" and kind == "push"
    assert (stage.github.newest.reviews == []) is not posted
    if not posted:
        assert "has a newer head than" in run.stderr
    stage.pushed(before)
    assert stage.suggested == [GAIN]


def test_case_19_a_batch_that_is_refused(stage: Stage) -> None:
    """One comment is for a file that GitHub shows no changes of: the others stand once, it is in the summary."""
    stage.github.open_pull({}, {f"{name}.yaml": deployment(PID, GAIN, name=name) for name in ("a", "b")})
    stage.github.withheld.add("b.yaml")
    run = stage.review()
    assert sorted(each.original.path for each in stage.comments) == ["a.yaml", "a.yaml"]
    assert stage.suggested == [GAIN, PID]
    assert stage.summary.count("patch: GitHub takes no comment there") == 2
    assert run.outputs["suggestions"] == "2"


@pytest.mark.parametrize("kind", ["502-after", "hang-up-after"])
@pytest.mark.parametrize("unseen", [0, 2])
def test_case_20_the_answer_is_lost(stage: Stage, kind: Literal["502-after", "hang-up-after"], unseen: int) -> None:
    open_pull(stage, *ALL)
    stage.github.faults.append(Fault("pulls/create-review", kind))
    if unseen:
        stage.github.faults.append(Fault("pulls/create-review", "unseen", reads=unseen))
    stage.review()
    stage.review()
    assert stage.suggested == sorted(ALL)
    assert len(stage.github.newest.reviews) == 1


@pytest.mark.parametrize("kind", ["secondary-silent", "too-many-silent"])
def test_case_21_a_limit_that_names_no_time(stage: Stage, kind: Literal["secondary-silent", "too-many-silent"]) -> None:
    """A minute at least; with less time than that the step says it all, and the next run posts it."""
    stage.runner.environment["K8S_AUTO_FIX_PATIENCE"] = "59"
    open_pull(stage, PID)
    stage.github.faults.append(Fault("pulls/create-review", kind))
    run = stage.review()
    assert "it wants 60 s of waiting" in run.stderr
    assert [each.properties["line"] for each in run.annotations] == ["18"]
    assert "hostPID: true" in run.summary
    assert stage.github.newest.reviews == []
    stage.review()
    assert stage.suggested == [PID]


def test_case_21_a_limit_that_can_be_waited_for(stage: Stage) -> None:
    open_pull(stage, PID)
    stage.github.faults.append(Fault("pulls/create-review", "too-many", seconds=1))
    stage.review()
    assert stage.suggested == [PID]


@pytest.mark.parametrize(("fail_on", "code"), [("never", 0), ("high", 1)])
@pytest.mark.parametrize("who", ["stranger", "dependabot"])
def test_case_22_a_token_that_only_reads(stage: Stage, who: str, fail_on: str, code: int) -> None:
    """More of it: `test_events.py`."""
    fork = who if who == "stranger" else None
    stage.github.open_pull({"web.yaml": CLEAN}, {"web.yaml": deployment(*ALL)}, fork=fork)
    stage.github.read_only()
    event = events.opened(stage.github) if fork else events.dependabot(stage.github)
    run = stage.review(event, fail_on=fail_on, code=code)
    assert stage.operations() == ["repos/compare-commits-with-basehead"]
    assert len(run.annotations) == 3
    assert "the token only reads" in run.summary
    assert len(list((run.folder / run.outputs["report"]).iterdir())) == 5


def test_case_22_annotations_within_their_caps(stage: Stage) -> None:
    files = {f"{number}.yaml": deployment(*ALL, name=f"w{number}") for number in range(15)}
    stage.github.open_pull({}, files, fork="stranger")
    stage.github.read_only()
    run = stage.review()
    levels = [each.level for each in run.annotations]
    assert {level: levels.count(level) for level in set(levels)} == {"error": 10, "warning": 10, "notice": 1}
    assert "5 errors, 20 warnings more" in run.annotations[-1].message


def test_case_23_a_marker_of_somebody_else(stage: Stage) -> None:
    """Pasted before our first run, it says neither that something is posted nor that it is dismissed."""
    open_pull(stage, PID)
    stage.review()
    body, summary = stage.one(PID).body, stage.summary
    stage.github.open_pull({"web.yaml": CLEAN}, {"web.yaml": deployment(PID)})
    stage.github.comment("web.yaml", 18, body)
    stage.github.comment("web.yaml", 18, summary.replace("posted=", "dismissed="))
    stage.review()
    assert stage.suggested == [PID]


@pytest.mark.parametrize("answered", [True, False])
def test_case_23_ours_is_edited(stage: Stage, answered: bool) -> None:
    """What a maintainer wrote into our comment stays, with or without an answer below it."""
    open_pull(stage, PID, GAIN)
    stage.review()
    comment = stage.one(PID)
    stage.github.edit_comment(comment.id, f"We want this.\n\n{comment.body}")
    if answered:
        stage.github.reply(comment.id, "Indeed.")
    body = comment.body
    before = stage.github.newest.head
    stage.github.push({"web.yaml": deployment(GAIN)})
    stage.pushed(before)
    assert comment in stage.comments
    assert comment.body == body


def test_case_23_our_summary_is_edited(stage: Stage) -> None:
    """It comes back with other line ends, and is still the summary."""
    open_pull(stage, PID)
    stage.review()
    (review,) = stage.summaries
    stage.github.edit_review(review.id, review.body.replace("### ", "### Look: "))
    stage.review()
    assert stage.summary.startswith("### 1 suggestion\n")
    assert len(stage.github.newest.reviews) == 1


PROGRAM = '#!/bin/sh\necho "$@" >> {log}\n{then}\n'


def kind_that(stage: Stage, folder: Path, then: str) -> Path:
    """Put a docker that answers and a kind that does this on the search path; what kind was asked for."""
    folder.mkdir()
    log = folder / "log"
    log.touch()
    for name, does in {"docker": "echo 28.0.0", "kind": then}.items():
        (folder / name).write_text(PROGRAM.format(log=log if name == "kind" else "/dev/null", then=does))
        (folder / name).chmod(0o755)
    stage.runner.environment |= {"PATH": f"{folder}:{os.environ['PATH']}", "DOCKER_HOST": "tcp://127.0.0.1:1"}
    return log


def unverified(stage: Stage, cause: str) -> None:
    """By the schema only, with the cause, in the comment and in the summary; never as accepted by a server."""
    (comment,) = stage.comments
    for text in (comment.body, stage.summary):
        assert "Valid by the schema" in text
        assert cause in text
        assert "accepted" not in text.lower()


def test_case_25_no_engine_and_no_binaries(stage: Stage) -> None:
    stage.runner.environment |= {"DOCKER_HOST": "unix:///nowhere", "KUBEBUILDER_ASSETS": "/nowhere"}
    open_pull(stage, PID)
    stage.review(cluster="kind")
    unverified(stage, "KUBEBUILDER")


def test_case_25_kind_fails(stage: Stage, tmp_path: Path) -> None:
    """The cluster that it may have begun is removed, and its name is left for the last step."""
    log = kind_that(stage, tmp_path / "programs", 'case "$1" in create) echo "ERROR: no space left" >&2; exit 1;; esac')
    stage.runner.environment["KUBEBUILDER_ASSETS"] = "/nowhere"
    open_pull(stage, PID)
    run = stage.review(cluster="kind")
    unverified(stage, "no space left")
    asked = log.read_text().splitlines()
    name = run.state["cluster"]
    assert any(each.startswith("create cluster") and name in each for each in asked)
    assert any(each.startswith("delete cluster") and name in each for each in asked)


@pytest.mark.cluster
def test_case_25_another_server_speaks(stage: Stage) -> None:
    """Without a container engine the embedded one does, and the comment names it, not kind."""
    pair = binaries.find()
    if pair is None:
        pytest.skip(binaries.missing())
    stage.runner.environment |= {"DOCKER_HOST": "unix:///nowhere", "KUBEBUILDER_ASSETS": str(pair.apiserver.parent)}
    open_pull(stage, PID)
    stage.review(cluster="kind")
    (comment,) = stage.comments
    assert "(embedded) accepted it in a dry run" in comment.body
    assert "(kind)" not in comment.body
    assert "the embedded server is asked instead" in stage.summary


def test_case_25_the_embedded_server_ends_at_once(stage: Stage, tmp_path: Path) -> None:
    for name in ("kube-apiserver", "etcd"):
        (tmp_path / name).write_text("#!/bin/sh\necho 'no such flag' >&2\nexit 2\n")
        (tmp_path / name).chmod(0o755)
    stage.runner.environment["KUBEBUILDER_ASSETS"] = str(tmp_path)
    open_pull(stage, PID)
    stage.review(cluster="embedded")
    unverified(stage, "etcd")
