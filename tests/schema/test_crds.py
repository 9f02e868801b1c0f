"""Kinds of the scanned tree: structural schemas, and definitions that mean harm or make no sense."""

from __future__ import annotations

import copy
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import schema
from bot.manifest import pointers, read

CUSTOM = (Path(__file__).parent / "custom.yaml").read_text(encoding="utf-8")
DEFINITION, WIDGET, SMALL = (resource.body for resource in read("custom.yaml", CUSTOM).resources)


def definition(root: Any, *, name: str = "v1", kind: str = "Thing", **version: Any) -> dict[str, Any]:
    """A CustomResourceDefinition of example.com with the schema `root`."""
    one = {"name": name, "served": True, "storage": True, "schema": {"openAPIV3Schema": root}, **version}
    names = {"plural": "things", "kind": kind}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "things.example.com"},
        "spec": {"group": "example.com", "names": names, "scope": "Namespaced", "versions": [one]},
    }


def thing(**fields: Any) -> dict[str, Any]:
    return {"apiVersion": "example.com/v1", "kind": "Thing", "metadata": {"name": "t"}, **fields}


def of_spec(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {"spec": {"type": "object", "properties": properties}}}


def changed(path: str, value: Any) -> dict[str, Any]:
    """The widget with another value at a pointer; `...` removes what is there."""
    body = copy.deepcopy(WIDGET)
    found, parent = pointers.resolve(body, pointers.parent(path))
    assert found
    last = pointers.split(path)[-1]
    key = int(last) if isinstance(parent, list) else last
    if value is ...:
        del parent[key]
    elif isinstance(parent, list) and key == len(parent):
        parent.append(value)
    else:
        parent[key] = value
    return body


def errors_of(body: Mapping[str, Any], *definitions: dict[str, Any]) -> list[str] | None:
    errors = schema.with_crds(definitions or (DEFINITION,)).check(body, "1.36")
    return None if errors is None else [f"{error.pointer} {error.keyword}" for error in errors]


def test_accepted_by_a_server() -> None:
    assert errors_of(WIDGET) == []
    assert errors_of(SMALL) == []


# Each was asked of a 1.36.3 server, which accepts all of these.
ACCEPTED = [
    ("/spec/mode", None),  # has a default
    ("/spec/strs", None),  # null members are dropped
    ("/spec/strs/a", None),
    ("/spec/strs/c", "d"),
    ("/spec/nul", {"a": "b"}),
    ("/spec/port", "80%"),
    ("/spec/port2", 5),
    ("/spec/open/known", {}),
    ("/spec/open/more", {"a": {"b": 1}}),
    ("/spec/any", [1]),
    ("/spec/free/y", "z"),
    ("/spec/uniq/2", {"a": 1}),
    ("/spec/map/3", {"name": "c"}),
    ("/spec/tmpl2/anything", [1]),
    ("/metadata/annotations", {"a": "b"}),
    ("/status", {"count": 1}),  # dropped: the status is a resource of its own
    ("/status", {}),
]

REFUSED = [
    ("/spec", ..., ["/spec required"]),
    ("/spec/name", None, ["/spec/name required"]),
    ("/spec/name", ..., ["/spec/name required"]),
    ("/spec/name", "abcdef", ["/spec/name maxLength"]),
    ("/spec/name", "A", ["/spec/name minLength", "/spec/name pattern"]),
    ("/spec/size", 10, ["/spec/size exclusiveMaximum"]),
    ("/spec/size", 0, ["/spec/size minimum"]),
    ("/spec/size", "3", ["/spec/size type"]),
    ("/spec/size", 1.5, ["/spec/size type"]),
    ("/spec/ratio", 0.7, ["/spec/ratio multipleOf"]),
    ("/spec/mode", "cc", ["/spec/mode enum"]),
    ("/spec/flag", "true", ["/spec/flag type"]),
    ("/spec/nul", "x", ["/spec/nul type"]),
    ("/spec/nul", {"x": 1}, ["/spec/nul/x additionalProperties"]),
    ("/spec/port", True, ["/spec/port type"]),
    ("/spec/port", 1.5, ["/spec/port type"]),
    ("/spec/open/known/b", 1, ["/spec/open/known/b additionalProperties"]),
    ("/spec/strs/b", 1, ["/spec/strs/b type"]),
    ("/spec/strs", {"a": "a", "b": "b", "c": "c"}, ["/spec/strs maxProperties"]),
    ("/spec/objs/y", {}, ["/spec/objs/y/a required"]),
    ("/spec/objs/y", {"a": 1, "b": 1}, ["/spec/objs/y/b additionalProperties"]),
    ("/spec/none/a", 1, ["/spec/none/a additionalProperties"]),
    ("/spec/set", [], ["/spec/set minItems"]),
    ("/spec/set/2", "a", ["/spec/set uniqueItems"]),
    ("/spec/set/0", None, ["/spec/set/0 type"]),
    ("/spec/map/3", {"name": "a", "port": 81}, ["/spec/map/3 duplicate"]),
    ("/spec/nested/0/0", "1", ["/spec/nested/0/0 type"]),
    ("/spec/tmpl/foo", 1, ["/spec/tmpl/foo additionalProperties"]),
    ("/spec/tmpl/kind", ..., ["/spec/tmpl/kind required"]),
    ("/spec/tmpl/metadata/labels", {"a": 1}, ["/spec/tmpl/metadata/labels/a type"]),
    ("/spec/tmpl2/metadata/lables", {}, ["/spec/tmpl2/metadata/lables additionalProperties"]),
    ("/spec/one/b", "y", ["/spec/one oneOf"]),
    ("/spec/one", {}, ["/spec/one oneOf"]),
    ("/spec/not/b", "y", ["/spec/not not"]),
    ("/spec/all/a", 1, ["/spec/all/a minimum"]),
    ("/specs", {}, ["/specs additionalProperties"]),
    ("/metadata/foo", 1, ["/metadata/foo additionalProperties"]),
    ("/status/x", 1, ["/status/x additionalProperties"]),
]


