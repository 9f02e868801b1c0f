"""A value of a configuration file together with where it stands, so that whatever is wrong has a line.

Configuration is read by `bot.manifest.read`, so that it means what the same text means in a manifest. Null stands for
absent: a key whose lines are all commented out is no error.

Invariant: every refusal is one line, `file:line: what is wrong; what is allowed`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from typing import NoReturn

from bot.errors import BotError
from bot.manifest.nodes import Alias, Mapping, Node, Scalar, Sequence
from bot.manifest.reader import Manifest, read
from bot.manifest.spans import column, content_end, content_start
from bot.model import Json, Location, Span

_DECIMAL = re.compile(r"(?:0|[1-9][0-9]*)(?:\.[0-9]+)?\Z", re.ASCII)


class Field:
    """A node of a file; `name` is what the file calls it, `error` what is raised when it is wrong."""

    __slots__ = ("_error", "_manifest", "_node", "name")

    def __init__(self, manifest: Manifest, node: Node, name: str, error: type[BotError]) -> None:
        self._manifest = manifest
        self._node = node
        self._error = error
        self.name = name

    @property
    def value(self) -> Json:
        """What the node says."""
        return self._node.value

    @property
    def where(self) -> str:
        """`file:line` of the node."""
        return f"{self._manifest.path}:{self._manifest.line_of(content_start(self._manifest.text, self._node))}"

    @property
    def location(self) -> Location:
        """Where the node begins; its pointer is that of the document."""
        text, node = self._manifest.text, self._node
        start = content_start(text, node)
        span = Span(start, content_end(text, node))
        line, end = self._manifest.line_of(start), self._manifest.line_of(max(start, span.end - 1))
        return Location(self._manifest.path, 0, "", span, line, end, column(text, start) + 1)

    def refuse(self, what: str, allowed: str = "") -> NoReturn:
        """Raise the error that says where, what is wrong, and what is allowed."""
        raise self._error(f"{self.where}: {what}" + (f"; {allowed}" if allowed else ""))

    def members(self, known: Collection[str]) -> dict[str, Field]:
        """The members of a mapping with known keys only; those that are null are left out."""
        found = self.entries(f"it is a mapping with {listing(known)}")
        for key, (key_field, _) in found.items():
            if key not in known:
                key_field.refuse(f"unknown key {key!r}", nearest(key, known) or f"allowed: {listing(known)}")
        return {key: child for key, (_, child) in found.items() if child.value is not None}

    def entries(self, allowed: str) -> dict[str, tuple[Field, Field]]:
        """The keys and values of a mapping with any keys, each there once; `allowed` describes it when it is none."""
        node = self._node.target if isinstance(self._node, Alias) else self._node
        if not isinstance(node, Mapping):
            self.refuse(f"{self.name} is {kind_of(self.value)}", allowed)
        found: dict[str, tuple[Field, Field]] = {}
        for key, key_node, child in node.pairs:
            key_field = Field(self._manifest, key_node, self.name, self._error)
            if key in found:
                key_field.refuse(f"{key!r} is there twice", f"first in line {found[key][0].where.rpartition(':')[2]}")
            found[key] = (key_field, Field(self._manifest, child, key, self._error))
        return found

    def items(self, allowed: str = "it is a list") -> list[Field]:
        """The items of a list."""
        node = self._node.target if isinstance(self._node, Alias) else self._node
        if not isinstance(node, Sequence):
            self.refuse(f"{self.name} is {kind_of(self.value)}", allowed)
        return [Field(self._manifest, item, f"an item of {self.name}", self._error) for item in node.items]

    def text(self, allowed: str = "it is a text") -> str:
        """A string that is not empty."""
        value = self.value
        if not isinstance(value, str) or not value.strip():
            hint = f" (in quotes: {self._source()!r})" if isinstance(value, (bool, int, float)) else ""
            self.refuse(f"{self.name} is {kind_of(value)}", allowed + hint)
        return value

    def written(self, allowed: str, holds: Callable[[str], bool]) -> str:
        """A string that `holds`, or a decimal number as it is written: the value of 1.30 no longer tells `1.30`."""
        value = self.value
        scalar = isinstance(value, (bool, int, float))
        if scalar and (isinstance(value, bool) or not _DECIMAL.match(self._source())):
            hint = f" (in quotes: {self._source()!r})" if holds(self._source()) else ""
            self.refuse(f"{self.name} is {kind_of(value)}", allowed + hint)
        text = self._source() if scalar else value
        if not isinstance(text, str) or not holds(text):
            self.refuse(f"{self.name} is {kind_of(value)}", allowed)
        return text

    def flag(self) -> bool:
        """True or false."""
        value = self.value
        if not isinstance(value, bool):
            self.refuse(f"{self.name} is {kind_of(value)}", "it is true or false")
        return value

    def natural(self, least: int = 0, most: int | None = None) -> int:
        """A whole number between the two."""
        value = self.value
        if not isinstance(value, int) or isinstance(value, bool) or value < least or (most and value > most):
            upwards = f" to {most}" if most else ""
            self.refuse(f"{self.name} is {kind_of(value)}", f"it is a whole number from {least}{upwards}")
        return value

    def number(self, least: float, most: float) -> float:
        """A number between the two."""
        value = self.value
        if not isinstance(value, (int, float)) or isinstance(value, bool) or not least <= value <= most:
            self.refuse(f"{self.name} is {kind_of(value)}", f"it is a number from {least} to {most:,}")
        return float(value)

    def choice(self, allowed: Collection[str]) -> str:
        """One of a few words."""
        value = self.value
        if not isinstance(value, str) or value not in allowed:
            near = nearest(value, allowed) if isinstance(value, str) else ""
            self.refuse(f"{self.name} is {kind_of(value)}", f"{near} allowed: {listing(allowed)}".strip())
        return value

    def _source(self) -> str:
        node = self._node.target if isinstance(self._node, Alias) else self._node
        assert isinstance(node, Scalar), "only scalars have a source text"
        text = self._manifest.text
        return text[content_start(text, node) : content_end(text, node)]


def read_one(path: str, text: str, name: str, error: type[BotError]) -> Field | None:
    """The one document of a configuration file; None when it says nothing."""
    manifest = read(path, text)
    if manifest.problem is not None:
        raise error(f"{path}:{manifest.problem.line or 1}: {manifest.problem.reason}")
    documents = [document for document in manifest.documents if document.value is not None]
    if len(documents) > 1:
        Field(manifest, documents[1].root, name, error).refuse(
            f"{name} has {len(documents)} documents", "it is one; remove the lines with ---"
        )
    return Field(manifest, documents[0].root, name, error) if documents else None


def listing(words: Collection[str]) -> str:
    """The words for a person."""
    return ", ".join(words)


def nearest(word: str, known: Collection[str]) -> str:
    """`did you mean 'x'?` when one of the known words is near, else nothing."""
    import difflib  # only when something is wrong: its import takes longer than reading a file

    near = difflib.get_close_matches(word, known, n=1)
    return f"did you mean {near[0]!r}?" if near else ""


def kind_of(value: Json) -> str:
    """What a value is, for a person."""
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return f"the boolean {str(value).lower()}"
    if isinstance(value, (int, float)):
        return f"the number {value}"
    if isinstance(value, str):
        return f"the text {value[:40]!r}" if value.strip() else "an empty text"
    return "a list" if isinstance(value, list) else "a mapping"
