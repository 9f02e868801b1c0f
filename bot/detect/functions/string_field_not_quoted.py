"""A number or boolean where the schema wants text: `value: 8080` in env, `"on": true` in ConfigMap data.

The text that is written gets the quotes, not the value that was read: `012` means 10 to the parser and "012" to its
author.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.detect.functions import Context, Hit
from bot.detect.functions._schema import errors
from bot.detect.functions._text import readable
from bot.manifest import Resource
from bot.manifest.spans import scalar_source
from bot.model import Operation

_BASE64 = {("Secret", "/data/"), ("ConfigMap", "/binaryData/")}
_VARIABLE = re.compile(r"/env/\d+/value$")


def _is_private(resource: Resource, pointer: str) -> bool:
    """Whether a message must not quote the value: it may be a password or a PIN."""
    if resource.ref.kind == "Secret":
        return pointer.startswith("/stringData/")
    return _VARIABLE.search(pointer) is not None


def check(context: Context) -> Iterator[Hit]:
    """Each number or boolean that has to be text."""
    resource = context.resource
    for error, value in errors(context):
        if error.keyword != "type" or error.expected != "string" or not isinstance(value, bool | int | float):
            continue
        if any(resource.ref.kind == kind and error.pointer.startswith(start) for kind, start in _BASE64):
            continue  # quotes alone do not make base64 of it
        source = scalar_source(context.manifest, resource.document, resource.pointer + error.pointer)
        if not source or source[0] in "'\"|>":
            continue
        where = readable(resource.body, error.pointer)
        operations = (Operation("replace", error.pointer, source),)
        if _is_private(resource, error.pointer):
            message = f"{where} has to be text; it is read as something else without quotes"
            yield Hit(error.pointer, message, operations, target=error.pointer)
            continue
        read = str(value).lower()
        meaning = read if source != read else "a boolean" if isinstance(value, bool) else "a number"
        yield Hit(
            at=error.pointer,
            target=error.pointer,
            message=f"{where} has to be text, and {source} without quotes is {meaning}",
            operations=operations,
            title=f"Quote {source}",
        )
