"""Kubernetes quantities: `500m`, `1.5Gi`, `1e3`, and plain numbers.

The grammar is that of apimachinery's `resource.Quantity`: a decimal number with a binary suffix (Ki to Ei), a decimal
suffix (n, u, m, k to E) or an exponent. What is finer than a nano is rounded away from zero. Not taken over: values
beyond 2**63 stay what they are.
"""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache
from math import ceil

from bot.model import Json

_MAX_LENGTH = 100
"""Longer texts are no quantities to us; it bounds the work."""

_QUANTITY = re.compile(
    r"""(?P<sign>[+-]?)
        (?P<whole>[0-9]*)(?:\.(?P<part>[0-9]*))?
        (?:(?P<suffix>[KMGTPE]i|[numkMGTPE])|[eE](?P<exponent>[+-]?[0-9]{1,3}))?\Z""",
    re.VERBOSE | re.ASCII,
)
_SUFFIXES = {
    "n": Fraction(1, 10**9),
    "u": Fraction(1, 10**6),
    "m": Fraction(1, 10**3),
    "k": Fraction(10**3),
    **{letter: Fraction(10 ** (3 * power)) for power, letter in enumerate("MGTPE", start=2)},
    **{f"{letter}i": Fraction(1024**power) for power, letter in enumerate("KMGTPE", start=1)},
}
_NANO = 10**9


def parse(value: Json) -> Fraction | None:
    """The amount that a text or number means; None when it is no quantity."""
    if isinstance(value, str):
        return _parse(value)
    if isinstance(value, float):
        return _parse(repr(value))
    return Fraction(value) if isinstance(value, int) and not isinstance(value, bool) else None


@lru_cache(maxsize=4096)
def _parse(text: str) -> Fraction | None:
    match = _QUANTITY.match(text) if len(text) <= _MAX_LENGTH else None
    if match is None:
        return None
    whole, part = match["whole"], match["part"] or ""
    if not whole and not part:
        return None
    amount = Fraction(int(whole + part or "0"), 10 ** len(part))
    if match["suffix"]:
        amount *= _SUFFIXES[match["suffix"]]
    elif match["exponent"]:
        amount *= Fraction(10) ** int(match["exponent"])
    nanos = amount * _NANO
    if nanos.denominator != 1:
        amount = Fraction(ceil(nanos), _NANO)
    return -amount if match["sign"] == "-" else amount


def canonical(amount: Fraction) -> str:
    """The one text that stands for an amount: a decimal number without suffix, exponent or needless zeros."""
    nanos = int(amount * _NANO)
    whole, part = divmod(abs(nanos), _NANO)
    digits = f"{whole}.{part:09d}".rstrip("0").rstrip(".")
    return f"-{digits}" if nanos < 0 else digits
