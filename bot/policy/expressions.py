"""Every CEL expression of a policy, where it stands in the file, and what is wrong with it.

Invariant: a policy without problems has expressions that compile, use only what is bound for their target, and are bool
where a guard or a check is due.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.manifest import pointers
from bot.model import Json
from bot.policy import cel, kinds, templates
from bot.policy.model import OperationTemplate, Policy

_MEMBER = r"""(?:\.(?P<word>[A-Za-z]\w*)|\[\??(?:'(?P<single>[^']*)'|"(?P<double>[^"]*)")\])"""
_INVENTORY = re.compile(rf"(?<![.?\w'\"])inventory\b(?:\.always\b)?\s*{_MEMBER}?")
_ABOUT_SCOPE = ("where", "whole")


@dataclass(frozen=True, slots=True)
class Use:
    """An expression of a policy; `pointer` is its place in the policy file."""

    pointer: str
    source: str
    item: bool
    is_bool: bool = False


def uses(policy: Policy) -> Iterator[Use]:
    """The expressions of a policy in the order of its file."""
    item = policy.match.each is not None
    check = policy.check
    if check.expression is not None:
        yield Use("/check/expression", check.expression, item, is_bool=True)
    yield from _leaves("/check/message", check.message, item)
    yield from _leaves("/check/at", check.at, item)
    for place, fix in enumerate(policy.fixes):
        base = f"/fixes/{place}"
        if fix.when is not None:
            yield Use(f"{base}/when", fix.when, item, is_bool=True)
        for number, operation in enumerate(fix.operations):
            yield from _of_operation(f"{base}/patch/{number}", operation, item)
        yield from _leaves(f"{base}/create", dict(fix.create or {}), item)


def asked(policy: Policy) -> tuple[str, ...] | None:
    """The kinds that the expressions of a policy take from the inventory; None when none of them looks at it."""
    found = [member for use in uses(policy) for member in _members(use.source)]
    return tuple(dict.fromkeys(each for each in found if each not in _ABOUT_SCOPE)) if found else None


def relates(policy: Policy) -> bool:
    """Whether the check of a policy looks at the inventory."""
    return any(_members(use.source) for use in uses(policy) if use.pointer.startswith("/check"))


def _members(source: str) -> list[str]:
    """What stands behind each `inventory` of an expression; empty for one that stands alone."""
    return [match["word"] or match["single"] or match["double"] or "" for match in _INVENTORY.finditer(source)]


def problems(policy: Policy) -> Iterator[tuple[str, str]]:
    """(place in the policy file, what is wrong) for each expression that is not well-formed."""
    for use in uses(policy):
        try:
            cel.check(use.source, policy.match.target, item=use.item, is_bool=use.is_bool)
        except cel.ExpressionError as error:
            yield use.pointer, str(error)
        for member in _members(use.source):
            if member not in _ABOUT_SCOPE and not kinds.is_valid(member):
                yield use.pointer, f"inventory has where, whole, always and kinds: {kinds.ALLOWED}; not {member!r}"


def _of_operation(base: str, operation: OperationTemplate, item: bool) -> Iterator[Use]:
    item = item or templates.has_wildcard(operation.source or operation.path)
    if operation.when is not None:
        yield Use(f"{base}/when", operation.when, item, is_bool=True)
    yield from _leaves(f"{base}/path", operation.path, item)
    yield from _leaves(f"{base}/from", operation.source, item)
    yield from _leaves(f"{base}/value", operation.value, item)


def _leaves(pointer: str, value: Json, item: bool) -> Iterator[Use]:
    if isinstance(value, str):
        for part in templates.parse(value):
            if isinstance(part, templates.Expression):
                yield Use(pointer, part.source, item)
    elif isinstance(value, dict):
        for name, child in value.items():
            yield from _leaves(pointers.join(pointer, name), child, item)
    elif isinstance(value, list):
        for place, child in enumerate(value):
            yield from _leaves(pointers.join(pointer, place), child, item)
