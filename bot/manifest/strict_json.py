"""JSON from outside in the strict sense: no NaN, no number beyond a float, no half of a character."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from typing import NoReturn

from bot.manifest.reader import MAX_DEPTH
from bot.model import Json

_NESTED = (dict, list)
_SHOWN = 40
"""Characters of a number that are shown."""


def value_of(text: str) -> Json:
    """The value that `text` is; ValueError with a reason for people when it is none."""
    try:
        value = json.loads(text, parse_constant=_no_constant, parse_float=_finite)
    except json.JSONDecodeError as error:
        raise ValueError(f"line {error.lineno} column {error.colno}: {error.msg}") from None
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if _has_surrogate(text, value):
        raise ValueError("it has half a character, a surrogate without its pair")
    return value


def is_deep(value: Json, most: int = MAX_DEPTH) -> bool:
    """Whether a value has more levels than `most`, by default those that a manifest may have."""
    level = [value]
    for _ in range(most):
        level = [child for each in level if each.__class__ in _NESTED for child in _children(each)]
        if not level:
            return False
    return True


def _children(value: Json) -> Iterable[Json]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _has_surrogate(text: str, value: Json) -> bool:
    """Only an escape can bring one, or a text that was decoded loosely."""
    if "\\ud" not in text and "\\uD" not in text and text.isascii():
        return False
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{text[:_SHOWN]} is no number that fits")
    return number
