"""Fixes of policies as patches: a table of cases, and that any library can apply what comes out."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any

import jsonpatch
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.manifest.values import same
from bot.model import Applicability
from bot.policy import FixTemplate, OperationTemplate, Target
from bot.policy.cel import EvaluationError, activation
from bot.policy.expand import Bases, expand_create, expand_operations
from bot.policy.render import applies


def fix(*operations: dict[str, Any], create: dict[str, Any] | None = None, when: str | None = None) -> FixTemplate:
    """A fix from operations as a policy file writes them."""
    templates = tuple(
        OperationTemplate(
            op=op["op"],
            path=op["path"],
            value=op.get("value"),
            source=op.get("from"),
            target=Target(op["target"]) if "target" in op else None,
            when=op.get("when"),
        )
        for op in operations
    )
    return FixTemplate("Mend it", Applicability.SAFE, "", when, templates, create)


def add(path: str, value: Any, **more: Any) -> dict[str, Any]:
    return {"op": "add", "path": path, "value": value, **more}


def put(path: str, value: Any, **more: Any) -> dict[str, Any]:
    return {"op": "replace", "path": path, "value": value, **more}


def remove(path: str, **more: Any) -> dict[str, Any]:
    return {"op": "remove", "path": path, **more}


def move(source: str, path: str, **more: Any) -> dict[str, Any]:
    return {"op": "move", "from": source, "path": path, **more}


def copied(source: str, path: str, **more: Any) -> dict[str, Any]:
    return {"op": "copy", "from": source, "path": path, **more}


def test_op(path: str, value: Any) -> dict[str, Any]:
    return {"op": "test", "path": path, "value": value}


test_op.__test__ = False  # type: ignore[attr-defined]


@dataclass
class Case:
    """`operations` on `body` give the patch `expected`, or the reason of a refusal."""

    name: str
    body: dict[str, Any]
    operations: list[dict[str, Any]]
    expected: list[dict[str, Any]] | str
    bases: Bases = field(default_factory=Bases)
    bindings: dict[str, Any] = field(default_factory=dict)


POD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "spec": {
        "containers": [
            {"name": "a", "ports": [{"containerPort": 80, "hostPort": 80}, {"containerPort": 81, "hostPort": 82}]},
            {"name": "b", "ports": [{"containerPort": 90, "hostPort": 90}]},
            {"name": "c"},
        ]
    },
}
CONTAINER = Bases("/spec/containers/0", "/spec", "/metadata", "/spec/containers/0")

CASES = [
    # replace and add
    Case("replace what is there", {"a": 1}, [put("/a", 2)], [put("/a", 2)]),
    Case("replace of the absent adds", {}, [put("/a", 2)], [add("/a", 2)]),
    Case("replace by the same is nothing", {"a": {"b": [1]}}, [put("/a", {"b": [1]})], []),
    Case("true is not 1", {"a": 1}, [put("/a", True)], [put("/a", True)]),
    Case("add over another value replaces", {"a": 1}, [add("/a", 2)], [put("/a", 2)]),
    Case("add of what is there is nothing", {"a": 2}, [add("/a", 2)], []),
    Case("false is a value", {}, [add("/a", False)], [add("/a", False)]),
    Case("missing parents are made", {}, [put("/a/b/c", 1)], [add("/a", {}), add("/a/b", {}), add("/a/b/c", 1)]),
    Case(
        "parents are made once", {}, [put("/a/b", 1), put("/a/c", 2)], [add("/a", {}), add("/a/b", 1), add("/a/c", 2)]
    ),
    Case("an appended list is made", {}, [add("/a/-", 1)], [add("/a", []), add("/a/-", 1)]),
    Case("a list at index 0 is made", {}, [add("/a/0/b", 1)], "/a/0: no such item"),
    Case("first item of a missing list", {}, [put("/a/-", 1)], [add("/a", []), add("/a/-", 1)]),
    Case("a null parent is replaced", {"a": None}, [put("/a/b", 1)], [put("/a", {}), add("/a/b", 1)]),
    Case("a null list is replaced", {"a": None}, [add("/a/-", 1)], [put("/a", []), add("/a/-", 1)]),
    Case("a null item is replaced", {"a": [None]}, [put("/a/0/b", 1)], [put("/a/0", {}), add("/a/0/b", 1)]),
    Case("a null member is replaced", {"a": None}, [put("/a", 1)], [put("/a", 1)]),
    Case("a text is no parent", {"a": "x"}, [put("/a/b", 1)], "/a is neither a mapping nor a list"),
    Case("a text on the way is no parent", {"a": "x"}, [put("/a/b/c", 1)], "/a is neither a mapping nor a list"),
    Case("no such item to replace", {"a": []}, [put("/a/3", 1)], "/a/3: no such item"),
    Case("no such item on the way", {"a": []}, [put("/a/3/b", 1)], "/a/3: no such item"),
    Case("a name is no index", {"a": []}, [put("/a/b", 1)], "/a/b: no such item"),
    Case("an item is replaced", {"a": [1, 2]}, [put("/a/1", 3)], [put("/a/1", 3)]),
    Case("the whole object is replaced", {"a": 1}, [put("", {"b": 1})], [put("", {"b": 1})]),
    Case("equal operations are merged", {}, [put("/a", 1), put("/a", 1)], [add("/a", 1)]),
    # lists
    Case("append", {"a": [1]}, [add("/a/-", 2)], [add("/a/-", 2)]),
    Case("append of what is there is nothing", {"a": [1, 2]}, [add("/a/-", 1)], []),
    Case("appends keep their order", {"a": []}, [add("/a/-", 2), add("/a/-", 1)], [add("/a/-", 2), add("/a/-", 1)]),
    Case("equal appends are merged", {"a": []}, [add("/a/-", 2), add("/a/-", 2)], [add("/a/-", 2)]),
    Case("insert", {"a": [1]}, [add("/a/0", 2)], [add("/a/0", 2)]),
    Case("insert of what is there is nothing", {"a": [1]}, [add("/a/0", 1)], []),
    Case("insert at the end", {"a": [1]}, [add("/a/1", 2)], [add("/a/-", 2)]),
    Case("insert beyond the end", {"a": [1]}, [add("/a/5", 2)], "/a/5: no such item"),
    Case(
        "insertions name places before the fix",
        {"a": [1, 2]},
        [add("/a/0", "x"), add("/a/0", "y"), add("/a/1", "z"), put("/a/1", 3)],
        [put("/a/1", 3), add("/a/1", "z"), add("/a/0", "y"), add("/a/0", "x")],
    ),
    Case(
        "removal before insertion at one place",
        {"a": [1, 2]},
        [add("/a/0", "x"), remove("/a/0")],
        [remove("/a/0"), add("/a/0", "x")],
    ),
    # remove
    Case("remove", {"a": 1}, [remove("/a")], [remove("/a")]),
    Case("remove a null", {"a": None}, [remove("/a")], [remove("/a")]),
    Case("removal of the absent is nothing", {"a": 1}, [remove("/b"), remove("/a/b"), remove("/c/d")], []),
    Case("remove of the end is nothing", {"a": [1]}, [remove("/a/-"), remove("/a/1")], []),
    Case(
        "removals from high to low",
        {"a": list(range(12))},
        [remove("/a/2"), remove("/a/10"), remove("/a/9"), remove("/a/2")],
        [remove("/a/10"), remove("/a/9"), remove("/a/2")],
    ),
    Case(
        "removals last",
        {"a": [{"b": 1}, {"b": 2}]},
        [remove("/a/0"), put("/a/1/b", 3)],
        [put("/a/1/b", 3), remove("/a/0")],
    ),
    Case("inner removals go with the outer", {"a": {"b": {"c": 1}}}, [remove("/a/b/c"), remove("/a")], [remove("/a")]),
    Case("nothing is mended in what goes", {"a": {"b": 1}}, [put("/a/b", 2), remove("/a")], [remove("/a")]),
    Case(
        "inner lists before outer ones",
        {"a": [{"b": [1, 2]}, {"b": [3]}]},
        [remove("/a/0"), remove("/a/1/b/0")],
        [remove("/a/1/b/0"), remove("/a/0")],
    ),
    Case("a whole document stays", {"a": 1}, [remove("")], "a whole document cannot be removed"),
    Case("an item of a List goes", {"a": 1}, [remove("")], [remove("/items/3")], Bases(root="/items/3")),
    Case("the target itself goes", {"a": [1, 2]}, [remove("")], [remove("/a/1")], Bases("/a/1")),
    # move and copy
    Case("move", {"a": 1}, [move("/a", "/b")], [move("/a", "/b")]),
    Case("move makes parents", {"a": 1}, [move("/a", "/b/c")], [add("/b", {}), move("/a", "/b/c")]),
    Case("move of the absent is nothing", {}, [move("/a", "/b")], []),
    Case("move twice is once", {"a": 1}, [move("/a", "/b"), move("/a", "/b")], [move("/a", "/b")]),
    Case("move to where it is", {"a": 1}, [move("/a", "/a")], []),
    Case("move onto the same removes", {"a": 1, "b": 1}, [move("/a", "/b")], [remove("/a")]),
    Case("move onto another replaces", {"a": 1, "b": 2}, [move("/a", "/b")], [move("/a", "/b")]),
    Case("move into itself", {"a": {}}, [move("/a", "/a/b")], "/a cannot move into itself"),
    Case("move over what held it", {"a": {"b": 1}}, [move("/a/b", "/a")], [put("/a", 1)]),
    Case("move out of a list", {"a": [1, 2]}, [move("/a/0", "/b")], [add("/b", 1), remove("/a/0")]),
    Case("move within a list", {"a": [1, 2]}, [move("/a/0", "/a/-")], "/a/0 cannot move within its list"),
    Case("a removal of what is only made here is nothing", {}, [put("/a", 1), remove("/a")], [add("/a", 1)]),
    Case("what is only made here does not move", {}, [put("/a", 1), move("/a", "/b")], [add("/a", 1)]),
    Case(
        "made anew, then gone",
        {"a": {"b": 1}},
        [put("/a", {}), put("/a/b", 2), remove("/a/b")],
        [put("/a", {}), add("/a/b", 2), remove("/a/b")],
    ),
    Case("move into a list", {"a": 3, "b": [1, 2]}, [move("/a", "/b/0")], [add("/b/0", 3), remove("/a")]),
    Case(
        "two moves out of a list name places before the fix",
        {"a": ["x", "y"]},
        [move("/a/0", "/b"), move("/a/1", "/c")],
        [add("/b", "x"), add("/c", "y"), remove("/a/1"), remove("/a/0")],
    ),
    Case(
        "places below what has moved are found again",
        {"a": {"b": 1, "c": 2, "d": 3}},
        [remove("/a/d"), move("/a", "/z"), move("/a/b", "/a/e"), remove("/a/c")],
        [move("/a", "/z"), move("/z/b", "/z/e"), remove("/z/d"), remove("/z/c")],
    ),
    Case(
        "mended before it moves",
        {"a": {"b": 1}},
        [put("/a/b", 2), move("/a", "/c")],
        [put("/a/b", 2), move("/a", "/c")],
    ),
    Case("copy", {"a": {"x": 1}}, [copied("/a", "/b/c")], [add("/b", {}), copied("/a", "/b/c")]),
    Case("copy of the absent is nothing", {}, [copied("/a", "/b")], []),
    Case("copy onto the same is nothing", {"a": 1, "b": 1}, [copied("/a", "/b")], []),
    Case("copy into a list", {"a": [1, 2]}, [copied("/a/1", "/a/0")], [add("/a/0", 2)]),
    # test
    Case("a test comes first", {"a": 1}, [put("/b", 1), test_op("/a", 1)], [test_op("/a", 1), add("/b", 1)]),
    Case("a test that fails", {"a": 1}, [put("/b", 1), test_op("/a", 2)], "/a is not what the fix is for"),
    Case("a test alone is no fix", {"a": 1}, [test_op("/a", 1)], []),
    # values
    Case("a value keeps its type", {}, [put("/a", "${1 + 1}")], [add("/a", 2)]),
    Case("text around a value", {}, [put("/a", "x-${1 + 1}")], [add("/a", "x-2")]),
    Case("a list of scalars", {}, [put("/a", "${[1, 2]}")], [add("/a", [1, 2])]),
    Case("a literal ${", {}, [put("/a", "$${X}")], [add("/a", "${X}")]),
    Case("leaves at any depth", {}, [put("/a", {"b": ["${'x'}"]})], [add("/a", {"b": ["x"]})]),
    Case("null leaves are left out", {}, [put("/a", {"b": "${null}", "c": ["${null}", 1]})], [add("/a", {"c": [1]})]),
    Case("no value, no operation", {}, [put("/a", "${null}")], []),
    Case(
        "maps are refused",
        {},
        [put("/a", "${{'x': 1}}")],
        "${{'x': 1}} is no scalar and no list of scalars; write maps out or copy them with from",
    ),
    Case("an error is a refusal", {}, [put("/a", "${1 / 0}")], "${1 / 0}: divide by zero"),
    Case("copied values", {"a": {"b": 1}}, [put("/c", {"d": {"from": "/a"}})], [add("/c", {"d": {"b": 1}})]),
    Case("nothing to copy", {}, [put("/c", {"from": "/a"})], "nothing to copy at /a"),
    Case("from with a list is a member", {}, [put("/c", {"from": ["/a"]})], [add("/c", {"from": ["/a"]})]),
    # paths
    Case("names in paths are escaped", {}, [put("/a/${'b/c~d'}", 1)], [add("/a", {}), add("/a/b~1c~0d", 1)]),
    Case("escapes in paths are kept", {"a/b": 1}, [remove("/a~1b")], [remove("/a~1b")]),
    Case("parts of a token", {"a-1": 1}, [remove("/a-${1}")], [remove("/a-1")]),
    Case("a path needs scalars", {}, [put("/${[1]}", 1)], "${[1]} in a path is no scalar"),
    # bases
    Case("paths start from the target", POD, [put("/x", 1)], [add("/spec/containers/0/x", 1)], CONTAINER),
    Case(
        "other bases, in a List",
        POD,
        [put("/x", 1, target="pod-spec"), put("/y", 1, target="object"), put("/l/m", 1, target="pod-metadata")],
        [
            add("/items/2/spec/x", 1),
            add("/items/2/y", 1),
            add("/items/2/metadata", {}),
            add("/items/2/metadata/l", {}),
            add("/items/2/metadata/l/m", 1),
        ],
        Bases("/spec/containers/0", "/spec", "/metadata", "/spec/containers/0", root="/items/2"),
    ),
    Case(
        "a pod without metadata",
        POD,
        [put("/l", 1, target="pod-metadata")],
        "there is no pod-metadata here",
        Bases("/spec", "/spec"),
    ),
    # wildcards and guards
    Case(
        "a wildcard is every item",
        POD,
        [put("/containers/*/tty", False)],
        [add(f"/spec/containers/{n}/tty", False) for n in range(3)],
        Bases("/spec"),
    ),
    Case(
        "item is the last one",
        POD,
        [remove("/containers/*/ports/*/hostPort", when="item.hostPort == item.containerPort")],
        [remove("/spec/containers/1/ports/0/hostPort"), remove("/spec/containers/0/ports/0/hostPort")],
        Bases("/spec"),
    ),
    Case(
        "values and later tokens see the item",
        POD,
        [put("/containers/*/${item.name}", "${item.name}-${key}", when="key != 1")],
        [add("/spec/containers/0/a", "a-0"), add("/spec/containers/2/c", "c-2")],
        Bases("/spec"),
    ),
    Case(
        "members of a mapping",
        {"a": {"x": 1, "y/z": 2}},
        [put("/b/${key}", "${item}", when="false"), remove("/a/*", when="item == 2")],
        [remove("/a/y~1z")],
        bindings={"key": "k", "item": 1},
    ),
    Case("a wildcard in nothing", {"a": None}, [put("/a/*/b", 1), remove("/c/*")], []),
    Case("a guard that errs", {"a": [1]}, [remove("/a/*", when="item.x == 1")], "when: item.x == 1: Applying SELECT"),
    Case(
        "nulls of built-in kinds are absent for guards",
        {"apiVersion": "v1", "a": [{"x": None}]},
        [put("/a/*/y", 1, when="!has(item.x)")],
        [add("/a/0/y", 1)],
    ),
    Case(
        "nulls of other kinds are there",
        {"apiVersion": "example.com/v1", "a": [{"x": None}]},
        [put("/a/*/y", 1, when="!has(item.x)")],
        [],
    ),
    Case(
        "wildcards of from and path",
        {"rules": [{"paths": [{"s": "a", "p": 1}, {"s": "b"}]}, {}, {"paths": [{"s": "c"}]}]},
        [move("/rules/*/paths/*/s", "/rules/*/paths/*/service/name")],
        [
            add("/rules/0/paths/0/service", {}),
            move("/rules/0/paths/0/s", "/rules/0/paths/0/service/name"),
            add("/rules/0/paths/1/service", {}),
            move("/rules/0/paths/1/s", "/rules/0/paths/1/service/name"),
            add("/rules/2/paths/0/service", {}),
            move("/rules/2/paths/0/s", "/rules/2/paths/0/service/name"),
        ],
    ),
    Case(
        "a guard on a move",
        {"rules": [{"port": 80}, {"port": "http"}]},
        [
            move("/rules/*/port", "/rules/*/p/number", when="type(item.port) == int"),
            move("/rules/*/port", "/rules/*/p/name", when="type(item.port) == string"),
        ],
        [
            add("/rules/0/p", {}),
            move("/rules/0/port", "/rules/0/p/number"),
            add("/rules/1/p", {}),
            move("/rules/1/port", "/rules/1/p/name"),
        ],
    ),
    Case(
        "bindings of the target",
        POD,
        [add("/volumes/-", {"name": "tmp-${container.name}", "emptyDir": {}}, target="pod-spec")],
        [add("/spec/volumes", []), add("/spec/volumes/-", {"name": "tmp-a", "emptyDir": {}})],
        CONTAINER,
        {"container": POD["spec"]["containers"][0]},
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_expand(case):
    before = copy.deepcopy(case.body)
    operations = expand_operations(fix(*case.operations), case.body, case.bases, {"object": case.body, **case.bindings})
    assert case.body == before
    if isinstance(case.expected, str):
        assert isinstance(operations, EvaluationError)
        assert operations.reason.startswith(case.expected)
        return
    assert [operation.as_json() for operation in operations] == case.expected
    document = whole(case.body, case.bases.root)
    patched = jsonpatch.apply_patch(document, case.expected)
    assert bool(case.expected) != same(document, patched)


def whole(body: dict[str, Any], root: str) -> Any:
    """A document that holds the object at `root`."""
    if not root:
        return body
    index = int(root.rpartition("/")[2])
    return {"items": [{}] * index + [body]}


def test_the_second_time_nothing_is_left():
    again = [case for case in CASES if isinstance(case.expected, list) and not case.bases.root]
    # What is inserted or moved about is there again for the second run.
    again = [case for case in again if not any(op["op"] == "add" and "/0" in op["path"] for op in case.operations)]
    finished = 0
    for case in again:
        first = expand_operations(fix(*case.operations), case.body, case.bases, {"object": case.body, **case.bindings})
        patched = jsonpatch.apply_patch(case.body, [operation.as_json() for operation in first])
        if isinstance(first, tuple) and {op["op"] for op in case.operations} <= {"add", "replace"}:
            second = expand_operations(fix(*case.operations), patched, case.bases, {"object": patched, **case.bindings})
            assert second == (), case.name
            finished += 1
    assert finished > 25


def test_what_is_emitted_shares_nothing_with_the_policy():
    value = {"b": [1]}
    (operation,) = expand_operations(fix(put("/a", value)), {}, Bases(), {})
    operation.value["b"].append(2)
    assert value == {"b": [1]}


# Applying never fails.

KEYS = ["a", "b", "0", "1", "x/y", "-"]
JSON = st.recursive(
    st.sampled_from([None, True, 0, 1, "t", 1.5]),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.sampled_from(KEYS), children, max_size=3),
    max_leaves=12,
)
BODIES = st.dictionaries(st.sampled_from(KEYS), JSON, max_size=4)
PATHS = st.lists(st.sampled_from(["a", "b", "0", "1", "2", "x~1y", "-", "*"]), min_size=1, max_size=4).map(
    lambda tokens: "/" + "/".join(tokens)
)
PLAIN = PATHS.map(lambda path: path.replace("*", "a"))
OPERATIONS = st.one_of(
    st.builds(add, PATHS, JSON.filter(lambda value: value is not None)),
    st.builds(put, PATHS, JSON.filter(lambda value: value is not None)),
    st.builds(remove, PATHS),
    st.builds(move, PLAIN, PLAIN),
    st.builds(copied, PLAIN, PLAIN),
    st.builds(lambda path: move(path, path + "/a"), PATHS),
    st.builds(test_op, PLAIN, JSON.filter(lambda value: value is not None)),
)


@settings(max_examples=1500, deadline=None)
@given(BODIES, st.lists(OPERATIONS, min_size=1, max_size=5), st.sampled_from(["", "/items/2"]))
def test_what_comes_out_applies_and_changes_something(body, operations, root):
    expanded = expand_operations(fix(*operations), body, Bases(root=root), {"object": body})
    if isinstance(expanded, EvaluationError):
        assert expanded.reason
        return
    document = whole(body, root)
    patch = [operation.as_json() for operation in expanded]
    patched = jsonpatch.apply_patch(document, patch)
    if not any(op["op"] in ("move", "copy") or op["path"].endswith("-") for op in patch):
        # Several operations on one place may undo each other; single ones may not.
        assert len(patch) != 1 or not same(document, patched)


# Guards and created objects.


@pytest.mark.parametrize(
    ("when", "held"),
    [(None, True), ("object.kind == 'Pod'", True), ("object.kind == 'Service'", False)],
)
def test_guards(when, held):
    assert applies(fix(remove("/a"), when=when), activation({"object": POD})) is held


def test_a_guard_that_errs_says_why():
    assert applies(fix(remove("/a"), when="object.x.y == 1"), activation({"object": POD})) == EvaluationError(
        'Key not found in map : "x"'
    )


PDB = {
    "apiVersion": "policy/v1",
    "kind": "PodDisruptionBudget",
    "metadata": {
        "name": "${object.metadata.name}",
        "namespace": "${object.metadata.?namespace.orValue(null)}",
    },
    "spec": {"maxUnavailable": 1, "selector": {"from": "/spec/selector"}},
}


def test_create():
    body = {"metadata": {"name": "web"}, "spec": {"selector": {"matchLabels": {"app": "web"}}}}
    created = expand_create(fix(create=PDB), body, {"object": body})
    assert created == {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": "web"},
        "spec": {"maxUnavailable": 1, "selector": {"matchLabels": {"app": "web"}}},
    }
    assert list(created) == list(PDB)
    assert created["spec"]["selector"] is not body["spec"]["selector"]


def test_create_refused():
    body = {"metadata": {"name": "web"}}
    assert expand_create(fix(create=PDB), body, {"object": body}) == EvaluationError(
        "nothing to copy at /spec/selector"
    )


def test_nothing_to_create():
    assert expand_create(fix(remove("/a")), {}, {}) is None
