"""`${...}` in messages, paths and values: taken apart here, filled in by `bot.policy.expand`.

What stands between the braces is CEL, strings and inner braces included. `$${` is a literal `${`. In a path every token
is a template of its own, `~0` and `~1` are the escapes of RFC 6901, and a token `*` stands for every item or member.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from bot.model import Json


class TemplateError(ValueError):
    """A template that cannot be taken apart; says why."""


@dataclass(frozen=True, slots=True)
class Expression:
    """CEL between `${` and `}`."""

    source: str


Part = str | Expression
Template = tuple[Part, ...]
"""Text and expressions in turn; empty for the empty text."""

WILDCARD: Final = "*"
PathToken = Template | str
"""`WILDCARD`, or the template of an unescaped token."""


@lru_cache(maxsize=4096)
def parse(text: str) -> Template:
    """The parts of a message or of a leaf of a value."""
    parts: list[Part] = []
    literal = ""
    position = 0
    while (start := text.find("${", position)) >= 0:
        if start > position and text[start - 1] == "$":
            literal += text[position : start - 1] + "${"
            position = start + 2
            continue
        literal += text[position:start]
        end = _end_of_expression(text, start + 2)
        source = text[start + 2 : end].strip()
        if not source:
            raise TemplateError("an empty ${}")
        parts += [literal] if literal else []
        parts.append(Expression(source))
        literal = ""
        position = end + 1
    literal += text[position:]
    return (*parts, literal) if literal else tuple(parts)


@lru_cache(maxsize=4096)
def parse_path(text: str) -> tuple[PathToken, ...]:
    """The tokens of a path; the empty path has none."""
    if not text:
        return ()
    if not text.startswith("/"):
        raise TemplateError(f"the path {text!r} does not start with a slash")
    tokens: list[list[Part]] = []
    for part in parse(text):
        if isinstance(part, Expression):
            tokens[-1].append(part)
            continue
        first, *rest = part.split("/")
        if first:
            tokens[-1].append(_unescape(first, text))
        tokens += [[_unescape(piece, text)] if piece else [] for piece in rest]
    return tuple(WILDCARD if token == [WILDCARD] else tuple(token) for token in tokens)


def has_wildcard(path: str) -> bool:
    """Whether a path names several places."""
    return WILDCARD in parse_path(path)


def copied_from(value: Json) -> str | None:
    """The path when `value` is a copy, `{from: /path}`; None for anything else."""
    if isinstance(value, dict) and len(value) == 1:
        path = value.get("from")
        if isinstance(path, str) and path.startswith("/"):
            return path
    return None


def _unescape(token: str, path: str) -> str:
    if token.count("~") != token.count("~0") + token.count("~1"):
        raise TemplateError(f"'~' is written ~0 in the path {path!r}")
    return token.replace("~1", "/").replace("~0", "~")


def _end_of_expression(text: str, position: int) -> int:
    depth = 0
    while position < len(text):
        character = text[position]
        if character in "'\"":
            position = _end_of_string(text, position)
            continue
        if character == "{":
            depth += 1
        elif character == "}":
            if not depth:
                return position
            depth -= 1
        position += 1
    raise TemplateError("a ${ without its }")


def _end_of_string(text: str, start: int) -> int:
    """The offset behind the CEL string that starts at `start`; backslashes escape unless the string is raw."""
    quote = text[start] * 3 if text.startswith(text[start] * 3, start) else text[start]
    before = text[:start].rstrip("bB")
    raw = bool(before) and before[-1] in "rR"
    position = start + len(quote)
    while position < len(text):
        if text.startswith(quote, position):
            return position + len(quote)
        position += 2 if text[position] == "\\" and not raw else 1
    raise TemplateError("a string without its closing quote inside ${}")
