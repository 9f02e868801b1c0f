"""Names of ports that the API server refuses: of containers, in probes, and as target of a Service.

A name is 1 to 15 lower-case letters, digits and single dashes, with a letter in it
(https://kubernetes.io/docs/concepts/services-networking/service/#field-spec-ports). Digits in quotes are such a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.detect.functions import Context, Hit
from bot.detect.functions._objects import at, items, title
from bot.detect.functions._text import is_placeholder
from bot.manifest import workloads
from bot.model import Json, Operation

_NAME = re.compile(r"(?=.{1,15}\Z)(?=.*[a-z])[a-z0-9]+(?:-[a-z0-9]+)*\Z")
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_HOOKS = ("postStart", "preStop")
_WAYS = ("httpGet", "tcpSocket")


def check(context: Context) -> Iterator[Hit]:
    """Each name that is none."""
    for pointer, owner, value in _places(context):
        if not isinstance(value, str) or is_placeholder(value) or _NAME.match(value):
            continue
        # What is a number only lost its way into quotes; the name of a container's port is a name whatever it says.
        digits = value.isascii() and value.isdigit() and 1 <= int(value) <= 65_535 and not pointer.endswith("/name")
        yield Hit(
            at=pointer,
            target=pointer,
            message=f"{owner}: {value!r} is no name of a port: 1 to 15 of a-z, 0-9 and single dashes, with a letter",
            operations=(Operation("replace", pointer, int(value)),) if digits else None,
            title=f"Write the number {value}",
            unfixable="" if digits else "the name stands at both ends: choose one that is valid",
        )


def _places(context: Context) -> Iterator[tuple[str, str, Json]]:
    """(pointer, whose port, value) of each name."""
    resource = context.resource
    if resource.ref.kind == "Service":
        for place, port in enumerate(items(resource.body, "spec", "ports")):
            yield f"/spec/ports/{place}/targetPort", title(resource), at(port, "targetPort")
        return
    for pod in workloads.pods(resource):
        for container in pod.containers:
            owner = f"container {container.body.get('name')}"
            for place, port in enumerate(items(container.body, "ports")):
                yield f"{container.pointer}/ports/{place}/name", owner, at(port, "name")
            handlers = [(probe,) for probe in _PROBES] + [("lifecycle", hook) for hook in _HOOKS]
            for path in handlers:
                for way in _WAYS:
                    pointer = "/".join((container.pointer, *path, way, "port"))
                    yield pointer, owner, at(container.body, *path, way, "port")
