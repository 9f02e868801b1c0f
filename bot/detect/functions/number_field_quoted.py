"""Text where the schema wants a number or a boolean: `replicas: "3"`, `privileged: "true"`.

Only texts that kubectl would read as the wanted type without their quotes: "0644" is one (octal), "080" and "${N}" are
not. Fields that take both (IntOrString, quantities) are not in question: their schema accepts text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.detect.functions import Context, Hit
from bot.detect.functions._schema import errors
from bot.detect.functions._text import readable
from bot.manifest.scalars import resolve
from bot.model import Json, Operation

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*|0o?[0-7]+)\Z")
_WORDS = {"integer": "a number", "number": "a number", "boolean": "true or false"}


def check(context: Context) -> Iterator[Hit]:
    """Each text that has to be a number or a boolean."""
    for error, value in errors(context):
        if error.keyword != "type" or error.expected not in _WORDS or not isinstance(value, str):
            continue
        meant = _meant(value, error.expected)
        if meant is None:
            continue
        where = readable(context.resource.body, error.pointer)
        yield Hit(
            at=error.pointer,
            target=error.pointer,
            message=f'{where} has to be {_WORDS[error.expected]} and is the text "{value}"',
            operations=(Operation("replace", error.pointer, meant),),
            title=f"Take the quotes off {value}",
        )


def _meant(text: str, expected: str) -> Json:
    """The value that the text has without its quotes; None when it has another type then."""
    value = resolve(text)
    if expected == "boolean":
        return value if isinstance(value, bool) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, int):
        return value if _INTEGER.match(text) else None
    return value if expected == "number" else None