@pytest.mark.parametrize(("path", "value"), ACCEPTED, ids=str)
def test_a_change_that_a_server_accepts(path: str, value: Any) -> None:
    assert errors_of(changed(path, value)) == []


@pytest.mark.parametrize(("path", "value", "expected"), REFUSED, ids=str)
def test_a_change_that_a_server_refuses(path: str, value: Any, expected: list[str]) -> None:
    assert errors_of(changed(path, value)) == expected


def test_a_status_that_is_no_resource_of_its_own_is_validated() -> None:
    assert errors_of(SMALL | {"status": {}}) == ["/status/phase required"]


def test_messages_say_what_the_schema_asks_for() -> None:
    schemas = schema.with_crds([DEFINITION])
    body = changed("/spec/size", 0)
    body["spec"]["name"] = "A"
    body["spec"]["flags"] = True
    assert [str(error) for error in schemas.check(body, "1.36") or ()] == [
        "unknown field flags; did you mean flag?",
        "is shorter than 2 characters",
        "does not match the pattern of its schema",
        "must not be less than 1",
    ]


def test_questions_about_the_kind() -> None:
    schemas = schema.with_crds([DEFINITION])
    assert schemas.served("example.com/v1", "Widget", "1.36") is True
    assert schemas.served("example.com/v1alpha1", "Widget", "1.36") is False
    assert schemas.served("example.com/v2", "Widget", "1.36") is None
    assert schemas.served("apps/v1", "Deployment", "1.36") is True
    assert schemas.served("extensions/v1beta1", "Ingress", "1.36") is False
    assert schemas.field_type("example.com/v1", "Widget", "/spec/map/0/port", "1.36") == "integer"
    assert schemas.field_type("example.com/v1", "Widget", "/spec/port2", "1.36") == "int-or-string"
    assert schemas.field_type("example.com/v1", "Widget", "/spec/strs/x", "1.36") == "string"
    assert schemas.field_type("example.com/v1", "Widget", "/metadata/labels", "1.36") == "object"
    assert schemas.field_type("example.com/v1", "Widget", "/spec/nothing", "1.36") is None
    assert schemas.duplicates(changed("/spec/map/3", {"name": "a", "port": 81}), "1.36")[0].rejected


def test_built_in_kinds_are_as_before() -> None:
    own = definition(of_spec(), kind="Deployment")
    own["spec"]["group"] = "apps"
    assert schema.with_crds([own]).check({"apiVersion": "apps/v1", "kind": "Deployment"}, "1.36") != ()


def test_the_same_definition_twice_is_one() -> None:
    assert (
        errors_of(
            thing(spec={"a": "b"}), definition(of_spec(a={"type": "string"})), definition(of_spec(a={"type": "string"}))
        )
        == []
    )


def test_two_definitions_that_differ_are_none() -> None:
    one, other = definition(of_spec(a={"type": "string"})), definition(of_spec(a={"type": "integer"}))
    assert errors_of(thing(spec={"a": "b"}), one, other) is None
    assert errors_of(thing(spec={"a": "b"}), other, one, one) is None


HOSTILE = {
    "no schema": None,
    "a list": [],
    "a string": "object",
    "no type that exists": {"type": "thing"},
    "a reference": of_spec(a={"$ref": "#/definitions/x"}),
    "a reference to a file": of_spec(a={"$ref": "file:///etc/passwd"}),
    "a reference into the bundle": of_spec(a={"$ref": "#/$defs/io.k8s.api.core.v1.PodSpec"}),
    "a huge pattern": of_spec(a={"type": "string", "pattern": "(a|b)" * 10_000}),
    "a pattern that explodes": of_spec(a={"type": "string", "pattern": "((((a{1,99}){1,99}){1,99}){1,99}){1,99}"}),
    "no pattern": of_spec(a={"type": "string", "pattern": "(("}),
    "a look-ahead": of_spec(a={"type": "string", "pattern": "(?=a)b"}),
    "properties as a list": {"type": "object", "properties": ["spec"]},
    "an enum that is none": of_spec(a={"type": "string", "enum": "b"}),
    "a bound that is none": of_spec(a={"type": "integer", "minimum": "0"}),
    "a negative count": of_spec(a={"type": "string", "maxLength": -1}),
    "a bound that is no number": of_spec(a={"type": "integer", "multipleOf": float("nan")}),
    "multiples of nothing": of_spec(a={"type": "integer", "multipleOf": 0}),
    "a required that is none": {"type": "object", "required": "spec"},
    "a required number": {"type": "object", "required": [1]},
    "list keys that are none": of_spec(
        a={"type": "array", "items": {}, "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": 1}
    ),
}


