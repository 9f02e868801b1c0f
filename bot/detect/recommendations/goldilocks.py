"""What `goldilocks summary` writes: `Namespaces`, in each the workloads, in each the containers, by their names.

As of a VerticalPodAutoscaler, the target is for requests and the upper bound for limits. Releases before 4.0 know
Deployments only and call them so.

Source: pkg/summary of https://github.com/FairwindsOps/goldilocks.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.detect.recommendations.layout import LayoutError, amount, mapping, text
from bot.detect.recommendations.model import Recommendation
from bot.model import Json

MEMBER = "Namespaces"
"""What tells such a report."""
_PARTS = (("requests", "target", "target"), ("limits", "upperBound", "upper bound"))


def parse(path: str, body: dict[str, Json]) -> Iterator[Recommendation]:
    """The recommendations of a summary; raises LayoutError."""
    for namespace, in_namespace in mapping(body[MEMBER], MEMBER).items():
        where = f"{MEMBER}.{namespace}"
        for place, kind, name, workload in _workloads(mapping(in_namespace, where), where):
            for container, said in mapping(workload.get("containers"), f"{place}.containers").items():
                at = f"{place}.containers.{container}"
                for part, member, words in _PARTS:
                    amounts = mapping(mapping(said, at).get(member) or {}, f"{at}.{member}")
                    source = f"the {words} of goldilocks for {namespace}/{name} ({path})"
                    for resource in ("cpu", "memory"):
                        value = amounts.get(resource)
                        found = amount(value, resource, f"{at}.{member}.{resource}") if value is not None else None
                        if found is not None:
                            yield Recommendation(namespace, kind, name, container, part, resource, found, source)


def _workloads(said: dict[str, Json], where: str) -> Iterator[tuple[str, str, str, dict[str, Json]]]:
    """(place, kind, name, workload) of each workload in a namespace."""
    if "workloads" in said:
        for key, value in mapping(said["workloads"], f"{where}.workloads").items():
            place = f"{where}.workloads.{key}"
            workload = mapping(value, place)
            yield place, text(workload, "controllerType", place), text(workload, "controllerName", place), workload
    elif "deployments" in said:
        for key, value in mapping(said["deployments"], f"{where}.deployments").items():
            place = f"{where}.deployments.{key}"
            workload = mapping(value, place)
            yield place, "Deployment", text(workload, "deploymentName", place), workload
    else:
        raise LayoutError(f"{where} has neither workloads nor deployments")
