"""Where the tests find what does not travel with the repository: the corpus of real manifests, the reference tables."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def folder(what: str, variable: str, default: str, environ: Mapping[str, str] = os.environ) -> Path:
    """The folder that `variable` names, or `default` beside the repository; without it the test is skipped.

    Where CI=true a missing folder is a failure, so that nothing is left out unseen; `variable=none` leaves it out on
    purpose.
    """
    named = environ.get(variable, "")
    path = Path(named) if named else (ROOT / default).resolve()
    if named != "none" and path.is_dir():
        return path
    reason = f"{what} not found: set {variable} to its folder"
    if environ.get("CI") == "true" and named != "none":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
