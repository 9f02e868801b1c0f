"""The texts that findings point into: lines for people, places for machines, edits of a fix.

A source is a `Manifest`, or just a text when nothing more is at hand. Lines end at line feeds only; a byte order mark
takes no column.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.manifest import Manifest
from bot.manifest.pointers import split
from bot.manifest.spans import find
from bot.model import Change, Location, Span, TextEdit

Sources = Mapping[str, Manifest | str]
"""Path to manifest or text. A path that is missing is shown without its lines."""

_BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class Place:
    """A 1-based line and column. `column` counts characters, `utf16` UTF-16 code units, as SARIF and editors do."""

    line: int
    column: int
    utf16: int


def source_of(sources: Sources, path: str) -> Manifest | None:
    """The source of `path` as a manifest (without documents when only its text is known)."""
    source = sources.get(path)
    return Manifest(path, source) if isinstance(source, str) else source


def line_of(source: Manifest, line: int) -> tuple[int, str]:
    """Where a 1-based line starts, and its text without byte order mark and line end."""
    start, end = source.line_span(line)
    if start == 0 and source.text.startswith(_BOM):
        start = 1
    return start, source.text[start:end].removesuffix("\r")


def line_count(source: Manifest) -> int:
    """Lines of a source; a text that ends with a line feed has no line behind it."""
    return source.line_of(max(0, len(source.text) - 1))


def place_of(source: Manifest, offset: int) -> Place:
    """The line and columns of a character offset."""
    line = source.line_of(offset)
    start, _ = line_of(source, line)
    before = source.text[start:offset]
    beyond = 0 if before.isascii() else sum(1 for character in before if character > "\uffff")
    return Place(line, len(before) + 1, len(before) + beyond + 1)


def within(source: Manifest, span: Span) -> bool:
    """Whether `span` lies in the text: a source read at another time may be shorter."""
    return 0 <= span.start <= span.end <= len(source.text)


def absent(source: Manifest, location: Location) -> tuple[str, ...]:
    """The tokens of the pointer that are not in the file: what is missing at the place that is shown."""
    if location.document >= len(source.documents):
        return ()
    root = source.documents[location.document].root
    tokens = split(location.pointer)
    if find(root, location.pointer)[2]:
        return ()
    present = 0
    while present < len(tokens) and find(root, _pointer(location.pointer, present + 1))[2]:
        present += 1
    return tuple(tokens[present:])


def _pointer(pointer: str, tokens: int) -> str:
    return "/".join(pointer.split("/")[: tokens + 1])


def edits_of(source: Manifest, change: Change) -> tuple[TextEdit, ...]:
    """The text edits of a change, computed when it does not bring them; none when they would be refused."""
    if change.edits or change.document is None:
        return change.edits
    if change.document >= len(source.documents):
        return ()
    from bot.manifest.edits import Refusal, edit

    made = edit(source, change.document, change.operations)
    return () if isinstance(made, Refusal) else made
