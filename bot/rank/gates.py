"""How often fixes of a policy pass the gates, measured before they were shipped."""

from __future__ import annotations

MEASURED: dict[str, tuple[int, int]] = {
    "capabilities-added-beyond-net-bind": (5, 16),
    "net-raw-capability-added": (4, 5),
    "network-policy-missing": (211, 253),
    "pdb-missing": (26, 28),
    "startup-probe-missing": (8, 12),
}
"""(fixes that passed, fixes proposed) by policy, over public repositories; `tools/gate_rates.py` writes it."""

STRENGTH = 10.0
"""Fixes that outweigh the assumption that all pass."""


def passed(policy_id: str) -> float:
    """The share of a policy's fixes that pass the gates; near 1 for one that nobody measured."""
    good, proposed = MEASURED.get(policy_id, (0, 0))
    return (STRENGTH + good) / (STRENGTH + proposed)
