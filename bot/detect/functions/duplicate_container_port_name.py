"""The same name for two ports of a container: the API server refuses it.

A Service or probe that refers to the name finds the first port. So a later one is renamed, after its protocol where
that tells them apart (`dns`, `dns-tcp`), else after its number.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.detect.functions import Context, Hit
from bot.detect.functions._text import is_placeholder
from bot.model import Json, Operation

_LONGEST = 15


def check(context: Context) -> Iterator[Hit]:
    """Each port whose name stands above it already."""
    assert context.container is not None, "the policy looks at containers"
    ports = context.container.body.get("ports")
    if not isinstance(ports, list):
        return
    seen: set[str] = set()
    taken = {name for name in map(_name, ports) if name}
    container = context.container.body.get("name", "")
    for place, port in enumerate(ports):
        name = _name(port)
        if not name or is_placeholder(name):
            continue
        if name not in seen:
            seen.add(name)
            continue
        pointer = f"{context.container.pointer}/ports/{place}"
        new = _other_name(name, port, taken)
        taken.add(new)
        yield Hit(
            at=f"{pointer}/name",
            target=pointer,
            message=f"container {container} names two ports {name}",
            operations=(Operation("replace", f"{pointer}/name", new),) if new else None,
            title=f"Rename the later {name} to {new}",
            unfixable="" if new else "no short name is left for it",
        )


def _name(port: Json) -> str:
    name = port.get("name") if isinstance(port, dict) else None
    return name if isinstance(name, str) else ""


def _other_name(name: str, port: dict[str, Json], taken: set[str]) -> str:
    """A name that no port of the container has; empty when none is short enough."""
    protocol = port.get("protocol") or "TCP"
    for suffix in (str(protocol).lower(), port.get("containerPort")):
        new = f"{name}-{suffix}"
        if suffix and len(new) <= _LONGEST and new not in taken:
            return new
    return ""
