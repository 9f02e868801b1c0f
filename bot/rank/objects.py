"""Looking into objects whose members may have any type."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bot.model import Json, ResourceRef
from bot.rank.model import Body


def at(value: Json, *names: str) -> Json:
    """The member that names lead to; None when it is not there."""
    for name in names:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def text(value: Json, *names: str) -> str:
    """The text there; empty when there is none."""
    found = at(value, *names)
    return found if isinstance(found, str) else ""


def entries(value: Json, *names: str) -> Iterator[dict[str, Any]]:
    """The items there that are objects."""
    found = at(value, *names)
    return (each for each in found if isinstance(each, dict)) if isinstance(found, list) else iter(())


def words(value: Json, *names: str) -> frozenset[str]:
    """The items there that are texts."""
    found = at(value, *names)
    return frozenset(each for each in found if isinstance(each, str)) if isinstance(found, list) else frozenset()


def mapping(value: Json, *names: str) -> dict[str, Json]:
    """The object there; empty when there is none."""
    found = at(value, *names)
    return found if isinstance(found, dict) else {}


def ref_of(body: Body) -> ResourceRef:
    """The identity of an object, as it names it."""
    namespace = text(body, "metadata", "namespace") or None
    return ResourceRef(text(body, "apiVersion"), text(body, "kind"), namespace, text(body, "metadata", "name"))


def may_meet(one: str | None, other: str | None) -> bool:
    """Whether two namespaces may be the same: they are, or one is left open."""
    return one is None or other is None or one == other
