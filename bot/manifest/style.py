"""The habits of one document: quotes, indentation, list offset, JSON layout. What is added follows them.

All is counted from the tree on first use; a document without any habit gets double quotes, two spaces and lists at the
column of their key.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from functools import cached_property

from bot.manifest.nodes import Mapping, Node, Scalar, Sequence, children
from bot.manifest.spans import column, content_start, dash_before


class Style:
    """Habits of the document with `root` in `text`; offsets are character offsets."""

    def __init__(self, text: str, root: Node) -> None:
        self.text = text
        self.root = root

    @cached_property
    def _nodes(self) -> list[Node]:
        found: list[Node] = []
        pending = [self.root]
        while pending:
            node = pending.pop()
            found.append(node)
            if isinstance(node, Mapping):
                found.extend(key for _, key, _ in node.pairs)
            pending.extend(children(node))
        return found

    @cached_property
    def json(self) -> bool:
        """Whether the document is JSON: flow all through, every key in double quotes."""
        root = self.root
        if not isinstance(root, (Mapping, Sequence)) or not root.flow:
            return False
        return all(
            isinstance(key, Scalar) and key.style == '"'
            for node in self._nodes
            if isinstance(node, Mapping)
            for _, key, _ in node.pairs
        )

    @cached_property
    def quote(self) -> str:
        """The quote character that the document's scalars use more often; double when none does."""
        counts = Counter(node.style for node in self._nodes if isinstance(node, Scalar))
        return "'" if counts["'"] > counts['"'] else '"'

    @cached_property
    def _offsets(self) -> list[tuple[int, int]]:
        """(position, columns between a key and the dashes of its list) of every block list under a key."""
        found = []
        for node in self._nodes:
            if isinstance(node, Mapping) and not node.flow:
                for _, key, value in node.pairs:
                    if isinstance(value, Sequence) and not value.flow and value.items:
                        dash = dash_before(self.text, value.items[0])
                        offset = column(self.text, dash) - column(self.text, key.start)
                        if offset >= 0:
                            found.append((dash, offset))
        return sorted(found)

    def sequence_offset(self, position: int) -> int:
        """Columns between a key and the dashes of a list added at `position`: as the nearest list, else zero."""
        if not self._offsets:
            return 0
        after = bisect_left(self._offsets, (position, 0))
        near = self._offsets[max(after - 1, 0) : after + 1]
        return min(near, key=lambda entry: abs(entry[0] - position))[1]

    @cached_property
    def _steps(self) -> Counter[int]:
        counts: Counter[int] = Counter()
        for node in self._nodes:
            if isinstance(node, Mapping):
                for step in mapping_steps(self.text, node):
                    counts[step] += 1
        return counts

    def step(self, siblings: Mapping | None) -> int:
        """Columns that a nested mapping is indented: as its siblings in the mapping, else as the document."""
        if siblings is not None:
            steps = mapping_steps(self.text, siblings)
            if steps:
                return steps[-1]
        return self._steps.most_common(1)[0][0] if self._steps else 2

    @cached_property
    def dash_gap(self) -> int:
        """Columns between a dash and its item, the dash included; 2 when the document has no list."""
        counts: Counter[int] = Counter()
        for node in self._nodes:
            if isinstance(node, Sequence) and not node.flow:
                for item in node.items:
                    gap = item_gap(self.text, item)
                    if gap is not None:
                        counts[gap] += 1
        return counts.most_common(1)[0][0] if counts else 2

    @cached_property
    def flow_separator(self) -> str:
        """`, ` or `,`: what stands between the members of the document's one-line flow collections."""
        for node in self._nodes:
            separator = separator_in(self.text, node)
            if separator is not None:
                return separator
        return ", "

    @cached_property
    def flow_colon(self) -> str:
        """`: ` or `:` after a key of a JSON document; YAML needs the blank."""
        if self.json:
            for node in self._nodes:
                if isinstance(node, Mapping) and node.pairs:
                    _, key, value = node.pairs[0]
                    return self.text[key.end : value.start].replace("\n", " ")
        return ": "

    @cached_property
    def multiline_json(self) -> str | None:
        """The unit of indentation of a JSON document that has one member a line; None when it has not."""
        root = self.root
        entries = root.pairs if isinstance(root, Mapping) else root.items if isinstance(root, Sequence) else []
        if not self.json or not entries:
            return None
        first = root.pairs[0][1] if isinstance(root, Mapping) else root.items[0]  # type: ignore[union-attr]
        match = re.match(r"[\[{]\s*\n([ \t]*)\Z", self.text[content_start(self.text, root) : first.start])
        return (match.group(1) or "  ") if match else None


def mapping_steps(text: str, node: Mapping) -> list[int]:
    """Indentation of each block mapping that is a member of the block mapping `node`."""
    if node.flow:
        return []
    steps = []
    for _, key, value in node.pairs:
        if isinstance(value, Mapping) and not value.flow:
            step = column(text, content_start(text, value)) - column(text, key.start)
            if step > 0:
                steps.append(step)
    return steps


def item_gap(text: str, item: Node) -> int | None:
    """Columns between the dash of `item` and its content; None when they are on different lines."""
    if item.end == item.start and isinstance(item, Scalar):
        return None
    dash = dash_before(text, item)
    start = content_start(text, item)
    return start - dash if "\n" not in text[dash:start] else None


def separator_in(text: str, node: Node) -> str | None:
    """What stands between the first two members of a flow collection on one line; None when there are no two."""
    if isinstance(node, Sequence) and node.flow and len(node.items) > 1:
        between = text[node.items[0].end : node.items[1].start]
    elif isinstance(node, Mapping) and node.flow and len(node.pairs) > 1:
        between = text[max(node.pairs[0][2].end, node.pairs[0][1].end) : node.pairs[1][1].start]
    else:
        return None
    return between if re.fullmatch(r",[ ]*", between) else None


def uniform_quote(scalars: list[Node]) -> str | None:
    """The quote character when all string scalars in `scalars` are quoted one way; None otherwise."""
    styles = {node.style for node in scalars if isinstance(node, Scalar) and isinstance(node.value, str)}
    if len(styles) == 1:
        style = styles.pop()
        return style if style in ("'", '"') else None
    return None
