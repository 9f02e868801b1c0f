"""PodDisruptionBudgets that ask for as many pods as there are: no pod may ever be evicted."""

from __future__ import annotations

from collections.abc import Iterator

from bot.detect.functions import Context, Hit
from bot.detect.functions._budgets import covered, too_many
from bot.detect.functions._objects import AUTOSCALERS, number, scales, title

LOOKS_AROUND = True


def check(context: Context) -> Iterator[Hit]:
    """The budget, when it covers one workload whose number of pods is written beside it."""
    workload = covered(context)
    if workload is None or workload.ref.name in context.inventory.scope.scaled:
        return
    if any(scales(each, workload) for each in context.inventory.beside(context.resource, *AUTOSCALERS)):
        return
    replicas = number(workload.body["spec"].get("replicas"))
    if replicas:
        yield from too_many(context, replicas, f"{title(workload)} has {replicas}")
