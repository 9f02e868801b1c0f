"""One step of a JSON Patch (RFC 6902) from what was read of it."""

from __future__ import annotations

from bot.manifest import pointers
from bot.model import Json, Operation

NAMES = ("add", "remove", "replace", "move", "copy", "test")
_WITH_SOURCE = ("move", "copy")
_WITH_VALUE = ("add", "replace", "test")


def operation(step: Json) -> Operation | str:
    """The operation that an object says, or what is wrong with it, as words that follow its place."""
    if not isinstance(step, dict):
        return "is no object"
    name = step.get("op")
    if not isinstance(name, str) or name not in NAMES:
        return f"op is {name!r}; it is one of {', '.join(NAMES)}"
    for key in ("from", "path") if name in _WITH_SOURCE else ("path",):
        wrong = _pointer(step.get(key))
        if wrong:
            return f"{key} is {wrong}"
    if name in _WITH_VALUE and "value" not in step:
        return f"{name} needs a value"
    return Operation(name, step["path"], step.get("value"), step.get("from") if name in _WITH_SOURCE else None)


def _pointer(pointer: Json) -> str:
    """What is wrong with a pointer; empty when nothing is."""
    if not isinstance(pointer, str) or (pointer and not pointer.startswith("/")):
        return f"{pointer!r}; it is a JSON Pointer such as /spec/replicas"
    try:
        pointers.split(pointer)
    except ValueError:
        return f"{pointer!r}; '~' is written ~0 in a JSON Pointer"
    return ""
