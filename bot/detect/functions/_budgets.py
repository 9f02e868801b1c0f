"""PodDisruptionBudgets and the workload that they cover."""

from __future__ import annotations

from collections.abc import Iterator

from bot.detect.functions import Context, Hit
from bot.detect.functions._objects import SCALED, at, selects, share, title
from bot.manifest import Resource, workloads
from bot.model import Operation

_AT = "/spec/minAvailable"


def covered(context: Context) -> Resource | None:
    """The only workload that a budget covers, where it is there whenever the budget is; None when that is not sure."""
    selector = at(context.resource.body, "spec", "selector")
    if not isinstance(selector, dict) or context.resource.partial:
        return None
    templates = context.inventory.pods(context.resource)
    if any(template.partial for template in templates):
        return None
    found = {id(each.resource): each.resource for each in templates if selects(selector, each.labels)}
    if len(found) != 1:
        return None
    always = {id(each) for each in context.inventory.always(context.resource, *SCALED)}
    (workload,) = found.values()
    return workload if id(workload) in always and len(workloads.pods(workload)) == 1 else None


def too_many(context: Context, pods: int, why: str) -> Iterator[Hit]:
    """The finding when `minAvailable` is not below a number of pods; with two or more of them one may be away."""
    wanted = at(context.resource.body, "spec", "minAvailable")
    # 100% is no pod to spare whatever the number is: another policy says so.
    least = share(wanted, pods) if wanted != "100%" else None
    if least is None or least < pods:
        return
    yield Hit(
        at=_AT,
        message=f"{title(context.resource)} keeps {wanted} pods from being evicted, and {why}",
        operations=(Operation("replace", _AT, pods - 1),) if pods > 1 else None,
        title=f"Ask for {pods - 1}",
        unfixable="" if pods > 1 else "of one pod none can be away: let it run twice, or set maxUnavailable to 1",
    )
