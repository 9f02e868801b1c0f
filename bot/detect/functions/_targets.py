"""What autoscalers point at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bot.detect.functions import Context, Hit
from bot.detect.functions._objects import mapping, missing, text, title
from bot.detect.functions._text import is_placeholder
from bot.manifest import Resource
from bot.policy import kinds


def unknown(context: Context, member: str) -> Iterator[tuple[str, str, list[Resource]]]:
    """(kind, name, others of that kind) of a target that is not in scope.

    Where nothing of the kind is in scope the target is somewhere else, and nothing can be said.
    """
    target = mapping(context.resource.body, "spec", member)
    kind, name = text(target, "kind"), text(target, "name")
    group, _, _ = text(target, "apiVersion").rpartition("/")
    entry = kind if kinds.is_built_in(group) else f"{group}/{kind}"
    if not name or is_placeholder(name) or not kinds.is_valid(entry):
        return
    others = list(context.inventory.beside(context.resource, entry))
    if (others or context.inventory.scope.whole) and all(each.ref.name != name for each in others):
        yield kind, name, [each for each in others if not each.partial]


def named(context: Context, kind: str, name: str, pointer: str, **more: Any) -> Hit:
    """The finding about it."""
    return missing(context, f"{title(context.resource)} scales {kind} {name}, which is not", pointer, **more)
