"""Backends of an Ingress that are no Service in scope, or no port of theirs."""

from __future__ import annotations

from collections.abc import Iterator

from bot.detect.functions import Context, Hit
from bot.detect.functions._backends import Backend, dangling
from bot.detect.functions._objects import at, items, mapping, text
from bot.model import Json

LOOKS_AROUND = True
_ACTION = "use-annotation"  # the load balancer controller of AWS reads an annotation of that name instead


def check(context: Context) -> Iterator[Hit]:
    """Each backend."""
    services = list(context.inventory.beside(context.resource, "v1/Service"))
    for pointer, value in _backends(context.resource.body):
        backend = _read(pointer, value)
        if backend.port == _ACTION:
            continue
        hit = dangling(context, backend, services, target=pointer)
        if hit is not None:
            yield hit


def _backends(body: Json) -> Iterator[tuple[str, Json]]:
    for member in ("defaultBackend", "backend"):
        if at(body, "spec", member) is not None:
            yield f"/spec/{member}", at(body, "spec", member)
    for number, rule in enumerate(items(body, "spec", "rules")):
        for place, path in enumerate(items(rule, "http", "paths")):
            yield f"/spec/rules/{number}/http/paths/{place}/backend", at(path, "backend")


def _read(pointer: str, value: Json) -> Backend:
    if text(value, "serviceName"):  # before networking.k8s.io/v1
        old = f"{pointer}/servicePort"
        return Backend(f"{pointer}/serviceName", text(value, "serviceName"), old, at(value, "servicePort"), old)
    port = mapping(value, "service", "port")
    member = "name" if port.get("name") is not None else "number"
    base = f"{pointer}/service"
    return Backend(
        f"{base}/name", text(value, "service", "name"), f"{base}/port/{member}", port.get(member), f"{base}/port/number"
    )
