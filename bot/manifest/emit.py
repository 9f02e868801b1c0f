"""From a changed document to text edits: what is gone is cut, what is new is spliced in, the rest is not touched.

Rules (numbers of the edit cases this follows): a new member goes behind the last content line of its mapping, before
the comments and blank lines that follow; a new item behind the last content line of the item before it; what is
removed takes its lines with it, comments on lines of their own stay; the last entry removed leaves `{}` or `[]`.

Invariant: every edit is computed against the one original text. Edits never overlap; insertions at one place keep the
order in which they were made, inner ones first.
"""

from __future__ import annotations

from dataclasses import replace

from bot.manifest import render
from bot.manifest.flow import FlowEmitter
from bot.manifest.live import Fresh, Leaf, LiveMapping, LiveSequence, Slot, value_of
from bot.manifest.nodes import MERGE_KEY, Mapping, Node, Scalar, Sequence
from bot.manifest.place import Place, flow_layout, rename
from bot.manifest.scalars import resolve
from bot.manifest.spans import (
    block_header,
    block_indent,
    column,
    content_end,
    content_start,
    dash_before,
    properties_end,
)
from bot.manifest.splice import Splicer
from bot.manifest.style import Style, item_gap, uniform_quote
from bot.model import Json, TextEdit


class Emitter:
    """Finds the edits of one document; `literals` allows literal blocks for new texts of several lines."""

    def __init__(self, text: str, root: Node, *, literals: bool = True, style: Style | None = None) -> None:
        self.text = text
        self.style = style or Style(text, root)
        self.literals = literals
        self.splicer = Splicer(text)
        self._strip_marked: set[int] = set()

    def document(self, slot: Slot, root: Node) -> list[TextEdit]:
        """The edits that turn the text of `root` into `slot`."""
        start = content_start(self.text, root)
        self._value(slot, root, Place("root", start, column(self.text, start)))
        return self.splicer.settled()

    def _layout(self, parent: Node | None, position: int) -> render.Layout:
        style = self.style
        siblings = parent if isinstance(parent, Mapping) else None
        return render.Layout(
            step=style.step(siblings),
            offset=style.sequence_offset(position),
            gap=style.dash_gap,
            quote=style.quote,
            literals=self.literals,
        )

    # -- values --------------------------------------------------------------------------------------------------------

    def _value(self, slot: Slot, node: Node, place: Place) -> None:
        if isinstance(slot, Leaf):
            return
        if isinstance(slot, Fresh):
            self._replace(node, slot.value, place)
            return
        entries = slot.members if isinstance(slot, LiveMapping) else slot.items
        source = slot.node.pairs if isinstance(slot, LiveMapping) else slot.node.items
        if not source and entries and not slot.node.flow:
            self._replace(node, value_of(slot), place)
        elif slot.node.flow:
            if not source and entries and place.kind != "flow" and not self.style.json:
                self._replace(node, value_of(slot), place)  # an empty {} in a block file is opened as a block
            else:
                FlowEmitter(self.splicer, self.style, slot, self._value).emit()
        elif not entries and not (isinstance(slot, LiveMapping) and slot.node.merges):
            self._replace(node, {} if isinstance(slot, LiveMapping) else [], place)
        elif isinstance(slot, LiveMapping):
            self._block_mapping(slot)
        else:
            self._block_sequence(slot)

    def _replace(self, node: Node, value: Json, place: Place) -> None:
        if place.kind == "flow" or self.style.json:
            self._replace_flow(node, value, place)
        elif render.is_block(value):
            self._replace_with_block(node, value, place)
        elif isinstance(node, (Mapping, Sequence)) and not node.flow:
            self._replace_block_inline(node, value, place)
        elif isinstance(value, str) and isinstance(node, Scalar) and isinstance(node.value, str):
            self._replace_string(node, value, place)
        else:
            self._put(node, _bare(node, value) or self._scalar(value, place), place)

    def _scalar(self, value: Json, place: Place) -> str:
        return render.scalar(value, flow=False, quote=self.style.quote, force=place.quote)

    def _put(self, node: Node, text: str, place: Place) -> None:
        """Put `text` where `node` stands; behind the colon or dash when nothing stands there."""
        start = content_start(self.text, node) if node.tag is None else node.start
        end = max(content_end(self.text, node), start)
        if start == end:
            at = properties_end(self.text, node) if node.anchor else max(place.anchor, 0)
            self.splicer.edit(at, at, text if place.kind == "root" else " " + text)
        else:
            self.splicer.edit(start, end, text)

    def _replace_string(self, node: Scalar, value: str, place: Place) -> None:
        if node.style in ("'", '"') and node.tag is None:
            self._put(node, render.quoted(value, node.style), place)
            return
        if node.style == "|" or (node.style == ">" and "\n" in value.rstrip("\n")):
            indent = block_indent(self.text, node)
            lines = render.literal(value, indent) if indent is not None and self.literals else None
            if lines is not None and not block_header(self.text, node).group(2):
                self._replace_literal(node, lines)
                return
        elif node.style == ">" and value.strip() and self.literals:
            indent = block_indent(self.text, node)
            breaks = len(value) - len(value.rstrip("\n"))
            if indent is not None and breaks < 2 and value[0] not in " \t" and "\t" not in value:
                self._replace_literal(node, [(">-", ">")[breaks], " " * indent + value.rstrip("\n")])
                return
        self._put(node, self._scalar(value, place), place)

    def _replace_literal(self, node: Scalar, lines: list[str]) -> None:
        """Replace header and lines of a block scalar; a comment on the header stays."""
        header = block_header(self.text, node)
        end = content_end(self.text, node)
        newline = self.splicer.newline(self.splicer.eol(header.start()))
        chomping = len(header.group().split("#")[0].rstrip())
        old = self.text[header.start() : end].split(newline)
        new = [lines[0] + header.group().rstrip("\r")[chomping:], *lines[1:]]
        first = 0
        while first < min(len(old), len(new)) and old[first] == new[first]:
            first += 1
        last = 0
        while last < min(len(old), len(new)) - first and old[-1 - last] == new[-1 - last]:
            last += 1
        start = header.start() + sum(len(line) + len(newline) for line in old[:first])
        stop = end - sum(len(line) + len(newline) for line in old[len(old) - last :])
        changed = newline.join(new[first : len(new) - last])
        if first == len(old):  # only lines at the end are new
            self.splicer.edit(end, end, "".join(newline + line for line in new[first:]))
        elif first == len(new) - last and first < len(old) - last:  # lines are gone
            self.splicer.edit(start, stop + len(newline) if last else stop, "") if last else self.splicer.edit(
                start - len(newline), end, ""
            )
        elif first == len(old) - last:  # lines come in between
            self.splicer.edit(start, start, changed + newline)
        else:
            self.splicer.edit(start, stop, changed)

    def _replace_flow(self, node: Node, value: Json, place: Place) -> None:
        layout = flow_layout(self.splicer, self.style)
        unit = self.style.multiline_json
        indent = ""
        if unit is not None and render.is_block(value):
            start = place.key.start if place.key is not None else node.start
            line = self.text[self.splicer.line_start(start) : start]
            indent = line[: len(line) - len(line.lstrip(" \t"))]
            layout = replace(layout, unit=unit)
        force = place.quote
        if isinstance(value, str) and isinstance(node, Scalar) and node.style in ("'", '"'):
            force = node.style
        text = _bare(node, value) or render.flow(value, layout, indent, force)
        start = content_start(self.text, node) if node.tag is None else node.start
        end = max(content_end(self.text, node), start)
        if start != end:
            self.splicer.edit(start, end, text)
        elif place.key is not None and ":" not in self.text[place.key.end : start]:
            self.splicer.edit(place.key.end, place.key.end, ": " + text)
        else:
            self.splicer.edit(start, start, " " + text)

    def _replace_block_inline(self, node: Mapping | Sequence, value: Json, place: Place) -> None:
        """A block collection gives way to a scalar, `{}` or `[]`."""
        text = self._scalar(value, place)
        start, end = content_start(self.text, node), content_end(self.text, node)
        if place.kind == "member":
            at = properties_end(self.text, node) if node.anchor or node.tag else place.anchor
            self.splicer.edit(at, at, " " + text)
            self.splicer.cut_lines(start, end)
        elif text in ("{}", "[]"):
            # The dash stays where it is, comments at the end of the removed lines go.
            self.splicer.edit(start, self.splicer.eol(end), text)
        else:
            self.splicer.edit(start, end, text)

    def _replace_with_block(self, node: Node, value: Json, place: Place) -> None:
        """Anything gives way to a mapping or list that takes lines of its own."""
        start = content_start(self.text, node)
        end = max(content_end(self.text, node), start)
        layout = self._layout(place.parent, start)
        old_block = isinstance(node, (Mapping, Sequence)) and not node.flow
        newline = self.splicer.newline(self.splicer.eol(start))
        if place.kind == "member":
            indent = place.indent + (layout.step if isinstance(value, dict) else layout.offset)
            lines = render.block(value, indent, layout)
            if old_block:
                self.splicer.edit(self.splicer.line_start(start), self.splicer.eol(end), newline.join(lines))
                return
            at = properties_end(self.text, node) if node.anchor and node.tag is None else place.anchor
            self.splicer.edit(at, max(end, at), "")
            self.splicer.insert_lines(max(end, at), lines)
            return
        indent = column(self.text, start)
        lead = ""
        if start == end and place.kind == "item":
            start = end = place.anchor
            indent = place.indent + layout.gap
            lead = " " * (layout.gap - 1)
        lines = render.block(value, indent, layout)
        self.splicer.edit(start, end, lead + newline.join(lines).lstrip(" "))

    # -- block collections ---------------------------------------------------------------------------------------------

    def _block_mapping(self, slot: LiveMapping) -> None:
        pairs = slot.node.pairs
        kept = [member for member in slot.members if member.place is not None]
        adds = [member for member in slot.members if member.place is None]
        places = {member.place for member in kept}
        addressable = {
            place
            for place, (name, _, _) in enumerate(pairs)
            if not (name == MERGE_KEY and slot.node.merges) and name not in slot.node.duplicates
        }
        gone = sorted(addressable - places)
        for member in kept:
            assert member.place is not None
            _, key, value = pairs[member.place]
            if member.renamed:
                rename(self.splicer, self.style, key, member.name)
            if isinstance(member.slot, Leaf):
                continue
            self._value(member.slot, value, self._member_place(slot.node, key, value))
        if not adds and not gone:
            return
        indent = column(self.text, self._entry_start(pairs[0][1]))
        layout = self._layout(slot.node, content_end(self.text, slot.node))
        layout = replace(
            layout,
            value_quote=uniform_quote([pairs[place][2] for place in range(len(pairs)) if place not in gone]),
            key_quote=uniform_quote([key for _, key, _ in pairs]),
        )
        lines = [line for member in adds for line in render.member(member.name, value_of(member.slot), indent, layout)]
        spans = [(self._entry_start(key), self._entry_end(key, value)) for _, key, value in pairs]
        remaining = [place for place in range(len(pairs)) if place not in gone]
        if lines and remaining and self._open_end(pairs[remaining[-1]][2]) is not None:
            # Lines behind the last member would give its text a line feed: they go before it.
            remaining.pop()
            if not remaining:
                self._insert_before(self._entry_start(pairs[0][1]), lines)
                lines = []
        self._cut_and_insert(spans, gone, {remaining[-1] if remaining else None: lines} if lines else {})

    def _entry_start(self, key: Node) -> int:
        line = self.splicer.line_start(key.start)
        before = self.text[line : key.start].rstrip(" ")
        return line + len(before) - 1 if before.endswith("?") else key.start

    def _entry_end(self, key: Node, value: Node) -> int:
        return max(content_end(self.text, value), key.end)

    def _member_place(self, parent: Mapping, key: Node, value: Node) -> Place:
        colon = self.text.find(":", key.end)
        siblings = [other for _, _, other in parent.pairs if other is not value]
        return Place(
            "member", colon + 1, column(self.text, self._entry_start(key)), parent, key, uniform_quote(siblings)
        )

    def _block_sequence(self, slot: LiveSequence) -> None:
        nodes = slot.node.items
        for item in slot.items:
            if item.place is not None and not isinstance(item.slot, Leaf):
                self._item_value(slot.node, item.place, item.slot)
        if len(slot.items) == len(nodes) and all(item.place is not None for item in slot.items):
            return  # nothing came or went
        dashes = [dash_before(self.text, node) for node in nodes]
        indent = column(self.text, dashes[0])
        kept = {item.place for item in slot.items if item.place is not None}
        gone = [place for place in range(len(nodes)) if place not in kept]
        gaps = [gap for node in nodes if (gap := item_gap(self.text, node)) is not None]
        layout = self._layout(slot.node, dashes[0])
        layout = replace(
            layout,
            gap=gaps[-1] if gaps else layout.gap,
            value_quote=uniform_quote([nodes[place] for place in range(len(nodes)) if place in kept] or nodes),
        )
        inserts: dict[int | None, list[str]] = {}
        before: int | None = None
        for item in slot.items:
            if item.place is not None:
                before = item.place
            else:
                inserts.setdefault(before, []).extend(render.item(value_of(item.slot), indent, layout))
        spans = [(dash, max(content_end(self.text, node), dash + 1)) for dash, node in zip(dashes, nodes, strict=True)]
        self._cut_and_insert(spans, gone, inserts)
        for place in inserts:
            if place is not None:
                self._strip_open_end(nodes[place])

    def _item_value(self, parent: Sequence, place: int, slot: Slot) -> None:
        node = parent.items[place]
        dash = dash_before(self.text, node)
        siblings = [other for other in parent.items if other is not node] if isinstance(slot, Fresh) else []
        stand = Place("item", dash + 1, column(self.text, dash), parent, None, uniform_quote(siblings))
        self._value(slot, node, stand)

    def _cut_and_insert(
        self, spans: list[tuple[int, int]], gone: list[int], inserts: dict[int | None, list[str]]
    ) -> None:
        """Cut the entries `gone` and insert lines behind entries (None: before the first).

        `spans` are the content of all entries, dash or key first. The first entry may share its line with the dash of
        an outer list.
        """
        cut = set(gone)
        first_start, first_end = spans[0]
        front = inserts.get(None)
        alone = self.splicer.starts_line(first_start)
        if front and 0 in cut:
            newline = self.splicer.newline(self.splicer.eol(first_end))
            self.splicer.edit(first_start, self.splicer.eol(first_end), newline.join(front).lstrip(" "))
            cut.discard(0)
        elif front:
            self._insert_before(first_start, front)
        elif 0 in cut and not alone:
            # The dash stays: what comes next moves up to it.
            last = 0
            while last + 1 in cut and self.splicer.line_start(spans[last + 1][0]) == self._after(spans[last][1]):
                cut.discard(last + 1)
                last += 1
            cut.discard(0)
            end = self._after(spans[last][1])
            while end < len(self.text) and self.text[end] in " \r\n":
                end += 1
            self.splicer.edit(first_start, end, "")
        for place in sorted(cut):
            self.splicer.cut_lines(*spans[place])
        for before, lines in inserts.items():
            if before is not None:
                self.splicer.insert_lines(spans[before][1], lines)

    def _insert_before(self, start: int, lines: list[str]) -> None:
        """Lines before the entry at `start`, which may share its line with a dash."""
        newline = self.splicer.newline(self.splicer.eol(start))
        blanks = " " * column(self.text, start)
        self.splicer.edit(start, start, newline.join(lines).lstrip(" ") + newline + blanks)

    def _after(self, offset: int) -> int:
        """Start of the line behind that of `offset`."""
        eol = self.splicer.eol(offset)
        return min(eol + len(self.splicer.newline(eol)), len(self.text))

    def _open_end(self, node: Node) -> Scalar | None:
        """The block scalar that ends `node` and the file, without a line feed that its header would keep."""
        while isinstance(node, (Mapping, Sequence)) and not node.flow:
            node = node.pairs[-1][2] if isinstance(node, Mapping) else node.items[-1]
        if not isinstance(node, Scalar) or node.style not in ("|", ">"):
            return None
        if self.text.endswith("\n") or content_end(self.text, node) < len(self.text):
            return None
        header = block_header(self.text, node)
        return None if "-" in header.group(1) + header.group(3) else node

    def _strip_open_end(self, node: Node) -> None:
        """A block scalar that ends the file would gain a line feed from a line behind it: its header strips it."""
        scalar = self._open_end(node)
        if scalar is None or scalar.start in self._strip_marked:
            return
        self._strip_marked.add(scalar.start)
        header = block_header(self.text, scalar)
        sign = header.start(1) if header.group(1) else header.start(3) if header.group(3) else header.start() + 1
        self.splicer.edit(sign, sign + len(header.group(1) or header.group(3)), "-")


def _bare(node: Node, value: Json) -> str | None:
    """The text between the quotes of `node` when it reads as `value`: `"0644"` gives way to 0644, not to 420."""
    if not isinstance(node, Scalar) or node.style not in ("'", '"') or not isinstance(value, (bool, int, float)):
        return None
    text = node.value
    read = resolve(text) if isinstance(text, str) and text.isascii() and text.isprintable() else None
    return text if read.__class__ is value.__class__ and read == value else None
