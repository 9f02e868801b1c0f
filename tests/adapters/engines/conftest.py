"""Kyverno's real command line, where it was built."""

from __future__ import annotations

import os

import pytest

from tools.kyverno import build


@pytest.fixture(scope="session")
def real_kyverno() -> str:
    """The program. In CI a missing one fails where it can be built; elsewhere the test skips with one line."""
    found = build.find()
    if found is None:
        reason = f"kyverno is not there: {build.obstacle() or 'make kyverno builds it'}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    return found
