"""Patterns as in .gitignore, asked whether they name exactly this file or folder.

The walk asks for each folder before it enters it, so a pattern never has to answer for what lies below its match. That
is how git itself works; libraries that match whole paths at once (pathspec) differ from git where a .gitignore takes
back what one further up ignores. A test compares with git on random trees.

Invariant: a function of its arguments. Patterns of one sign in a row are one expression, so that a path costs a few
microseconds however long the file is, and several stars in one segment do not backtrack over each other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import groupby

_STAR = "*"
_CLASSES = {
    "alnum": "a-zA-Z0-9",
    "alpha": "a-zA-Z",
    "blank": r" \t",
    "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9",
    "graph": r"\x21-\x7e",
    "lower": "a-z",
    "print": r"\x20-\x7e",
    "punct": r"\x21-\x2f\x3a-\x40\x5b-\x60\x7b-\x7e",
    "space": r" \t-\r",
    "upper": "A-Z",
    "xdigit": "0-9a-fA-F",
}


class Patterns:
    """The patterns of one file, the last one that matches decides; true when there are any."""

    __slots__ = ("_files", "_folders")

    def __init__(self, lines: Iterable[str]) -> None:
        parsed = [pattern for pattern in map(_parse, lines) if pattern is not None]
        self._folders = _compile(parsed)
        self._files = _compile([pattern for pattern in parsed if not pattern[1]])

    def __bool__(self) -> bool:
        return bool(self._folders)

    def verdict(self, path: str, *, folder: bool) -> bool | None:
        """True: left out, False: taken back, None: no pattern names it. `path` is relative to the patterns' folder."""
        name = path[path.rfind("/") + 1 :]
        for left_out, by_name, match in self._folders if folder else self._files:
            if match(name if by_name else path):
                return left_out
        return None


_Pattern = tuple[bool, bool, bool, str]
"""Left out (or taken back), folders only, by name (or by path), expression."""

_Step = tuple[bool, bool, Callable[[str], re.Match[str] | None]]
"""Left out (or taken back), by name (or by path), match."""


def _compile(patterns: list[_Pattern]) -> list[_Step]:
    """The expressions to try, last patterns first; those of one sign in a row are joined."""
    compiled: list[_Step] = []
    for left_out, run in groupby(reversed(patterns), key=lambda pattern: pattern[0]):
        members = list(run)
        for by_name in (True, False):
            sources = [source for _, _, named, source in members if named is by_name]
            if sources:
                compiled.append((left_out, by_name, re.compile("|".join(sources), re.DOTALL).fullmatch))
    return compiled


def _parse(line: str) -> _Pattern | None:
    pattern = _without_trailing_blanks(line.removesuffix("\r"))
    if not pattern or pattern.startswith("#"):
        return None
    left_out = not pattern.startswith("!")
    if not left_out:
        pattern = pattern[1:]
    folders_only = pattern.endswith("/")
    if folders_only:
        pattern = pattern[:-1]
    by_name = "/" not in pattern
    tokens = _tokens(pattern.removeprefix("/"))
    return (left_out, folders_only, by_name, _join(tokens)) if tokens else None


def _without_trailing_blanks(line: str) -> str:
    kept = line.rstrip(" ")
    backslashes = len(kept) - len(kept.rstrip("\\"))
    return line[: len(kept) + 1] if backslashes % 2 else kept


def _tokens(pattern: str) -> list[str] | None:
    """The parts of a pattern as expressions, `_STAR` for a star within a segment; None for one that never matches."""
    tokens: list[str] = []
    place = 0
    while place < len(pattern):
        character = pattern[place]
        if character == "*":
            end = place
            while pattern[end : end + 1] == "*":
                end += 1
            whole = end - place > 1 and pattern[place - 1 : place] in ("", "/") and pattern[end : end + 1] in ("", "/")
            if not whole:
                tokens.append(_STAR)
            elif end == len(pattern):
                tokens.append(".+")
            else:
                tokens.append("(?:.*/)?")
                end += 1
            place = end
            continue
        if character == "[":
            found = _bracket(pattern, place + 1)
            if found is None:
                return None
            source, place = found
            tokens.append(source)
            continue
        if character == "\\":
            place += 1
            if place == len(pattern):
                return None
            character = pattern[place]
            tokens.append(re.escape(character))
        else:
            tokens.append("[^/]" if character == "?" else re.escape(character))
        place += 1
    return tokens


def _bracket(pattern: str, place: int) -> tuple[str, int] | None:
    """The expression for a bracket whose inside begins at `place`, and where it ends; None when nothing closes it."""
    negated = pattern[place : place + 1] in ("!", "^")
    place += negated
    first = place
    inside: list[str] = []
    before = ""
    while place < len(pattern):
        character = pattern[place]
        if character == "]" and place > first:
            if negated:
                return f"[^/{''.join(inside)}]", place + 1
            return (f"(?!/)[{''.join(inside)}]" if inside else "(?!)"), place + 1
        if character == "[" and pattern.startswith("[:", place):
            end = pattern.find("]", place + 2)
            if end < 0:
                return None
            if end > place + 2 and pattern[end - 1] == ":":
                if pattern[place + 2 : end - 1] not in _CLASSES:
                    return None
                inside.append(_CLASSES[pattern[place + 2 : end - 1]])
                before, place = "", end + 1
                continue
        is_range = character == "-" and bool(before) and pattern[place + 1 : place + 2] not in ("", "]")
        place += is_range
        if pattern[place] == "\\":
            place += 1
            if place == len(pattern):
                return None
        character = pattern[place]
        if is_range:
            if before <= character:
                inside.append(f"{re.escape(before)}-{re.escape(character)}")
            before = ""
        else:
            inside.append(re.escape(character))
            before = character
        place += 1
    return None


def _join(tokens: list[str]) -> str:
    """One expression; what follows a star is taken at its first place when another star follows in the segment."""
    parts: list[str] = []
    after_star: list[str] | None = None
    for token in [*tokens, "/"]:
        if token is _STAR:
            if after_star is not None:
                parts.append(f"(?>[^/]*?{''.join(after_star)})")
            after_star = []
        elif token == "/" or token in (".+", "(?:.*/)?"):
            if after_star is not None:
                parts += ["[^/]*", *after_star]
            after_star = None
            parts.append(token)
        else:
            (parts if after_star is None else after_star).append(token)
    return "".join(parts[:-1])
