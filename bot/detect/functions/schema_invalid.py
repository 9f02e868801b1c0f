"""Whatever else the schema of an object refuses: unknown fields, wrong types, missing fields.

A single slip away from a known name (a letter more, less, other, swapped, or its case) an unknown field is renamed, and
a word out of a fixed set is respelled: `imagePullPolcy`, `protocol: tcp`.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.detect.functions import Context, Hit, SchemaError
from bot.detect.functions._schema import errors
from bot.detect.functions._text import readable
from bot.manifest import pointers
from bot.model import Json, Operation


def check(context: Context) -> Iterator[Hit]:
    """Each error that is the author's."""
    body = context.resource.body
    for error, value in errors(context):
        operation = _correction(body, error, value)
        yield Hit(
            at=error.pointer,
            target=error.pointer,
            message=f"{readable(body, error.pointer)}: {error}",
            operations=None if operation is None else (operation,),
            title=f"Write {error.hint}",
        )


def _correction(body: Json, error: SchemaError, value: Json) -> Operation | None:
    """What mends a slip; None when it is more than one, or the place is taken."""
    written = value if error.keyword == "enum" else pointers.split(error.pointer)[-1]
    if not error.hint or not isinstance(written, str) or not _one_slip(written, error.hint):
        return None
    if error.keyword == "enum":
        return Operation("replace", error.pointer, error.hint)
    place = pointers.join(pointers.parent(error.pointer), error.hint)
    if error.keyword != "additionalProperties" or pointers.resolve(body, place)[0]:
        return None
    return Operation("move", place, source=error.pointer)


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
