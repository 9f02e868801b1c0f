"""The fixture of the stories."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.github import FakeGitHub
from tests.fakes.runner import Runner
from tests.stories.stage import Stage


@pytest.fixture
def stage(github: FakeGitHub, tmp_path: Path) -> Stage:
    """An empty repository and a runner without a cluster; a request that no client of ours should make is a failure."""
    return Stage(github, Runner(github, tmp_path / "runner"))
