"""A patch from anybody: operations, or the reason with the operation."""

from __future__ import annotations

import json

import pytest

from bot.model import Json, Operation
from bot.stages.untrusted import misplaced, operations

REPLACE = {"op": "replace", "path": "/a", "value": 1}
ONE = (Operation("replace", "/a", 1),)
TEXT = json.dumps([REPLACE])

TAKEN: dict[str, tuple[Json, tuple[Operation, ...]]] = {
    "an array": ([REPLACE], ONE),
    "a text": (TEXT, ONE),
    "fenced": (f"```json\n{TEXT}\n```", ONE),
    "fenced without a language": (f"```\n{TEXT}\n```\n", ONE),
    "fenced with tildes": (f"~~~ json\n{TEXT}\n~~~", ONE),
    "fenced with carriage returns": (f"```json\r\n{TEXT}\r\n```\r\n", ONE),
    "words around the fence": (f"Here is the patch:\n\n```json\n{TEXT}\n```\nIt sets a.", ONE),
    "null is a value": ([{"op": "add", "path": "/a", "value": None}], (Operation("add", "/a", None),)),
    "a member nobody knows": ([{**REPLACE, "note": "x"}], ONE),
    "a move": ([{"op": "move", "from": "/a", "path": "/b"}], (Operation("move", "/b", None, "/a"),)),
}

REFUSED: dict[str, tuple[Json, str]] = {
    "an object": (REPLACE, "no top-level JSON array: a mapping"),
    "an object in a fence": (f"```json\n{json.dumps(REPLACE)}\n```", "no top-level JSON array: a mapping"),
    "nothing": (None, "no top-level JSON array: empty"),
    "a number": (5, "no top-level JSON array: the number 5"),
    "prose": ("I would not change it.", "no top-level JSON array: line 1 column 1: Expecting value"),
    "cut short": (TEXT[:-3], "no top-level JSON array: line 1 column 43: Expecting value"),
    "two fences": (f"```\n{TEXT}\n```\n```\n{TEXT}\n```", "no top-level JSON array: line 1 column 1: Expecting value"),
    "not a number": ('[{"op": "add", "path": "/a", "value": NaN}]', "no top-level JSON array: NaN is no JSON"),
    "half a character": (
        '[{"op": "add", "path": "/a", "value": "\\ud800"}]',
        "no top-level JSON array: it has half a character, a surrogate without its pair",
    ),
    "no operation": ([], "no operations"),
    "another word": (
        [REPLACE, {"op": "patch", "path": "/a"}],
        "invalid op: operation 1: op is 'patch'; it is one of add, remove, replace, move, copy, test",
    ),
    "no word": (
        [{"path": "/a"}],
        "invalid op: operation 0: op is None; it is one of add, remove, replace, move, copy, test",
    ),
    "no object": ([[]], "invalid op: operation 0 is no object"),
    "no value": ([{"op": "add", "path": "/a"}], "invalid op: operation 0: add needs a value"),
    "no path": (
        [{"op": "remove"}],
        "invalid op: operation 0: path is None; it is a JSON Pointer such as /spec/replicas",
    ),
    "no slash": (
        [{"op": "remove", "path": "a"}],
        "invalid op: operation 0: path is 'a'; it is a JSON Pointer such as /spec/replicas",
    ),
    "a tilde": (
        [{"op": "remove", "path": "/a~b"}],
        "invalid op: operation 0: path is '/a~b'; '~' is written ~0 in a JSON Pointer",
    ),
    "no source": (
        [{"op": "copy", "path": "/a"}],
        "invalid op: operation 0: from is None; it is a JSON Pointer such as /spec/replicas",
    ),
    "too many": ([REPLACE] * 1001, "1,001 operations; at most 1,000 are taken"),
}


@pytest.mark.parametrize(("patch", "expected"), TAKEN.values(), ids=TAKEN)
def test_what_is_taken(patch: Json, expected: tuple[Operation, ...]) -> None:
    assert operations(patch) == expected


