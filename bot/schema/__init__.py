"""What an API server makes of an object, without a server: kinds, fields, types, for several minor versions.

    check(body, "1.36")                       # () valid; (SchemaError(...), ...); None: kind unknown, not validated
    duplicates(body, "1.36")                  # items with equal keys, those that the server takes too
    served("batch/v1beta1", "CronJob", "1.36")   # False; None for a group that is not Kubernetes' own
    field_type("v1", "Service", "/spec/ports/0/targetPort", "1.36")      # "int-or-string"
    with_crds(bodies)                         # the same four, the CustomResourceDefinitions among `bodies` added

The check says what a POST with `fieldValidation=Strict` refuses for its shape: unknown fields, wrong types, missing
fields, values out of an enum, duplicates. It was measured against a real server and errs on the side of saying nothing;
names, ranges, references and what holds across fields are left to a server. Someone who does not know the version of
the cluster checks fields with `NEWEST`, replacements with `OLDEST_SUPPORTED`.

Here lives the bundled package data and what reads it. No policy lives here; nothing but the package data is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bot.model import Json
from bot.schema.crds import collect
from bot.schema.errors import SchemaError
from bot.schema.kinds import NEWEST, OLDEST_SUPPORTED, nearest, versions
from bot.schema.schemas import Schemas

_BUILT_IN = Schemas()

check = _BUILT_IN.check
duplicates = _BUILT_IN.duplicates
served = _BUILT_IN.served
field_type = _BUILT_IN.field_type


def with_crds(bodies: Iterable[Mapping[str, Json]]) -> Schemas:
    """Schemas that know the kinds defined by the CustomResourceDefinitions (v1) among `bodies`, too."""
    return Schemas(collect(bodies))


__all__ = [
    "NEWEST",
    "OLDEST_SUPPORTED",
    "SchemaError",
    "Schemas",
    "check",
    "duplicates",
    "field_type",
    "nearest",
    "served",
    "versions",
    "with_crds",
]
