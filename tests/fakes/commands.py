"""What a runner reads from a step: its command files, and the workflow commands among what it prints.

Written after what the runner does (actions/runner: `FileCommandManager`, `ActionCommandManager`); a file that the
runner would refuse is a failure here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_COMMAND = re.compile(r"::(?P<name>[a-z-]+)(?: (?P<properties>[^\n]*?))?::(?P<message>.*)")
LEVELS = ("error", "warning", "notice")


@dataclass(frozen=True)
class Annotation:
    """A message beside a line; `properties` are `file`, `line`, `title` and their like."""

    level: str
    message: str
    properties: dict[str, str]


def variables(text: str) -> dict[str, str]:
    """Name to value, of `name=value` and `name<<MARK` ... `MARK`; where both signs are, the first one counts."""
    found: dict[str, str] = {}
    lines = iter(text.splitlines())
    for line in lines:
        if not line:
            continue
        equals, heredoc = line.find("="), line.find("<<")
        if equals >= 0 and (heredoc < 0 or equals < heredoc):
            name, _, value = line.partition("=")
        else:
            name, _, mark = line.partition("<<")
            assert mark, f"Invalid format '{line}'"
            value = "\n".join(_until(lines, mark))
        assert name, f"Invalid format '{line}'"
        found[name] = value
    return found


def _until(lines: Iterator[str], mark: str) -> Iterable[str]:
    for line in lines:
        if line == mark:
            return
        yield line
    raise AssertionError(f"Matching delimiter not found '{mark}'")


def shown(printed: str) -> list[Annotation]:
    """The annotations that the runner shows; between `::stop-commands::TOKEN` and `::TOKEN::` nothing is a command."""
    found, stopped = [], ""
    for line in printed.splitlines():
        if stopped:
            stopped = "" if line.strip() == f"::{stopped}::" else stopped
            continue
        command = _COMMAND.match(line.lstrip())
        if command is None:
            continue
        if command["name"] == "stop-commands":
            stopped = command["message"]
        elif command["name"] in LEVELS:
            pairs = (each.partition("=") for each in (command["properties"] or "").split(",") if each)
            properties = {name.strip(): _unescaped(value, more=True) for name, _, value in pairs}
            found.append(Annotation(command["name"], _unescaped(command["message"]), properties))
    return found


def _unescaped(text: str, *, more: bool = False) -> str:
    pairs = [("%0D", "\r"), ("%0A", "\n"), *([("%3A", ":"), ("%2C", ",")] if more else []), ("%25", "%")]
    for escaped, plain in pairs:
        text = text.replace(escaped, plain)
    return text
