"""The only user of CEL: expressions are checked, compiled once, and evaluated to Python values.

Only what the API server's CEL has too is allowed, so that a policy means the same in both. Two environments see to
that: a strict one for each set of variables, in which a quantity has a type of its own, decides what is well-formed;
one with every variable runs. Objects that Python makes cannot travel through CEL as abstract types: while running, a
quantity is its canonical text (`bot.manifest.quantity.canonical`), so that `quantity('0.5') == quantity('500m')`.

`matches` compiles its pattern anew each time, which takes longer than all the rest: while running it is a function of
ours over the same library, RE2, that keeps what it has compiled.

Offline a quantity may be a number, since a manifest has not been through the API server: `cpu: 1`.

Invariant: nothing here raises for what an object says: an evaluation that errs is an `EvaluationError`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any

from cel_expr_python import cel  # type: ignore[import-untyped]
from cel_expr_python.ext import ext_optional, ext_strings  # type: ignore[import-untyped]

from bot.manifest import quantity
from bot.model import Json
from bot.policy import quick
from bot.policy.model import Target

_EVERYWHERE = ("object", "values", "kubernetes", "inventory")
_OF_PODS = ("podSpec", "podMetadata")
_VARIABLES = {
    Target.OBJECT: _EVERYWHERE,
    Target.POD_SPEC: (*_EVERYWHERE, *_OF_PODS),
    Target.CONTAINER: (*_EVERYWHERE, *_OF_PODS, "container", "containerType"),
}
_OF_ITEMS = ("item", "key")
_ALL_VARIABLES = frozenset((*_VARIABLES[Target.CONTAINER], *_OF_ITEMS))

# fmt: off
_FUNCTIONS = (
    "has", "size", "type", "int", "uint", "double", "string", "bool", "bytes", "dyn", "duration", "timestamp",
    "matches", "contains", "startsWith", "endsWith", "all", "exists", "exists_one", "filter", "map",
    "of", "ofNonZeroValue", "none", "hasValue", "value", "or", "orValue", "optMap", "optFlatMap",
    "charAt", "indexOf", "join", "lastIndexOf", "lowerAscii", "replace", "split", "substring", "trim", "upperAscii",
    "quantity", "isQuantity", "compareTo", "isLessThan", "isGreaterThan", "find", "findAll",
)
# fmt: on
"""What may be called: what both sides have, with the same result."""

_TOKEN = re.compile(
    r"""//[^\n]*
      | [bB]?[rR][bB]?(?:'''.*?'''|\"\"\".*?\"\"\"|'[^'\n]*'|"[^"\n]*")
      | [bB]?(?:'''(?:\\.|[^\\])*?'''|\"\"\"(?:\\.|[^\\])*?\"\"\"|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*")
      | (?P<called>[A-Za-z_][A-Za-z0-9_]*)(?=\s*\()
      | [A-Za-z_][A-Za-z0-9_]*""",
    re.VERBOSE | re.DOTALL,
)
_COMPLAINT = re.compile(r"ERROR: <input>:[0-9]+:[0-9]+: (?P<what>[^\n]*)")
_STATUS = re.compile(r"\A(?:[A-Z_]+): ")
_NO_PLAN = "UNIMPLEMENTED"  # a strict environment cannot run quantities; by then everything has been checked

_MATCHES = "matches_kept"
"""What `matches` is called while running; an evaluation that errs says `matches`."""

_NUMBERS = (cel.Type.INT, cel.Type.UINT, cel.Type.DOUBLE)
_QUANTITY = cel.Type.AbstractType("kubernetes.Quantity")


@dataclass(frozen=True, slots=True)
class EvaluationError:
    """Why an expression has no value here."""

    reason: str


class ExpressionError(ValueError):
    """An expression that is not well-formed; says why."""


class Activation:
    """The values of one target; share it between all expressions that look at the target.

    They are read at first use: make a new one for a changed object.
    """

    __slots__ = ("_native", "bindings")

    def __init__(self, bindings: Mapping[str, Json]) -> None:
        self.bindings = bindings
        self._native: Any = None

    @property
    def native(self) -> Any:
        """What CEL takes, made when it is first asked."""
        if self._native is None:
            self._native = _running().Activation(self.bindings)
        return self._native


class Program:
    """An expression that can be evaluated: what is plain in Python, everything else by CEL, compiled when needed."""

    __slots__ = ("_compiled", "_quick", "source")

    def __init__(self, source: str) -> None:
        self.source = source
        self._compiled: tuple[Callable[[Any], Any], str] | None = None
        self._quick = quick.answer(source, _ALL_VARIABLES, _matches)
        if self._quick is None:
            self._compile()

    def _compile(self) -> tuple[Callable[[Any], Any], str]:
        """(what evaluates, the static type in CEL's words); raises ExpressionError."""
        if self._compiled is None:
            try:
                expression = _running().compile(_TOKEN.sub(_as_run, self.source))
            except RuntimeError as error:
                raise ExpressionError(_complaint(error)) from None
            self._compiled = expression.eval, str(expression.return_type().name()).lower()
        return self._compiled

    @property
    def type_name(self) -> str:
        """The static type in CEL's words."""
        return self._compile()[1]

    @property
    def is_plain(self) -> bool:
        """Whether Python can answer it most of the time."""
        return self._quick is not None

    def holds(self, activation: Activation) -> bool | EvaluationError:
        """The value of an expression whose type is bool."""
        value = self.evaluate(activation)
        if value is True or value is False or isinstance(value, EvaluationError):
            return value
        return EvaluationError(f"true or false expected, not {_named(value)}")

    def evaluate(self, activation: Activation) -> Json | EvaluationError:
        """The value as JSON has it."""
        if self._quick is not None:
            try:
                return self._quick(activation.bindings)
            except (quick.Unsure, KeyError, ValueError):
                pass
        return self.by_cel(activation)

    def by_cel(self, activation: Activation) -> Json | EvaluationError:
        """The same, asked of CEL whatever the expression is."""
        evaluate, type_name = self._compile()
        try:
            result = evaluate(activation.native)
            value = result.value() if type_name == "bool" else _plain(result)
        except TypeError:  # the only values that do not come back
            return EvaluationError("an optional is no value; end it with orValue")
        except (RuntimeError, ValueError, OverflowError) as error:
            return EvaluationError(_first_line(str(error)))
        if value is True or value is False:
            return value
        if result.type() == cel.Type.ERROR:
            return EvaluationError(_first_line(str(value)))
        return value if _is_json(value) else EvaluationError(f"no JSON value: {_named(value)}")


def activation(bindings: Mapping[str, Json]) -> Activation:
    """The variables of a target."""
    return Activation(bindings)


@lru_cache(maxsize=8192)
def compiled(expression: str) -> Program:
    """The program of an expression. Raises ExpressionError."""
    return Program(expression)


def _as_run(token: re.Match[str]) -> str:
    is_method = token["called"] == "matches" and token.string[: token.start()].rstrip().endswith(".")
    return _MATCHES if is_method else token[0]


def check(expression: str, target: Target, *, item: bool = False, is_bool: bool = False) -> None:
    """Raise ExpressionError unless the expression is well-formed for this target, `item` bound or not.

    `is_bool` asks that its type is bool statically, as the API server does for a check.
    """
    for match in _TOKEN.finditer(expression):
        called = match["called"]
        if called is not None and called not in _FUNCTIONS:
            raise ExpressionError(f"{called}() is not available; allowed: {', '.join(_FUNCTIONS)}")
    variables = variables_of(target, item=item)
    try:
        _strict(variables).compile(expression)
    except RuntimeError as error:
        if not str(error).startswith(_NO_PLAN):
            raise ExpressionError(_explained(_complaint(error), variables)) from None
    program = compiled(expression)
    if is_bool and program.type_name != "bool":
        raise ExpressionError(f"its type is {program.type_name}, not bool; compare it: x.orValue(false) == true")


def variables_of(target: Target, *, item: bool) -> tuple[str, ...]:
    """The names that are bound for a target."""
    return _VARIABLES[target] + (_OF_ITEMS if item else ())


@lru_cache(maxsize=1)
def _running() -> cel.Env:
    return _environment(variables_of(Target.CONTAINER, item=True), strict=False)


@lru_cache(maxsize=8)
def _strict(variables: tuple[str, ...]) -> cel.Env:
    return _environment(variables, strict=True)


def _environment(variables: Sequence[str], *, strict: bool) -> cel.Env:
    types = dict.fromkeys(variables, cel.Type.DYN)
    types |= {name: cel.Type.STRING for name in ("kubernetes", "containerType") if name in types}
    return cel.NewEnv(
        variables=types,
        extensions=[ext_optional.ExtOptional(), ext_strings.ExtStrings()],
        functions=_functions(_QUANTITY if strict else cel.Type.STRING, numbers=() if strict else _NUMBERS),
    )


def _functions(amount: cel.Type, numbers: Sequence[cel.Type]) -> list[cel.FunctionDecl]:
    text, texts = cel.Type.STRING, cel.Type.List(cel.Type.STRING)
    sources = (text, *numbers)

    def function(name: str, *overloads: cel.Overload) -> cel.FunctionDecl:
        return cel.FunctionDecl(name, overloads)

    def overload(identity: str, returns: cel.Type, takes: list[cel.Type], does: Callable[..., Any]) -> cel.Overload:
        return cel.Overload(identity, returns, takes, is_member=len(takes) > 1, impl=does)

    return [
        function("quantity", *(overload(f"quantity_{s.name()}", amount, [s], _amount) for s in sources)),
        function("isQuantity", *(overload(f"is_quantity_{s.name()}", cel.Type.BOOL, [s], _is_amount) for s in sources)),
        function("compareTo", overload("quantity_compare", cel.Type.INT, [amount, amount], _compare)),
        function(
            "isLessThan", overload("quantity_less", cel.Type.BOOL, [amount, amount], lambda a, b: _compare(a, b) < 0)
        ),
        function(
            "isGreaterThan",
            overload("quantity_greater", cel.Type.BOOL, [amount, amount], lambda a, b: _compare(a, b) > 0),
        ),
        function(_MATCHES, overload("string_matches_kept", cel.Type.BOOL, [text, text], _matches)),
        function("find", overload("string_find", text, [text, text], _find)),
        function(
            "findAll",
            overload("string_find_all", texts, [text, text], _find_all),
            overload("string_find_all_limit", texts, [text, text, cel.Type.INT], _find_all),
        ),
    ]


def _amount(value: Json) -> str:
    amount = quantity.parse(value)
    if amount is None:
        raise ValueError(f"{value!r} is no quantity")
    return quantity.canonical(amount)


def _is_amount(value: Json) -> bool:
    return quantity.parse(value) is not None


def _compare(left: str, right: str) -> int:
    a, b = quantity.parse(left), quantity.parse(right)
    assert a is not None, "only quantity() makes quantities"
    assert b is not None, "only quantity() makes quantities"
    return (a > b) - (a < b)


def _matches(text: str, pattern: str) -> bool:
    return _regex(pattern)(text) is not None


@lru_cache(maxsize=1024)
def _regex(pattern: str) -> Callable[[str], object]:
    import re2  # type: ignore[import-untyped]

    options = re2.Options()
    options.log_errors = False  # it would write to standard error
    try:
        return re2.compile(pattern, options).search  # type: ignore[no-any-return]
    except re2.error as error:
        reason = error.args[0].decode() if isinstance(error.args[0], bytes) else error
        raise ValueError(f"invalid regular expression: {reason}") from None


def _find(text: str, pattern: str) -> str:
    match = re.search(pattern, text)
    return match.group() if match else ""


def _find_all(text: str, pattern: str, limit: int = -1) -> list[str]:
    found = (match.group() for match in re.finditer(pattern, text))
    return list(found if limit < 0 else islice(found, limit))


def _plain(result: cel.Value) -> Json:
    """What a result holds, without asking a null for it: that drops a reference to None, until Python 3.11 aborts."""
    if result.type() == cel.Type.NULL:
        return None
    value = result.value()
    if value.__class__ is list:
        return [_plain(item) for item in value]
    if value.__class__ is dict:
        return {key: _plain(child) for key, child in value.items()}
    return value


def _is_json(value: object) -> bool:
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_json(child) for key, child in value.items())
    if isinstance(value, list):
        return all(map(_is_json, value))
    return value is None or isinstance(value, (bool, int, float, str))


def _named(value: object) -> str:
    return {dict: "a map", list: "a list", type(None): "null"}.get(type(value), repr(value))


def _complaint(error: RuntimeError) -> str:
    """What the compiler says first, without its picture of the expression."""
    match = _COMPLAINT.search(str(error))
    return match["what"].replace(" (in container '')", "") if match else _first_line(str(error))


def _explained(complaint: str, variables: Sequence[str]) -> str:
    if complaint.startswith("undeclared reference"):
        return f"{complaint}; the variables are {', '.join(variables)}"
    if complaint.startswith("Syntax error"):
        return complaint.partition(" expecting {")[0]
    return complaint


def _first_line(text: str) -> str:
    return _STATUS.sub("", text.partition("\n")[0]).replace(_MATCHES, "matches").strip()
