from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.adapters.cluster.stand_ins import StandIns


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder for temporary files, this test's alone; at the end nothing may be in it."""
    base = tmp_path / "temporary"
    base.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(base))
    monkeypatch.setenv("TMPDIR", str(base))
    monkeypatch.delenv("RUNNER_TEMP", raising=False)
    yield base
    assert not list(base.iterdir())


@pytest.fixture
def stand_ins(tmp_path: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIns]:
    """docker and kind on the PATH that only record; we run in no container."""
    monkeypatch.setattr("bot.adapters.cluster.kind._MARK", tmp_path / "no-container")
    tools = StandIns(tmp_path / "tools")
    yield tools
    tools.socket.close()
