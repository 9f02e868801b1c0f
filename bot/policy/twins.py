"""Other tools' ids for the same misconfigurations: `CKV_K8S_20`, `KSV-0001`, `C-0016`, kube-linter's `host-pid`.

A policy names its twins in its file. One foreign id may stand for several policies, and one policy has many twins.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.policy.model import Policy

# Trivy writes the same check as KSV001, KSV-0001 and AVD-KSV-0001.
_TRIVY = re.compile(r"(?:avd-)?(?P<series>[a-z]{3})-?0*(?P<number>[0-9]+)\Z")


class Twins:
    """What foreign ids mean, for one set of policies."""

    def __init__(self, policies: Iterable[Policy]) -> None:
        self._own: set[str] = set()
        self._by_tool: dict[tuple[str, str], set[str]] = {}
        self._by_id: dict[str, set[str]] = {}
        for policy in policies:
            self._own.add(policy.id)
            for tool, twin in policy.twins:
                key = _normal(twin)
                self._by_tool.setdefault((tool, key), set()).add(policy.id)
                self._by_id.setdefault(key, set()).add(policy.id)

    def policy_ids(self, name: str) -> tuple[str, ...]:
        """The policies that `name` stands for: an own id, another tool's id, or `tool:id`; empty when it is unknown.

        An own id wins over an equal one of another tool.
        """
        if name in self._own:
            return (name,)
        tool, colon, twin = name.partition(":")
        return self.of_tool(tool, twin) if colon else tuple(sorted(self._by_id.get(_normal(name), ())))

    def of_tool(self, tool: str, name: str) -> tuple[str, ...]:
        """The policies that `name` stands for in the words of one tool."""
        return tuple(sorted(self._by_tool.get((tool, _normal(name)), ())))


def _normal(name: str) -> str:
    folded = name.strip().casefold()
    match = _TRIVY.match(folded)
    return f"{match['series']}-{int(match['number'])}" if match else folded
