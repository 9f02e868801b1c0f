"""ServiceMonitors that select no Service in scope: nothing is scraped."""

from __future__ import annotations

from collections.abc import Iterator

from bot.detect.functions import Context, Hit
from bot.detect.functions._objects import at, items, mapping, missing, selects, title
from bot.detect.functions._text import is_placeholder

LOOKS_AROUND = True


def check(context: Context) -> Iterator[Hit]:
    """The selector, where the scope holds Services; `namespaceSelector` says in which namespaces they may be."""
    resource = context.resource
    selector = at(resource.body, "spec", "selector")
    labels = mapping(selector, "matchLabels")
    if not labels or resource.partial or any(map(is_placeholder, labels.values())):
        return
    chosen = mapping(resource.body, "spec", "namespaceSelector")
    names = items(chosen, "matchNames")
    services = [
        each
        for each in context.inventory.of_kind("v1/Service")
        if chosen.get("any") is True
        or (names and (each.ref.namespace is None or each.ref.namespace in names))
        or (not names and context.inventory.together(each, resource))
    ]
    if not services and not context.inventory.scope.whole:
        return
    if not any(each.partial or selects(selector, mapping(each.body, "metadata", "labels")) for each in services):
        yield missing(context, f"{title(resource)} selects no Service", "/spec/selector")
