"""The package data: small, whole, the same for equal definitions; and the script that makes it."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from bot import schema
from bot.schema import bundle as package
from bot.schema.bundle import REFERENCE, bundle, minor
from bot.schema.schemas import Kind

ROOT = Path(__file__).resolve().parents[2]


def test_it_is_small() -> None:
    data = Path(package.__file__).parent / "data"
    assert sum(file.stat().st_size for file in data.iterdir()) < 60_000
    assert not [line for line in bundle().lines if '"description":"' in line]


def test_definitions_are_stored_once() -> None:
    contents = [(line.split("\t")[0], line.split("\t")[3]) for line in bundle().lines]
    assert len(contents) == len(set(contents))


@pytest.mark.parametrize("version", schema.versions())
def test_every_kind_compiles(version: str) -> None:
    definitions = minor(version)
    assert len(definitions.kinds) > 60
    for name in definitions.kinds.values():
        kind = Kind({"$ref": REFERENCE + name}, definitions, status=None)
        assert not kind.validator.is_valid([])
        assert kind.shape.root["type"] == ["null", "object"]
        assert {"apiVersion", "kind"} <= kind.shape.root["properties"].keys()
        assert kind.duplicates({}) == ()  # plans of recursive schemas come to an end


@pytest.mark.parametrize("version", schema.versions())
def test_no_reference_leads_nowhere(version: str) -> None:
    definitions = minor(version)
    for name in definitions.kinds.values():
        needed = definitions.definitions_for(f'{{"$ref":"{REFERENCE}{name}"}}')
        for target in set(re.findall(r'"\$ref":"#/\$defs/([^"]+)"', needed)):
            assert f'"{target}":{{' in needed, target


@pytest.fixture(scope="module")
def script() -> ModuleType:
    """`tools/make_schemas.py`."""
    name = "make_schemas"
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def source(**fields: Any) -> dict[str, Any]:
    """Definitions as the package has them: one kind with one list."""
    item = {
        "type": ["object", "null"],
        "description": "x",
        "properties": {"name": {"type": "string"}},
        "required": ["name"],
    }
    root = {
        "type": ["object", "null"],
        "description": "x",
        "properties": {
            "apiVersion": {"type": ["string", "null"], "enum": ["example/v1"]},
            "kind": {"type": ["string", "null"]},
            "items": {"type": "array", "items": {"$ref": "#/$defs/item"}, "x-kubernetes-list-map-keys": ["name"]},
            **fields,
        },
        "x-kubernetes-group-version-kind": [{"group": "example", "version": "v1", "kind": "Thing"}],
    }
    unused = {"type": ["object", "null"], "properties": {}}
    return {"thing": root, "item": item, "unused": unused}


def test_the_script_shares_equal_definitions_and_drops_the_rest(script: ModuleType) -> None:
    minors = {version: source() for version in script.MINORS}
    minors[script.MINORS[-1]] = source(
        mode={"type": ["string", "null"]}, count={"type": ["integer", "null"], "format": "int32"}
    )
    facts = {"required": {"item": ["name", "gone"]}, "enums": {"thing": {"mode": ["", "a"]}}, "duplicates": {}}
    text = script.bundle(minors, facts)
    assert text == script.bundle(minors, facts)
    head, *lines = text.splitlines()
    assert '"minors": ["1.29"' in head
    newest = 1 << len(script.MINORS) - 1
    assert [line.rsplit("\t", 1)[0] for line in lines] == [
        f"item\t\t{2 * newest - 1:x}",
        f"thing\texample/v1/Thing\t{newest:x}",
        f"thing\texample/v1/Thing\t{newest - 1:x}",
    ]
    assert lines[0].endswith(
        '{"additionalProperties":false,"properties":{"name":{"type":["string"]}},"required":["name"],"type":["null","object"]}'
    )
    assert '"mode":{"enum":[null,"","a"],"type":["null","string"]}' in lines[1]
    assert '"count":{"maximum":2147483647,"minimum":-2147483648,"type":["integer","null"]}' in lines[1]
    assert (
        '"items":{"$ref":"#/$defs/item","type":["object"]},"type":["array","null"],"x-duplicates":[[["name"],false]]'
        in lines[2]
    )
