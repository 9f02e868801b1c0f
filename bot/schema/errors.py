"""What the check finds, in words a person understands.

Invariant: no message holds a value of the object (names of fields only): no secret gets out, and nothing is long.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from bot.manifest import pointers
from bot.model import Json
from bot.schema.bundle import ANY, Schema
from bot.schema.shapes import Shape, type_name

if TYPE_CHECKING:
    from jsonschema_rs import ValidationError


@dataclass(frozen=True, slots=True)
class SchemaError:
    """One thing an API server refuses.

    `pointer` starts at the object; for a missing field it names the place where it belongs. `keyword` is `type`,
    `additionalProperties` (an unknown field), `required`, `enum`, `duplicate`, `format` (no quantity, time or base64),
    `range`, and for custom resources any keyword of JSON Schema. `expected` is the type for `type` and `format`: array,
    boolean, byte, date-time, int-or-string, integer, number, object, quantity, string. `hint` is the nearest known name
    or value, bare. `rejected` is False only for duplicates that the server takes with a warning.
    """

    pointer: str
    message: str
    keyword: str
    expected: str = ""
    hint: str = ""
    rejected: bool = True

    def __str__(self) -> str:
        return f"{self.message}; did you mean {self.hint}?" if self.hint else self.message


_EXPECTED = {
    "array": "a list",
    "boolean": "true or false",
    "byte": "base64",
    "date-time": "a time as 2006-01-02T15:04:05.000000Z",
    "int-or-string": "an integer or a string",
    "integer": "an integer",
    "number": "a number",
    "object": "an object",
    "quantity": "a quantity as 2, 100m or 1.5Gi",
    "string": "a string",
}
_FOUND = {
    bool: "a boolean",
    dict: "an object",
    float: "a number",
    int: "a number",
    list: "a list",
    str: "a string",
    type(None): "null",
}
_UNQUOTED = (bool, int, float)

# Keywords that only custom resources have, with what the schema asks for.
_PLAIN = {
    "exclusiveMaximum": "must be less than {}",
    "exclusiveMinimum": "must be greater than {}",
    "maximum": "must not be greater than {}",
    "maxItems": "has more than {} items",
    "maxLength": "is longer than {} characters",
    "maxProperties": "has more than {} members",
    "minimum": "must not be less than {}",
    "minItems": "has fewer than {} items",
    "minLength": "is shorter than {} characters",
    "minProperties": "has fewer than {} members",
    "multipleOf": "must be a multiple of {}",
    "uniqueItems": "has equal items",
    "pattern": "does not match the pattern of its schema",
}
_MOST_SHOWN = 12
_LONGEST_NAME = 60
_SHORTEST_PART = 4


Tokens = Sequence[str | int]
Since = Callable[[Tokens], str | None]
"""The version that first knows the field at a path, when this one does not know it yet."""


def in_words(error: ValidationError, body: Mapping[str, Json], shape: Shape, since: Since) -> Iterator[SchemaError]:
    """The findings of one error of the validator."""
    path, value = _place(error, body)
    keyword = error.kind.name
    pointer = pointers.join("", *path)
    if keyword == "additionalProperties":
        for name in error.kind.unexpected:  # type: ignore[attr-defined]
            yield _unknown(name, path, shape, since)
    elif keyword == "falseSchema" and isinstance(value, dict):  # an object without any field
        for name in value:
            yield _unknown(name, path, shape, since)
    elif keyword == "required":
        yield _missing(pointers.join(pointer, error.kind.property))  # type: ignore[attr-defined]
    elif keyword == "enum":
        yield _not_listed(pointer, value, error.kind.options)  # type: ignore[attr-defined]
    elif keyword == "type" and value is None and path and _is_required(path, shape):
        yield _missing(pointer)
    elif keyword == "type":
        yield from _wrong_type(pointer, value, shape.at(path) or {"type": error.kind.types}, shape)  # type: ignore[attr-defined]
    else:
        yield _unfit(error, pointer, shape.at(path) or ANY, shape)


def _place(error: ValidationError, body: Json) -> tuple[Tokens, Json]:
    """The path of an error and what stands there.

    The validator says 7 for a member named "7" or "007", and leaves one out that is named "".
    """
    said = tuple(error.instance_path)
    found = list(islice(_places(body, said), 2)) or [((), body)]
    if len(found) == 1:
        return found[0]
    return next((each for each in _places(body, said) if each[1] == error.instance), found[0])


def _places(body: Json, said: Tokens, path: Tokens = ()) -> Iterator[tuple[Tokens, Json]]:
    """(path, value) of all places that the validator may mean, the likeliest first."""
    if not said:
        yield path, body
    elif isinstance(body, list):
        if isinstance(said[0], int) and said[0] < len(body):
            yield from _places(body[said[0]], said[1:], (*path, said[0]))
    elif isinstance(body, dict):
        for name in _names(body, said[0]):
            yield from _places(body[name], said[1:], (*path, name))
    if isinstance(body, dict) and "" in body:
        yield from _places(body[""], said, (*path, ""))


def _names(members: Mapping[str, Json], said: str | int) -> list[str]:
    if isinstance(said, str):
        return [said] if said in members else []
    digits = str(said)
    return [name for name in members if re.fullmatch(r"\+?[0-9]+", name) and (name.lstrip("+0") or "0") == digits]


def _unknown(name: str, path: Tokens, shape: Shape, since: Since) -> SchemaError:
    schema = shape.at(path)
    later = since([*path, name])
    hint = "" if later or schema is None else nearest(name, list(shape.fields(schema)))
    message = f"unknown field {_short(name)}"
    if later:
        message += f"; known since {later}"
    elif not hint and schema is not None:
        message += _elsewhere(name, path, schema, shape)
    return SchemaError(pointers.join("", *path, name), message, "additionalProperties", hint=hint)


def _elsewhere(name: str, path: Tokens, schema: Schema, shape: Shape) -> str:
    """Where a misplaced field may belong: one level up, or in exactly one of the objects next to it."""
    above = shape.at(path[:-1]) if path else None
    if above is not None and name in shape.fields(above):
        return "; there is one of that name one level up"
    holders = []
    for field in shape.fields(schema):
        inner = shape.step(schema, field)
        if inner is not None and name in shape.fields(inner):
            holders.append(field)
    return f"; there is one of that name in {holders[0]}" if len(holders) == 1 else ""


def _missing(pointer: str) -> SchemaError:
    name = pointers.split(pointer)[-1]
    return SchemaError(pointer, f"required field {_short(name)} is missing", "required")


def _is_required(path: Tokens, shape: Shape) -> bool:
    above = shape.at(path[:-1])
    return above is not None and path[-1] in above.get("required", ())


def _is_bytes(value: Json) -> bool:
    """Go decodes a list of small numbers as bytes, too."""
    return type(value) is list and all(one is None or (type(one) is int and 0 <= one <= 255) for one in value)


def _wrong_type(pointer: str, value: Json, schema: Schema, shape: Shape) -> Iterator[SchemaError]:
    if value is None and not shape.is_custom:
        yield SchemaError(pointer, "an item that is null", "required")
        return
    if schema.get("format") == "byte" and _is_bytes(value):
        return
    expected = type_name(schema) or ""
    message = f"expected {_EXPECTED.get(expected, 'another type')}, found {_FOUND.get(type(value), 'something else')}"
    if expected == "string" and isinstance(value, _UNQUOTED):
        message += "; quote it"
    elif expected in ("integer", "int-or-string") and isinstance(value, float):
        message = f"expected {_EXPECTED[expected]}, found a fraction"
    yield SchemaError(pointer, message, "type", expected)


def _unfit(error: ValidationError, pointer: str, schema: Schema, shape: Shape) -> SchemaError:
    """A value of the right type that does not fit."""
    keyword = error.kind.name
    if keyword == "pattern" and schema.get("format") in _EXPECTED:
        return SchemaError(pointer, f"expected {_EXPECTED[schema['format']]}", "format", schema["format"])
    if keyword in ("minimum", "maximum") and not shape.is_custom:
        bits = 32 if schema.get("maximum") == (1 << 31) - 1 else 64
        return SchemaError(pointer, f"out of the range of a {bits}-bit integer", "range", "integer")
    limit = getattr(error.kind, "limit", getattr(error.kind, "multiple_of", ""))
    return SchemaError(pointer, _PLAIN.get(keyword, "does not fit its schema ({1})").format(limit, keyword), keyword)


def _not_listed(pointer: str, value: Json, options: list[Any]) -> SchemaError:
    shown = [str(one) for one in options if one not in (None, "")]
    words = ", ".join(map(_short, shown[:_MOST_SHOWN])) + (" ..." if len(shown) > _MOST_SHOWN else "")
    hint = nearest(value, shown) if isinstance(value, str) else ""
    return SchemaError(pointer, f"expected one of {words}", "enum", hint=hint)


def nearest(name: str, known: list[str]) -> str:
    """The member of `known` that `name` was probably meant to be; empty when none is near."""
    if len(name) > _LONGEST_NAME:
        return ""
    folded = {one.casefold(): one for one in reversed(known)}
    found = difflib.get_close_matches(name.casefold(), folded, 1, 0.7)
    if not found and len(name) > _SHORTEST_PART:
        containing = [one for one in folded if name.casefold() in one]
        found = containing if len(containing) == 1 else []
    return folded[found[0]] if found else ""


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else name[:_LONGEST_NAME] + "..."
