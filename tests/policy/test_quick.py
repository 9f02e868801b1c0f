"""Plain expressions in Python: what they answer is what CEL answers, and everything else is left to CEL.

The programs of all policies are evaluated both ways, over real manifests and over examples in which something of
another type has been put.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import schema
from bot.detect.detect import Detector, Environment
from bot.manifest import read
from bot.manifest.values import clone
from bot.model import Json
from bot.pipeline import Bot, look
from bot.policy import Policy, cel, load, quick
from bot.policy.cel import EvaluationError, activation, compiled
from bot.policy.expressions import uses
from bot.trial import Alone
from tests.mutants import places, put

VALUES: dict[str, Json] = {"memory-limit": "512Mi", "run-as-user": 10001, "images": {"nginx": "1.27.3"}}
OBJECT: dict[str, Json] = {
    "kind": "Pod",
    "text": "a/b",
    "number": 3,
    "float": 3.0,
    "yes": True,
    "list": ["a", 1, True],
    "empty": [],
    "none": {},
    "map": {"a": {"b": "x"}, "a/b": 1},
    "nothing": None,
}


@pytest.fixture
def both_ways(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Every evaluation is asked of CEL as well; what differs gathers in the list."""
    differences: list[str] = []
    quickly = cel.Program.evaluate

    def evaluate(self: cel.Program, values: cel.Activation) -> Json | EvaluationError:
        found, wanted = quickly(self, values), self.by_cel(values)
        if found != wanted or type(found) is not type(wanted):
            differences.append(f"{self.source}: {found!r}, CEL says {wanted!r}")
        return found

    monkeypatch.setattr(cel.Program, "evaluate", evaluate)
    return differences


def _bot(policies: tuple[Policy, ...], values: dict[str, Json] | None = None) -> Bot:
    environment = Environment(values or {}, schema.OLDEST_SUPPORTED, schema.NEWEST, schema.with_crds(()))
    return Bot(Detector(policies, environment), Alone())


def test_over_real_manifests(corpus_plain: list[Path], both_ways: list[str]) -> None:
    bot = _bot(load(examples=False), VALUES)
    for path in corpus_plain:
        look(bot, path.name, path.read_bytes().decode("utf-8-sig"))
    assert not both_ways


def test_over_examples_with_something_of_another_type(both_ways: list[str]) -> None:
    for policy in load():
        bot = _bot((policy,), VALUES)
        for example in policy.examples:
            for text in _spoiled(example.bad or example.good or ""):
                look(bot, "example.yaml", text)
    assert not both_ways


def _spoiled(text: str) -> Iterator[str]:
    """Some of the texts in which one value is replaced, always the same ones."""
    from bot.manifest.render import Layout, block

    chance = random.Random(len(text))
    for document in read("example.yaml", text).documents:
        for pointer in places(document.value):
            for unfit in chance.sample(UNFIT, 2):
                value = put(clone(document.value), pointer, unfit)
                if isinstance(value, dict) and value:
                    yield "".join(line + "\n" for line in block(value, 0, Layout()))


UNFIT: list[Json] = [None, True, False, 0, 3, 1.0, -2.5, "", "x", [], ["x"], [None], {}, {"x": 1}, [{"name": "x"}]]


def test_most_expressions_need_no_cel() -> None:
    sources = [use.source for policy in load(examples=False) for use in uses(policy)]
    plain = [source for source in sources if compiled(source).is_plain]
    assert len(plain) > len(sources) / 2


@pytest.mark.parametrize(
    "expression",
    [
        'object.kind == "Pod"',
        "object.?kind.orValue('') != \"Pod\"",
        "object.?nope.?deeper.orValue(3) == 3",
        "object.?text.?deeper.orValue(3) == 3",
        "object.?nothing.hasValue()",
        "object.?nothing.?x.hasValue()",
        "object.nothing == null",
        "object.map != null",
        "object.nope",
        "object.nope == 1 || true",
        "true || object.nope == 1",
        "object.nope == 1 && false",
        "object.kind && true",
        "object.number == 3",
        "object.number == 3.0",
        "object.float == 3",
        "object.number == '3'",
        "object.yes == 1",
        "object.yes",
        "!object.yes",
        "!object.number",
        "object.number >= 3 && object.number < 4 && object.number <= 3 && object.number > 2",
        "object.float > 2",
        "object.text < 'b'",
        "object.empty == [] && object.none == {} && object.list != []",
        "object.empty == {}",
        "object.list == ['a', 1, true]",
        "'a' in object.list",
        "1 in object.list",
        "true in object.list",
        "'a' in object.map",
        "'a' in object.text",
        "object.kind in ['Pod', 'Job']",
        "object.list.exists(x, x == 'a')",
        "object.list.exists(x, x == 1)",
        "object.list.all(x, x != 'b')",
        "object.list.all(x, x)",
        "object.map.exists(key, key.startsWith('a/'))",
        "object.map.all(key, object.map[key] == 1)",
        "object.list.exists(x, object.list.exists(y, x == y && y == 'a'))",
        "object.list.exists(object, object == 'a') && object.kind == 'Pod'",
        "object.map.a.b + 'y' == 'xy'",
        "(object.list + object.empty).size() == 3",
        "object.number + 1 == 4",
        "object.text.size() == 3",
        "object.map.?a.?b.orValue('') == 'x'",
        "object.map[?'a/b'].orValue(0) == 1",
        "object.map['a/b'] == 1",
        "object.list[1] == 1",
        "object.list[3] == 1",
        "object[?object.nope].hasValue()",
        "object.?nope.or(object.?number).orValue(0)",
        "has(object.map.a) && !has(object.map.c)",
        "has(object.text.a)",
        "string(object.number)",
        "string(object.text)",
        "object.text.upperAscii() + object.text.lowerAscii()",
        "object.text.contains('/') && object.text.endsWith('b')",
        "object.number.contains('/')",
        "object.text.matches('^a') && !object.text.matches(r'^\\d$')",
        "object.text.matches('(')",
        "object.yes ? object.kind : object.nope",
        "object.number ? 1 : 2",
        "object.yes ? (object.yes ? 1 : 2) : 3",
        "object.yes ? 1 : object.yes ? 2 : 3",
        "object.kind == 'Pod' ? 'a' : 'b'",
        "'a\\n\\\"' == 'a' + '\\n' + '\\\"'",
        "podSpec == 1",
        "1 == 1 && 2 != 3",
        "1 + 2",
        "-1 < 0",
        "object.?kind",
        "object",
        "object.kind // a comment",
        "object.number in [1, 2, 3]",
    ],
)
def test_the_same_value(expression: str) -> None:
    program = compiled(expression)
    values = activation({"object": OBJECT})
    found, wanted = program.evaluate(values), program.by_cel(values)
    assert found == wanted
    assert type(found) is type(wanted)


@pytest.mark.parametrize(
    "expression",
    [
        "nope == 1",
        "object.null == null",
        "object.?in.hasValue()",
        "object.yes ? object.yes ? 1 : 2 : 3",
        "object.kind ==",
        "object.kind == 'x",
        "object.exists(x)",
        "(object",
        "has(object)",
        "object.?",
        "1 2",
    ],
)
def test_what_is_no_expression_is_refused(expression: str) -> None:
    with pytest.raises(cel.ExpressionError):
        compiled(expression)


def test_what_is_not_plain() -> None:
    assert quick.answer("size(object) == 1", {"object"}, lambda _text, _pattern: True) is None
    assert quick.answer("object.a == 1", {"podSpec"}, lambda _text, _pattern: True) is None
