"""The JSON schema for editors says what the loader says."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema_rs
import pytest

import bot.policy
from bot.errors import PolicyError
from bot.manifest import read
from bot.model import Applicability, Severity
from bot.policy import Target, files, fixes
from bot.policy import format as file_format
from tests.policy.material import POLICY, spoiled
from tests.policy.test_files import PATH, REFUSED

SCHEMA = json.loads((Path(bot.policy.__file__).parent / "policy.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema_rs.Draft202012Validator(SCHEMA)

# What a schema cannot say: the name of the file, CEL, templates, one key's meaning by another's, duplicate keys.
BEYOND_A_SCHEMA = (
    "the file is",
    "is there twice in",
    "has no pod spec",
    "os goes with pods",
    "undeclared reference",
    "Syntax error",
    "not bool",
    "its type",
    "is not available",
    "a ${ without",
    "an empty ${}",
    "a string without its closing quote",
    "is written ~0",
    "one place",
    "path has more",
    "from is empty",
    "a copy from",
    "each has a ${}",
    "path: undecl",
    "from: undecl",
    "when: undecl",
    "the bad example says nothing",
)


def value_of(text: str):
    (document,) = [document for document in read("x", text).documents if document.value is not None]
    return document.value


def test_a_whole_policy():
    VALIDATOR.validate(value_of(POLICY))


@pytest.mark.parametrize(("old", "new", "line", "words"), REFUSED, ids=[f"{entry[1]!r}"[:60] for entry in REFUSED])
def test_refused_as_the_loader_does(old, new, line, words):
    text = spoiled(old, new)
    with pytest.raises(PolicyError) as caught:
        files.check(files.parse(PATH, text), text)
    if not any(beyond in str(caught.value) for beyond in BEYOND_A_SCHEMA):
        assert not VALIDATOR.is_valid(value_of(text)), str(caught.value)


def built_in() -> list[Path]:
    return sorted(files.built_in_folder().rglob("*.yaml"))


@pytest.mark.parametrize("path", built_in(), ids=lambda path: path.stem)
def test_built_in_policies(path):
    VALIDATOR.validate(value_of(path.read_text(encoding="utf-8")))


def test_words_are_the_loaders():
    properties = SCHEMA["properties"]
    operation = SCHEMA["$defs"]["operation"]["properties"]
    assert tuple(properties["category"]["enum"]) == file_format.CATEGORIES
    assert tuple(properties["profiles"]["items"]["enum"]) == file_format.PROFILES
    assert tuple(properties["twins"]["propertyNames"]["enum"]) == file_format.TOOLS
    assert set(properties["severity"]["enum"]) == {str(severity) for severity in Severity}
    assert set(SCHEMA["$defs"]["fix"]["properties"]["applicability"]["enum"]) == {str(word) for word in Applicability}
    assert tuple(operation["op"]["enum"]) == fixes.OPERATIONS
    assert set(operation["target"]["enum"]) == set(Target)
    assert set(properties) == set(file_format.POLICY_KEYS)
