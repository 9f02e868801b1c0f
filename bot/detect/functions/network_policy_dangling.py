"""NetworkPolicies that select no pod in scope."""

from __future__ import annotations

from collections.abc import Iterator

from bot.detect.functions import Context, Hit
from bot.detect.functions._objects import at, by_operator, mapping, missing, nearly, selects, title
from bot.detect.functions._text import is_placeholder

LOOKS_AROUND = True
_AT = "/spec/podSelector"


def check(context: Context) -> Iterator[Hit]:
    """The selector; an empty one selects all pods, and where there are none nothing can be said."""
    resource = context.resource
    selector = at(resource.body, "spec", "podSelector")
    labels = mapping(selector, "matchLabels")
    if resource.partial or not (labels or mapping(selector).get("matchExpressions")):
        return
    templates = context.inventory.pods(resource)
    if not templates and not context.inventory.scope.whole:
        return
    if any(template.partial or selects(selector, template.labels) for template in templates):
        return
    if by_operator(labels) or any(map(is_placeholder, labels.values())):
        return
    found = nearly(labels, templates) if not mapping(selector).get("matchExpressions") else []
    near = found[0] if len(found) == 1 else None
    yield missing(
        context,
        f"{title(resource)} selects no pod",
        _AT,
        operations=near.operations(f"{_AT}/matchLabels") if near is not None else None,
        title=f"Select the pods of {title(near.template.resource)}" if near is not None else "",
        unfixable="" if near is not None else "which pods are meant only the author knows",
    )
