"""A file of records, read strictly: what is missing or of a wrong type is named by file, record and field.

A file is a JSON array of objects. Members that nobody here knows are let through, as other programs may keep notes in a
record, but one that looks like a known member is taken for a slip of the pen.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from math import isfinite
from typing import Any, NoReturn, TypeVar

from bot.errors import InputError
from bot.manifest.configuration import kind_of
from bot.manifest.strict_json import value_of
from bot.model import Json

T = TypeVar("T")

_ALIKE = 0.85
"""From which ratio on one name is taken for a slip of another."""


class Fields:
    """The members of one record; every method refuses what is missing or of another type.

    `where` names the record for people: `data/patches.json: record 2 (id 'a1')`. `None` as default makes a member
    optional, and null then means absent.
    """

    __slots__ = ("_body", "_name", "_number", "_path")

    def __init__(self, path: str, number: int, body: Mapping[str, Json], name: str = "") -> None:
        self._path = path
        self._number = number
        self._body = body
        self._name = name

    @property
    def where(self) -> str:
        """What errors call the record."""
        name = self._body.get("id") if not self._name else self._name
        shown = f" (id {name[:60]!r})" if isinstance(name, str) and name else ""
        return f"{self._path}: record {self._number}{shown}"

    def refuse(self, what: str, allowed: str = "") -> NoReturn:
        """Raise InputError that says where, what is wrong, and what is allowed."""
        raise InputError(f"{self.where}: {what}" + (f"; {allowed}" if allowed else ""))

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the members, in order."""
        return tuple(self._body)

    def raw(self, name: str) -> Json:
        """A member that has to be there, whatever it is."""
        if name not in self._body:
            self.refuse(f"{name} is missing")
        return self._body[name]

    def maybe(self, name: str) -> Json:
        """A member, or None."""
        return self._body.get(name)

    def text(self, name: str, *, empty: bool = False) -> str:
        """A text that has to be there, and to say something unless it may be `empty`."""
        value = self.raw(name)
        if not isinstance(value, str) or not (value or empty):
            self.refuse(f"{name} is {kind_of(value)}", "it is a text")
        return value

    def maybe_text(self, name: str) -> str | None:
        """A text or nothing."""
        value = self._body.get(name)
        if value is not None and not isinstance(value, str):
            self.refuse(f"{name} is {kind_of(value)}", "it is a text or null")
        return value

    def flag(self, name: str) -> bool:
        """True or false."""
        value = self.raw(name)
        if value is not True and value is not False:
            self.refuse(f"{name} is {kind_of(value)}", "it is true or false")
        return value

    def answer(self, name: str) -> bool | None:
        """True, false, or null for what was not asked; it has to be there."""
        return None if self.raw(name) is None else self.flag(name)

    def maybe_natural(self, name: str, least: int = 0) -> int | None:
        """A whole number of at least `least`, or nothing."""
        value = self._body.get(name)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            self.refuse(f"{name} is {kind_of(value)}", f"it is a whole number from {least}")
        return value

    def number(self, name: str) -> float:
        """A number that has to be there."""
        self.raw(name)
        value = self.maybe_number(name)
        if value is None:
            self.refuse(f"{name} is empty", "it is a number")
        return value

    def maybe_number(self, name: str) -> float | None:
        """A number or nothing."""
        value = self._body.get(name)
        if value is not None and (not isinstance(value, (int, float)) or isinstance(value, bool)):
            self.refuse(f"{name} is {kind_of(value)}", "it is a number")
        if value is not None and not isfinite(value):
            self.refuse(f"{name} is {value}", "it is a number that fits")
        return value

    def maybe_choice(self, name: str, words: Mapping[str, T]) -> T | None:
        """What one of a few words stands for, or nothing."""
        value = self._body.get(name)
        if value is None:
            return None
        if not isinstance(value, str) or value not in words:
            self.refuse(f"{name} is {kind_of(value)}", f"it is one of {', '.join(words)}")
        return words[value]

    def choice(self, name: str, words: Mapping[str, T]) -> T:
        """What one of a few words stands for."""
        self.raw(name)
        value = self.maybe_choice(name, words)
        if value is None:
            self.refuse(f"{name} is empty", f"it is one of {', '.join(words)}")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """The texts of a list; none when it is not there."""
        value = self._body.get(name)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            self.refuse(f"{name} is {kind_of(value)}", "it is a list of texts")
        return tuple(value)

    def part(self, name: str) -> Fields | None:
        """The members of an object inside the record, or None."""
        value = self._body.get(name)
        return None if value is None else self._inner(name, value)

    def parts(self, name: str) -> Iterator[Fields]:
        """The members of each object of a list; none when it is not there."""
        value = self._body.get(name)
        if value is None:
            return
        if not isinstance(value, list):
            self.refuse(f"{name} is {kind_of(value)}", "it is a list")
        for place, each in enumerate(value):
            yield self._inner(f"{name}[{place}]", each)

    def _inner(self, name: str, value: Json) -> Fields:
        if not isinstance(value, dict):
            self.refuse(f"{name} is {kind_of(value)}", "it is a mapping")
        return _Inner(self.where, name, value)


