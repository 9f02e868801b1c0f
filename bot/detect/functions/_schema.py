"""The errors of an object's schema that are the author's: no nulls, no placeholders, no gaps of fragments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.detect.functions import Context, SchemaError
from bot.detect.functions._text import is_placeholder
from bot.manifest import pointers
from bot.model import Json

_ERRORS = "schema-errors"


def errors(context: Context) -> Sequence[tuple[SchemaError, Json]]:
    """(error, the value at its pointer) against the newest release that knows the kind.

    Fields only ever come in: what the newest release does not know is wrong in all of them. A null is as good as absent
    to the server. A fragment is not asked for what it leaves out.
    """
    found: Sequence[tuple[SchemaError, Json]] | None = context.shared.get(_ERRORS)
    if found is None:
        found = context.shared[_ERRORS] = tuple(_errors(context))
    return found


def _errors(context: Context) -> Iterator[tuple[SchemaError, Json]]:
    resource, schemas = context.resource, context.schemas
    found = schemas.check(resource.body, context.newest)
    if found is None:
        found = schemas.check(resource.body, context.oldest)
    for error in found or ():
        value = pointers.resolve(resource.body, error.pointer)[1]
        missing = error.keyword == "required"
        if missing and resource.partial:
            continue
        if (value is None and not missing) or is_placeholder(value) or is_placeholder(error.pointer):
            continue
        yield error, value
