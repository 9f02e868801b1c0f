"""Edits inside flow collections, `{...}` and `[...]`, YAML's and JSON's alike.

A non-empty flow collection stays flow. Separators, padding and one member a line are kept; in JSON one comma on a
neighbouring line may change.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bot.manifest import render
from bot.manifest.live import Item, Leaf, LiveMapping, LiveSequence, Member, Slot, value_of
from bot.manifest.nodes import MERGE_KEY, Mapping, Node
from bot.manifest.place import Place, flow_layout, rename
from bot.manifest.spans import content_end, content_start
from bot.manifest.splice import Splicer
from bot.manifest.style import Style, separator_in, uniform_quote


class FlowEmitter:
    """The edits of one flow collection; `value` handles what stands inside it."""

    def __init__(
        self,
        splicer: Splicer,
        style: Style,
        slot: LiveMapping | LiveSequence,
        value: Callable[[Slot, Node, Place], None],
    ) -> None:
        self.splicer = splicer
        self.style = style
        self.text = splicer.text
        self.slot = slot
        self.value = value
        node = slot.node
        self.opening = content_start(self.text, node)
        self.closing = node.end - 1
        self.spans: list[tuple[int, int]]
        if isinstance(node, Mapping):
            self.spans = [(key.start, max(content_end(self.text, value), key.end)) for _, key, value in node.pairs]
        else:
            self.spans = [(item.start, max(content_end(self.text, item), item.start)) for item in node.items]
        self.layout = flow_layout(splicer, style)
        self.multiline = bool(self.spans) and self.splicer.indents(self.spans[0][0])

    def emit(self) -> None:
        """Make the edits."""
        entries: list[Member] | list[Item] = (
            self.slot.members if isinstance(self.slot, LiveMapping) else self.slot.items
        )
        kept = {entry.place for entry in entries if entry.place is not None}
        if isinstance(self.slot, LiveMapping):
            node = self.slot.node
            kept |= {
                place
                for place, (name, _, _) in enumerate(node.pairs)
                if name in node.duplicates or (name == MERGE_KEY and node.merges)
            }
        gone = [place for place in range(len(self.spans)) if place not in kept]
        self._inner(entries)
        new: dict[int | None, list[str]] = {}
        before: int | None = max(kept) if kept and isinstance(self.slot, LiveMapping) else None
        for entry in entries:
            if entry.place is not None:
                if isinstance(self.slot, LiveSequence):
                    before = entry.place
            else:
                new.setdefault(before, []).append(self._render(entry))
        if not kept:
            self._refill(new.get(None, []))
            return
        self._cut(gone, kept)
        for place, texts in new.items():
            self._insert(place, texts, gone)

    def _inner(self, entries: list[Member] | list[Item]) -> None:
        for entry in entries:
            renamed = isinstance(entry, Member) and entry.renamed
            if entry.place is None or (isinstance(entry.slot, Leaf) and not renamed):
                continue
            if isinstance(entry, Member):
                assert isinstance(self.slot, LiveMapping)
                _, key, value = self.slot.node.pairs[entry.place]
                if entry.renamed:
                    rename(self.splicer, self.style, key, entry.name)
                siblings = [other for _, _, other in self.slot.node.pairs if other is not value]
            else:
                assert isinstance(self.slot, LiveSequence)
                key, value = None, self.slot.node.items[entry.place]
                siblings = [other for other in self.slot.node.items if other is not value]
            place = Place("flow", value.start, 0, self.slot.node, key, uniform_quote(siblings))
            self.value(entry.slot, value, place)

    def _render(self, entry: Member | Item) -> str:
        layout, indent = self.layout, ""
        unit = self.style.multiline_json
        if unit is not None:
            layout = replace(layout, unit=unit)
            indent = self._indent() if self.multiline else self._line_indent() + unit
        value = value_of(entry.slot)
        if isinstance(entry, Member):
            assert isinstance(self.slot, LiveMapping)
            pairs = self.slot.node.pairs
            force = uniform_quote([child for _, _, child in pairs])
            key_quote = uniform_quote([key for _, key, _ in pairs])
            return render.flow_member(entry.name, value, layout, indent, force, key_quote)
        assert isinstance(self.slot, LiveSequence)
        return render.flow(value, layout, indent, uniform_quote(self.slot.node.items))

    def _indent(self) -> str:
        start = self.spans[-1][0] if self.splicer.indents(self.spans[-1][0]) else self.spans[0][0]
        return self.text[self.splicer.line_start(start) : start]

    def _line_indent(self) -> str:
        line = self.text[self.splicer.line_start(self.opening) : self.opening]
        return line[: len(line) - len(line.lstrip(" \t"))]

    def _joint(self) -> str:
        """What stands between two entries: a comma with a blank, or with a line end and the indentation."""
        if self.multiline:
            return "," + self._newline() + self._indent()
        node = self.slot.node
        return separator_in(self.text, node) or self.layout.separator

    def _newline(self) -> str:
        return self.splicer.newline(self.splicer.eol(self.opening))

    def _refill(self, texts: list[str]) -> None:
        """Nothing of the old entries is left: the inside is written anew, or emptied."""
        start, end = self.opening + 1, self.closing
        unit = self.style.multiline_json
        if not texts:
            self.splicer.edit(start, end, "")
        elif self.spans:
            self.splicer.edit(self.spans[0][0], self.spans[-1][1], self._joint().join(texts))
        elif unit is not None:
            newline, indent = self._newline(), self._line_indent()
            inner = newline + indent + unit
            self.splicer.edit(start, end, inner + ("," + inner).join(texts) + newline + indent)
        else:
            self.splicer.edit(start, end, self._joint().join(texts))

    def _cut(self, gone: list[int], kept: set[int]) -> None:
        last_kept = max(kept)
        tail = [place for place in gone if place > last_kept]
        for place in gone:
            if place < last_kept:
                self._cut_one(place)
        if tail:
            start, end = self.spans[last_kept][1], self.spans[tail[-1]][1]
            if "#" not in self.text[start:end]:
                self.splicer.edit(start, end, "")
                return
            comma = self.text.index(",", start)
            trailing = self._comma_after(tail[-1])
            if trailing is None:
                self.splicer.edit(comma, comma + 1, "")
            for place in tail:
                self.splicer.cut_lines(*self.spans[place])

    def _cut_one(self, place: int) -> None:
        start, end = self.spans[place]
        following = self.spans[place + 1][0]
        between = self.text[end:following]
        if "#" in between or ("\n" in between and self.splicer.indents(start)):
            comma = self._comma_after(place)
            eol = self.splicer.eol(comma if comma is not None else end)
            rest = self.text[(comma or end) + 1 : eol].strip()
            if self.splicer.indents(start) and (not rest or rest.startswith("#")):
                self.splicer.cut_lines(start, eol)
                return
        self.splicer.edit(start, following, "")

    def _comma_after(self, place: int) -> int | None:
        end = self.spans[place][1]
        stop = self.spans[place + 1][0] if place + 1 < len(self.spans) else self.closing
        found = self.text.find(",", end, stop)
        return found if found >= 0 and not self.text[end:found].strip() else None

    def _insert(self, place: int | None, texts: list[str], gone: list[int]) -> None:
        joint = self._joint()
        if place is None:
            first = min(index for index in range(len(self.spans)) if index not in gone)
            start = self.spans[first][0]
            self.splicer.edit(start, start, joint.join(texts) + joint)
            return
        end = self.spans[place][1]
        comma = self._comma_after(place)
        eol = self.splicer.eol(comma if comma is not None else end)
        rest = self.text[(comma + 1 if comma is not None else end) : eol].strip()
        if self.multiline and rest.startswith("#"):
            # A comment follows on the line: the comma goes before it, the new entries on lines behind it.
            indent = self._newline() + self._indent()
            if comma is None:
                self.splicer.edit(end, end, ",")
                self.splicer.edit(eol, eol, indent + ("," + indent).join(texts))
            else:
                self.splicer.edit(eol, eol, "".join(indent + text + "," for text in texts))
            return
        self.splicer.edit(end, end, joint + joint.join(texts))
