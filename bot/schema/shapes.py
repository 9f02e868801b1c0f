"""Walking a schema beside an object: what stands at a pointer, and what it is called.

A `Shape` is one kind's schema with the definitions it refers to. Nothing here validates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from bot.schema.bundle import ANY, REFERENCE, Schema

_BY_FORMAT = {"quantity": "quantity", "int-or-string": "int-or-string"}


class Shape:
    """The schema of a kind; `lookup` gives the definitions it refers to by name."""

    def __init__(self, root: Schema, lookup: Callable[[str], Schema]) -> None:
        self._lookup = lookup
        self.root = self.resolve(root)
        self.is_custom = "x-custom" in self.root

    def resolve(self, schema: Schema) -> Schema:
        """`schema`, or the definition it refers to."""
        name = self.reference(schema)
        return schema if name is None else self._lookup(name)

    def reference(self, schema: Schema) -> str | None:
        """The name of the definition that `schema` refers to."""
        target = schema.get("$ref")
        return target.removeprefix(REFERENCE) if isinstance(target, str) else None

    def step(self, schema: Schema, token: str | int) -> Schema | None:
        """The schema of the member or item `token` of a value with (resolved) `schema`; None when it has none."""
        field = schema.get("properties", ANY).get(token)
        if field is None:
            field = schema.get("additionalProperties")
        if not isinstance(field, dict):
            field = schema.get("items")
        return self.resolve(field) if isinstance(field, dict) else None

    def at(self, tokens: Iterable[str | int]) -> Schema | None:
        """The schema of the value at `tokens`, from the object; None when the schema knows no such place."""
        found: Schema | None = self.root
        for token in tokens:
            if found is None:
                return None
            found = self.step(found, token)
        return found

    def fields(self, schema: Schema) -> Iterator[str]:
        """The names of the fields that an object with (resolved) `schema` may have."""
        yield from schema.get("properties", ())


def type_name(schema: Schema | None) -> str | None:
    """The type as policies call it: a JSON type, `int-or-string`, `quantity`; None when anything goes."""
    if schema is None:
        return None
    named = _BY_FORMAT.get(schema.get("format", ""))
    if named is not None:
        return named
    types = schema.get("type", ())
    kept = [types] if isinstance(types, str) else [one for one in types if one != "null"]
    return kept[0] if len(kept) == 1 else None
