"""The syntax tree of one document: what the text says, where, and what kubectl reads in it.

Offsets are 0-based character offsets in `Manifest.text`. `start` is where the parser saw the node begin, which is the
anchor or tag when there is one; `bot.manifest.spans` finds where the content begins and ends.
"""

from __future__ import annotations

from bot.model import Json


class Scalar:
    """A scalar. `style` is "" (plain), "'", '"', "|" or ">"; an absent value is a plain scalar of no length."""

    __slots__ = ("aliased", "anchor", "end", "start", "style", "tag", "value")

    def __init__(self, start: int, end: int, value: Json, style: str, anchor: str | None, tag: str | None) -> None:
        self.start = start
        self.end = end
        self.value = value
        self.style = style
        self.anchor = anchor
        self.tag = tag
        self.aliased = False


class Mapping:
    """A mapping. `pairs` holds (member name, key node, value node) in source order, merge keys and duplicates included.

    `value` is what kubectl reads: merge keys merged, the last of duplicates kept. `merges` tells that a merge key is
    there.
    """

    __slots__ = ("aliased", "anchor", "duplicates", "end", "flow", "merges", "pairs", "start", "tag", "value")

    def __init__(self, start: int, flow: bool, anchor: str | None, tag: str | None) -> None:
        self.start = start
        self.end = start
        self.flow = flow
        self.anchor = anchor
        self.tag = tag
        self.aliased = False
        self.merges = False
        self.duplicates: frozenset[str] = frozenset()
        self.pairs: list[tuple[str, Node, Node]] = []
        self.value: dict[str, Json] = {}


class Sequence:
    """A sequence; `items` are nodes in source order."""

    __slots__ = ("aliased", "anchor", "end", "flow", "items", "start", "tag", "value")

    def __init__(self, start: int, flow: bool, anchor: str | None, tag: str | None) -> None:
        self.start = start
        self.end = start
        self.flow = flow
        self.anchor = anchor
        self.tag = tag
        self.aliased = False
        self.items: list[Node] = []
        self.value: list[Json] = []


class Alias:
    """`*name`; `target` is the anchored node and `value` is shared with it."""

    __slots__ = ("anchor", "end", "start", "tag", "target")

    def __init__(self, start: int, end: int, target: Scalar | Mapping | Sequence) -> None:
        self.start = start
        self.end = end
        self.target = target
        self.anchor = None
        self.tag = None

    @property
    def value(self) -> Json:
        """The value of the anchored node."""
        return self.target.value

    @property
    def aliased(self) -> bool:
        """An alias has no anchor of its own, so nothing refers to it."""
        return False


Node = Scalar | Mapping | Sequence | Alias

MERGE_KEY = "<<"


def children(node: Node) -> list[Node]:
    """The nodes directly inside `node`: values of a mapping, items of a sequence."""
    if isinstance(node, Mapping):
        return [value for _, _, value in node.pairs]
    if isinstance(node, Sequence):
        return node.items
    return []


def contains_shared(node: Node) -> bool:
    """Whether `node` or a node inside it is used through an alias somewhere."""
    pending: list[Node] = [node]
    while pending:
        current = pending.pop()
        if current.aliased:
            return True
        pending.extend(children(current))
        if isinstance(current, Mapping):
            pending.extend(key for _, key, _ in current.pairs if key.aliased)
    return False
