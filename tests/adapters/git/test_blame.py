"""When lines came into a branch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.adapters.git import GitError, Repository, ages
from bot.adapters.git.blame import MOST_RANGES, ranges
from tests.adapters.git import material
from tests.adapters.git.material import Work, git

DAY = 86_400
START = 1_767_225_600  # 2026-01-01T00:00:00Z


@pytest.fixture
def day(monkeypatch: pytest.MonkeyPatch) -> Any:
    """What sets the day of the commits that follow."""

    def set_to(number: int) -> None:
        monkeypatch.setitem(material.ENVIRON, "GIT_COMMITTER_DATE", f"{START + number * DAY} +0000")

    return set_to


def days(found: dict[int, int | None]) -> dict[int, float | None]:
    return {line: None if time is None else (time - START) / DAY for line, time in found.items()}


@pytest.fixture
def work(tmp_path: Path, day: Any) -> Work:
    """a.yaml: lines 1 and 3 of day 0, line 2 of day 5."""
    work = Work(tmp_path / "r")
    day(0)
    work.commit({"a.yaml": b"one\ntwo\nthree\n"})
    day(5)
    work.commit({"a.yaml": b"one\n2\nthree\n"})
    return work


def head(work: Work) -> str:
    return git(work.root, "rev-parse", "HEAD").decode().strip()


def test_lines_and_their_times(work: Work) -> None:
    with Repository(work.root) as repository:
        assert days(repository.blame(head(work), "a.yaml", [1, 2, 3])) == {1: 0, 2: 5, 3: 0}
        assert days(repository.blame(head(work), "a.yaml", {2})) == {2: 5}
        assert (repository.time(head(work)) - START) / DAY == 5


def test_lines_that_are_not_there_are_not_in_the_answer(work: Work) -> None:
    with Repository(work.root) as repository:
        assert days(repository.blame(head(work), "a.yaml", [0, 3, 4, 99])) == {3: 0}
        assert repository.blame(head(work), "a.yaml", []) == {}


def test_a_file_without_a_last_line_feed(work: Work, day: Any) -> None:
    day(6)
    commit = work.commit({"b.yaml": b"one\ntwo", "empty.yaml": b""})
    with Repository(work.root) as repository:
        assert days(repository.blame(commit, "b.yaml", [1, 2, 3])) == {1: 6, 2: 6}
        assert repository.blame(commit, "empty.yaml", [1]) == {}


def test_a_merged_line_dates_from_its_merge(work: Work, day: Any) -> None:
    day(10)
    git(work.root, "checkout", "-q", "-b", "topic")
    work.commit({"a.yaml": b"1\n2\nthree\n"})
    git(work.root, "checkout", "-q", "main")
    day(20)
    git(work.root, "merge", "-q", "--no-ff", "-m", "merge", "topic")
    with Repository(work.root) as repository:
        assert days(repository.blame(head(work), "a.yaml", [1, 2])) == {1: 20, 2: 5}


def test_renames_and_new_indentation_keep_the_date(work: Work, day: Any) -> None:
    day(30)
    git(work.root, "mv", "a.yaml", "b.yaml")
    work.record()
    day(31)
    commit = work.commit({"b.yaml": b"  one\n2\nthree\n"})
    with Repository(work.root) as repository:
        assert days(repository.blame(commit, "b.yaml", [1, 2, 3])) == {1: 0, 2: 5, 3: 0}


def test_content_that_looks_like_the_format(work: Work, day: Any) -> None:
    day(7)
    line = f"{'a' * 40} 1 1 1\ncommitter-time 5\nboundary\n".encode()
    commit = work.commit({"c.yaml": line})
    with Repository(work.root) as repository:
        assert days(repository.blame(commit, "c.yaml", [1, 2, 3])) == {1: 7, 2: 7, 3: 7}


@pytest.mark.parametrize("name", ["-x.yaml", ":(glob)*.yaml", "a b.yaml", "ä.yaml", "*.yaml", "--.yaml"])
def test_odd_names(name: str, work: Work, day: Any) -> None:
    day(8)
    commit = work.commit({name: b"x\n"})
    with Repository(work.root) as repository:
        assert days(repository.blame(commit, name, [1])) == {1: 8}


def shallow(work: Work, folder: Path, depth: int) -> Path:
    folder.mkdir()
    git(folder, "init", "-q")
    git(folder, "fetch", "-q", f"--depth={depth}", f"file://{work.root}", "+refs/heads/*:refs/remotes/origin/*")
    return folder


def test_nobody_knows_beyond_the_cut_of_a_shallow_clone(work: Work, day: Any, tmp_path: Path) -> None:
    day(9)
    commit = work.commit({"a.yaml": b"one\n2\n3\n"})
    with Repository(shallow(work, tmp_path / "two", 2)) as repository:
        assert days(repository.blame(commit, "a.yaml", [1, 2, 3])) == {1: None, 2: None, 3: 9}
        assert (repository.time(commit) - START) / DAY == 9
    with Repository(shallow(work, tmp_path / "one", 1)) as repository:
        assert repository.blame(commit, "a.yaml", [1, 3]) == {1: None, 3: None}


def test_the_configuration_of_the_repository_changes_nothing(work: Work) -> None:
    """Commits to pass over, a driver that rewrites text, names to replace: none of it is heeded."""
    commit = head(work)
    (work.root / "ignored").write_text(commit + "\n")
    (work.root / ".gitattributes").write_text("*.yaml diff=x\n")
    for key, value in {
        "blame.ignoreRevsFile": str(work.root / "ignored"),
        "diff.x.textconv": "touch ran; cat",
        "blame.showRoot": "false",
        "core.pager": "touch ran",
    }.items():
        git(work.root, "config", key, value)
    git(work.root, "replace", commit, f"{commit}~1")
    with Repository(work.root) as repository:
        assert days(repository.blame(commit, "a.yaml", [1, 2, 3])) == {1: 0, 2: 5, 3: 0}
    assert not list(work.root.rglob("ran"))


def test_no_such_file(work: Work) -> None:
    with Repository(work.root) as repository:
        with pytest.raises(GitError, match=r"none\.yaml is no file of"):
            repository.blame(head(work), "none.yaml", [1])
        with pytest.raises(GitError, match="no full object name"):
            repository.blame("HEAD", "a.yaml", [1])


def test_runs_of_lines_are_asked_for_together() -> None:
    assert ranges([5, 3, 4, 9, 4]) == ("-L3,5", "-L9,9")
    assert len(ranges(range(1, 2 * MOST_RANGES, 2))) == MOST_RANGES
    assert ranges(range(1, 2 * MOST_RANGES + 2, 2)) == ()


def test_ages_are_hours_up_to_the_commit(work: Work, day: Any) -> None:
    day(6)
    commit = work.commit({"b.yaml": b"x\n"})
    with Repository(work.root) as repository:
        wanted = {"a.yaml": [1, 2, 9], "b.yaml": [1], "none.yaml": [1]}
        expected = {("a.yaml", 1): 144.0, ("a.yaml", 2): 24.0, ("b.yaml", 1): 0.0}
        assert ages(repository, commit, wanted) == expected
        assert ages(repository, commit, {}) == {}


def test_ages_end_when_the_time_is_over(work: Work) -> None:
    """Each file takes a second of two: the third is left out."""
    commit = work.commit({"b.yaml": b"x\n", "c.yaml": b"x\n"})
    seconds = iter(range(100))
    with Repository(work.root) as repository:
        found = ages(
            repository,
            commit,
            {name: [1] for name in ("a.yaml", "b.yaml", "c.yaml")},
            budget=3,
            clock=lambda: float(next(seconds)),
        )
    assert sorted(path for path, _ in found) == ["a.yaml", "b.yaml"]


def test_a_shallow_clone_knows_no_ages(work: Work, tmp_path: Path) -> None:
    with Repository(shallow(work, tmp_path / "one", 1)) as repository:
        assert ages(repository, head(work), {"a.yaml": [1]}) == {}
