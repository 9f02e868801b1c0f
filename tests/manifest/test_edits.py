"""JSON Patch to text, byte for byte as the reference cases have it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from bot.manifest import read
from bot.manifest.edits import CODES, Refusal, apply, edit
from bot.model import Operation


def operations(patch: list[dict]) -> list[Operation]:
    return [Operation(step["op"], step["path"], step.get("value"), step.get("from")) for step in patch]


def outcome(text: str, patch: list[dict], document: int = 0, name: str = "case.yaml") -> str | Refusal:
    result = edit(read(name, text), document, operations(patch))
    return result if isinstance(result, Refusal) else apply(text, result)


def test_the_reference_cases(cases: Path) -> None:
    rows = yaml.load((cases / "yaml-edit-cases.yaml").read_bytes(), Loader=yaml.CSafeLoader)
    assert len(rows["cases"]) == 121
    assert set(rows["reasons"]) == set(CODES)
    wrong = []
    for case in rows["cases"]:
        found = outcome(case["input"], case["patch"], case.get("doc", 0), f"case.{case['format']}")
        if isinstance(found, Refusal):
            right = found.code == case.get("refuse")
        else:
            also = case.get("also_ok") or []
            right = found == case.get("expected") or found in ([also] if isinstance(also, str) else also)
        if not right:
            wrong.append((case["id"], case["title"], found))
    assert wrong == []


SC = {"runAsNonRoot": True}
CHANGED = [
    (
        "comment between a removed first member and the next moves up to the dash",
        "- a: 1 # gone\n  # about b\n  b: 2\n",
        [{"op": "remove", "path": "/0/a"}],
        "- # about b\n  b: 2\n",
    ),
    (
        "the only member of an item",
        "- a: 1 # gone\n- b: 2\n",
        [{"op": "remove", "path": "/0/a"}],
        "- {}\n- b: 2\n",
    ),
    (
        "insertions inside and behind the last member keep their order",
        "a:\n  b:\n    c: 1\n",
        [{"op": "add", "path": "/a/z", "value": 2}, {"op": "add", "path": "/a/b/d", "value": 3}],
        "a:\n  b:\n    c: 1\n    d: 3\n  z: 2\n",
    ),
    (
        "a new member where the last one is removed",
        "a:\n  b: 1\n  c: 2 # c\nz: 1\n",
        [{"op": "remove", "path": "/a/c"}, {"op": "add", "path": "/a/d", "value": 3}],
        "a:\n  b: 1\n  d: 3\nz: 1\n",
    ),
    (
        "all members replaced, in place",
        "a:\n  # why\n  b: 1\n  c: 2\nz: 1\n",
        [{"op": "replace", "path": "/a", "value": {"x": 1, "w": 2}}],
        "a:\n  # why\n  x: 1\n  w: 2\nz: 1\n",
    ),
    (
        "a replaced mapping touches only what differs",
        "a:\n  b: 1   # one\n  c: [1, 2] # two\n  d: x\n",
        [{"op": "replace", "path": "/a", "value": {"b": 1, "c": [1, 3], "d": "x", "e": None}}],
        "a:\n  b: 1   # one\n  c: [1, 3] # two\n  d: x\n  e: null\n",
    ),
    (
        "a replaced list touches only what differs",
        "args:\n- --a # first\n- --b\n# last\n- --c\n",
        [{"op": "replace", "path": "/args", "value": ["--a", "--new", "--c"]}],
        "args:\n- --a # first\n- --new\n# last\n- --c\n",
    ),
    (
        "a move within a mapping renames the key where it stands",
        "spec:\n  serviceAccount: web # the old name\n  x: 1\n",
        [{"op": "move", "from": "/spec/serviceAccount", "path": "/spec/serviceAccountName"}],
        "spec:\n  serviceAccountName: web # the old name\n  x: 1\n",
    ),
    (
        "a quoted key stays quoted when renamed",
        '"a/b": 1 # x\n',
        [{"op": "move", "from": "/a~1b", "path": "/c~1d"}],
        '"c/d": 1 # x\n',
    ),
    (
        "a move elsewhere",
        "a:\n  b: &x {c: 1}\nd: 1\n",
        [{"op": "move", "from": "/a/b", "path": "/e"}],
        "a: {}\nd: 1\ne:\n  c: 1\n",
    ),
    (
        "a text of several lines becomes a literal block",
        "data:\n  a: x\n",
        [{"op": "add", "path": "/data/b", "value": "one\ntwo\n"}],
        "data:\n  a: x\n  b: |\n    one\n    two\n",
    ),
    (
        "a text that no literal block can hold is quoted",
        "data:\n  a: x\n",
        [{"op": "add", "path": "/data/b", "value": " one\ntwo\t\n"}],
        'data:\n  a: x\n  b: " one\\ntwo\\t\\n"\n',
    ),
    (
        "a literal block at the end of a file without a line feed",
        "data:\n  a: x",
        [{"op": "add", "path": "/data/b", "value": "one\ntwo\n"}],
        'data:\n  a: x\n  b: "one\\ntwo\\n"',
    ),
    (
        "a scalar gives way to a mapping, its comment stays on the line of the key",
        "a: 1 # c\nb: 2\n",
        [{"op": "replace", "path": "/a", "value": SC}],
        "a: # c\n  runAsNonRoot: true\nb: 2\n",
    ),
    (
        "a mapping gives way to a scalar",
        "a: # c\n  b: 1\n  # d\n  e: 2\nz: 1\n",
        [{"op": "replace", "path": "/a", "value": 5}],
        "a: 5 # c\nz: 1\n",
    ),
    (
        "a folded text stays folded",
        "a: >\n  one two\n  three\nb: 1\n",
        [{"op": "replace", "path": "/a", "value": "four five\n"}],
        "a: >\n  four five\nb: 1\n",
    ),
    (
        "flow list over several lines with comments",
        "a: [\n  1, # one\n  2 # two\n]\n",
        [{"op": "add", "path": "/a/-", "value": 3}],
        "a: [\n  1, # one\n  2, # two\n  3\n]\n",
    ),
    (
        "an item leaves a flow list over several lines",
        "a: [\n  1, # one\n  2, # two\n  3\n]\n",
        [{"op": "remove", "path": "/a/1"}],
        "a: [\n  1, # one\n  3\n]\n",
    ),
    (
        "byte order mark, first key",
        "\ufeffa: 1\nb: 2\n",
        [{"op": "remove", "path": "/a"}],
        "\ufeffb: 2\n",
    ),
    (
        "the key of an item on the line of its dash is replaced by others",
        "- a: 1\n",
        [{"op": "remove", "path": "/0/a"}, {"op": "add", "path": "/0/b", "value": {"c": 2}}],
        "- b:\n    c: 2\n",
    ),
    (
        "quotes come off as the text stands",
        "mode: \"0644\" # octal\nflag: ['yes']\n",
        [{"op": "replace", "path": "/mode", "value": 420}, {"op": "replace", "path": "/flag/0", "value": True}],
        "mode: 0644 # octal\nflag: [yes]\n",
    ),
    (
        "CRLF: a new list follows the line ends",
        "a:\r\n  b: 1\r\n",
        [{"op": "add", "path": "/a/c", "value": ["x", {"z": 1}]}],
        "a:\r\n  b: 1\r\n  c:\r\n  - x\r\n  - z: 1\r\n",
    ),
    (
        "JSON over several lines: a nested object in a list",
        '{\n    "a": [\n        1\n    ]\n}\n',
        [{"op": "add", "path": "/a/-", "value": {"b": []}}],
        '{\n    "a": [\n        1,\n        {\n            "b": []\n        }\n    ]\n}\n',
    ),
    (
        "JSON: an empty object is filled",
        '{\n  "a": {}\n}\n',
        [{"op": "add", "path": "/a/b", "value": "on"}],
        '{\n  "a": {\n    "b": "on"\n  }\n}\n',
    ),
]


@pytest.mark.parametrize(("text", "patch", "expected"), [row[1:] for row in CHANGED], ids=[row[0] for row in CHANGED])
def test_changed(text: str, patch: list[dict], expected: str) -> None:
    assert outcome(text, patch) == expected


UNCHANGED = [
    ("the same value", "a: 0x10 # hex\n", [{"op": "replace", "path": "/a", "value": 16}]),
    ("a member moved to itself", "a: 1\n", [{"op": "move", "from": "/a", "path": "/a"}]),
    ("added and removed again", "a: 1\n", [{"op": "add", "path": "/b", "value": 1}, {"op": "remove", "path": "/b"}]),
    ("tests only", "a: yes\n", [{"op": "test", "path": "/a", "value": True}]),
]


@pytest.mark.parametrize(("text", "patch"), [row[1:] for row in UNCHANGED], ids=[row[0] for row in UNCHANGED])
def test_noop(text: str, patch: list[dict]) -> None:
    assert edit(read("x.yaml", text), 0, operations(patch)) == ()


REFUSED = [
    ("alias inside the way", "a: &a {b: {c: 1}}\nd: *a\n", "/d/b/c", "alias-on-path"),
    ("anchor around the way", "a: &a {b: {c: 1}}\nd: *a\n", "/a/b/c", "anchor-shared"),
    ("anchor inside what is replaced", "a: {b: &b 1}\nd: *b\n", "/a", "anchor-shared"),
    ("through a merge key", "d: &d {x: {w: 1}}\ne: {<<: *d}\n", "/e/x/w", "merge-key"),
    ("through a duplicate", "a: {b: 1}\na: {b: 2}\n", "/a/b", "duplicate-key"),
    ("through a tag", "a: !x {b: 1}\n", "/a/b", "custom-tag"),
    ("no such document", "a: 1\n", "/b/c", "patch-error"),
    ("index with a leading zero", "a: [1, 2]\n", "/a/01", "patch-error"),
]


@pytest.mark.parametrize(("text", "path", "code"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_refused(text: str, path: str, code: str) -> None:
    found = outcome(text, [{"op": "replace", "path": path, "value": 9}])
    assert isinstance(found, Refusal)
    assert found.code == code
    assert found.reason


def test_a_document_that_is_not_there() -> None:
    assert outcome("a: 1\n", [{"op": "remove", "path": "/a"}], document=3) == Refusal(
        "patch-error", "there is no document 3"
    )