class _Inner(Fields):
    """An object inside a record: errors name the way to it."""

    __slots__ = ("_outer",)

    def __init__(self, outer: str, name: str, body: Mapping[str, Json]) -> None:
        super().__init__("", 0, body, name)
        self._outer = outer

    @property
    def where(self) -> str:
        """What errors call the record, and the member."""
        return f"{self._outer}: {self._name}"


def records(text: str, path: str, known: frozenset[str], make: Callable[[Fields], T]) -> tuple[T, ...]:
    """What `make` makes of every record of a file; `path` is what errors call it, `known` its members.

    Raises InputError for a file that is no array of objects, for an id that stands twice, and for what `make` refuses.
    """
    return tuple(_made(_array(text, path), path, known, make))


def by_line(lines: Iterable[str], path: str, known: frozenset[str], make: Callable[[Fields], T]) -> Iterator[T]:
    """`records` for a file as `written` writes it, one record after the other: a large one is never held as a whole.

    Raises NotByLine for any other form, which `records` may read all the same.
    """
    return _made(_bodies(lines), path, known, make)


class NotByLine(Exception):
    """The file is not as `written` writes it."""


def _bodies(lines: Iterable[str]) -> Iterator[Json]:
    last = "["
    for number, line in enumerate(lines):
        if number == 0:
            if line != "[\n":
                raise NotByLine
            continue
        if last == "]":
            raise NotByLine
        if line == "]\n":
            last = "]"
            continue
        if not line.endswith(("},\n", "}\n")) or last == "}":
            raise NotByLine
        last = line[-2]
        try:
            # What has none of these is the same to the strict reader, which takes twice the time.
            plain = "\\ud" not in line and "NaN" not in line and "Infinity" not in line and "\\uD" not in line
            yield (json.loads if plain else value_of)(line[:-2] if last == "," else line)
        except ValueError:
            raise NotByLine from None
    if last != "]":
        raise NotByLine


def _made(bodies: Iterable[Json], path: str, known: frozenset[str], make: Callable[[Fields], T]) -> Iterator[T]:
    ids: dict[str, int] = {}
    strangers: dict[str, str] = {}
    for number, body in enumerate(bodies, 1):
        if not isinstance(body, dict):
            raise InputError(f"{path}: record {number} is {kind_of(body)}; it is an object")
        fields = Fields(path, number, body)
        if not known.issuperset(body):
            _check_names(fields, body, known, strangers)
        name = fields.text("id")
        first = ids.setdefault(name, number)
        if first != number:
            fields.refuse("its id is there twice", f"first in record {first}")
        yield make(fields)


def _check_names(fields: Fields, body: Mapping[str, Json], known: frozenset[str], strangers: dict[str, str]) -> None:
    """Refuse a member that is nearly one that is known and absent."""
    from difflib import get_close_matches  # its import takes longer than reading a file

    for name in body.keys() - known:
        if name not in strangers:
            strangers[name] = "".join(get_close_matches(name, known, 1, _ALIKE))
        if strangers[name] and strangers[name] not in body:
            fields.refuse(f"unknown field {name!r}", f"did you mean {strangers[name]!r}?")


def _array(text: str, path: str) -> list[Any]:
    try:
        value = value_of(text)
    except ValueError as error:
        raise InputError(f"{path}: not JSON, or cut short: {error}") from None
    if not isinstance(value, list):
        raise InputError(f"{path}: {kind_of(value)}; it is a list of records")
    return value


def written(found: Iterable[Mapping[str, Json]]) -> str:
    """A file of records: a JSON array with one record a line, in ASCII."""
    return "".join(pieces(found))


def pieces(found: Iterable[Mapping[str, Json]]) -> Iterator[str]:
    """`written`, a record at a time."""
    # The encoder in C takes no indentation: a line a record is quick, and what `diff` and `grep` like.
    encode = json.JSONEncoder(separators=(", ", ": "), check_circular=False).encode
    before = "[\n"
    for each in found:
        yield before + encode(each)
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"
