"""Several fixes of one document to one patch: what is joined, what waits, and that nothing gets lost on the way."""

from __future__ import annotations

from collections import Counter

import jsonpatch
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bot.manifest import pointers
from bot.manifest.values import clone, same
from bot.model import Applicability, Change, Fix, Json, Operation
from bot.policy.plan import Plan
from bot.policy.render import Stop
from bot.propose.combine import combine


def add(path: str, value: Json) -> Operation:
    return Operation("add", path, value)


def replace(path: str, value: Json) -> Operation:
    return Operation("replace", path, value)


def remove(path: str) -> Operation:
    return Operation("remove", path)


def move(source: str, path: str) -> Operation:
    return Operation("move", path, source=source)


def copy(source: str, path: str) -> Operation:
    return Operation("copy", path, source=source)


def check(path: str, value: Json) -> Operation:
    return Operation("test", path, value)


def fix_of(operations: tuple[Operation, ...] | list[Operation], title: str = "") -> Fix:
    change = Change("a.yaml", 0, tuple(operations))
    return Fix((), (change,), title, "", Applicability.SAFE)


def fixes_of(*fixes: list[Operation]) -> list[Fix]:
    return [fix_of(operations, str(place)) for place, operations in enumerate(fixes)]


SC = add("/sc", {})

TOGETHER = {
    "unrelated": ([[add("/a", 1)], [replace("/b", 2)]], [add("/a", 1), replace("/b", 2)]),
    "a parent that both make is made once": (
        [[SC, add("/sc/x", 1)], [SC, add("/sc/y", 2)]],
        [SC, add("/sc/x", 1), add("/sc/y", 2)],
    ),
    "a parent that was null": (
        [[replace("/sc", {}), add("/sc/x", 1)], [replace("/sc", {}), add("/sc/y", 2)]],
        [replace("/sc", {}), add("/sc/x", 1), add("/sc/y", 2)],
    ),
    "parents of parents": (
        [[SC, add("/sc/c", {}), add("/sc/c/drop", ["ALL"])], [SC, add("/sc/c", {}), add("/sc/c/add", [])]],
        [SC, add("/sc/c", {}), add("/sc/c/drop", ["ALL"]), add("/sc/c/add", [])],
    ),
    "a list that both make": (
        [[add("/l", []), add("/l/-", 1)], [add("/l", []), add("/l/-", 2)]],
        [add("/l", []), add("/l/-", 1), add("/l/-", 2)],
    ),
    "two that append": ([[add("/l/-", 1)], [add("/l/-", 2)]], [add("/l/-", 1), add("/l/-", 2)]),
    "two that append the same": ([[add("/l/-", {"name": "tmp"})]] * 2, [add("/l/-", {"name": "tmp"})]),
    "the same value": ([[replace("/a", False)], [replace("/a", False)]], [replace("/a", False)]),
    "the same removal": ([[remove("/l/1")], [remove("/l/1")]], [remove("/l/1")]),
    "the same insertion": ([[add("/l/1", "x")], [add("/l/1", "x")]], [add("/l/1", "x")]),
    "removals come last": ([[remove("/a")], [add("/b", 1)]], [add("/b", 1), remove("/a")]),
    "from high index to low": (
        [[remove("/l/2")], [remove("/l/10")], [remove("/l/9")], [remove("/l/1/x")], [remove("/l/1/m/0")]],
        [remove("/l/10"), remove("/l/9"), remove("/l/2"), remove("/l/1/x"), remove("/l/1/m/0")],
    ),
    "numbers that are names": (
        [[remove("/m/²")], [remove("/m/" + "9" * 5000)], [remove("/m/08")]],
        [remove("/m/²"), remove("/m/" + "9" * 5000), remove("/m/08")],
    ),
    "two that look at the same": (
        [[check("/a", 1), add("/b", 1)], [check("/a", 1), add("/c", 1)]],
        [check("/a", 1), add("/b", 1), add("/c", 1)],
    ),
    "what another looks at may change after it": (
        [[check("/a/x", 1), add("/b", 1)], [replace("/a", 2)]],
        [check("/a/x", 1), add("/b", 1), replace("/a", 2)],
    ),
    "what another copies may change after it": (
        [[copy("/a", "/b")], [replace("/a", 2)]],
        [copy("/a", "/b"), replace("/a", 2)],
    ),
    "what goes is looked at before": (
        [[check("/a", 1), remove("/b")], [remove("/a")]],
        [check("/a", 1), remove("/b"), remove("/a")],
    ),
    "siblings whose names begin alike": ([[replace("/ab", 1)], [remove("/a")]], [replace("/ab", 1), remove("/a")]),
}