@pytest.mark.parametrize("root", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_schema_that_cannot_be_used_validates_nothing(root: Any) -> None:
    start = time.monotonic()
    assert errors_of(thing(spec={"a": "b" * 1_000}), definition(root)) is None
    assert time.monotonic() - start < 5


@pytest.mark.parametrize("levels", [55, 500, 100_000])
def test_a_deep_schema(levels: int) -> None:
    root: dict[str, Any] = {"type": "object"}
    for _ in range(levels):
        root = {"type": "object", "properties": {"a": root}}
    expected = ["/spec additionalProperties"] if levels < 100 else None
    assert errors_of(thing(spec={}), definition(root)) == expected
    while root:
        root = root.pop("properties", {}).pop("a", {})


def test_a_wide_schema() -> None:
    many = {f"field{number}": {"type": "string"} for number in range(60_000)}
    assert errors_of(thing(spec={}), definition(of_spec(**many))) is None


def test_a_pattern_takes_linear_time() -> None:
    root = of_spec(a={"type": "string", "pattern": "^(a+)+$"})
    start = time.monotonic()
    assert errors_of(thing(spec={"a": "a" * 200_000 + "b"}), definition(root)) == ["/spec/a pattern"]
    assert time.monotonic() - start < 5


def test_text_that_looks_like_a_reference_is_text() -> None:
    root = of_spec(a={"type": "object", "enum": [{"$ref": "#/$defs/io.k8s.Nothing"}], "properties": {}})
    assert errors_of(thing(spec={"a": 1}), definition(root)) == ["/spec/a enum", "/spec/a type"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"kind": "CustomResourceDefinition", "apiVersion": "apiextensions.k8s.io/v1"},
        {"kind": "CustomResourceDefinition", "apiVersion": "apiextensions.k8s.io/v1", "spec": []},
        {"kind": "CustomResourceDefinition", "apiVersion": "apiextensions.k8s.io/v1", "spec": {"group": 1}},
        {
            "kind": "CustomResourceDefinition",
            "apiVersion": "apiextensions.k8s.io/v1",
            "spec": {"group": "example.com", "names": {"kind": "Thing"}, "versions": [None, 1, [], {"served": True}]},
        },
        definition(of_spec(), served="yes"),
        definition(of_spec()) | {"apiVersion": "apiextensions.k8s.io/v1beta1"},
    ],
    ids=range(7),
)
def test_definitions_that_are_none_are_passed_over(body: dict[str, Any]) -> None:
    schemas = schema.with_crds([body, definition(of_spec(a={"type": "string"}), kind="Other")])
    assert schemas.check(thing(spec={}), "1.36") is None
    assert schemas.check(thing(spec={"a": 1}) | {"kind": "Other"}, "1.36") != ()


KEYWORDS = st.sampled_from(
    [
        *("type", "properties", "items", "additionalProperties", "required", "enum", "nullable", "default", "$ref"),
        *("pattern", "minimum", "maximum", "exclusiveMinimum", "multipleOf", "maxLength", "uniqueItems"),
        *("allOf", "anyOf", "oneOf", "not", "x-kubernetes-int-or-string", "x-kubernetes-preserve-unknown-fields"),
        *("x-kubernetes-embedded-resource", "x-kubernetes-list-type", "x-kubernetes-list-map-keys"),
    ]
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(["object", "array", "string", "integer", "map", "set", "a", "b", "(", "[a-z]+"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(KEYWORDS, inner, max_size=4)
        | st.dictionaries(st.sampled_from("ab"), inner, max_size=2)
    ),
    max_leaves=12,
)


@settings(max_examples=400, deadline=None)
@given(st.dictionaries(KEYWORDS, VALUES, max_size=5), VALUES)
def test_whatever_the_schema_there_is_an_answer(source: dict[str, Any], value: Any) -> None:
    schemas = schema.with_crds([definition({"type": "object", "properties": {"spec": source}})])
    for error in schemas.check(thing(spec=value), "1.36") or ():
        assert error.message
        assert pointers.split(error.pointer)[0] == "spec"
    schemas.field_type("example.com/v1", "Thing", "/spec/a/0/b", "1.36")
    schemas.duplicates(thing(spec=value), "1.36")
