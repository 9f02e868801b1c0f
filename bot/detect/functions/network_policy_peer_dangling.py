"""Peers of a NetworkPolicy that are no pod in scope."""

from __future__ import annotations

from collections.abc import Iterator

from bot.detect.functions import Context, Hit
from bot.detect.functions._objects import at, items, mapping, missing, selects, title
from bot.detect.functions._text import is_placeholder

LOOKS_AROUND = True


def check(context: Context) -> Iterator[Hit]:
    """Each podSelector of a rule; not those of other namespaces."""
    resource = context.resource
    templates = context.inventory.pods(resource)
    if resource.partial or any(each.partial for each in templates):
        return
    if not templates and not context.inventory.scope.whole:
        return
    for direction, side in (("ingress", "from"), ("egress", "to")):
        for number, entry in enumerate(items(resource.body, "spec", direction)):
            for place, peer in enumerate(items(entry, side)):
                selector = at(peer, "podSelector")
                if not mapping(selector) or at(peer, "namespaceSelector") is not None:
                    continue
                if any(map(is_placeholder, mapping(selector, "matchLabels").values())):
                    continue
                if not any(selects(selector, each.labels) for each in templates):
                    where = f"/spec/{direction}/{number}/{side}/{place}"
                    yield missing(
                        context,
                        f"{title(resource)} lets {'in' if side == 'from' else 'out to'} pods of which there are none",
                        f"{where}/podSelector",
                        target=where,
                    )
