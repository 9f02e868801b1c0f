"""Recommendations in one form, by the container that they are for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bot.model import ResourceRef, Skip

_KUBERNETES = frozenset(
    {"CronJob", "DaemonSet", "Deployment", "Job", "Pod", "ReplicaSet", "ReplicationController", "StatefulSet"}
)
"""Kinds of Kubernetes itself; others use the same words for kinds of their own."""


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One amount for one container of a workload.

    `part` is `requests` or `limits`, `resource` is `cpu` or `memory`; `amount` is a quantity above zero, of memory in
    whole bytes. `source` says for people which tool says so where.
    """

    namespace: str
    kind: str
    name: str
    container: str
    part: str
    resource: str
    amount: str
    source: str

    @property
    def about(self) -> tuple[str, str, str, str, str]:
        """What it is for, but for the namespace."""
        return self.kind, self.name, self.container, self.part, self.resource


@dataclass(frozen=True, slots=True)
class Recommended:
    """All that the reports of a repository say, and which of them say nothing."""

    entries: Mapping[tuple[str, str, str, str, str], tuple[Recommendation, ...]] = field(default_factory=dict)
    skips: tuple[Skip, ...] = ()

    def of(self, workload: ResourceRef, container: str, part: str, resource: str) -> tuple[Recommendation, ...]:
        """What is recommended for a container of a workload, in every namespace that there are reports of."""
        if workload.kind in _KUBERNETES and "." in workload.group:
            return ()
        return self.entries.get((workload.kind, workload.name, container, part, resource), ())


def recommended(said: Iterable[Recommendation | Skip]) -> Recommended:
    """What reports say, by what it is about, in their order."""
    entries: dict[tuple[str, str, str, str, str], list[Recommendation]] = {}
    skips = []
    for each in said:
        if isinstance(each, Skip):
            skips.append(each)
        else:
            entries.setdefault(each.about, []).append(each)
    return Recommended({about: tuple(found) for about, found in entries.items()}, tuple(skips))