@pytest.mark.parametrize(("fixes", "patch"), TOGETHER.values(), ids=TOGETHER)
def test_what_goes_together(fixes: list[list[Operation]], patch: list[Operation]) -> None:
    combined, included, waiting = combine(fixes_of(*fixes))
    assert list(combined) == patch
    assert (list(included), waiting) == (fixes_of(*fixes), ())


def shown(operation: Operation) -> str:
    return repr(operation)


APART = {
    "the same place, another value": ([replace("/a", 1)], [replace("/a", 2)]),
    "true is not 1": ([replace("/a", 1)], [replace("/a", True)]),
    "the same place, another operation": ([replace("/a", 1)], [remove("/a")]),
    "a place above": ([replace("/a/b", 1)], [replace("/a", {})]),
    "a place above goes": ([replace("/a/b", 1)], [remove("/a")]),
    "a place below": ([replace("/a", {"b": 1})], [add("/a/b", 2)]),
    "a place below what goes": ([remove("/a")], [replace("/a/b/c", 1)]),
    "the whole document": ([replace("/a", 1)], [replace("", {})]),
    "a mapping that is emptied": ([replace("/a", {})], [remove("/a/b")]),
    "a mapping that is emptied later": ([add("/a/b", 1)], [replace("/a", {})]),
    "a list and a mapping": ([add("/a", [])], [add("/a", {})]),
    "one makes what the other fills": ([add("/drop", ["ALL"])], [add("/drop", []), add("/drop/-", "NET_RAW")]),
    "a value that the other goes on with": ([replace("/a", {"x": 1}), add("/a/y", 2)], [replace("/a", {"x": 1})]),
    "two copies to one place": ([copy("/a", "/c")], [copy("/b", "/c")]),
    "from the same place": ([move("/a", "/b")], [replace("/a", 1)]),
    "below what is moved": ([move("/a", "/b")], [add("/a/x", 1)]),
    "to the same place": ([move("/a", "/b")], [add("/b", 1)]),
    "two moves from one place": ([move("/a", "/b")], [move("/a", "/c")]),
    "moved after it was changed": ([replace("/a/x", 1)], [move("/a", "/b")]),
    "an insertion before an item that another changes": ([add("/l/0", "x")], [replace("/l/2", "y")]),
    "an insertion before an item that another removes": ([add("/l/0", "x")], [remove("/l/2/z")]),
    "an insertion behind a change": ([replace("/l/2/z", 1)], [add("/l/0", "x")]),
    "two insertions": ([add("/l/0", "x")], [add("/l/1", "y")]),
    "an insertion and an append": ([add("/l/0", "x")], [add("/l/-", "y")]),
    "an append and a move to the end": ([add("/l/-", "x")], [move("/m", "/l/-"), add("/l/2/a", 1)]),
    "a move to the end and an append": ([move("/m", "/l/-"), add("/l/2/a", 1)], [add("/l/-", "x")]),
    "an insertion before an item that another copies": ([add("/l/0", "x")], [copy("/l/1", "/a")]),
    "an insertion before an item that another looks at": ([add("/l/0", "x")], [check("/l/1", 1), add("/a", 1)]),
    "a copy of what another changes": ([replace("/a", 1)], [copy("/a", "/b")]),
    "a copy of what another changes below": ([replace("/a/x", 1)], [copy("/a", "/b")]),
    "a copy of what another removes": ([remove("/a")], [copy("/a/x", "/b")]),
    "a look at what another changes": ([replace("/a", 2)], [check("/a", 1), add("/b", 1)]),
    "a look at what another moves away": ([move("/a", "/b")], [check("/a/x", 1), add("/c", 1)]),
}


@pytest.mark.parametrize(("first", "second"), APART.values(), ids=APART)
def test_what_waits(first: list[Operation], second: list[Operation]) -> None:
    """A fix that wants another's place waits whole: none of its operations is in."""
    third = [add("/elsewhere", 1)]
    before, after, other = fixes = fixes_of(first, [add("/harmless", 1), *second], third)
    operations, included, waiting = combine(fixes)
    assert (included, waiting) == ((before, other), (after,))
    assert operations == combine([before, other])[0]
    assert not any(operation.path == "/harmless" for operation in operations)


