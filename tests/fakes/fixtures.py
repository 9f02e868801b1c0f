"""The fixture by which a test gets a GitHub of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.fakes.github import FakeGitHub


@pytest.fixture
def github(tmp_path: Path) -> Iterator[FakeGitHub]:
    """A strict fake GitHub; the test fails when it was asked for something that no client of ours should ask for."""
    from tests.fakes.github import FakeGitHub

    with FakeGitHub(tmp_path / "github") as fake:
        yield fake
    assert not fake.offences, "\n".join(f"{each.operation}: {each.text}" for each in fake.offences)
