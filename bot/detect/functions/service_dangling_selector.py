"""Services whose selector selects no pod in scope."""

from __future__ import annotations

from collections.abc import Iterator

from bot.detect.functions import Context, Hit
from bot.detect.functions._objects import Near, by_operator, has_all, mapping, missing, nearly, text, title
from bot.detect.functions._text import is_placeholder
from bot.model import Json

LOOKS_AROUND = True


def check(context: Context) -> Iterator[Hit]:
    """The selector; not of a Service whose pods or endpoints somebody else makes."""
    resource = context.resource
    selector = mapping(resource.body, "spec", "selector")
    if not selector or resource.partial or text(resource.body, "spec", "type") == "ExternalName":
        return
    templates = context.inventory.pods(resource)
    if not templates and not context.inventory.scope.whole:
        return
    if any(template.partial or has_all(selector, template.labels) for template in templates):
        return
    if by_operator(selector) or any(map(is_placeholder, selector.values())):
        return
    if any(each.ref.name == resource.ref.name for each in context.inventory.beside(resource, "Endpoints")):
        return
    near = _meant(context, selector)
    yield missing(
        context,
        f"the selector of {title(resource)} selects no pod",
        "/spec/selector",
        operations=near.operations("/spec/selector") if near is not None else None,
        title=f"Select the pods of {title(near.template.resource)}" if near is not None else "",
        unfixable="" if near is not None else "which pods are meant only the author knows",
    )


def _meant(context: Context, selector: dict[str, Json]) -> Near | None:
    """The one pod template that a slip keeps from being selected, unless it is another Service's already."""
    found = nearly(selector, context.inventory.pods(context.resource))
    if len(found) != 1:
        return None
    for other in context.inventory.beside(context.resource, "v1/Service"):
        pairs = mapping(other.body, "spec", "selector")
        if pairs and has_all(pairs, found[0].template.labels):
            return None
    return found[0]
