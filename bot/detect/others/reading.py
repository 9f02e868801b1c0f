"""What the readers of the files have in common: entries that void themselves, words that may be a list, dates."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime

from bot.detect.marks import Known, void
from bot.detect.others.acceptance import Acceptance
from bot.errors import BotError
from bot.manifest.configuration import Field, read_one
from bot.model import Location, Skip, Span, Suppression

KIND = "config"
"""The kind of these suppressions."""


class NotUnderstoodError(BotError):
    """An entry that is not what the tool's documentation says; never leaves this folder."""


def document(path: str, text: str, name: str) -> Field | Skip | None:
    """The one document of a file; None when it says nothing, a Skip when it is malformed."""
    try:
        return read_one(path, text, name, NotUnderstoodError)
    except NotUnderstoodError as error:
        return malformed(path, error)


def each(items: Iterable[Field], read: Callable[[Field], Iterator[Acceptance | Skip]]) -> Iterator[Acceptance | Skip]:
    """What each item says; one that is malformed voids itself and no other."""
    for item in items:
        try:
            yield from list(read(item))
        except NotUnderstoodError as error:
            yield void(f"does not hold: {_words(error)}", item.location)


def malformed(path: str, error: NotUnderstoodError) -> Skip:
    """That a file is not what it should be."""
    line = re.match(rf"{re.escape(path)}:(\d+): ", str(error))
    place = int(line[1]) if line is not None else 1
    return void(f"nothing in it holds: {_words(error)}", Location(path, 0, "", Span(0, 0), place, place, 1))


def _words(error: NotUnderstoodError) -> str:
    """The message without its place."""
    return re.sub(r"\A\S.*?:\d+: ", "", str(error), count=1)


def words(field: Field) -> list[Field]:
    """The items of a list; a text stands for a list of one, as these tools take it."""
    return [field] if isinstance(field.value, str) else field.items("it is a list of texts")


def members(field: Field) -> dict[str, Field]:
    """The members of a mapping, those that nobody asks for included; null ones left out."""
    found = field.entries("it is a mapping")
    return {key: child for key, (_, child) in found.items() if child.value is not None}


def texts(field: Field | None) -> list[str]:
    """The texts of a list; none when it is absent."""
    return [] if field is None else [item.text() for item in words(field)]


def suppression(field: Field, tool: str, reason: str = "", expires: str | None = None) -> Suppression:
    """The suppression of the entry at `field`; without a reason of its own it says which tool skips what."""
    said = " ".join(reason.split())
    what = f" ({field.value})" if isinstance(field.value, str) else ""
    return Suppression(KIND, said or f"skipped for {tool}{what}", expires, field.location)


def day(text: str) -> date | None:
    """The day of `2027-01-31` or of an RFC 3339 time, in UTC; None when it is neither."""
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            return date.fromisoformat(text)
        if re.fullmatch(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)", text):
            return datetime.fromisoformat(text.upper()).astimezone(UTC).date()
    except (ValueError, OverflowError):
        return None
    return None


def of_pattern(names: Known, tool: str, matches: Callable[[str], bool]) -> frozenset[str]:
    """The policies whose check in `tool` has an id that `matches`."""
    return frozenset().union(*(names.twin(tool, check) for check in names.twins.checks_of(tool) if matches(check)))
