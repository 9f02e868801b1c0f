"""From the fix of a policy and an object to operations: wildcards, guards, `${}`, copies.

The order and the details of the patch are `bot.policy.plan`'s. Paths name places in the object before the fix; a fix
that changes nothing has no operations.

Invariant: functions of their arguments. What cannot be expanded for an object is an `EvaluationError` with its reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.manifest import pointers
from bot.model import Json, Operation
from bot.policy import templates
from bot.policy.cel import Activation, EvaluationError, activation, compiled
from bot.policy.model import FixTemplate, OperationTemplate, Target
from bot.policy.plan import Plan, Tokens
from bot.policy.render import Stop, members_of, token_of, value_of
from bot.policy.served import as_served


@dataclass(frozen=True, slots=True)
class Bases:
    """What the paths of operations start from, as pointers from the object.

    `target` is what the policy looked at (with `each`: the item); `root` is where the object stands in its document.
    """

    target: str = ""
    pod_spec: str | None = None
    pod_metadata: str | None = None
    container: str | None = None
    root: str = ""

    def of(self, target: Target | None) -> str | None:
        """The pointer that paths relative to `target` start from; None when there is no such place."""
        if target is None:
            return self.target
        places = {
            Target.POD_SPEC: self.pod_spec,
            Target.POD_METADATA: self.pod_metadata,
            Target.CONTAINER: self.container,
        }
        return places.get(target, "")


@dataclass(frozen=True, slots=True)
class _Scope:
    """The values that expressions see, and how they get there."""

    bindings: Mapping[str, Json]
    api_version: str
    activation: Activation

    def with_item(self, key: str | int, item: Json) -> _Scope:
        bindings = {**self.bindings, "key": key, "item": as_served(self.api_version, item)}
        return _Scope(bindings, self.api_version, activation(bindings))


def expand_operations(
    fix: FixTemplate,
    body: Mapping[str, Json],
    bases: Bases,
    bindings: Mapping[str, Json],
    known: Activation | None = None,
) -> tuple[Operation, ...] | EvaluationError:
    """The patch of a fix for one target of the object `body`, with pointers from the document's root.

    `body` is the object as it is written, nulls included; `bindings` are the variables of the target, `known` what has
    been made of them already. The guard of the fix itself is not asked (`bot.policy.render.applies` does). Empty: the
    fix would change nothing.
    """
    plan = Plan(body, bases.root)
    scope = _Scope(bindings, str(body.get("apiVersion", "")), known or activation(bindings))
    try:
        for template in fix.operations:
            _expand(template, body, bases, scope, plan)
        return plan.operations()
    except Stop as stop:
        return EvaluationError(str(stop))


def expand_create(
    fix: FixTemplate, body: Json, bindings: Mapping[str, Json]
) -> dict[str, Json] | EvaluationError | None:
    """The object that a fix adds as a document of its own; None when it adds none. Copies come from `body`."""
    if fix.create is None:
        return None
    try:
        made = value_of(dict(fix.create), activation(bindings), body)
    except Stop as stop:
        return EvaluationError(str(stop))
    assert isinstance(made, dict), "what is created is written as a mapping"
    return made


def _expand(template: OperationTemplate, body: Json, bases: Bases, scope: _Scope, plan: Plan) -> None:
    base = bases.of(template.target)
    if base is None:
        raise Stop(f"there is no {template.target} here")
    start = tuple(pointers.split(base))
    own = pointers.resolve(body, base)[1]
    walked = templates.parse_path(template.path if template.source is None else template.source)
    wild = max((place + 1 for place, token in enumerate(walked) if token == templates.WILDCARD), default=0)
    for found, keys, inner in _places(own, walked[:wild], scope):
        # The guard comes before the rest of the path: it may say that there is no such rest.
        if template.when is not None and not _holds(template.when, inner.activation):
            continue
        place = start + found + tuple(token_of(token, inner.activation) for token in walked[wild:])
        path = place if template.source is None else start + _destination(template.path, keys, inner.activation)
        _plan(template, path, place, own, inner.activation, plan)


def _places(
    value: Json, tokens: tuple[templates.PathToken, ...], scope: _Scope
) -> Iterator[tuple[Tokens, Tokens, _Scope]]:
    """(tokens, what the wildcards stand for, scope with the innermost item bound) of each place that exists."""
    if not tokens:
        yield (), (), scope
        return
    first, rest = tokens[0], tokens[1:]
    if first == templates.WILDCARD:
        for key, child in members_of(value):
            if child is not None:
                for found, keys, inner in _places(child, rest, scope.with_item(key, child)):
                    yield (str(key), *found), (str(key), *keys), inner
        return
    token = token_of(first, scope.activation)
    exists, child = pointers.walk(value, (token,))
    if exists:
        for found, keys, inner in _places(child, rest, scope):
            yield (token, *found), keys, inner


def _destination(path: str, keys: Tokens, inner: Activation) -> Tokens:
    """The path of a move or copy; its wildcards stand for what those of `from` stand for, in the same order."""
    remaining = iter(keys)
    return tuple(
        next(remaining) if token == templates.WILDCARD else token_of(token, inner)
        for token in templates.parse_path(path)
    )


def _plan(template: OperationTemplate, path: Tokens, place: Tokens, own: Json, inner: Activation, plan: Plan) -> None:
    if template.op == "remove":
        plan.remove(path)
    elif template.op == "move":
        plan.move(place, path)
    elif template.op == "copy":
        plan.copy(place, path)
    else:
        value = value_of(template.value, inner, own)
        if value is not None:
            {"add": plan.add, "replace": plan.replace, "test": plan.test}[template.op](path, value)


def _holds(guard: str, inner: Activation) -> bool:
    held = compiled(guard).holds(inner)
    if isinstance(held, EvaluationError):
        raise Stop(f"when: {' '.join(guard.split())}: {held.reason}")
    return held
