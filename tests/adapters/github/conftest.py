from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.adapters.github.scripted import Clock, Script, scripted


@pytest.fixture
def script() -> Iterator[Script]:
    """A server that says what the test writes down."""
    with scripted() as found:
        yield found


@pytest.fixture
def clock() -> Clock:
    """Sleeping that takes no time."""
    return Clock()
