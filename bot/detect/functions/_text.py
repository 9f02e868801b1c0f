"""Words about places and values, for messages."""

from __future__ import annotations

import re

from bot.manifest import pointers
from bot.model import Json

_PLACEHOLDER = re.compile(r"\$\{|\$\(|\{\{|<[A-Za-z][^<>]*>|ko://|\A%[A-Za-z_]+%\Z|\A__?[A-Z][A-Z0-9_]*__?\Z")
_NAMES = ("name", "key", "containerPort", "mountPath")


def is_placeholder(value: Json) -> bool:
    """Whether a text waits to be filled in (`${X}`, `$(X)`, `{{ x }}`, `<x>`, `ko://x`), whole or in part."""
    return isinstance(value, str) and _PLACEHOLDER.search(value) is not None


def readable(body: Json, pointer: str) -> str:
    """A pointer as people write paths, items by name: `spec.containers[web].ports[8080]`."""
    text = ""
    value = body
    for token in pointers.split(pointer):
        if isinstance(value, list):
            place = pointers.index(token, len(value))
            value = value[place] if place is not None else None
            text += f"[{_name_of(value) or token}]"
            continue
        value = value.get(token) if isinstance(value, dict) else None
        plain = token.replace("_", "").replace("-", "").isalnum()
        text += f".{token}" if plain else f"[{token}]"
    return text.removeprefix(".")


def _name_of(item: Json) -> str:
    if not isinstance(item, dict):
        return ""
    return next((str(item[key]) for key in _NAMES if isinstance(item.get(key), str | int)), "")


def listed(words: list[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]])) if words else ""
