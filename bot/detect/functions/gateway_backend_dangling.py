"""Backends of a Gateway API route that are no Service in scope, or no port of theirs."""

from __future__ import annotations

from collections.abc import Iterator

from bot.detect.functions import Context, Hit
from bot.detect.functions._backends import Backend, dangling
from bot.detect.functions._objects import at, items, text

LOOKS_AROUND = True


def check(context: Context) -> Iterator[Hit]:
    """Each backend that is a Service of the route's own namespace."""
    resource = context.resource
    services = list(context.inventory.beside(resource, "v1/Service"))
    for number, rule in enumerate(items(resource.body, "spec", "rules")):
        for place, value in enumerate(items(rule, "backendRefs")):
            if (at(value, "kind") or "Service") != "Service" or at(value, "group"):
                continue
            if at(value, "namespace") not in (None, resource.ref.namespace):
                continue
            pointer = f"/spec/rules/{number}/backendRefs/{place}"
            backend = Backend(f"{pointer}/name", text(value, "name"), f"{pointer}/port", at(value, "port"))
            hit = dangling(context, backend, services, target=pointer)
            if hit is not None:
                yield hit
