"""Values with something else in one place: what a fuzzer changes, in order, so that a failure can be repeated."""

from __future__ import annotations

from collections.abc import Iterator

from bot.manifest import pointers
from bot.model import Json


def places(value: Json, pointer: str = "") -> Iterator[str]:
    """The pointer of every value inside `value`, from the outside in."""
    if pointer:
        yield pointer
    if isinstance(value, dict):
        for name, child in value.items():
            yield from places(child, pointers.join(pointer, name))
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from places(child, f"{pointer}/{index}")


def put(value: Json, pointer: str, other: Json) -> Json:
    """`value`, changed to hold `other` at a pointer that is there."""
    found, parent = pointers.resolve(value, pointers.parent(pointer))
    assert found
    last = pointers.split(pointer)[-1]
    parent[int(last) if isinstance(parent, list) else last] = other
    return value
