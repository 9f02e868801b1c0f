"""How kubectl reads a plain scalar, and which strings may stand plain.

kubectl reads YAML with go-yaml v2 and turns it into JSON: neither YAML 1.1 as PyYAML reads it nor YAML 1.2. `resolve`
is that table (`n` is false, `012` is 10, `1e3` a number, `12:30` a string). `plain_is_safe` asks three readers at
once: a string stands unquoted only when kubectl, YAML 1.1 and YAML 1.2 all read it as that same string.

Source: sigs.k8s.io/yaml with go-yaml v2 `resolve.go`, measured with `kubectl patch --local`.
"""

from __future__ import annotations

import math
import re
import struct
from decimal import Decimal
from functools import lru_cache

from bot.model import Json

_WORDS: dict[str, Json] = {"": None, "~": None, "null": None, "Null": None, "NULL": None}
for _word in ("y", "yes", "true", "on"):
    _WORDS |= {_word: True, _word.capitalize(): True, _word.upper(): True}
for _word in ("n", "no", "false", "off"):
    _WORDS |= {_word: False, _word.capitalize(): False, _word.upper(): False}

_FIRST_OF_NUMBER = frozenset("+-.0123456789")
_INTEGER = re.compile(r"[-+]?(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)\Z")
_MAX_DIGITS = 80
"""No 64-bit integer has as many, in whatever base; Python minds to read thousands of them."""
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_NOT_JSON = frozenset(f"{sign}{word}" for sign in ("", "+", "-") for word in (".inf", ".Inf", ".INF")) | frozenset(
    (".nan", ".NaN", ".NAN")
)

# What a YAML 1.1 or 1.2 reader might take for something else; wide on purpose, a needless quote does no harm.
_LOOKS_TYPED = re.compile(
    r"""[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?\Z      # sexagesimal
      | [0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:(?:[Tt]|[ \t]+)[0-9].*)?\Z  # timestamp
      | [-+]?(?:0x[0-9a-fA-F_]+|0b[01_]+|0o[0-7]+)\Z
      | [-+]?\.?[0-9][0-9_]*\.?[0-9_]*(?:[eE][-+]?[0-9]+)?\Z  # anything number-like, underscores included
    """,
    re.VERBOSE,
)
_INDICATOR_FIRST = frozenset("-?:,[]{}#&*!|>'\"%@`=")
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
_ALWAYS_PLAIN = re.compile(r"[A-Za-z/(][A-Za-z0-9_./()@+-]*\Z")


class NotJson:
    """A scalar that kubectl refuses because JSON cannot hold it: infinities and NaN."""

    def __init__(self, text: str) -> None:
        self.text = text


@lru_cache(maxsize=16384)
def resolve(text: str) -> Json | NotJson:
    """The JSON value of the plain scalar `text`: None, bool, int, float or str; `NotJson` for `.inf` and `.nan`."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _FIRST_OF_NUMBER:
        return text
    if text in _NOT_JSON:
        return NotJson(text)
    digits = text.replace("_", "")
    if text[0] == "_" or not digits:
        return text
    if len(digits) < _MAX_DIGITS and _INTEGER.match(digits):
        number = _integer(digits)
        if -(1 << 63) <= number < 1 << 63:
            return number
        if 0 <= number < 1 << 64:
            return _shortest(float(number))
    if _FLOAT.match(digits):
        try:
            number_ = float(digits)
        except (ValueError, OverflowError):
            return text
        return text if math.isinf(number_) else _shortest(number_)
    return text


def _integer(digits: str) -> int:
    sign = -1 if digits[0] == "-" else 1
    body = digits.lstrip("+-")
    prefix = body[:2].lower()
    if prefix == "0x":
        return sign * int(body[2:], 16)
    if prefix == "0b":
        return sign * int(body[2:], 2)
    if len(body) > 1 and body[0] == "0":
        return sign * int(body.lstrip("0oO") or "0", 8)
    return sign * int(body)


def _shortest(number: float) -> Json:
    """As Go's JSON encoder writes a float64, read back: integral below 1e21 is an integer of the shortest digits."""
    if number == int(number) and abs(number) < 1e21:
        return int(Decimal(repr(number)))
    return number


def key_text(value: Json) -> str | None:
    """The JSON member name for a resolved YAML key, as sigs.k8s.io/yaml makes it; None when kubectl refuses the key."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return repr(struct.unpack("f", struct.pack("f", value))[0]) if abs(value) > 1e30 else f"{value:g}"
    return None


@lru_cache(maxsize=4096)
def plain_is_safe(text: str, *, flow: bool) -> bool:
    """Whether the string `text` may stand without quotes and is read as itself by all three readers.

    `flow` says that it stands inside `[ ]` or `{ }`, where more characters end a plain scalar.
    """
    if _ALWAYS_PLAIN.match(text) and len(text) > 5:
        return True
    if not text or text != text.strip(" ") or _UNPRINTABLE.search(text):
        return False
    if resolve(text) != text or _LOOKS_TYPED.match(text) or text in ("<<", "="):
        return False
    first = text[0]
    if first in _INDICATOR_FIRST:
        if first not in "-?:" or len(text) == 1 or text[1] == " ":
            return False
        if flow and first in "?:":
            return False
    if ": " in text or " #" in text or text[-1] == ":":
        return False
    return not (flow and any(character in ",[]{}?" for character in text))
