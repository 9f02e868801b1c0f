"""What `krr simple --formatter json` writes: `scans`, each with an `object` and what is `recommended` for it.

Amounts are numbers of cores and of bytes; `"?"` and null are none. Older releases write `{"cpu": 0.1}` where newer ones
have `{"cpu": {"value": 0.1, "severity": "OK"}}`.

Source: the models of https://github.com/robusta-dev/krr.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import ceil, isfinite

from bot.detect.recommendations.layout import LayoutError, mapping, records, text
from bot.detect.recommendations.model import Recommendation
from bot.manifest.configuration import kind_of
from bot.model import Json

MEMBER = "scans"
"""What tells such a report."""
_UNKNOWN = (None, "?")
_MEBIBYTE = 1024**2
_MOST = 10**15


def parse(path: str, body: dict[str, Json]) -> Iterator[Recommendation]:
    """The recommendations of a report; raises LayoutError."""
    for where, scan in records(body[MEMBER], MEMBER):
        about = mapping(scan.get("object"), f"{where}.object")
        namespace, kind, name, container = (
            text(about, key, f"{where}.object") for key in ("namespace", "kind", "name", "container")
        )
        said = mapping(scan.get("recommended"), f"{where}.recommended")
        source = f"what krr recommends for {namespace}/{name} ({path})"
        for part in ("requests", "limits"):
            amounts = mapping(said.get(part), f"{where}.recommended.{part}")
            for resource in ("cpu", "memory"):
                found = _amount(amounts.get(resource), resource, f"{where}.recommended.{part}.{resource}")
                if found is not None:
                    yield Recommendation(namespace, kind, name, container, part, resource, found, source)


def _amount(value: Json, resource: str, where: str) -> str | None:
    """A number as a quantity: cores in thousandths, rounded up as krr does; bytes in whole MiB where they are."""
    if isinstance(value, dict):
        value = value.get("value")
    if value in _UNKNOWN:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise LayoutError(f"{where} is {kind_of(value)}, not a number")
    if not isfinite(value) or value > _MOST:
        raise LayoutError(f"{where} is {kind_of(value)}, more than there is")
    exact = Fraction(str(value))
    if exact <= 0:
        return None
    if resource == "cpu":
        thousandths = ceil(exact * 1000)
        return f"{thousandths}m" if thousandths % 1000 else str(thousandths // 1000)
    whole = ceil(exact)
    return f"{whole // _MEBIBYTE}Mi" if whole % _MEBIBYTE == 0 else str(whole)
