"""Where the ages of lines come from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.adapters.git import Repository
from bot.adapters.tree import Tree
from bot.cli.ordering import Ordering
from bot.review.introduced import Scope
from bot.settings import SchedulerSettings
from tests.adapters.git import material
from tests.adapters.git.material import Work, git
from tests.pull.material import brought
from tests.stories.shop import SECCOMP, deployment

TEXT = deployment(SECCOMP)
OLD = brought(TEXT, TEXT, scope=Scope.CHANGED_FILES)
"""A file whose finding was there before."""


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Work:
    work = Work(tmp_path / "r")
    work.commit({"web.yaml": TEXT.encode()})
    monkeypatch.setitem(material.ENVIRON, "GIT_COMMITTER_DATE", "2026-01-03T00:00:00Z")
    work.commit()
    return work


def ages(opened: Repository, commit: str, workspace: Path | None) -> dict[Any, float]:
    tree = Tree(commit, lambda: opened)
    return Ordering(SchedulerSettings(), tree, tree, lambda: opened, workspace)._ages([OLD], OLD.offers)


def test_a_history_in_the_workspace_counts_where_the_run_has_none(work: Work, tmp_path: Path) -> None:
    commit = git(work.root, "rev-parse", "HEAD").decode().strip()
    shallow = tmp_path / "s"
    shallow.mkdir()
    git(shallow, "init", "-q")
    git(shallow, "fetch", "-q", "--depth=1", f"file://{work.root}", commit)
    empty = tmp_path / "empty"
    empty.mkdir()
    (lead,) = (offer.lead for offer in OLD.offers)
    expected = {("web.yaml", lead.location.start_line): 48.0}
    with Repository(work.root) as whole, Repository(shallow) as cut:
        assert ages(whole, commit, None) == expected
        assert ages(cut, commit, work.root) == expected
        assert [ages(cut, commit, place) for place in (None, empty, shallow)] == [{}, {}, {}]


def test_without_a_workspace_nothing_beside_the_commits_is_read(
    work: Work, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A report or a history where the run happens to stand may be a stranger's."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "r.json").write_text("[]")
    (tmp_path / "h.jsonl").write_text('{"v":2}\n')
    commit = git(work.root, "rev-parse", "HEAD").decode().strip()
    settings = SchedulerSettings(history="h.jsonl", trivy=("r.json",))
    with Repository(work.root) as repository:
        tree = Tree(commit, lambda: repository)
        for workspace, notes in ((None, 0), (tmp_path, 2)):
            order = Ordering(settings, tree, tree, lambda: repository, workspace)
            assert len(order.sort([OLD], lambda _: ())(OLD.offers)) == 1
            assert len(order.notes) == notes