@pytest.mark.parametrize(("patch", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused(patch: Json, reason: str) -> None:
    assert operations(patch) == reason


def test_a_value_as_deep_as_no_manifest() -> None:
    value: Json = 1
    for _ in range(300):
        value = [value]
    assert operations([{"op": "add", "path": "/a", "value": value}]) == (
        "invalid op: operation 0: a value nested deeper than a manifest may be"
    )


DOCUMENT = {"a": {"b": [1, 2]}, "items": [{"x": 1}, {"x": 2}], "~/": 3}

FITS = {
    "replace": [Operation("replace", "/a/b/1", 5)],
    "escaped": [Operation("remove", "/~0~1")],
    "add a member": [Operation("add", "/a/c", 1)],
    "add to the end": [Operation("add", "/a/b/-", 1)],
    "add behind the last": [Operation("add", "/a/b/2", 1)],
    "below what was made": [Operation("add", "/n", {}), Operation("add", "/n/m", 1)],
    "move": [Operation("move", "/c", None, "/a/b")],
    "test": [Operation("test", "/a/b/0", 1)],
}

MISPLACED = {
    "replace what is absent": ([Operation("replace", "/a/c", 5)], "path does not exist: operation 0: replace /a/c"),
    "remove what is absent": ([Operation("remove", "/c")], "path does not exist: operation 0: remove /c"),
    "no parent": ([Operation("add", "/n/m", 1)], "path does not exist: operation 0: add /n/m"),
    "below a text": ([Operation("add", "/~0~1/x", 1)], "path does not exist: operation 0: add /~0~1/x"),
    "beyond the end": ([Operation("add", "/a/b/3", 1)], "path does not exist: operation 0: add /a/b/3"),
    "an index that is none": ([Operation("add", "/a/b/01", 1)], "path does not exist: operation 0: add /a/b/01"),
    "no source": ([Operation("copy", "/c", None, "/x")], "path does not exist: operation 0: copy /x to /c"),
    "removed before": (
        [Operation("remove", "/a"), Operation("add", "/a/c", 1)],
        "path does not exist: operation 1: add /a/c",
    ),
    "shifted before": (
        [Operation("remove", "/a/b/0"), Operation("replace", "/a/b/1", 1)],
        "path does not exist: operation 1: replace /a/b/1",
    ),
    "moved before": (
        [Operation("move", "/c", None, "/a"), Operation("remove", "/a/b/0")],
        "path does not exist: operation 1: remove /a/b/0",
    ),
}


@pytest.mark.parametrize("steps", FITS.values(), ids=FITS)
def test_places_that_are_there(steps: list[Operation]) -> None:
    assert misplaced(DOCUMENT, steps) == ""


@pytest.mark.parametrize(("steps", "reason"), MISPLACED.values(), ids=MISPLACED)
def test_places_that_are_not(steps: list[Operation], reason: str) -> None:
    before = json.dumps(DOCUMENT)
    assert misplaced(DOCUMENT, steps) == reason
    assert json.dumps(DOCUMENT) == before


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        (Operation("replace", "/items/0/x", 5), ""),
        (Operation("replace", "/items/1/x", 5), "outside the object: operation 0: replace /items/1/x"),
        (
            Operation("copy", "/items/0/y", None, "/items/1/x"),
            "outside the object: operation 0: copy /items/1/x to /items/0/y",
        ),
        (Operation("add", "", {}), "outside the object: operation 0: add the document"),
    ],
)
def test_a_patch_stays_within_its_object(step: Operation, reason: str) -> None:
    assert misplaced(DOCUMENT, [step], "/items/0") == reason


def test_a_test_that_fails_is_named() -> None:
    steps = [Operation("add", "/n", 1), Operation("remove", "/n"), Operation("test", "/a/b/0", 2)]
    assert misplaced(DOCUMENT, steps).startswith("refused: operation 2: test /a/b/0: ")
