"""PodDisruptionBudgets that ask for as many pods as the autoscaler may go down to."""

from __future__ import annotations

from collections.abc import Iterator

from bot.detect.functions import Context, Hit
from bot.detect.functions._budgets import covered, too_many
from bot.detect.functions._objects import mapping, number, scales, title

LOOKS_AROUND = True


def check(context: Context) -> Iterator[Hit]:
    """The budget, when it covers one workload that an autoscaler beside it scales."""
    workload = covered(context)
    if workload is None:
        return
    for each in context.inventory.always(context.resource, "HorizontalPodAutoscaler"):
        if scales(each, workload):
            least = number(mapping(each.body, "spec").get("minReplicas", 1)) or 1
            yield from too_many(context, least, f"{title(each)} goes down to {least}")
            return
