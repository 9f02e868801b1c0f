"""A patch that somebody else wrote, as operations or as the reason why it is none.

Only what RFC 6902 knows passes, and only on places that are there. Models wrap their answers in a fence of Markdown: it
is taken off, once.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.manifest import pointers
from bot.manifest.configuration import kind_of
from bot.manifest.live import Refused, patched
from bot.manifest.operations import operation
from bot.manifest.strict_json import is_deep, value_of
from bot.model import Json, Operation

MAX_OPERATIONS = 1_000
"""Operations of one patch; ours have a handful."""

NO_ARRAY = "no top-level JSON array"
INVALID = "invalid op"
NO_PLACE = "path does not exist"
OUTSIDE = "outside the object"
EMPTY = "no operations"

_FENCE = re.compile(
    r"""
    ^ [ \t]* (?:```|~~~) [ \t]* [\w+-]* [ \t]* \r?\n  # the line that opens it, with a language or without
    (?P<inside> .*? )
    ^ [ \t]* (?:```|~~~) [ \t]* \r? $
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)


def operations(patch: Json) -> tuple[Operation, ...] | str:
    """The operations of a patch: an array, or a text that is one; else the reason, with the operation."""
    if isinstance(patch, str):
        try:
            patch = value_of(unwrapped(patch))
        except ValueError as error:
            return f"{NO_ARRAY}: {error}"
    if not isinstance(patch, list):
        return f"{NO_ARRAY}: {kind_of(patch)}"
    if len(patch) > MAX_OPERATIONS:
        return f"{len(patch):,} operations; at most {MAX_OPERATIONS:,} are taken"
    found = []
    for number, step in enumerate(patch):
        made = operation(step)
        if isinstance(made, str):
            return f"{INVALID}: operation {number} {made}" if made.startswith("is ") else _about(INVALID, number, made)
        if is_deep(made.value):
            return _about(INVALID, number, "a value nested deeper than a manifest may be")
        found.append(made)
    return tuple(found) or EMPTY


def unwrapped(text: str) -> str:
    """What stands inside the one fence of a text; the text itself when there is none, or several."""
    fences = list(_FENCE.finditer(text))
    return fences[0]["inside"] if len(fences) == 1 else text


def misplaced(value: Json, steps: Sequence[Operation], within: str = "") -> str:
    """Why a patch does not fit the document `value`; empty when every place is there and below `within`.

    An operation may use what an earlier one made.
    """
    for number, step in enumerate(steps):
        if not all(pointers.is_within(place, within) for place in (step.path, *_source(step))):
            return _about(OUTSIDE, number, _said(step))
    if all(_fits(value, step) for step in steps) and not any(step.op in ("remove", "move") for step in steps[:-1]):
        return ""
    for number, step in enumerate(steps):
        if not _fits(value, step):
            return _about(NO_PLACE, number, _said(step))
        try:
            value = patched(value, [step])
        except Refused as refused:
            return _about("refused", number, f"{_said(step)}: {refused.reason}")
    return ""


def _fits(value: Json, step: Operation) -> bool:
    if any(not pointers.resolve(value, place)[0] for place in _source(step)):
        return False
    if step.op in ("remove", "replace", "test") or not step.path:
        return pointers.resolve(value, step.path)[0]
    found, parent = pointers.resolve(value, pointers.parent(step.path))
    if isinstance(parent, list):
        last = step.path.rpartition("/")[2]
        return last == "-" or pointers.index(last, len(parent) + 1) is not None
    return found and isinstance(parent, dict)


def _source(step: Operation) -> tuple[str, ...]:
    return (step.source,) if step.source is not None else ()


def _said(step: Operation) -> str:
    source = f"{step.source} to " if step.source is not None else ""
    return f"{step.op} {source}{step.path or 'the document'}"


def _about(reason: str, number: int, what: str) -> str:
    return f"{reason}: operation {number}: {what}"
