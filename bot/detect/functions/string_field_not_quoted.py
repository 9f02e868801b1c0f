"""A number or boolean where the schema wants text: `value: 8080` in env, `"on": true` in ConfigMap data.

The text that is written gets the quotes, not the value that was read: `012` means 10 to the parser and "012" to its
author.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.detect.functions import Context, Hit
from bot.detect.functions._schema import errors
from bot.detect.functions._text import readable
from bot.manifest.spans import scalar_source
from bot.model import Operation

_BASE64 = {("Secret", "/data/"), ("ConfigMap", "/binaryData/")}


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
        if resource.ref.kind == "Secret" and error.pointer.startswith("/stringData/"):
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
