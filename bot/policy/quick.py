"""The plain part of CEL in Python: what most expressions are made of, without the way into another language and back.

An expression asks a few members of a mapping and compares them with constants. For that the conversion of an object
takes longer than the question. `answer` takes such an expression apart into functions over Python values; it is None
for an expression with anything else in it. What such a function cannot tell for sure (a member of another type, a
missing key, a comparison of unequal types, anything that errs) ends as `Unsure`, and CEL is asked.

Invariant: what an answer gives is what CEL gives, in value and type. `tests/policy/test_quick.py` holds every
expression of every policy to it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from bot.model import Json

Bindings = Mapping[str, Json]
Answer = Callable[[Bindings], Json]

_TOKEN = re.compile(
    r"""\s*(?:(?P<number>[0-9]+)(?![\w.])
      | (?P<raw>[rR](?:"[^"\n]*"|'[^'\n]*'))
      | (?P<text>"(?:[^"\\\n]|\\[nrt"'\\])*"|'(?:[^'\\\n]|\\[nrt"'\\])*')
      | (?P<name>[A-Za-z_]\w*)
      | (?P<sign>\|\||&&|==|!=|<=|>=|\.\?|\[\?|[-+!<>?:.,()\[\]{}])
      | (?P<end>\Z))""",
    re.VERBOSE | re.ASCII,
)
_ESCAPE = re.compile(r"\\(.)")
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t"}
_CONSTANTS: dict[str, Json] = {"true": True, "false": False, "null": None}
_PLAIN = (str, bool, int)
"""Types of which two values can be compared."""


class Unsure(Exception):
    """Only CEL can tell; raised inside an answer."""


class _Beyond(Exception):
    """Not the plain part of CEL."""


class _Absent:
    """The value of an optional that has none."""


_ABSENT: Any = _Absent()


@dataclass(frozen=True, slots=True)
class _Node:
    """A part of an expression; `optional` when its value may be `_ABSENT`, `constant` when it says its value.

    `base` and `path` are a chain of optional steps, `selects` a plain one, for what is made of them.
    """

    ask: Answer
    optional: bool = False
    constant: bool = False
    base: Answer | None = None
    path: tuple[str, ...] = ()
    selects: tuple[Answer, str] | None = None


def answer(expression: str, variables: Collection[str], matches: Callable[[str, str], bool]) -> Answer | None:
    """A function from the variables of a target to the value of the expression; None when only CEL can tell.

    The function raises `Unsure`, or KeyError for a variable that is not bound. Its value is a text, a boolean or an
    integer. `matches` (text, pattern) is CEL's function; it raises ValueError.
    """
    try:
        node = _Reader(expression, frozenset(variables), matches).whole()
    except (_Beyond, Unsure):
        return None
    ask = node.ask

    def plain(bindings: Bindings) -> Json:
        value = ask(bindings)
        return value if value.__class__ in _PLAIN else _unsure()

    return plain


def _unsure() -> NoReturn:
    raise Unsure


class _Reader:
    """Reads an expression from left to right, by the precedence of CEL's grammar."""

    def __init__(self, expression: str, variables: frozenset[str], matches: Callable[[str, str], bool]) -> None:
        self.text = expression
        self.variables = variables
        self.matches = matches
        self.position = 0
        self.kind = ""
        self.token = ""
        self._next()

    def whole(self) -> _Node:
        node = self._value(self._choice())
        return node if self.kind == "end" else self._beyond()

    def _next(self) -> None:
        match = _TOKEN.match(self.text, self.position)
        if match is None:
            raise _Beyond
        self.kind = match.lastgroup or ""
        self.token = match[self.kind]
        self.position = match.end()

    def _beyond(self) -> NoReturn:
        raise _Beyond

    def _take(self, sign: str) -> bool:
        """Whether the next token is this sign or word; it is read when it is."""
        if self.token != sign or self.kind not in ("sign", "name"):
            return False
        self._next()
        return True

    def _expect(self, sign: str) -> None:
        if not self._take(sign):
            raise _Beyond

    def _name(self) -> str:
        name = self.token
        if self.kind != "name" or name in _CONSTANTS or name == "in":
            raise _Beyond
        self._next()
        return name

    def _value(self, node: _Node) -> _Node:
        return node if not node.optional else self._beyond()

    def _choice(self) -> _Node:
        condition = self._either()
        if not self._take("?"):
            return condition
        yes = self._value(self._either())
        self._expect(":")
        return _Node(_choose(self._value(condition).ask, yes.ask, self._value(self._choice()).ask))

    def _either(self) -> _Node:
        node = self._both()
        while self._take("||"):
            node = _Node(_logic(self._value(node).ask, self._value(self._both()).ask, decides=True))
        return node

    def _both(self) -> _Node:
        node = self._relation()
        while self._take("&&"):
            node = _Node(_logic(self._value(node).ask, self._value(self._relation()).ask, decides=False))
        return node

    def _relation(self) -> _Node:
        left = self._sum()
        sign = self.token
        if self.kind not in ("sign", "name") or sign not in _RELATIONS:
            return left
        self._next()
        return _Node(_RELATIONS[sign](self._value(left).ask, self._value(self._sum()).ask))

    def _sum(self) -> _Node:
        node = self._unary()
        while self._take("+"):
            other = self._value(self._unary())
            ask = _added(self._value(node).ask, other.ask)
            node = _constant(ask({})) if node.constant and other.constant else _Node(ask)
        return node

    def _unary(self) -> _Node:
        if self._take("!"):
            return _Node(_negated(self._value(self._unary()).ask))
        return self._member(self._primary())

    def _primary(self) -> _Node:
        kind, token = self.kind, self.token
        if kind == "name":
            self._next()
            if token in _CONSTANTS:
                return _constant(_CONSTANTS[token])
            if token == "string" and self._take("("):
                inner = self._value(self._choice())
                self._expect(")")
                return _Node(_of_type(inner.ask, str))
            if token == "has" and self._take("("):
                inner = self._choice()
                self._expect(")")
                return _Node(_has(*inner.selects)) if inner.selects is not None else self._beyond()
            return _Node(_variable(token)) if token in self.variables and self.token != "(" else self._beyond()
        self._next()
        if kind == "number":
            return _constant(int(token)) if len(token) < 19 else self._beyond()
        if kind in ("text", "raw"):
            return _constant(_unescaped(token[1:-1]) if kind == "text" else token[2:-1])
        if token == "(":
            node = self._choice()
            self._expect(")")
            return _Node(node.ask, node.optional)
        if token == "[":
            return self._list()
        if token == "{":
            self._expect("}")
            return _constant({})
        raise _Beyond

    def _list(self) -> _Node:
        items = []
        while not self._take("]"):
            items.append(self._value(self._choice()))
            if not self._take(","):
                self._expect("]")
                break
        if all(item.constant for item in items):
            return _constant([item.ask({}) for item in items])
        asks = [item.ask for item in items]
        return _Node(lambda bindings: [ask(bindings) for ask in asks])

    def _member(self, node: _Node) -> _Node:
        while self.kind == "sign":
            if self._take(".?"):
                node = _step(node, self._name())
            elif self._take("[?"):
                key = self._value(self._choice())
                self._expect("]")
                name = key.ask({}) if key.constant else None
                node = _step(node, name) if isinstance(name, str) else _looked_up(node, key.ask)
            elif self._take("["):
                key = self._value(self._choice())
                self._expect("]")
                node = _Node(_indexed(self._value(node).ask, key.ask))
            elif self._take("."):
                name = self._name()
                if self._take("("):
                    node = self._called(node, name)
                else:
                    inner = self._value(node).ask
                    node = _Node(_selected(inner, name), selects=(inner, name))
            else:
                break
        return node

    def _called(self, node: _Node, name: str) -> _Node:
        if name in ("exists", "all"):
            return self._quantified(self._value(node), every=name == "all")
        arguments = []
        while not self._take(")"):
            arguments.append(self._choice())
            if not self._take(","):
                self._expect(")")
                break
        if name == "hasValue" and node.optional and not arguments:
            return _Node(_present(node.ask))
        if name == "size" and not node.optional and not arguments:
            return _Node(_sized(node.ask))
        if name in _OF_ASCII and not node.optional and not arguments:
            return _Node(_of_ascii(_OF_ASCII[name], node.ask))
        if len(arguments) != 1:
            raise _Beyond
        argument = arguments[0]
        if name == "or" and node.optional and argument.optional:
            return _Node(_or(node.ask, argument.ask), optional=True)
        if name == "orValue" and node.optional and not argument.optional:
            return _Node(_or(node.ask, argument.ask))
        if name in _OF_TEXTS and not node.optional and not argument.optional:
            return _Node(_of_texts(_OF_TEXTS[name], node.ask, argument.ask))
        if name == "matches" and not node.optional and argument.constant:
            return _Node(_of_texts(self.matches, node.ask, argument.ask))
        raise _Beyond

    def _quantified(self, node: _Node, *, every: bool) -> _Node:
        name = self._name()
        self._expect(",")
        outer, self.variables = self.variables, self.variables | {name}
        body = self._value(self._choice())
        self.variables = outer
        self._expect(")")
        return _Node(_each(node.ask, name, body.ask, every=every))


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda match: _ESCAPED.get(match[1], match[1]), text) if "\\" in text else text


def _constant(value: Json) -> _Node:
    return _Node(lambda _: value, constant=True)


def _variable(name: str) -> Answer:
    return lambda bindings: bindings[name]


def _step(node: _Node, name: str) -> _Node:
    """`node.?name`; a chain of steps is one function."""
    base = node.base or node.ask
    path = (*node.path, name)

    def ask(bindings: Bindings) -> Json:
        value = base(bindings)
        for token in path:
            if value.__class__ is not dict:
                return _ABSENT if value is _ABSENT else _unsure()
            value = value.get(token, _ABSENT)
        return value

    return _Node(ask, optional=True, base=base, path=path)


def _looked_up(node: _Node, key: Answer) -> _Node:
    inner = node.ask

    def ask(bindings: Bindings) -> Json:
        value = inner(bindings)
        if value is _ABSENT:
            return _ABSENT
        name = key(bindings)
        return value.get(name, _ABSENT) if value.__class__ is dict and name.__class__ is str else _unsure()

    return _Node(ask, optional=True)


def _selected(inner: Answer, name: str) -> Answer:
    def ask(bindings: Bindings) -> Json:
        value = inner(bindings)
        return value[name] if value.__class__ is dict and name in value else _unsure()

    return ask


def _indexed(inner: Answer, key: Answer) -> Answer:
    def ask(bindings: Bindings) -> Json:
        value, token = inner(bindings), key(bindings)
        if value.__class__ is dict and token.__class__ is str and token in value:
            return value[token]
        fits = value.__class__ is list and token.__class__ is int and 0 <= token < len(value)
        return value[token] if fits else _unsure()

    return ask


def _has(inner: Answer, name: str) -> Answer:
    def ask(bindings: Bindings) -> Json:
        value = inner(bindings)
        return name in value if value.__class__ is dict else _unsure()

    return ask


def _choose(condition: Answer, yes: Answer, no: Answer) -> Answer:
    def ask(bindings: Bindings) -> Json:
        held = condition(bindings)
        if held is True:
            return yes(bindings)
        return no(bindings) if held is False else _unsure()

    return ask


def _logic(left: Answer, right: Answer, *, decides: bool) -> Answer:
    def ask(bindings: Bindings) -> Json:
        first = left(bindings)
        if first is decides:
            return decides
        second = right(bindings) if first is (not decides) else None
        return second if second.__class__ is bool else _unsure()

    return ask


def _negated(inner: Answer) -> Answer:
    def ask(bindings: Bindings) -> Json:
        value = inner(bindings)
        return not value if value.__class__ is bool else _unsure()

    return ask


def _is_equal(one: Json, other: Json) -> bool:
    if one.__class__ is other.__class__ and one.__class__ in _PLAIN:
        return bool(one == other)
    if one is None or other is None:
        return one is other
    if one.__class__ is other.__class__ and (not one or not other) and one.__class__ in (list, dict):
        return not one and not other
    return _unsure()


def _equal(left: Answer, right: Answer) -> Answer:
    return lambda bindings: _is_equal(left(bindings), right(bindings))


def _unequal(left: Answer, right: Answer) -> Answer:
    return lambda bindings: not _is_equal(left(bindings), right(bindings))


def _within(left: Answer, right: Answer) -> Answer:
    def ask(bindings: Bindings) -> Json:
        item, whole = left(bindings), right(bindings)
        if item.__class__ is not str:
            _unsure()
        if whole.__class__ is list:
            return any(each.__class__ is str and each == item for each in whole)
        return item in whole if whole.__class__ is dict else _unsure()

    return ask


def _ordered(compare: Callable[[int, int], bool]) -> Callable[[Answer, Answer], Answer]:
    def made(left: Answer, right: Answer) -> Answer:
        def ask(bindings: Bindings) -> Json:
            one, other = left(bindings), right(bindings)
            return compare(one, other) if one.__class__ is int and other.__class__ is int else _unsure()

        return ask

    return made


_RELATIONS: dict[str, Callable[[Answer, Answer], Answer]] = {
    "==": _equal,
    "!=": _unequal,
    "in": _within,
    "<": _ordered(lambda one, other: one < other),
    "<=": _ordered(lambda one, other: one <= other),
    ">": _ordered(lambda one, other: one > other),
    ">=": _ordered(lambda one, other: one >= other),
}


def _added(left: Answer, right: Answer) -> Answer:
    def ask(bindings: Bindings) -> Json:
        one, other = left(bindings), right(bindings)
        same = one.__class__ is other.__class__ and one.__class__ in (str, list)
        return one + other if same else _unsure()

    return ask


def _of_type(inner: Answer, wanted: type) -> Answer:
    def ask(bindings: Bindings) -> Json:
        value = inner(bindings)
        return value if value.__class__ is wanted else _unsure()

    return ask


def _present(inner: Answer) -> Answer:
    return lambda bindings: inner(bindings) is not _ABSENT


def _sized(inner: Answer) -> Answer:
    def ask(bindings: Bindings) -> Json:
        value = inner(bindings)
        return len(value) if value.__class__ in (list, dict) else _unsure()

    return ask


def _or(inner: Answer, other: Answer) -> Answer:
    def ask(bindings: Bindings) -> Json:
        value = inner(bindings)
        return value if value is not _ABSENT else other(bindings)

    return ask


_OF_TEXTS: dict[str, Callable[[str, str], Json]] = {
    "startsWith": str.startswith,
    "endsWith": str.endswith,
    "contains": lambda text, part: part in text,
}


_OF_ASCII: dict[str, Callable[[str], str]] = {"lowerAscii": str.lower, "upperAscii": str.upper}


def _of_ascii(function: Callable[[str], str], inner: Answer) -> Answer:
    def ask(bindings: Bindings) -> Json:
        text = inner(bindings)
        return function(text) if text.__class__ is str and text.isascii() else _unsure()

    return ask


def _of_texts(function: Callable[[str, str], Json], left: Answer, right: Answer) -> Answer:
    def ask(bindings: Bindings) -> Json:
        text, other = left(bindings), right(bindings)
        return function(text, other) if text.__class__ is str and other.__class__ is str else _unsure()

    return ask


def _each(inner: Answer, name: str, body: Answer, *, every: bool) -> Answer:
    def ask(bindings: Bindings) -> Json:
        whole = inner(bindings)
        if whole.__class__ is not list and whole.__class__ is not dict:
            _unsure()
        inside = dict(bindings)
        for item in whole:
            inside[name] = item
            held = body(inside)
            if held.__class__ is not bool:
                _unsure()
            if held is not every:
                return not every
        return every

    return ask
