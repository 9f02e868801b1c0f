"""Limits of CPU or memory that are many times the request: more is promised to pods than the node has."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from bot.detect.functions import Context, Hit
from bot.manifest import quantity
from bot.model import Json

_MOST = 10


def check(context: Context) -> Iterator[Hit]:
    """Each resource whose limit is more than ten times the request."""
    assert context.container is not None, "the policy looks at containers"
    resources = context.container.body.get("resources")
    limits = resources.get("limits") if isinstance(resources, dict) else None
    requests = resources.get("requests") if isinstance(resources, dict) else None
    if not isinstance(limits, dict) or not isinstance(requests, dict):
        return
    name = context.container.body.get("name", "")
    for resource in ("cpu", "memory"):
        limit, request = _amount(limits.get(resource)), _amount(requests.get(resource))
        if limit is not None and request is not None and 0 < request * _MOST < limit:
            place = f"{context.container.pointer}/resources/limits/{resource}"
            said = f"limits {resource} to {limits[resource]}, more than {_MOST} times its request"
            yield Hit(at=place, target=place, message=f"container {name} {said} of {requests[resource]}")


def _amount(value: Json) -> Fraction | None:
    return quantity.parse(value) if value is not None else None