def test_beside_a_whole_new_document_everything_waits() -> None:
    assert [fix.title for fix in combine(fixes_of([replace("", {})], [add("/a", 1)], [remove("/b/c")]))[2]] == [
        "1",
        "2",
    ]


def test_what_waits_is_the_first_of_the_next_round() -> None:
    fixes = fixes_of([replace("/a", 1)], [replace("/a", 2)], [replace("/a", 3)])
    assert [fix.title for fix in combine(fixes)[2]] == ["1", "2"]
    assert combine(combine(fixes)[2])[0] == (replace("/a", 2),)


def test_nothing() -> None:
    assert combine([]) == ((), (), ())


@pytest.mark.parametrize(
    ("value", "operations", "expected"),
    [
        # An insertion shifts what is behind it: the plan of a fix has put it after the removal.
        (list("abcd"), [remove("/l/3"), add("/l/1", "x"), remove("/l/0")], list("xbc")),
        ([["a"], ["b"], ["c", "d"]], [remove("/l/2/0"), add("/l/1", "x")], [["a"], "x", ["b"], ["d"]]),
        # What is set twice ends as it was set last.
        ([1], [replace("/l/0", 2), replace("/l/0", 3), replace("/l/0", 2)], [2]),
    ],
)
def test_one_fix_stays_what_it_is(value: Json, operations: list[Operation], expected: Json) -> None:
    assert jsonpatch.apply_patch({"l": value}, [each.as_json() for each in operations]) == {"l": expected}
    combined, _, _ = combine(fixes_of(operations))
    assert jsonpatch.apply_patch({"l": value}, [each.as_json() for each in combined]) == {"l": expected}


# Random fixes of a random object, planned as policies plan theirs: the patch against the fixes one after the other.

KEYS = ("a", "b", "c", "8")
scalars = st.sampled_from([0, 1, True, None, "x"])


def values(depth: int) -> st.SearchStrategy[Json]:
    if depth == 0:
        return scalars
    below = values(depth - 1)
    return st.one_of(scalars, st.dictionaries(st.sampled_from(KEYS), below), st.lists(below, max_size=4))


objects = st.fixed_dictionaries(
    {
        "a": values(2),
        "l": st.lists(values(2), min_size=1, max_size=4),
        "m": st.dictionaries(st.sampled_from(KEYS), values(1)),
    }
)


