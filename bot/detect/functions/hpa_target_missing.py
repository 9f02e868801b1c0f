"""HorizontalPodAutoscalers whose target is not in scope."""

from __future__ import annotations

from collections.abc import Iterator

from bot.detect.functions import Context, Hit
from bot.detect.functions._objects import only_near, scales
from bot.detect.functions._targets import named, unknown
from bot.model import Operation

LOOKS_AROUND = True
_AT = "/spec/scaleTargetRef/name"


def check(context: Context) -> Iterator[Hit]:
    """The name of the target, when its scope holds others of that kind."""
    for kind, name, others in unknown(context, "scaleTargetRef"):
        near = only_near(name, (each.ref.name for each in others))
        scaled = list(context.inventory.beside(context.resource, "HorizontalPodAutoscaler"))
        if any(each.ref.name == near and scales(other, each) for each in others for other in scaled):
            near = ""  # it has an autoscaler of its own
        yield named(
            context,
            kind,
            name,
            _AT,
            operations=(Operation("replace", _AT, near),) if near else None,
            title=f"Scale {near}",
            unfixable="" if near else "which workload is meant only the author knows",
        )
