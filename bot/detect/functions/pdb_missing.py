"""Replicated workloads that no PodDisruptionBudget covers."""

from __future__ import annotations

from collections.abc import Iterator

from bot.detect.functions import Context, Hit
from bot.detect.functions._objects import at, mapping, missing, number, selects, title
from bot.manifest import workloads
from bot.model import Json

LOOKS_AROUND = True


def check(context: Context) -> Iterator[Hit]:
    """The workload, when it asks for two pods or more."""
    resource = context.resource
    pods = workloads.pods(resource)
    if not pods or (number(at(resource.body, "spec", "replicas")) or 1) < 2:
        return
    labels = mapping(pods[0].metadata_body, "labels")
    for budget in context.inventory.beside(resource, "policy/PodDisruptionBudget"):
        if budget.partial or selects(at(budget.body, "spec", "selector"), labels):
            return
    yield missing(
        context,
        f"no PodDisruptionBudget covers {title(resource)}",
        "",
        create=_budget(context),
        unfixable="" if _budget(context) else "the selector of the workload has no matchLabels to copy",
    )


def _budget(context: Context) -> dict[str, Json] | None:
    resource = context.resource
    labels = mapping(resource.body, "spec", "selector", "matchLabels")
    if not labels or not resource.ref.name:
        return None
    # Two budgets over one pod keep it from being evicted at all.
    for other in context.inventory.pods(resource):
        if other.resource.ref != resource.ref and selects({"matchLabels": labels}, other.labels):
            return None
    metadata: dict[str, Json] = {"name": resource.ref.name}
    if resource.ref.namespace:
        metadata["namespace"] = resource.ref.namespace
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": metadata,
        "spec": {
            "maxUnavailable": 1,
            "unhealthyPodEvictionPolicy": "AlwaysAllow",
            "selector": {"matchLabels": dict(labels)},
        },
    }
