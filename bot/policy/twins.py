"""Other tools' ids for the same misconfigurations: `CKV_K8S_20`, `KSV-0001`, `C-0016`, kube-linter's `host-pid`.

A policy names its twins in its file. One foreign id may stand for several policies, and one policy has many twins.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from bot.policy.model import Policy
from bot.policy.places import nearest

# Trivy writes the same check as KSV001, KSV-0001 and AVD-KSV-0001.
_TRIVY = re.compile(r"(?:avd-)?(?P<series>[a-z]{3})-?0*(?P<number>[0-9]+)\Z")


@dataclass(frozen=True, slots=True)
class Unclear:
    """Why a name stands for no policy, in words that continue a sentence; what to write instead when that is known."""

    reason: str


class Twins:
    """What names mean, for one set of policies."""

    def __init__(self, policies: Iterable[Policy], groups: Collection[str] = ()) -> None:
        """`groups` are names that stand for themselves: categories and profiles, where those are allowed."""
        self._own = {*groups}
        # By tool, then by the folded id: (the id as it is written, the policies that name it).
        self._tools: dict[str, dict[str, tuple[str, set[str]]]] = {}
        for policy in policies:
            self._own.add(policy.id)
            for tool, twin in policy.twins:
                _, ids = self._tools.setdefault(tool, {}).setdefault(_normal(twin), (twin, set()))
                ids.add(policy.id)

    def policy_ids(self, name: str) -> tuple[str, ...]:
        """The policies that `name` stands for: an own id, another tool's id, or `tool:id`; empty when it is unclear."""
        found = self.meaning(name)
        return () if isinstance(found, Unclear) else found

    def meaning(self, name: str) -> tuple[str, ...] | Unclear:
        """The policies (or the group) that `name` stands for, or why there are none.

        An own name wins over an equal one of another tool. An id that tools use for different things is unclear unless
        the tool is named before a colon.
        """
        if name in self._own:
            return (name,)
        tool, colon, twin = name.partition(":")
        if colon:
            return self._of_named_tool(tool.strip().casefold(), twin)
        key = _normal(name)
        meanings = {each: self.of_tool(each, name) for each, ids in sorted(self._tools.items()) if key in ids}
        if not meanings:
            return Unclear(f"no policy is called {name!r}{self._suggestion(name)}")
        if len(set(meanings.values())) > 1:
            said = "; ".join(f"{each}:{name} is {', '.join(ids)}" for each, ids in meanings.items())
            return Unclear(f"{name!r} means different things to different tools, name one: {said}")
        return next(iter(meanings.values()))

    def of_tool(self, tool: str, name: str) -> tuple[str, ...]:
        """The policies that `name` stands for in the words of one tool."""
        _, ids = self._tools.get(tool, {}).get(_normal(name), ("", ()))
        return tuple(sorted(ids))

    def is_foreign(self, name: str) -> bool:
        """Whether `name` is `tool:id` of a tool that policies know, an id that none of them has or nearly has."""
        tool, colon, twin = name.partition(":")
        ids = self._tools.get(tool.strip().casefold())
        if not colon or ids is None or not twin.strip() or _normal(twin) in ids:
            return False
        return not nearest(twin, [written for written, _ in ids.values()])

    def checks_of(self, tool: str) -> tuple[str, ...]:
        """The ids of one tool that some policy names, as they are written."""
        return tuple(written for written, _ in self._tools.get(tool, {}).values())

    def all_of(self, tool: str) -> frozenset[str]:
        """Every policy that has a counterpart in `tool`."""
        return frozenset().union(*(ids for _, ids in self._tools.get(tool, {}).values()))

    def _of_named_tool(self, tool: str, twin: str) -> tuple[str, ...] | Unclear:
        if tool not in self._tools:
            return Unclear(f"no tool is called {tool!r}{nearest(tool, sorted(self._tools))}")
        found = self.of_tool(tool, twin)
        if found:
            return found
        near = nearest(twin, [written for written, _ in self._tools[tool].values()])
        return Unclear(f"no policy says what {tool}:{twin} says{near}")

    def _suggestion(self, name: str) -> str:
        """`, did you mean 'x'?`: an own name first, else one of another tool."""
        foreign = sorted({written for ids in self._tools.values() for written, _ in ids.values()})
        return nearest(name, sorted(self._own)) or nearest(name, foreign)


def _normal(name: str) -> str:
    folded = name.strip().casefold()
    match = _TRIVY.match(folded)
    return f"{match['series']}-{int(match['number'])}" if match else folded
