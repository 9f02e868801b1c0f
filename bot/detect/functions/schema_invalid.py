"""Whatever else the schema of an object refuses: unknown fields, wrong types, missing fields.

An unknown field with exactly one known name a single slip away (a letter more, less, other, swapped, or its case) is
renamed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.detect.functions import Context, Hit, SchemaError
from bot.detect.functions._schema import errors
from bot.detect.functions._text import readable
from bot.manifest import pointers
from bot.model import Json, Operation

_ENVIRONMENT = re.compile(r"/(?:containers|initContainers|ephemeralContainers)/[0-9]+/env/[0-9]+\Z")


def check(context: Context) -> Iterator[Hit]:
    """Each error that is the author's."""
    body = context.resource.body
    for error, _ in errors(context):
        if error.keyword == "duplicate" and _ENVIRONMENT.search(error.pointer):
            continue  # the API server takes them, with a warning: duplicate-env-var
        known = _known_name(body, error) if error.keyword == "additionalProperties" else None
        where = readable(body, error.pointer)
        message = f"{where}: {error.message}" if where else error.message
        if known is None:
            yield Hit(error.pointer, message, target=error.pointer)
            continue
        place = pointers.join(pointers.parent(error.pointer), known)
        yield Hit(
            at=error.pointer,
            target=error.pointer,
            message=f"{message}; did you mean {known}?",
            operations=(Operation("move", place, source=error.pointer),),
            title=f"Rename to {known}",
        )


def _known_name(body: Json, error: SchemaError) -> str | None:
    """The one name that is near enough to an unknown field and not there yet."""
    written = pointers.split(error.pointer)[-1]
    _, parent = pointers.resolve(body, pointers.parent(error.pointer))
    candidates = [name for name in error.expected.split(", ") if name and _one_slip(written, name)]
    free = [name for name in candidates if not isinstance(parent, dict) or name not in parent]
    return free[0] if len(candidates) == 1 and free else None


def _one_slip(left: str, right: str) -> bool:
    """Whether two names differ in case only, or by one letter that is more, less, other, or swapped with the next."""
    if left.lower() == right.lower():
        return True
    if abs(len(left) - len(right)) > 1 or min(len(left), len(right)) < 4:
        return False
    start = 0
    while start < min(len(left), len(right)) and left[start] == right[start]:
        start += 1
    rest, other = left[start:], right[start:]
    if len(left) == len(right):
        return rest[1:] == other[1:] or (rest[:2] == other[1::-1] and rest[2:] == other[2:])
    return rest[1:] == other or rest == other[1:]
