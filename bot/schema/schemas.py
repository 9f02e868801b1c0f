"""The check of one object, and the questions about its kind.

A kind's validator is compiled when the first object of the kind comes (1 to 3 ms) and kept. A valid object costs a few
microseconds; errors are only looked for, and put into words, when there are some.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property, lru_cache, partial
from itertools import islice
from typing import TYPE_CHECKING, Any

from bot.manifest import pointers
from bot.model import Json
from bot.schema import crds, kinds, lists
from bot.schema.bundle import REFERENCE, Minor, Schema, minor
from bot.schema.errors import SchemaError, Since, Tokens, in_words
from bot.schema.shapes import Shape, type_name

if TYPE_CHECKING:
    from jsonschema_rs import Draft202012Validator

Body = Mapping[str, Json]

MAX_DEPTH = 250
"""Levels of nesting in an object that may be nested without end; validator and walks recurse with it."""

MAX_ERRORS = 1_000
"""Errors that are put into words for one object."""

_MAX_REGEX = 1 << 20
"""Bytes that a compiled pattern may take."""

_DECODED = frozenset({"additionalProperties", "format", "range", "type"})
"""What goes wrong while an object is decoded, before anything is validated."""


class Kind:
    """Everything that is known about one kind in one minor version."""

    def __init__(self, root: Schema, definitions: Minor, *, status: frozenset[str] | None) -> None:
        self.shape = Shape(root, definitions.schema)
        self._text = json.dumps(root, ensure_ascii=True, separators=(",", ":"))
        self._definitions = definitions
        self._status = status  # the keywords that count inside /status; None: all

    @cached_property
    def _needed(self) -> str:
        return self._definitions.definitions_for(self._text)

    @cached_property
    def validator(self) -> Draft202012Validator:
        """The compiled schema."""
        from jsonschema_rs import Draft202012Validator, RegexOptions

        return Draft202012Validator(
            f'{self._text[:-1]},"$defs":{self._needed}}}',
            validate_formats=False,
            pattern_options=RegexOptions(size_limit=_MAX_REGEX),
        )

    @cached_property
    def _strict_lists(self) -> lists.Plan | None:
        return self._planner(accepted=False).plan(self.shape.root)

    @cached_property
    def _all_lists(self) -> lists.Plan | None:
        return self._planner(accepted=True).plan(self.shape.root)

    def _planner(self, *, accepted: bool) -> lists.Planner:
        if self.shape.is_custom:
            return lists.Planner(self.shape, accepted=accepted)
        return _shared_planner(self._definitions, accepted)

    @cached_property
    def _is_bounded(self) -> bool:
        """Whether the schema alone bounds how deep a walk gets; that of a CustomResourceDefinition contains itself."""
        return not self.shape.is_custom and f'"{REFERENCE}io.k8s.apiextensions-apiserver' not in self._needed

    def check(self, body: Body, since: Since) -> tuple[SchemaError, ...] | None:
        """What is wrong with `body`; None when it is no JSON, or too deep."""
        if not self._is_bounded and _is_deep(body):
            return None
        try:
            valid = self.validator.is_valid(body)
            errors = [] if valid else list(islice(self.validator.iter_errors(body), MAX_ERRORS))
        except ValueError:  # keys that are no strings, values of other types
            return None
        words = (one for error in errors for one in in_words(error, body, self.shape, since))
        found = list(islice(words, MAX_ERRORS))
        if self._strict_lists is not None:
            found.extend(lists.find(self._strict_lists, body))
        return tuple(sorted(dict.fromkeys(filter(self._counts, found)), key=_in_order)) if found else ()

    def duplicates(self, body: Body) -> tuple[SchemaError, ...]:
        """All items with equal keys."""
        if self._all_lists is None or (not self._is_bounded and _is_deep(body)):
            return ()
        return tuple(lists.find(self._all_lists, body))

    def _counts(self, error: SchemaError) -> bool:
        """A status is dropped before validation, but it is decoded."""
        return self._status is None or error.keyword in self._status or not pointers.is_within(error.pointer, "/status")


@lru_cache(maxsize=64)
def _shared_planner(definitions: Minor, accepted: bool) -> lists.Planner:
    return lists.Planner(Shape({}, definitions.schema), accepted=accepted)


def _in_order(error: SchemaError) -> tuple[Any, ...]:
    tokens = pointers.split(error.pointer)
    return [(int(one), "") if one.isdecimal() and len(one) < 10 else (-1, one) for one in tokens], error.keyword


def _is_deep(body: Json) -> bool:
    level = [body]
    for _ in range(MAX_DEPTH):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if type(outer) is dict else outer)
            if type(inner) is dict or type(inner) is list
        ]
        if not level:
            return False
    return True


@lru_cache(maxsize=1024)
def _built_in(version: str, api_version: str, kind: str) -> Kind | None:
    definitions = minor(version)
    name = definitions.kinds.get((api_version, kind))
    return Kind({"$ref": REFERENCE + name}, definitions, status=_DECODED) if name else None


def _since(version: str, api_version: str, kind: str, path: Tokens) -> str | None:
    """The first later minor that has a field at `path`."""
    later = kinds.versions()[kinds.versions().index(kinds.nearest(version)) + 1 :]
    for one in later:
        found = _built_in(one, api_version, kind)
        if found is not None and found.shape.at(path) is not None:
            return one
    return None


class Schemas:
    """The schemas of Kubernetes, and those of the CustomResourceDefinitions it was made with.

    All methods take a version as people write it (`1.36`, `v1.36.3`); for one that is not bundled the nearest minor
    answers. They raise ValueError for what is no version.
    """

    def __init__(self, custom: crds.CustomKinds | None = None) -> None:
        self._custom = custom or crds.CustomKinds()
        self._kinds: dict[tuple[str, str], Kind | None] = {}

    def check(self, body: Body, version: str) -> tuple[SchemaError, ...] | None:
        """What an API server of `version` refuses in `body`, in the order of its pointers.

        None: not validated, because the kind or what it holds is unknown. Never "valid" by default.
        """
        api_version, name = body.get("apiVersion"), body.get("kind")
        kind = self._kind(api_version, name, version)
        return None if kind is None else kind.check(body, partial(_since, version, str(api_version), str(name)))

    def duplicates(self, body: Body, version: str) -> tuple[SchemaError, ...]:
        """All items with equal keys, those that the server takes (with a warning) too: see `SchemaError.rejected`."""
        kind = self._kind(body.get("apiVersion"), body.get("kind"), version)
        return () if kind is None else kind.duplicates(body)

    def served(self, api_version: str, kind: str, version: str) -> bool | None:
        """Whether the kind is there; None when neither Kubernetes nor a known definition has its group or kind."""
        answer = kinds.served(api_version, kind, version)
        if answer is not None:
            return answer
        if (api_version, kind) in self._custom.served:
            return True
        return False if (api_version, kind) in self._custom.unserved else None

    def field_type(self, api_version: str, kind: str, pointer: str, version: str) -> str | None:
        """The type of the field at `pointer` (from the object), whether or not an object has it.

        `string`, `integer`, `number`, `boolean`, `object`, `array`, `int-or-string`, `quantity`; None when the field is
        unknown or anything goes. The items of a list are at any index.
        """
        found = self._kind(api_version, kind, version)
        return type_name(found.shape.at(pointers.split(pointer))) if found else None

    def _kind(self, api_version: Any, kind: Any, version: str) -> Kind | None:
        if not isinstance(api_version, str) or not isinstance(kind, str):
            return None
        found = _built_in(kinds.nearest(version), api_version, kind)
        return found or (self._custom_kind((api_version, kind)) if self._custom.served else None)

    def _custom_kind(self, key: tuple[str, str]) -> Kind | None:
        if key not in self._kinds:
            self._kinds[key] = _compiled(self._custom.served.get(key))
        return self._kinds[key]


def _compiled(custom: crds.CustomKind | None) -> Kind | None:
    """The kind, when its schema compiles."""
    if custom is None:
        return None
    from jsonschema_rs import ReferencingError

    status = frozenset({"additionalProperties"}) if custom.status else None
    try:
        kind = Kind(crds.json_schema(custom), minor(kinds.NEWEST), status=status)
        kind.validator  # noqa: B018  # whether it compiles is known only then
    except (crds.Unusable, ReferencingError, ValueError, OverflowError, RecursionError):
        return None
    return kind
