"""A value of a policy file together with where it stands, so that whatever is wrong has a line.

Policy files are read by `bot.manifest.read`: their values end up in manifests and mean what kubectl makes of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NoReturn

from bot.errors import PolicyError
from bot.manifest import Manifest, configuration
from bot.manifest.configuration import kind_of, listing
from bot.manifest.nodes import Alias, Mapping, Node, Sequence, children
from bot.manifest.spans import content_start
from bot.model import Json


class Place:
    """A node of a policy file; `name` is what the file calls it, for messages."""

    __slots__ = ("_manifest", "_node", "name")

    def __init__(self, manifest: Manifest, node: Node, name: str) -> None:
        self._manifest = manifest
        self._node = node
        self.name = name

    @property
    def value(self) -> Json:
        """What the node says."""
        return self._node.value

    def refuse(self, what: str, allowed: str = "") -> NoReturn:
        """Raise the error that says where, what is wrong, and what is allowed."""
        line = self._manifest.line_of(content_start(self._manifest.text, self._node))
        raise PolicyError(f"{self._manifest.path}:{line}: {what}" + (f"; {allowed}" if allowed else ""))

    def members(self, known: Collection[str], required: Collection[str] = ()) -> dict[str, Place]:
        """The members of a mapping with known keys only; null stands for absent."""
        node = self._target()
        if not isinstance(node, Mapping):
            self.refuse(f"{self.name} is {kind_of(self.value)}", f"it is a mapping with {listing(known)}")
        found = {}
        for key, key_node, child in node.pairs:
            place = Place(self._manifest, key_node, key)
            if key not in known:
                place.refuse(f"unknown key {key!r} in {self.name}{nearest(key, known)}", f"allowed: {listing(known)}")
            if key in found:
                place.refuse(f"{key} is there twice in {self.name}", "once is enough")
            if child.value is not None:
                found[key] = Place(self._manifest, child, key)
        for key in required:
            if key not in found:
                self.refuse(f"{self.name} has no {key}", f"needed: {listing(required)}")
        return found

    def items(self) -> list[Place]:
        """The items of a list."""
        node = self._target()
        if not isinstance(node, Sequence):
            self.refuse(f"{self.name} is {kind_of(self.value)}", "it is a list")
        return [Place(self._manifest, item, self.name) for item in node.items]

    def text(self) -> str:
        """A string that is not empty, without the blanks around it."""
        value = self.value
        if not isinstance(value, str) or not value.strip():
            self.refuse(f"{self.name} is {kind_of(value)}", "it is a text" + quoting_hint(value))
        return value.strip()

    def raw_text(self) -> str:
        """A string exactly as it is written."""
        value = self.value
        if not isinstance(value, str):
            self.refuse(f"{self.name} is {kind_of(value)}", "it is a text" + quoting_hint(value))
        return value

    def texts(self) -> tuple[str, ...]:
        """A list of strings, each there once."""
        places = self.items()
        found = tuple(place.text() for place in places)
        if len(set(found)) != len(found):
            place, text = next(pair for pair in zip(places, found, strict=True) if found.count(pair[1]) > 1)
            place.refuse(f"{text!r} is there twice in {self.name}", "once is enough")
        return found

    def flag(self) -> bool:
        """True or false."""
        value = self.value
        if not isinstance(value, bool):
            self.refuse(f"{self.name} is {kind_of(value)}", "it is true or false")
        return value

    def choice(self, allowed: Collection[str]) -> str:
        """One of a few words."""
        value = self.value
        if not isinstance(value, str) or value not in allowed:
            shown = repr(value) if isinstance(value, str) else kind_of(value)
            self.refuse(f"{self.name} is {shown}{nearest(value, allowed)}", f"allowed: {listing(allowed)}")
        return value

    def json(self) -> Json:
        """Any value, in which no mapping has a key twice."""
        for mapping in self._mappings():
            if mapping.duplicates:
                key = min(mapping.duplicates)
                Place(self._manifest, mapping, key).refuse(f"{key} is there twice in {self.name}", "once is enough")
        return self.value

    def mapping(self) -> dict[str, Json]:
        """A mapping with any keys."""
        value = self.json()
        if not isinstance(value, dict):
            self.refuse(f"{self.name} is {kind_of(value)}", "it is a mapping")
        return value

    def _target(self) -> Node:
        return self._node.target if isinstance(self._node, Alias) else self._node

    def _mappings(self) -> Iterator[Mapping]:
        pending = [self._node]
        while pending:
            node = pending.pop()
            if isinstance(node, Mapping):
                yield node
            pending.extend(children(node))


def nearest(word: Json, known: Collection[str]) -> str:
    """`, did you mean 'x'?` when one of the known words is near."""
    near = configuration.nearest(word, known) if isinstance(word, str) else ""
    return f", {near}" if near else ""


def quoting_hint(value: Json) -> str:
    """How to write a text that reads as something else."""
    return " (in quotes)" if isinstance(value, (bool, int, float)) else ""
