"""Members of records that have to be there and of one type: whatever is not refuses the file, by the record's name."""

from __future__ import annotations

from collections.abc import Iterator

from bot.errors import BotError
from bot.manifest import quantity
from bot.manifest.configuration import kind_of
from bot.model import Json


class LayoutError(BotError):
    """What is not as the tool writes it, with the record; never leaves this folder."""


def mapping(value: Json, where: str) -> dict[str, Json]:
    """A mapping; `where` names its place."""
    if not isinstance(value, dict):
        raise LayoutError(f"{where} is {kind_of(value)}, not a mapping")
    return value


def records(value: Json, where: str) -> Iterator[tuple[str, dict[str, Json]]]:
    """The mappings of a list, each with the name of its place."""
    if not isinstance(value, list):
        raise LayoutError(f"{where} is {kind_of(value)}, not a list")
    for index, each in enumerate(value):
        yield f"{where}[{index}]", mapping(each, f"{where}[{index}]")


def text(record: dict[str, Json], key: str, where: str) -> str:
    """A member that is a text and not empty."""
    value = record.get(key)
    if not isinstance(value, str) or not value:
        raise LayoutError(f"{where}.{key} is {kind_of(value)}, not a name")
    return value


def amount(value: Json, resource: str, where: str) -> str | None:
    """A quantity that is above zero, of memory in whole bytes; None for one that is not."""
    found = quantity.parse(value) if isinstance(value, str) else None
    if not isinstance(value, str) or found is None:
        raise LayoutError(f"{where} is {kind_of(value)}, not a quantity such as 100m or 128Mi")
    return value if found > 0 and (resource == "cpu" or found.denominator == 1) else None
