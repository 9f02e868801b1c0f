"""Which pages there are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bot.policy import Policy
from bot.policy.coverage import coverage
from tools.docs import index, left_out, policy

ROOT = Path(__file__).resolve().parents[2]
FOLDER = "docs/policies"


def pages(policies: Sequence[Policy]) -> dict[str, str]:
    """Every page that is written from `policies`: its path from the root of the repository, its text."""
    found = {f"{FOLDER}/{each.id}.md": policy.page(each) for each in policies}
    found[f"{FOLDER}/README.md"] = index.page(policies)
    found["docs/coverage.md"] = left_out.page(coverage(policies))
    return found


def stale(policies: Sequence[Policy]) -> list[Path]:
    """Pages that are there and written from nothing any more."""
    wanted = {f"{each.id}.md" for each in policies} | {"README.md"}
    return sorted(path for path in (ROOT / FOLDER).glob("*.md") if path.name not in wanted)