def places(value: Json, tokens: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """All places there are, and some where something could be put."""
    found = [tokens] if tokens else []
    if isinstance(value, dict):
        for name, child in value.items():
            found += places(child, (*tokens, name))
        found += [(*tokens, name) for name in KEYS if name not in value]
    elif isinstance(value, list):
        for place, child in enumerate(value):
            found += places(child, (*tokens, str(place)))
        found.append((*tokens, "-"))
    elif value is None:
        found += [(*tokens, "b"), (*tokens, "b", "c"), (*tokens, "-")]
    return found


@st.composite
def planned_fixes(draw: st.DrawFn, body: Json) -> list[Fix]:
    everywhere = places(body)
    fixes = []
    for number in range(draw(st.integers(2, 5))):
        plan = Plan(body, "")
        for _ in range(draw(st.integers(1, 3))):
            tokens = draw(st.sampled_from(everywhere))
            kind = draw(st.sampled_from(["add", "replace", "remove", "move", "copy", "test"]))
            try:
                if kind == "remove":
                    plan.remove(tokens)
                elif kind == "test":
                    plan.test(tokens, pointers.resolve(body, pointers.join("", *tokens))[1])
                elif kind in ("move", "copy"):
                    getattr(plan, kind)(draw(st.sampled_from(everywhere)), tokens)
                else:
                    getattr(plan, kind)(tokens, draw(values(1)))
            except Stop:
                continue
        if plan.operations():
            fixes.append(fix_of(plan.operations(), str(number)))
    assume(len(fixes) > 1)
    return fixes


GONE = object()


class Named:
    """A JSON value in which every item of a list keeps the index it had at the start: no path is ever off by one."""

    def __init__(self, value: Json) -> None:
        self.root = self._named(value)

    def _named(self, value: Json) -> Json:
        if isinstance(value, dict):
            return {name: self._named(child) for name, child in value.items()}
        if isinstance(value, list):
            return [[str(place), self._named(child)] for place, child in enumerate(value)]
        return value

    def _plain(self, value: Json) -> Json:
        if isinstance(value, dict):
            return {name: self._plain(child) for name, child in value.items()}
        if isinstance(value, list):
            return [self._plain(child) for _, child in value if child is not GONE]
        return value

    @property
    def plain(self) -> Json:
        return self._plain(self.root)

    def _at(self, tokens: list[str]) -> Json:
        value = self.root
        for token in tokens:
            value = value[token] if isinstance(value, dict) else next(child for name, child in value if name == token)
            assert value is not GONE
        return value

    def take(self, pointer: str) -> None:
        *above, last = pointers.split(pointer)
        holder = self._at(above)
        if isinstance(holder, dict):
            del holder[last]
            return
        entry = next(each for each in holder if each[0] == last)
        assert entry[1] is not GONE
        entry[1] = GONE

    def put(self, pointer: str, value: Json, *, inserts: bool) -> None:
        if not pointer:
            self.root = self._named(value)
            return
        *above, last = pointers.split(pointer)
        holder = self._at(above)
        if isinstance(holder, dict):
            holder[last] = self._named(value)
        elif last == "-":
            holder.append([str(len(holder)), self._named(value)])
        elif inserts:
            before = str(int(last) - 1)
            place = 0 if last == "0" else next(place for place, each in enumerate(holder) if each[0] == before) + 1
            holder.insert(place, [None, self._named(value)])
        else:
            next(each for each in holder if each[0] == last)[1] = self._named(value)

    def apply(self, operation: Operation) -> None:
        if operation.op == "remove":
            self.take(operation.path)
        elif operation.op == "test":
            assert same(self._plain(self._at(pointers.split(operation.path))), operation.value)
        elif operation.op in ("move", "copy"):
            value = self._plain(self._at(pointers.split(operation.source or "")))
            if operation.op == "move":
                self.take(operation.source or "")
            self.put(operation.path, value, inserts=True)
        else:
            self.put(operation.path, operation.value, inserts=operation.op == "add")


def one_after_the_other(body: Json, fixes: tuple[Fix, ...]) -> Json:
    """The fixes applied in turn; a step that an earlier fix has made already is not made again."""
    state = Named(clone(body))
    made: set[str] = set()
    for fix in fixes:
        mine = fix.changes[0].operations
        for operation in mine:
            if shown(operation) not in made:
                state.apply(operation)
        made.update(map(shown, mine))
    return state.plain


@settings(max_examples=600, deadline=None)
@given(st.data())
def test_one_patch_does_what_the_fixes_do_one_after_the_other(data: st.DataObject) -> None:
    body = data.draw(objects)
    fixes = data.draw(planned_fixes(body))
    operations, included, waiting = combine(fixes)

    order = {fix.title: place for place, fix in enumerate(fixes)}
    assert sorted([*included, *waiting], key=lambda fix: order[fix.title]) == fixes
    assert included[0] == fixes[0]
    assert list(included) == sorted(included, key=lambda fix: order[fix.title])

    brought = {shown(operation) for fix in included for operation in fix.changes[0].operations}
    assert {shown(operation) for operation in operations} == brought

    patched = jsonpatch.apply_patch(clone(body), [operation.as_json() for operation in operations])
    assert same(patched, one_after_the_other(body, included))


def test_the_random_fixes_are_worth_the_name() -> None:
    """Fixes that go together and fixes that wait, and patches in which both share steps, all come up."""
    seen: Counter[str] = Counter()

    @settings(max_examples=300, deadline=None, database=None, derandomize=True)
    @given(st.data())
    def sample(data: st.DataObject) -> None:
        body = data.draw(objects)
        operations, included, waiting = combine(data.draw(planned_fixes(body)))
        seen["together"] += len(included) > 1
        seen["waits"] += bool(waiting)
        seen["merged"] += sum(len(fix.changes[0].operations) for fix in included) > len(operations)
        seen.update({operation.op for operation in operations})

    sample()
    assert min(seen[each] for each in ("together", "waits", "add", "replace", "remove", "move", "copy", "test")) > 20, (
        seen
    )
    assert seen["merged"] > 10, seen
