"""JSON Pointer (RFC 6901): join, split, resolve. Pure string work."""

from __future__ import annotations

from collections.abc import Iterable

from bot.model import Json


def escape(token: str) -> str:
    """One reference token, escaped: `~` is `~0`, `/` is `~1`."""
    return token.replace("~", "~0").replace("/", "~1") if "~" in token or "/" in token else token


def unescape(token: str) -> str:
    """One reference token as it was before `escape`."""
    return token.replace("~1", "/").replace("~0", "~") if "~" in token else token


def join(pointer: str, *tokens: str | int) -> str:
    """`pointer` with unescaped `tokens` appended: `join("/a", "b/c", 0)` is `/a/b~1c/0`."""
    for token in tokens:
        pointer += "/" + escape(str(token))
    return pointer


def split(pointer: str) -> list[str]:
    """The unescaped tokens of `pointer`; the empty pointer has none.

    Raises ValueError when a non-empty pointer does not start with a slash or has a `~` that is no escape.
    """
    if not pointer:
        return []
    if pointer[0] != "/":
        raise ValueError(f"a JSON Pointer starts with '/': {pointer!r}")
    if "~" not in pointer:
        return pointer[1:].split("/")
    if pointer.count("~") != pointer.count("~0") + pointer.count("~1"):
        raise ValueError(f"'~' must be written ~0 in a JSON Pointer: {pointer!r}")
    return [unescape(token) for token in pointer[1:].split("/")]


def index(token: str, length: int) -> int | None:
    """The array index that `token` names, 0-based and within `length`; None when it names none (RFC 6901 section 4)."""
    if not (token.isascii() and token.isdigit()) or (len(token) > 1 and token[0] == "0") or len(token) > 9:
        return None
    number = int(token)
    return number if number < length else None


def resolve(value: Json, pointer: str) -> tuple[bool, Json]:
    """(True, the value at `pointer`) or (False, None) when there is none."""
    return walk(value, split(pointer))


def walk(value: Json, tokens: Iterable[str]) -> tuple[bool, Json]:
    """`resolve` for unescaped tokens."""
    for token in tokens:
        if isinstance(value, dict):
            if token not in value:
                return False, None
            value = value[token]
        elif isinstance(value, list):
            place = index(token, len(value))
            if place is None:
                return False, None
            value = value[place]
        else:
            return False, None
    return True, value


def parent(pointer: str) -> str:
    """`pointer` without its last token; the parent of the empty pointer is the empty pointer."""
    return pointer.rpartition("/")[0]


def is_within(pointer: str, ancestor: str) -> bool:
    """Whether `pointer` is `ancestor` or lies below it."""
    return pointer == ancestor or pointer.startswith(ancestor + "/")
