"""JSON files of others, strictly: what is missing or of another type is an error that names file and record."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NoReturn

from bot.errors import InputError
from bot.model import Json


class Node:
    """A value of a file and its place in it: `Results[0].Vulnerabilities[3]`. `made_by` says what to give instead."""

    __slots__ = ("_file", "_made_by", "_place", "value")

    def __init__(self, value: Json, file: str, made_by: str, place: str = "") -> None:
        self.value = value
        self._file = file
        self._made_by = made_by
        self._place = place

    def refuse(self, what: str) -> NoReturn:
        """Raise the error: file, record, what is wrong, what would be right."""
        raise InputError(f"{self._file}: {self._place + ': ' if self._place else ''}{what}; {self._made_by}")

    def member(self, name: str) -> Node | None:
        """A member of an object; None when it is absent or null."""
        if not isinstance(self.value, dict):
            self.refuse(f"{_kind(self.value)} where an object is expected")
        value = self.value.get(name)
        return None if value is None else self._at(value, f"{self._place}.{name}" if self._place else name)

    def needed(self, name: str) -> Node:
        """A member that has to be there."""
        found = self.member(name)
        if found is None:
            self.refuse(f"no {name}")
        return found

    def items(self) -> Iterator[Node]:
        """The items of a list."""
        if not isinstance(self.value, list):
            self.refuse(f"{_kind(self.value)} where a list is expected")
        for place, item in enumerate(self.value):
            yield self._at(item, f"{self._place}[{place}]")

    def each(self, name: str) -> Iterator[Node]:
        """The items of a member; none when it is absent or null."""
        found = self.member(name)
        return found.items() if found is not None else iter(())

    def text(self) -> str:
        """A string that is not empty."""
        if not isinstance(self.value, str) or not self.value:
            self.refuse(f"{_kind(self.value)} where a text is expected")
        return self.value

    def _at(self, value: Json, place: str) -> Node:
        return Node(value, self._file, self._made_by, place)


def load(file: str, text: str, made_by: str) -> Node:
    """The document of a JSON file; `made_by` is what messages end with: how to get a file of the right layout."""
    try:
        return Node(json.loads(text), file, made_by)
    except json.JSONDecodeError as error:
        cut = " (is it cut off?)" if error.pos >= len(text.rstrip()) - 1 else ""
        raise InputError(f"{file}:{error.lineno}: no JSON: {error.msg}{cut}; {made_by}") from None
    except RecursionError:
        raise InputError(f"{file}: nested too deeply; {made_by}") from None


def _kind(value: Any) -> str:
    names = {str: "an empty text" if value == "" else "a text", bool: "a boolean", list: "a list", dict: "an object"}
    return "null" if value is None else names.get(type(value), "a number")
