"""Services that send traffic to a named port which none of their pods has."""

from __future__ import annotations

from collections.abc import Iterator

from bot.detect.functions import Context, Hit
from bot.detect.functions._objects import at, has_all, items, mapping, text, title
from bot.detect.functions._text import is_placeholder
from bot.detect.inventory import PodTemplate
from bot.model import Json, Operation

LOOKS_AROUND = True


def check(context: Context) -> Iterator[Hit]:
    """Each name that no container of a selected pod gives to a port; sidecars give names as well."""
    resource = context.resource
    selector = mapping(resource.body, "spec", "selector")
    if not selector or resource.partial or text(resource.body, "spec", "type") == "ExternalName":
        return
    selected = [each for each in context.inventory.pods(resource) if has_all(selector, each.labels)]
    if not selected or any(each.partial for each in selected):
        return
    declared = [port for template in selected for port in _ports(template)]
    for place, port in enumerate(items(resource.body, "spec", "ports")):
        name, protocol = text(port, "targetPort"), at(port, "protocol") or "TCP"
        # Digits in quotes are no name: another policy.
        if not name or name.isdigit() or is_placeholder(name):
            continue
        fitting = [each for each in declared if (at(each, "protocol") or "TCP") == protocol]
        if any(at(each, "name") == name for each in fitting):
            continue
        pointer = f"/spec/ports/{place}/targetPort"
        only = _only(fitting)
        yield Hit(
            at=pointer,
            target=f"/spec/ports/{place}",
            message=f"{title(resource)} sends to port {name}, which no container of {_names(selected)} has",
            operations=(Operation("replace", pointer, only),) if only is not None else None,
            title=f"Send to port {only}",
            unfixable="" if only is not None else "which port is meant only the author knows",
        )


def _ports(template: PodTemplate) -> Iterator[Json]:
    for container in template.pod.containers:
        if container.type in ("container", "sidecar"):
            yield from items(container.body, "ports")


def _only(ports: list[Json]) -> Json:
    """The name, else the number, of the one port that there is; None when there are several."""
    known = {(at(each, "containerPort"), at(each, "name")) for each in ports if at(each, "containerPort")}
    if len(known) != 1:
        return None
    ((number, name),) = known
    return name or number


def _names(templates: list[PodTemplate]) -> str:
    names = list(dict.fromkeys(title(each.resource) for each in templates))
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"
