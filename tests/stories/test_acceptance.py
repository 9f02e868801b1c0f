"""Every acceptance case has a story."""

from __future__ import annotations

import re
from pathlib import Path

CASES = 25
_NUMBERED = re.compile(r"^def test_case_(\d\d)_", re.MULTILINE)


def test_every_case_has_a_story() -> None:
    files = Path(__file__).parent.glob("test_*.py")
    found = {int(number) for file in files for number in _NUMBERED.findall(file.read_text(encoding="utf-8"))}
    assert found == set(range(1, CASES + 1))
