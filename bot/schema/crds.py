"""CustomResourceDefinitions of the scanned tree as JSON Schema.

Sources: kubernetes.io, "Extend the Kubernetes API with CustomResourceDefinitions" (structural schemas, pruning,
defaulting, nullable); k8s.io/apiextensions-apiserver, pkg/apiserver/schema. An unknown field is an error under strict
validation, unless `x-kubernetes-preserve-unknown-fields` or `additionalProperties` keeps it. A member that is null is
absent; one with a default is never missing. What is written in CEL, and formats, are left to a server.

Invariant: a definition comes from an untrusted tree. Its size, depth and patterns are bounded, no reference in it is
followed, and patterns run in linear time. What does not fit is `Unusable`: objects of the kind are not validated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.model import Json
from bot.schema.bundle import Schema

API_VERSION = "apiextensions.k8s.io/v1"
KIND = "CustomResourceDefinition"

MAX_NODES = 50_000
MAX_DEPTH = 60  # the compiler reads 127 levels of JSON, two for a level of fields
MAX_PATTERN = 1_000

METADATA: Schema = {"$ref": "#/$defs/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"}

_TYPES = frozenset({"array", "boolean", "integer", "number", "object", "string"})
_INT64 = {"minimum": -(1 << 63), "maximum": (1 << 63) - 1}
_NUMBERS = ("maximum", "minimum", "multipleOf")
_COUNTS = ("maxItems", "maxLength", "maxProperties", "minItems", "minLength", "minProperties")


class Unusable(Exception):
    """No schema to validate with."""


@dataclass
class CustomKind:
    """One served version of a kind: its schema as written, and whether the status is a resource of its own."""

    schema: Json
    status: bool
    preserve: bool
    ambiguous: bool = False


@dataclass
class CustomKinds:
    """The kinds that the definitions of a tree add; `unserved` are versions that exist there and are not served."""

    served: dict[tuple[str, str], CustomKind] = field(default_factory=dict)
    unserved: set[tuple[str, str]] = field(default_factory=set)


def collect(bodies: Iterable[Mapping[str, Json]]) -> CustomKinds:
    """The kinds that the CustomResourceDefinitions among `bodies` define; anything malformed in them is passed over.

    A kind that is defined twice, and differently, is ambiguous: its objects are not validated.
    """
    kinds = CustomKinds()
    for body in bodies:
        if body.get("kind") != KIND or body.get("apiVersion") != API_VERSION:
            continue
        spec = _object(body.get("spec"))
        group, kind = spec.get("group"), _object(spec.get("names")).get("kind")
        versions = spec.get("versions")
        if not isinstance(group, str) or not isinstance(kind, str) or not isinstance(versions, list):
            continue
        for version in map(_object, versions):
            key = (f"{group}/{version.get('name')}", kind)
            if version.get("served") is not True:
                kinds.unserved.add(key)
                continue
            schema = _object(version.get("schema")).get("openAPIV3Schema")
            status = "status" in _object(version.get("subresources"))
            one = CustomKind(schema, status, spec.get("preserveUnknownFields") is True)
            known = kinds.served.setdefault(key, one)
            known.ambiguous = known.ambiguous or known != one
    return kinds


def _object(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}


def json_schema(kind: CustomKind) -> Schema:
    """The JSON Schema of a custom kind; raises Unusable."""
    if kind.ambiguous or kind.preserve or not isinstance(kind.schema, dict):
        raise Unusable
    root = _Converter().structural(kind.schema, 0, embedded=True)
    return root | {"type": "object", "x-custom": True}


class _Converter:
    """Turns one structural schema into JSON Schema, counting what it looks at."""

    def __init__(self) -> None:
        self.nodes = 0

    def structural(self, source: Json, depth: int, *, embedded: bool = False) -> dict[str, Any]:
        """A schema that has a type and is closed, unless it says otherwise."""
        made = self.logical(source, depth, self.structural)
        if source.get("x-kubernetes-int-or-string") is True:
            made.pop("anyOf", None)
            made |= {"type": ["integer", "string"], "format": "int-or-string", **_INT64}
        self._close(made, source, embedded or source.get("x-kubernetes-embedded-resource") is True)
        self._keys(made, source)
        required = made.get("required", ())
        for name, schema in made.get("properties", {}).items():
            if name not in required:
                _allow_null(schema)
        if isinstance(made.get("additionalProperties"), dict):
            _allow_null(made["additionalProperties"])
        if source.get("nullable") is True:
            _allow_null(made)
        return made

    def logical(self, source: Json, depth: int, inner: Callable[[Json, int], dict[str, Any]]) -> dict[str, Any]:
        """The keywords of JSON Schema in `source`; `inner` converts the schemas of members and items."""
        self.nodes += 1
        if not isinstance(source, dict) or self.nodes > MAX_NODES or depth > MAX_DEPTH or "$ref" in source:
            raise Unusable
        made = _leaf(source)
        depth += 1
        if "properties" in source:
            properties = _dict(source["properties"])
            made["properties"] = {_str(name): inner(schema, depth) for name, schema in properties.items()}
            made["required"] = _required(source, properties)
        if isinstance(source.get("additionalProperties"), dict):
            made["additionalProperties"] = inner(source["additionalProperties"], depth)
        if "items" in source:
            made["items"] = inner(source["items"], depth)
        for keyword in ("allOf", "anyOf", "oneOf"):
            if source.get(keyword):
                made[keyword] = [self._value(schema, depth) for schema in _list(source[keyword])]
        if "not" in source:
            made["not"] = self._value(source["not"], depth)
        return made

    def _value(self, source: Json, depth: int) -> dict[str, Any]:
        """A schema inside allOf, anyOf, oneOf, not: it says something about values, and closes nothing."""
        made = self.logical(source, depth, self._value)
        if source.get("nullable") is True:
            _allow_null(made)
        return made

    def _close(self, made: dict[str, Any], source: Json, embedded: bool) -> None:
        if made.get("type", "object") != "object" or "format" in made:
            return
        if embedded:
            standard = {"apiVersion": {"type": "string"}, "kind": {"type": "string"}, "metadata": METADATA}
            made["properties"] = made.get("properties", {}) | standard
            made["required"] = [*made.get("required", ()), "apiVersion", "kind"]
        keeps = source.get("x-kubernetes-preserve-unknown-fields") is True or source.get("additionalProperties")
        if not keeps and "type" in made:
            made["additionalProperties"] = False

    def _keys(self, made: dict[str, Any], source: Json) -> None:
        kind = source.get("x-kubernetes-list-type")
        if kind == "map":
            keys = [_str(key) for key in _list(source.get("x-kubernetes-list-map-keys"))]
            made["x-duplicates"] = [[keys, True]] if keys else []
        elif kind == "set":
            made["uniqueItems"] = True


def _allow_null(schema: dict[str, Any]) -> None:
    """The server drops null members before it validates (`PruneNonNullableNullsWithoutDefaults`, then defaults)."""
    types = schema.get("type")
    if types is not None and "null" not in types:
        schema["type"] = [*([types] if isinstance(types, str) else types), "null"]
    if "enum" in schema and None not in schema["enum"]:
        schema["enum"] = [*schema["enum"], None]


def _leaf(source: dict[str, Json]) -> dict[str, Any]:
    """The keywords that hold no schema."""
    made: dict[str, Any] = {}
    if source.get("type"):
        if _str(source["type"]) not in _TYPES:
            raise Unusable
        made["type"] = source["type"]
        if made["type"] == "integer":
            made |= _INT64
    if source.get("enum"):
        made["enum"] = list(_list(source["enum"]))
    if source.get("pattern"):
        made["pattern"] = _pattern(source["pattern"])
    if source.get("uniqueItems") is True:
        made["uniqueItems"] = True
    if source.get("required") and "properties" not in source:
        made["required"] = _required(source, {})
    made |= {keyword: _number(source[keyword]) for keyword in _NUMBERS if source.get(keyword) is not None}
    made |= {keyword: _count(source[keyword]) for keyword in _COUNTS if source.get(keyword) is not None}
    for bound in ("Maximum", "Minimum"):  # OpenAPI 3.0 has a flag where JSON Schema has a number
        if source.get(f"exclusive{bound}") is True and bound.lower() in made:
            made[f"exclusive{bound}"] = made.pop(bound.lower())
    return made


def _required(source: dict[str, Json], properties: dict[str, Json]) -> list[str]:
    """The required fields; one with a default is there before anybody looks."""
    names = [_str(name) for name in _list(source.get("required") or [])]
    return [name for name in names if _object(properties.get(name)).get("default") is None]


def _dict(value: Json) -> dict[str, Json]:
    if not isinstance(value, dict):
        raise Unusable
    return value


def _list(value: Json) -> list[Json]:
    if not isinstance(value, list):
        raise Unusable
    return value


def _str(value: Json) -> str:
    if not isinstance(value, str):
        raise Unusable
    return value


def _pattern(value: Json) -> str:
    if len(_str(value)) > MAX_PATTERN:
        raise Unusable
    return str(value)


def _number(value: Json) -> int | float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Unusable
    return value


def _count(value: Json) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 1 << 63:
        raise Unusable
    return value
