"""Runs that are cancelled at one of their requests, or whose answers get lost: the next one leaves nothing twice."""

from __future__ import annotations

import signal

import pytest

from tests.fakes import events
from tests.fakes.github import Fault
from tests.fakes.runner import Interrupt
from tests.stories.shop import CLEAN, GAIN, PID, SECCOMP, deployment
from tests.stories.stage import Stage

ALL = (PID, SECCOMP, GAIN)
INTERRUPTED, TERMINATED = 130, 143


def open_pull(stage: Stage, *risks: str) -> None:
    stage.github.open_pull({"web.yaml": CLEAN}, {"web.yaml": deployment(*risks)})


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize(
    ("operation", "when"),
    [
        ("repos/compare-commits-with-basehead", "before"),
        ("git/upload-pack", "before"),
        ("pulls/list-files", "after"),
        ("pulls/create-review", "before"),
        ("pulls/create-review", "after"),
    ],
)
def test_cancelled_at(stage: Stage, operation: str, when: str, number: signal.Signals) -> None:
    open_pull(stage, *ALL)
    code = INTERRUPTED if number is signal.SIGINT else TERMINATED
    interrupt = Interrupt(operation, when, first=number)  # type: ignore[arg-type]
    run = stage.review(code=code, interrupt=interrupt)
    assert run.signals == [number], "it ended by itself, within the time that a runner gives"
    said = "interrupted" if number is signal.SIGINT else "terminated"
    assert said in run.stderr.splitlines()[-1]
    stage.review()
    assert stage.suggested == sorted(ALL)
    assert len(stage.github.newest.reviews) == 1


@pytest.mark.parametrize("operation", ["pulls/create-review", "pulls/update-review", "pulls/delete-review-comment"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_cancelled_while_it_brings_the_review_up_to_date(stage: Stage, operation: str, when: str) -> None:
    """One finding is mended, one stays, one is new; the run is cancelled at each of its writes."""
    open_pull(stage, PID, GAIN)
    stage.review()
    kept = stage.one(GAIN).id
    before = stage.github.newest.head
    stage.github.push({"web.yaml": deployment(GAIN, SECCOMP)})
    event = events.synchronize(stage.github, before)
    stage.review(event, code=INTERRUPTED, interrupt=Interrupt(operation, when))  # type: ignore[arg-type]
    stage.review(event)
    assert stage.suggested == [GAIN, SECCOMP]
    assert kept in [each.id for each in stage.open]
    assert len(stage.comments) == 2
    assert len(stage.github.newest.reviews) == 2


@pytest.mark.parametrize(
    "fault",
    [
        Fault("pulls/create-review", "502-after"),
        Fault("pulls/create-review", "hang-up-after"),
        Fault("git/upload-pack", "502"),
        Fault("pulls/list-review-comments", "500"),
        Fault("graphql/viewer", "502"),
        Fault("pulls/create-review", "422"),
    ],
    ids=lambda fault: f"{fault.operation}-{fault.kind}",
)
def test_what_passes_is_tried_again(stage: Stage, fault: Fault) -> None:
    open_pull(stage, *ALL)
    stage.github.faults.append(fault)
    stage.review()
    assert stage.suggested == sorted(ALL)
    stage.review()
    assert len(stage.open) == len(ALL)
    assert len(stage.github.newest.reviews) == 1


def test_a_review_that_is_not_seen_at_once(stage: Stage) -> None:
    """The answer is lost, and lists lag behind."""
    open_pull(stage, *ALL)
    stage.github.faults.append(Fault("pulls/create-review", "502-after"))
    stage.github.faults.append(Fault("pulls/create-review", "unseen", reads=3))
    stage.review()
    assert stage.suggested == sorted(ALL)
    assert len(stage.github.newest.reviews) == 1
