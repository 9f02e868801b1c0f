"""Copies of objects, as tools get them."""

from __future__ import annotations

import json

import pytest
from ruamel.yaml import YAML

from bot.adapters.engines.given import copied_name, documents, of_manifest
from bot.manifest import read
from bot.trial import Alone

TEXTS = [
    "",
    "plain",
    "ünï",
    "\U0001f600",
    "a\U0001f600b\U0001f601",
    "\x7f",
    "\x1b[2J",
    "\\ud83d\\ude00",
    "\\",
    '"',
    "a\nb",
]


@pytest.mark.parametrize("text", [*TEXTS, *(f"\\{text}" for text in TEXTS)])
def test_a_copy_reads_as_the_object_in_json_and_in_yaml(text: str) -> None:
    body = {"kind": "ConfigMap", "data": {text: text}}
    written = documents([body, body])
    assert "\x7f" not in written
    assert "\\ud83d\\ude00" not in written.replace("\\\\", "")
    assert [json.loads(each) for each in written.split("---\n")] == [body, body]
    assert list(YAML(typ="safe", pure=True).load_all(written)) == [body, body]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("web.yaml", "web.yaml"),
        ("./a/../b/web.YML", "b/web.YML"),
        ("list.json", "list.json.yaml"),
        ("../web.yaml", "outside/7/web.yaml"),
        ("/etc/web.yaml", "outside/7/web.yaml"),
        ("..", "outside/7/...yaml"),
        ("-v.yaml", "-v.yaml"),
    ],
)
def test_where_a_copy_goes(path: str, name: str) -> None:
    assert copied_name(path, 7) == name


def test_only_whole_objects_are_given() -> None:
    text = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n---\nfoo: bar\n"
    assert [each.place for each in of_manifest(read("a.yaml", text), Alone())] == [(0, "")]
    assert of_manifest(read("a.yaml", "a: ["), Alone()) == []
