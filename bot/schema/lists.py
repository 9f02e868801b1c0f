"""Items of a list that have the same key: JSON Schema cannot say it, so it is looked for here.

A `Plan` is a kind's schema reduced to the ways that lead to lists with keys; an object is walked along it. Which keys,
and whether a server refuses duplicates, is in the bundle (`x-duplicates`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.manifest import pointers
from bot.model import Json
from bot.schema.bundle import Schema
from bot.schema.errors import SchemaError
from bot.schema.shapes import Shape

DEFAULTS = {"protocol": "TCP"}
"""What the server puts for a key that is absent."""


class Plan:
    """The ways from one object to lists with keys: (field, sets of keys, plan of the field's value or items)."""

    __slots__ = ("everywhere", "ways")

    def __init__(self) -> None:
        self.ways: list[tuple[str, list[tuple[tuple[str, ...], bool]], Plan | None]] = []
        self.everywhere: Plan | None = None  # of the values of a map

    def __bool__(self) -> bool:
        return bool(self.ways) or self.everywhere is not None


class Planner:
    """Makes plans, one for each definition: kinds share them, and schemas which contain themselves come to an end.

    With `accepted` they lead to lists with duplicates that a server takes, too. Schemas are told apart by identity: the
    planner lives as long as they do.
    """

    def __init__(self, shape: Shape, *, accepted: bool) -> None:
        self.shape = shape
        self.accepted = accepted
        self.leads: dict[int, bool] = {}
        self.plans: dict[int, Plan] = {}

    def plan(self, schema: Schema) -> Plan | None:
        """The plan for values with (resolved) `schema`; None when there is no such list."""
        if not self._leads_to_keys(schema):
            return None
        made = self.plans.get(id(schema))
        if made is not None:
            return made
        made = self.plans[id(schema)] = Plan()
        for field, inner in schema.get("properties", {}).items():
            keys = self._keys(inner)
            below = self._plan_below(self.shape.resolve(inner))
            if keys or below:
                made.ways.append((field, keys, below))
        made.everywhere = self._values(schema)
        return made

    def _plan_below(self, schema: Schema) -> Plan | None:
        """The plan of the items of a list, else of the value."""
        while isinstance(schema.get("items"), dict):
            schema = self.shape.resolve(schema["items"])
        return self.plan(schema)

    def _values(self, schema: Schema) -> Plan | None:
        values = schema.get("additionalProperties")
        return self._plan_below(self.shape.resolve(values)) if isinstance(values, dict) else None

    def _keys(self, schema: Schema) -> list[tuple[tuple[str, ...], bool]]:
        rows = schema.get("x-duplicates", ())
        return [(tuple(keys), refused) for keys, refused in rows if refused or self.accepted]

    def _leads_to_keys(self, schema: Schema) -> bool:
        known = self.leads.get(id(schema))
        if known is None:
            pending, seen = [schema], {id(schema): schema}
            known = False
            while pending and not known:
                current = pending.pop()
                for inner in self._inside(current):
                    known = known or bool(self._keys(inner))
                    target = self.shape.resolve(inner)
                    if id(target) not in seen:
                        seen[id(target)] = target
                        pending.append(target)
            self.leads[id(schema)] = known
        return known

    def _inside(self, schema: Schema) -> Iterator[Schema]:
        yield from schema.get("properties", {}).values()
        for keyword in ("items", "additionalProperties"):
            if isinstance(schema.get(keyword), dict):
                yield schema[keyword]


def find(plan: Plan, body: Mapping[str, Json]) -> list[SchemaError]:
    """The duplicates in an object."""
    found: list[SchemaError] = []
    _walk(plan, body, (), found)
    return found


def _walk(plan: Plan, value: Mapping[str, Any], path: tuple[str | int, ...], found: list[SchemaError]) -> None:
    for field, keys, below in plan.ways:
        inner = value.get(field)
        if not inner:
            continue
        if keys and type(inner) is list and len(inner) > 1:
            _compare(inner, keys, (*path, field), found)
        if below is not None:
            _descend(below, inner, (*path, field), found)
    if plan.everywhere is not None:
        known = {field for field, _, _ in plan.ways}
        for name, inner in value.items():
            if name not in known:
                _descend(plan.everywhere, inner, (*path, name), found)


def _descend(plan: Plan, value: Json, path: tuple[str | int, ...], found: list[SchemaError]) -> None:
    if type(value) is dict:
        _walk(plan, value, path, found)
    elif type(value) is list:
        for index, item in enumerate(value):
            _descend(plan, item, (*path, index), found)


def _compare(
    items: list[Json],
    sets: list[tuple[tuple[str, ...], bool]],
    path: tuple[str | int, ...],
    found: list[SchemaError],
) -> None:
    for keys, refused in sets:
        first: dict[tuple[Any, ...], int] = {}
        for index, item in enumerate(items):
            identity = _identity(item, keys)
            if identity is None:
                continue
            other = first.setdefault(identity, index)
            if other != index:
                pointer = pointers.join("", *path, index)
                message = f"same {' and '.join(keys)} as item {other} of {path[-1]}"
                found.append(SchemaError(pointer, message, "duplicate", hint="", rejected=refused))


def _identity(item: Json, keys: tuple[str, ...]) -> tuple[Any, ...] | None:
    """What identifies an item; None when it lacks a key (another error says so) or has none that compares."""
    if type(item) is not dict:
        return None
    identity = []
    for key in keys:
        value = item.get(key) or DEFAULTS.get(key)
        if type(value) is not str and type(value) is not int:
            return None
        identity.append(value)
    return tuple(identity)
