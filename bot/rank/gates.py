"""How often fixes of a policy pass the gates, measured before they were shipped."""

from __future__ import annotations

MEASURED: dict[str, tuple[int, int]] = {}
"""(fixes that passed, fixes proposed) by policy, over public repositories; `tools/gate_rates.py` writes it."""

STRENGTH = 10.0
"""Fixes that outweigh the assumption that all pass."""


def passed(policy_id: str) -> float:
    """The share of a policy's fixes that pass the gates; near 1 for one that nobody measured."""
    good, proposed = MEASURED.get(policy_id, (0, 0))
    return (STRENGTH + good) / (STRENGTH + proposed)
