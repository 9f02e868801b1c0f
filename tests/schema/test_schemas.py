"""The check of whole objects: what a server accepts, what it refuses, and that nothing else happens."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import schema
from bot.manifest import pointers, read
from bot.schema import SchemaError

HERE = Path(__file__).parent
ACCEPTED = [one.body for one in read("accepted.yaml", (HERE / "accepted.yaml").read_text(encoding="utf-8")).resources]
REFUSED = yaml.safe_load((HERE / "refused.yaml").read_text(encoding="utf-8"))


def body_of(text: str) -> dict:
    (resource,) = read("manifest.yaml", text).resources
    return resource.body


def in_words(errors: tuple[SchemaError, ...]) -> list[str]:
    return [f"{error.pointer}: {error}" for error in errors]


def test_there_is_enough_to_accept() -> None:
    assert len(ACCEPTED) > 70


@pytest.mark.parametrize("body", ACCEPTED, ids=lambda body: f"{body['kind']}-{body.get('metadata', {}).get('name')}")
def test_accepted_by_a_server(body: dict) -> None:
    assert schema.check(body, "1.36") == ()


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case["name"])
def test_refused_by_a_server(case: dict) -> None:
    errors = schema.check(body_of(case["manifest"]), case.get("version", "1.36"))
    assert errors is not None
    assert in_words(errors) == case["errors"]
    assert all(error.rejected for error in errors)
    assert {error.keyword for error in errors} <= {
        "additionalProperties",
        "duplicate",
        "enum",
        "format",
        "range",
        "required",
        "type",
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 5", [("type", "string")]),
        ("a: [x]", [("type", "string")]),
        ("a: {b: c}", [("type", "string")]),
        ("a: 1.5", [("type", "string")]),
    ],
)
def test_expected_type(text: str, expected: list[tuple[str, str]]) -> None:
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": yaml.safe_load(text)}
    errors = schema.check(body, "1.36")
    assert [(error.keyword, error.expected) for error in errors or ()] == expected


@pytest.mark.parametrize(
    ("data", "pointers"),
    [
        ({"0": 5}, ["/data/0"]),
        ({"007": 5}, ["/data/007"]),
        ({"7": "x", "007": 5, "+7": 6}, ["/data/+7", "/data/007"]),
        ({"": 5}, ["/data/"]),
        ({"": {"a": 5}, "a": "x"}, ["/data/"]),
        ({"1e3": 5, "-1": 5}, ["/data/-1", "/data/1e3"]),
    ],
)
def test_members_with_numbers_or_nothing_for_a_name(data: dict, pointers: list[str]) -> None:
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": data}
    assert sorted(error.pointer for error in schema.check(body, "1.36") or ()) == pointers


@pytest.mark.parametrize(
    ("path", "value", "keyword", "expected"),
    [
        ("spec/replicas", "3", "type", "integer"),
        ("spec/paused", "no", "type", "boolean"),
        ("spec/strategy/rollingUpdate/maxSurge", True, "type", "int-or-string"),
        ("spec/template/spec/containers/0/resources/limits", "1", "type", "object"),
        ("spec/template/spec/containers/0/resources/limits/cpu", [], "type", "quantity"),
        ("spec/template/spec/containers/0/resources/limits/cpu", "1 core", "format", "quantity"),
        ("spec/template/spec/containers/0/args", "-v", "type", "array"),
        ("metadata/creationTimestamp", "now", "format", "date-time"),
        ("spec/replicas", 1 << 31, "range", "integer"),
    ],
)
def test_keyword_and_expected_type(path: str, value: object, keyword: str, expected: str) -> None:
    template = {
        "metadata": {"labels": {"app": "web"}},
        "spec": {"containers": [{"name": "web", "image": "web", "resources": {"limits": {}}}]},
    }
    strategy = {"rollingUpdate": {}}
    spec = {"selector": {"matchLabels": {"app": "web"}}, "strategy": strategy, "template": template}
    body: dict = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": spec}
    *parents, last = path.split("/")
    place: dict = body
    for step in parents:
        place = place[int(step)] if isinstance(place, list) else place[step]
    place[last] = value
    (error,) = schema.check(body, "1.36") or ()
    assert (error.pointer, error.keyword, error.expected) == (f"/{path}", keyword, expected)


@pytest.mark.parametrize(
    "value",
    ["1", "0.5", ".5", "5.", "1e3", "1E3", "1E", "100m", "+1Gi", "-1", " 2 ", "1.5Ti", "1e-3", 1, 0.5, 10**12, None],
)
def test_quantities(value: object) -> None:
    assert schema.check(quota(value), "1.36") == ()


@pytest.mark.parametrize(
    "value", ["", "1MB", "1 Gi", "1gi", "Gi", "1e", "0x10", "1_000", "${CPU}", "1,5", "1m m", "1\n2"]
)
def test_no_quantities(value: str) -> None:
    assert [error.keyword for error in schema.check(quota(value), "1.36") or ()] == ["format"]


def quota(value: object) -> dict:
    return {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "q"}, "spec": {"hard": {"cpu": value}}}


@pytest.mark.parametrize("value", ["", "YQ==", "YWI=", "YWJj", "YW\nJj\n", "YQ=\n=\n", "Zm9v" * 10_000, [], [1, 255]])
def test_bytes(value: object) -> None:
    assert schema.check(secret(value), "1.36") == ()


@pytest.mark.parametrize(
    "value", ["a", "YQ", "YQ=", "YWI==", "Y-Q=", "YQ== ", "=", "YWJj=", "Zm9v" * 10_000 + "a", [256], ["a"]]
)
def test_no_bytes(value: object) -> None:
    assert len(schema.check(secret(value), "1.36") or ()) == 1


def secret(value: object) -> dict:
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "data": {"key": value}}


@pytest.mark.parametrize(
    ("api_version", "kind"),
    [
        ("example.com/v1", "Thing"),
        ("apps/v1", "Thing"),
        ("extensions/v1beta1", "Deployment"),
        ("v1", "List"),
        ("v1", "PodList"),
        ("", ""),
        ("v1", None),
        (1, "Pod"),
        (["v1"], {"a": "b"}),
    ],
)
def test_unknown_kinds_are_not_validated(api_version: object, kind: object) -> None:
    assert schema.check({"apiVersion": api_version, "kind": kind, "foo": 1}, "1.36") is None
    assert schema.duplicates({"apiVersion": api_version, "kind": kind, "foo": 1}, "1.36") == ()


def test_an_empty_object_is_not_validated() -> None:
    assert schema.check({}, "1.36") is None


def test_a_status_is_decoded_but_not_validated() -> None:
    body = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": ACCEPTED[0]["spec"]}
    assert schema.check(body | {"status": {"containerStatuses": [{}, None], "phase": "Unheard"}}, "1.36") == ()
    errors = schema.check(body | {"status": {"podIP": 1, "fase": "Running"}}, "1.36")
    assert [error.pointer for error in errors or ()] == ["/status/fase", "/status/podIP"]


def test_errors_come_in_the_order_of_the_lists() -> None:
    containers = [{"name": f"c{index}", "image": "web", "foo": 1} for index in range(11)]
    body = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": containers}}
    pointers_ = [error.pointer for error in schema.check(body, "1.36") or ()]
    assert pointers_ == [f"/spec/containers/{index}/foo" for index in range(11)]


SECRETS = ("hunter2-hunter2", "s3cr3t!")


def test_no_value_gets_into_a_message() -> None:
    hunter, other = SECRETS
    bodies = [
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": other},
            "data": {"a": hunter, "b": [other]},
            "type": [],
        },
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "p", "labels": hunter},
            "spec": {
                "restartPolicy": hunter,
                "dnsPolicy": {other: hunter},
                "hostNetwork": other,
                "containers": [
                    {"name": hunter, "image": "web", "env": [{"name": "A", "value": {"x": hunter}}]},
                    {"name": hunter, "image": "web", "resources": {"limits": {"cpu": other, "memory": [hunter]}}},
                ],
            },
        },
    ]
    for body in bodies:
        errors = schema.check(body, "1.36")
        assert errors
        for error in errors:
            assert not any(one in text for one in SECRETS for text in (error.message, error.hint, error.expected))


def test_long_names_are_cut() -> None:
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "x" * 100_000: 1}
    (error,) = schema.check(body, "1.36") or ()
    assert len(error.message) < 100
    assert pointers.split(error.pointer) == ["x" * 100_000]


def test_an_object_full_of_errors_comes_to_an_end() -> None:
    data = {f"key{number}": number for number in range(50_000)}
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": data, **data}
    for version in ("1.29", "1.37"):
        errors = schema.check(body, version)
        assert errors is not None
        assert 0 < len(errors) <= 1_000


def test_a_name_of_digits_is_a_name() -> None:
    body = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "c"},
        "data": {"9" * 10_000: 1, "²": 1, "٣": 1},
    }
    assert len(schema.check(body, "1.36") or ()) == 3


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@st.composite
def broken(draw: st.DrawFn) -> dict:
    """An accepted object with another value at one place, and another member beside it."""
    body = yaml.safe_load(yaml.safe_dump(draw(st.sampled_from(ACCEPTED))))
    place = body
    for _ in range(draw(st.integers(0, 9))):
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        steps = [key for key in keys if isinstance(place[key], (dict, list)) and place[key]]
        if not steps:
            break
        place = place[draw(st.sampled_from(steps))]
    keys = [
        key for key in (place if isinstance(place, dict) else range(len(place))) if key not in ("apiVersion", "kind")
    ]
    if keys:
        place[draw(st.sampled_from(keys))] = draw(JSON)
    if isinstance(place, dict):
        place[draw(st.text(max_size=5))] = draw(JSON)
    return body


@settings(max_examples=400, deadline=None)
@given(broken(), st.sampled_from(schema.versions()))
def test_whatever_is_in_it_there_is_an_answer(body: dict, version: str) -> None:
    errors = schema.check(body, version)
    for error in errors or ():
        assert error.message
        assert len(error.message) < 300
        found, _ = pointers.resolve(body, pointers.parent(error.pointer))
        assert found
    schema.duplicates(body, version)


@pytest.mark.parametrize("field", ["not", "items", "additionalProperties"])
@pytest.mark.parametrize("levels", [120, 100_000])
def test_deep_nesting_comes_to_an_end(field: str, levels: int) -> None:
    nested: dict = {"type": "object"}
    for _ in range(levels):
        nested = {"type": "object", "not": nested} if field == "not" else {"type": "object", field: nested}
    body = yaml.safe_load(yaml.safe_dump(next(one for one in ACCEPTED if one["kind"] == "CustomResourceDefinition")))
    body["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"] = nested
    assert schema.check(body, "1.36") == (() if levels == 120 else None)
    while nested:  # taken apart by hand: the interpreter would recurse
        nested = nested.pop(field, {})


@pytest.mark.parametrize("value", [{1: "b"}, {"a": b"x"}, {"a": object()}], ids=["key", "bytes", "object"])
def test_what_is_no_json_is_not_validated(value: dict) -> None:
    assert (
        schema.check({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": value}, "1.36")
        is None
    )


def test_the_import_is_cheap() -> None:
    script = "import sys, bot.schema; sys.exit('jsonschema_rs' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
