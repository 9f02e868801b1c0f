"""Templates filled in: messages, places, values.

Invariant: functions of their arguments; what an expression cannot say comes back as an `EvaluationError`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from bot.manifest import pointers
from bot.manifest.values import clone
from bot.model import Json
from bot.policy import templates
from bot.policy.cel import Activation, EvaluationError, compiled
from bot.policy.model import FixTemplate, Policy


class Stop(Exception):
    """Ends the rendering inside this folder; callers of the folder see an EvaluationError instead."""


def render_message(policy: Policy, activation: Activation) -> str | EvaluationError:
    """The message of a finding."""
    try:
        return text_of(policy.check.message, activation)
    except Stop as stop:
        return EvaluationError(str(stop))


def render_place(policy: Policy, activation: Activation) -> str | EvaluationError:
    """Where the finding points, from the target."""
    at = policy.check.at
    if "${" not in at:
        return at
    try:
        tokens = [token_of(token, activation) for token in templates.parse_path(at)]
    except Stop as stop:
        return EvaluationError(str(stop))
    return pointers.join("", *tokens)


def applies(fix: FixTemplate, activation: Activation) -> bool | EvaluationError:
    """Whether the guard of a fix holds."""
    return True if fix.when is None else compiled(fix.when).holds(activation)


def text_of(template: str, activation: Activation) -> str:
    """The text of a message; raises Stop."""
    parts = templates.parse(template)
    return "".join([part if isinstance(part, str) else _shown(evaluated(part, activation)) for part in parts])


def token_of(token: templates.PathToken, activation: Activation) -> str:
    """The unescaped token of a path; raises Stop."""
    if len(token) == 1 and isinstance(token[0], str):
        return token[0]
    return "".join(part if isinstance(part, str) else _word(part, activation) for part in token)


def value_of(value: Json, activation: Activation, base: Json) -> Json:
    """A value with its leaves filled in, sharing nothing with the policy or the object; raises Stop.

    `{from: /path}` is a copy of what stands there below `base`. A leaf that is one `${}` keeps the type of its value; a
    member or item that is null is left out.
    """
    source = templates.copied_from(value)
    if source is not None:
        return _copy(source, activation, base)
    if isinstance(value, dict):
        members = ((name, value_of(child, activation, base)) for name, child in value.items())
        return {name: child for name, child in members if child is not None}
    if isinstance(value, list):
        return [child for child in (value_of(child, activation, base) for child in value) if child is not None]
    return _leaf(value, activation) if isinstance(value, str) else value


def evaluated(expression: templates.Expression, activation: Activation) -> Json:
    """The value of an expression; raises Stop."""
    value = compiled(expression.source).evaluate(activation)
    if isinstance(value, EvaluationError):
        raise Stop(f"${{{' '.join(expression.source.split())}}}: {value.reason}")
    return value


def _copy(source: str, activation: Activation, base: Json) -> Json:
    pointer = pointers.join("", *(token_of(token, activation) for token in templates.parse_path(source)))
    found, value = pointers.resolve(base, pointer)
    if not found or value is None:
        raise Stop(f"nothing to copy at {pointer}")
    return clone(value)


def _leaf(text: str, activation: Activation) -> Json:
    parts = templates.parse(text)
    if len(parts) != 1 or isinstance(parts[0], str):
        return text_of(text, activation)
    value = evaluated(parts[0], activation)
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, (dict, list)):
            raise Stop(
                f"{' '.join(text.split())} is no scalar and no list of scalars; write maps out or copy them with from"
            )
    return value


def _word(part: templates.Expression, activation: Activation) -> str:
    value = evaluated(part, activation)
    if value is None or isinstance(value, (dict, list)):
        raise Stop(f"${{{' '.join(part.source.split())}}} in a path is no scalar")
    return _shown(value)


def _shown(value: Json) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return ", ".join(map(_shown, value))
    return json.dumps(value, sort_keys=True)


def items_of(value: Json, each: str) -> Iterator[tuple[str, str | int, Json]]:
    """(pointer, key, item) for every place below `value` that a path with wildcards names; null items are left out."""
    return _items(value, tuple(pointers.split(each)), "", "")


def _items(value: Json, tokens: tuple[str, ...], pointer: str, key: str | int) -> Iterator[tuple[str, str | int, Json]]:
    if not tokens:
        if value is not None:
            yield pointer, key, value
        return
    token, rest = tokens[0], tokens[1:]
    if token == templates.WILDCARD:
        for name, child in members_of(value):
            yield from _items(child, rest, pointers.join(pointer, name), name)
    else:
        found, child = pointers.walk(value, (token,))
        if found:
            yield from _items(child, rest, pointers.join(pointer, token), key)


def members_of(value: Json) -> list[tuple[str | int, Json]]:
    """The members of a mapping or the items of a list, with their names; a scalar has none."""
    if isinstance(value, dict):
        return list(value.items())
    return list(enumerate(value)) if isinstance(value, list) else []
