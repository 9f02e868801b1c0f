"""Services that routes send to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.detect.functions import Context, Hit
from bot.detect.functions._objects import at, items, missing, number, only_near, text, title
from bot.detect.functions._text import is_placeholder
from bot.manifest import Resource
from bot.model import Json, Operation


@dataclass(frozen=True, slots=True)
class Backend:
    """A Service that is named at `pointer`, and a port at `port_pointer`: `port` is its name or number, None for any.

    `as_number` is where a number would be written.
    """

    pointer: str
    name: str
    port_pointer: str
    port: Json
    as_number: str = ""


def dangling(context: Context, backend: Backend, services: Sequence[Resource], *, target: str) -> Hit | None:
    """The finding when the Service is not in scope, or does not have the port; None when all is well or unknown."""
    if not backend.name or is_placeholder(backend.name) or is_placeholder(backend.port):
        return None
    found = [each for each in services if each.ref.name == backend.name]
    if found:
        return _without_port(context, backend, found, target)
    if not services and not context.inventory.scope.whole:
        return None
    near = only_near(backend.name, (each.ref.name for each in services if _has(each, backend.port)))
    return missing(
        context,
        f"{title(context.resource)} sends to Service {backend.name}, which is not",
        backend.pointer,
        target=target,
        operations=(Operation("replace", backend.pointer, near),) if near else None,
        title=f"Send to Service {near}",
        unfixable="" if near else "which Service is meant only the author knows",
    )


def _without_port(context: Context, backend: Backend, found: Sequence[Resource], target: str) -> Hit | None:
    if backend.port is None or any(each.partial or _has(each, backend.port) for each in found):
        return None
    if any(text(each.body, "spec", "type") == "ExternalName" for each in found):
        return None
    ports = [at(port, "port") for each in found for port in items(each.body, "spec", "ports")]
    only = ports[0] if len(ports) == 1 and isinstance(ports[0], int) else None
    operations: tuple[Operation, ...] | None = None
    if only is not None and backend.as_number == backend.port_pointer:
        operations = (Operation("replace", backend.port_pointer, only),)
    elif only is not None and backend.as_number:
        operations = (Operation("remove", backend.port_pointer), Operation("add", backend.as_number, only))
    return Hit(
        at=backend.port_pointer,
        target=target,
        message=f"{title(context.resource)} sends to port {backend.port}, which Service {backend.name} does not have",
        operations=operations,
        title=f"Send to port {only}",
        unfixable="" if operations else "which port is meant only the author knows",
    )


def _has(service: Resource, port: Json) -> bool:
    """Whether a Service has a port of that name or number."""
    if port is None or service.partial:
        return True
    ports = items(service.body, "spec", "ports")
    return any(port == at(each, "name") or (number(port) or 0) == at(each, "port") for each in ports)
