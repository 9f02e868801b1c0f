"""E[t]: the minutes that a fix will take, to be verified by gates and looked at by a person."""

from __future__ import annotations

from collections.abc import Iterable
from math import fsum

from bot.rank.model import Candidate
from bot.rank.priors import EXPECTED, GATE_STRENGTH, GATES_MS, LINE, REVIEW

_MINUTE = 60_000.0


class Effort:
    """What the measured gate times of a run say. The time of a policy's gates is that of all its fixes."""

    def __init__(self, candidates: Iterable[Candidate]) -> None:
        times: dict[str, list[float]] = {}
        for each in candidates:
            if each.verify_ms is not None:
                times.setdefault(each.policy_id, []).append(each.verify_ms)
        self._gates = {policy_id: _shrunk(found) for policy_id, found in times.items()}

    def minutes(self, policy_id: str, changed_lines: int) -> float:
        """The expected minutes: half what is expected of any fix, half what this one's size and gates say."""
        gates = self._gates.get(policy_id, GATES_MS) / _MINUTE
        return (EXPECTED + gates + REVIEW + LINE * changed_lines) / 2.0


def _shrunk(times: list[float]) -> float:
    """The mean of measured times, drawn to the prior while there are few."""
    # fsum: the same sum in every order.
    return (GATE_STRENGTH * GATES_MS + fsum(times)) / (GATE_STRENGTH + len(times))
