"""What becomes of suggestions is written down, once, and counts in the next review."""

from __future__ import annotations

from pathlib import Path

from bot.adapters import history
from tests.stories.shop import CLEAN, GAIN, PID, SECCOMP, deployment
from tests.stories.stage import Stage

ALL = (PID, SECCOMP, GAIN)
REPORT = "k8s-auto-fix-report/history.jsonl"


def opened(stage: Stage, settings: str = "") -> None:
    base = {"web.yaml": CLEAN} | ({".k8s-auto-fix.yaml": settings} if settings else {})
    stage.github.open_pull(base, {"web.yaml": deployment(*ALL)})
    stage.review()


def events(path: Path) -> list[tuple[str, str]]:
    return [(each.outcome.value, each.policy_id) for each in history.read(path).events]


def test_posted_accepted_dismissed_and_gone(stage: Stage) -> None:
    opened(stage)
    path = stage.runner.workspace / REPORT
    assert sorted(events(path)) == sorted(("posted", policy) for policy in ALL)
    before = stage.github.newest.head
    stage.github.resolve(stage.one(SECCOMP).id)
    stage.github.accept(stage.one(PID).id)
    stage.pushed(before)
    assert sorted(events(path)[3:]) == [("accepted", PID), ("dismissed", SECCOMP)]
    before = stage.github.newest.head
    stage.github.push({"web.yaml": deployment(SECCOMP)})
    stage.pushed(before)
    assert events(path)[5:] == [("gone", GAIN)]
    known = path.read_bytes()
    stage.review()
    assert path.read_bytes() == known, "nothing is written twice"
    (pull,) = {each.pull for each in history.read(path).events}
    assert pull == stage.github.newest.number


def test_the_file_of_the_settings(stage: Stage, tmp_path: Path) -> None:
    """A relative path is below the workspace, an absolute one anywhere; both are made."""
    opened(stage, "scheduler: {history: kept/h.jsonl}\n")
    assert len(events(stage.runner.workspace / "kept/h.jsonl")) == 3
    assert not (stage.runner.workspace / REPORT).exists()


def test_no_scheduler_no_history(stage: Stage) -> None:
    opened(stage, "scheduler: {enabled: false}\n")
    assert not list(stage.runner.workspace.rglob("history.jsonl"))
    assert "score" not in stage.summary


def test_a_history_that_cannot_be_written_costs_no_review(stage: Stage) -> None:
    (stage.runner.workspace / "k8s-auto-fix-report").mkdir(parents=True)
    (stage.runner.workspace / REPORT).write_text('{"v":2}\n')
    opened(stage)
    assert len(stage.open) == 3
    assert "warning: what became of suggestions is not written down: history.jsonl:1: version 2" in stage.runs[0].stderr
    assert (stage.runner.workspace / REPORT).read_text() == '{"v":2}\n'
