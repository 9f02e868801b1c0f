"""From a changed document to text edits: what is gone is cut, what is new is spliced in, the rest is not touched.

Rules (numbers of the edit cases this follows): a new member goes behind the last content line of its mapping, before the
comments and blank lines that follow; a new item behind the last content line of the item before it; what is removed takes
its lines with it, comments on lines of their own stay; the last entry removed leaves `{}` or `[]`.

Invariant: every edit is computed against the one original text. Edits never overlap; insertions at one place keep the
order in which they were made, inner ones first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.manifest import render
from bot.manifest.live import Fresh, Item, Leaf, LiveMapping, LiveSequence, Member, Slot, value_of
from bot.manifest.nodes import Mapping, Node, Scalar, Sequence
from bot.manifest.spans import (
    block_header,
    block_indent,
    column,
    content_end,
    content_start,
    dash_before,
    properties_end,
)
from bot.manifest.style import Style, item_gap, separator_in, uniform_quote
from bot.model import Json, Span, TextEdit


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a value stands. `kind` is root, member, item or flow; `anchor` is the offset behind the colon or dash.

    `indent` is the column of the key or dash, `parent` the mapping or sequence it stands in. `quote` is how all string
    siblings are quoted.
    """

    kind: str
    anchor: int
    indent: int
    parent: Node | None = None
    key: Node | None = None
    quote: str | None = None


class Emitter:
    """Collects the edits of one document; `edits` holds them in the order they were made."""

    def __init__(self, text: str, root: Node, *, literals: bool = True) -> None:
        self.text = text
        self.style = Style(text, root)
        self.literals = literals
        self.edits: list[TextEdit] = []
        self._strip_marked: set[int] = set()
        self._line_inserts: set[int] = set()

    def document(self, slot: Slot, root: Node) -> list[TextEdit]:
        """The edits that turn the text of `root` into `slot`."""
        start = content_start(self.text, root)
        self._value(slot, root, _Place("root", start, column(self.text, start)))
        self._settle()
        return self.edits

    # -- primitives ----------------------------------------------------------------------------------------------------

    def _edit(self, start: int, end: int, new_text: str) -> None:
        if start != end or new_text:
            self.edits.append(TextEdit(Span(start, end), new_text))

    def _line_start(self, offset: int) -> int:
        start = self.text.rfind("\n", 0, offset) + 1
        return start + 1 if start == 0 and self.text.startswith("\ufeff") else start

    def _eol(self, offset: int) -> int:
        """End of the line of `offset`, before its CR LF or LF."""
        end = self.text.find("\n", offset)
        if end < 0:
            return len(self.text)
        return end - 1 if end > offset and self.text[end - 1] == "\r" else end

    def _newline(self, eol: int) -> str:
        """The line end at `eol`; without one, that of the line above."""
        if self.text.startswith("\r\n", eol):
            return "\r\n"
        if eol >= len(self.text):
            last = self.text.rfind("\n")
            return "\r\n" if last > 0 and self.text[last - 1] == "\r" else "\n"
        return "\n"

    def _insert_lines(self, offset: int, lines: list[str]) -> None:
        """New lines behind the line of `offset`."""
        eol = self._eol(offset)
        newline = self._newline(eol)
        self._line_inserts.add(len(self.edits))
        self._edit(eol, eol, "".join(newline + line for line in lines))

    def _settle(self) -> None:
        """Move new lines out of what is cut: behind a line that goes, they start where it ended."""
        cuts = [edit.span for edit in self.edits if edit.span.start < edit.span.end]
        for place in self._line_inserts:
            edit = self.edits[place]
            at = edit.span.start
            if any(cut.start < at < cut.end for cut in cuts):
                newline = self._newline(at)
                text = edit.new_text.removeprefix(newline) + newline
                self.edits[place] = TextEdit(Span(at + len(newline), at + len(newline)), text)
        self._join_cuts()

    def _join_cuts(self) -> None:
        """Join the cut of the last line of a file without a final line feed with cuts right above it."""
        size = len(self.text)
        last = [edit for edit in self.edits if edit.span.end == size and not edit.new_text and edit.span.start < size]
        if len(last) != 1:
            return
        joined = last[0]
        while True:
            start = joined.span.start
            above = [
                edit for edit in self.edits if edit.span.start < start < edit.span.end < size and not edit.new_text
            ]
            if not above:
                break
            first = max(above[0].span.start - 1, 0)
            if first and self.text.startswith("\r\n", first - 1):
                first -= 1
            self.edits = [edit for edit in self.edits if edit is not above[0] and edit is not joined]
            joined = TextEdit(Span(first, size), "")
            self.edits.append(joined)

    def _cut_lines(self, start: int, end: int) -> None:
        """Remove the lines from that of `start` to that of `end`, trailing comment and line end included."""
        first = self._line_start(start)
        eol = self._eol(end)
        if eol >= len(self.text) and first > 0:
            # The file has no final line feed: the one before goes, so that there is still none.
            before = first - 1
            if before > 0 and self.text[before - 1] == "\r":
                before -= 1
            self._edit(max(before, 0), len(self.text), "")
            return
        self._edit(first, min(eol + len(self._newline(eol)), len(self.text)), "")

    def _starts_line(self, offset: int) -> bool:
        return not self.text[self._line_start(offset) : offset].strip(" ")

    def _starts_line_any(self, offset: int) -> bool:
        """Whether only blanks or tabs (JSON) stand before `offset` on its line."""
        return not self.text[self._line_start(offset) : offset].strip(" \t")

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

    def _flow_layout(self) -> render.FlowLayout:
        style = self.style
        return render.FlowLayout(
            style.flow_separator, style.flow_colon, style.quote, style.json, newline=self._newline(self._eol(0))
        )

    # -- values --------------------------------------------------------------------------------------------------------

    def _value(self, slot: Slot, node: Node, place: _Place) -> None:
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
            elif isinstance(slot, LiveMapping):
                _Flow(self, slot, place).emit()
            else:
                _Flow(self, slot, place).emit()
        elif not entries and not (isinstance(slot, LiveMapping) and slot.node.merges):
            self._replace(node, {} if isinstance(slot, LiveMapping) else [], place)
        elif isinstance(slot, LiveMapping):
            self._block_mapping(slot)
        else:
            self._block_sequence(slot)

    def _replace(self, node: Node, value: Json, place: _Place) -> None:
        if place.kind == "flow" or self.style.json:
            self._replace_flow(node, value, place)
        elif render.is_block(value):
            self._replace_with_block(node, value, place)
        elif isinstance(node, (Mapping, Sequence)) and not node.flow:
            self._replace_block_inline(node, value, place)
        elif isinstance(value, str) and isinstance(node, Scalar) and isinstance(node.value, str):
            self._replace_string(node, value, place)
        else:
            self._put(node, self._scalar(value, place), place)

    def _scalar(self, value: Json, place: _Place) -> str:
        return render.scalar(value, flow=False, quote=self.style.quote, force=place.quote)

    def _put(self, node: Node, text: str, place: _Place) -> None:
        """Put `text` where `node` stands; behind the colon or dash when nothing stands there."""
        start = content_start(self.text, node) if node.tag is None else node.start
        end = max(content_end(self.text, node), start)
        if start == end:
            at = properties_end(self.text, node) if node.anchor else max(place.anchor, 0)
            self._edit(at, at, text if place.kind == "root" else " " + text)
        else:
            self._edit(start, end, text)

    def _replace_string(self, node: Scalar, value: str, place: _Place) -> None:
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
        newline = self._newline(self._eol(header.start()))
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
            self._edit(end, end, "".join(newline + line for line in new[first:]))
        elif first == len(new) - last and first < len(old) - last:  # lines are gone
            self._edit(start, stop + len(newline) if last else stop, "") if last else self._edit(
                start - len(newline), end, ""
            )
        elif first == len(old) - last:  # lines come in between
            self._edit(start, start, changed + newline)
        else:
            self._edit(start, stop, changed)

    def _replace_flow(self, node: Node, value: Json, place: _Place) -> None:
        layout = self._flow_layout()
        unit = self.style.multiline_json
        indent = ""
        if unit is not None and render.is_block(value):
            start = place.key.start if place.key is not None else node.start
            line = self.text[self._line_start(start) : start]
            indent = line[: len(line) - len(line.lstrip(" \t"))]
            layout = replace(layout, unit=unit)
        force = place.quote
        if isinstance(value, str) and isinstance(node, Scalar) and node.style in ("'", '"'):
            force = node.style
        text = render.flow(value, layout, indent, force)
        start = content_start(self.text, node) if node.tag is None else node.start
        end = max(content_end(self.text, node), start)
        if start != end:
            self._edit(start, end, text)
        elif place.key is not None and ":" not in self.text[place.key.end : start]:
            self._edit(place.key.end, place.key.end, ": " + text)
        else:
            self._edit(start, start, " " + text)

    def _replace_block_inline(self, node: Mapping | Sequence, value: Json, place: _Place) -> None:
        """A block collection gives way to a scalar, `{}` or `[]`."""
        text = self._scalar(value, place)
        start, end = content_start(self.text, node), content_end(self.text, node)
        if place.kind == "member":
            at = properties_end(self.text, node) if node.anchor or node.tag else place.anchor
            self._edit(at, at, " " + text)
            self._cut_lines(start, end)
        elif isinstance(node, (Mapping, Sequence)) and text in ("{}", "[]"):
            # The dash stays where it is, comments at the end of the removed lines go.
            self._edit(start, self._eol(end), text)
        else:
            self._edit(start, end, text)

    def _replace_with_block(self, node: Node, value: Json, place: _Place) -> None:
        """Anything gives way to a mapping or list that takes lines of its own."""
        start = content_start(self.text, node)
        end = max(content_end(self.text, node), start)
        layout = self._layout(place.parent, start)
        old_block = isinstance(node, (Mapping, Sequence)) and not node.flow
        newline = self._newline(self._eol(start))
        if place.kind == "member":
            indent = place.indent + (layout.step if isinstance(value, dict) else layout.offset)
            lines = render.block(value, indent, layout)
            if old_block:
                self._edit(self._line_start(start), self._eol(end), newline.join(lines))
                return
            at = properties_end(self.text, node) if node.anchor and node.tag is None else place.anchor
            self._edit(at, max(end, at), "")
            self._insert_lines(max(end, at), lines)
            return
        indent = column(self.text, start)
        lead = ""
        if start == end and place.kind == "item":
            start = end = place.anchor
            indent = place.indent + layout.gap
            lead = " " * (layout.gap - 1)
        lines = render.block(value, indent, layout)
        self._edit(start, end, lead + newline.join(lines).lstrip(" "))

    # -- block collections ---------------------------------------------------------------------------------------------

    def _block_mapping(self, slot: LiveMapping) -> None:
        pairs = slot.node.pairs
        kept = [member for member in slot.members if member.place is not None]
        adds = [member for member in slot.members if member.place is None]
        places = {member.place for member in kept}
        addressable = {
            place
            for place, (name, _, _) in enumerate(pairs)
            if not (name == "<<" and slot.node.merges) and name not in slot.node.duplicates
        }
        gone = sorted(addressable - places)
        indent = column(self.text, self._entry_start(pairs[0][1]))
        for member in kept:
            assert member.place is not None
            _, key, value = pairs[member.place]
            if member.renamed:
                self._rename(key, member.name)
            self._value(member.slot, value, self._member_place(slot.node, key, value))
        layout = self._layout(slot.node, content_end(self.text, slot.node))
        layout = replace(
            layout,
            value_quote=uniform_quote([pairs[place][2] for place in range(len(pairs)) if place not in gone]),
            key_quote=uniform_quote([key for _, key, _ in pairs]),
        )
        lines = [line for member in adds for line in render.member(member.name, value_of(member.slot), indent, layout)]
        spans = [(self._entry_start(key), self._entry_end(key, value)) for _, key, value in pairs]
        remaining = [place for place in range(len(pairs)) if place not in gone]
        self._cut_and_insert(spans, gone, {remaining[-1] if remaining else None: lines} if lines else {})
        if lines and remaining:
            self._protect_open_end(pairs[remaining[-1]][2])

    def _entry_start(self, key: Node) -> int:
        line = self._line_start(key.start)
        before = self.text[line : key.start].rstrip(" ")
        return line + len(before) - 1 if before.endswith("?") else key.start

    def _entry_end(self, key: Node, value: Node) -> int:
        return max(content_end(self.text, value), key.end)

    def _member_place(self, parent: Mapping, key: Node, value: Node) -> _Place:
        colon = self.text.find(":", key.end)
        siblings = [other for _, _, other in parent.pairs if other is not value]
        return _Place(
            "member", colon + 1, column(self.text, self._entry_start(key)), parent, key, uniform_quote(siblings)
        )

    def _rename(self, key: Node, name: str) -> None:
        style = key.style if isinstance(key, Scalar) and key.style in ("'", '"') else None
        self._edit(key.start, key.end, render.scalar(name, flow=False, quote=self.style.quote, force=style))

    def _block_sequence(self, slot: LiveSequence) -> None:
        nodes = slot.node.items
        dashes = [dash_before(self.text, node) for node in nodes]
        indent = column(self.text, dashes[0])
        kept = {item.place for item in slot.items if item.place is not None}
        gone = [place for place in range(len(nodes)) if place not in kept]
        gaps = [gap for node in nodes if (gap := item_gap(self.text, node)) is not None]
        for item in slot.items:
            if item.place is not None:
                node = nodes[item.place]
                siblings = [other for other in nodes if other is not node]
                place = _Place("item", dashes[item.place] + 1, indent, slot.node, None, uniform_quote(siblings))
                self._value(item.slot, node, place)
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
                self._protect_open_end(nodes[place])

    def _cut_and_insert(
        self, spans: list[tuple[int, int]], gone: list[int], inserts: dict[int | None, list[str]]
    ) -> None:
        """Cut the entries `gone` and insert lines behind entries (None: before the first).

        `spans` are the content of all entries, dash or key first. The first entry may share its line with the dash of an
        outer list.
        """
        cut = set(gone)
        first_start, first_end = spans[0]
        front = inserts.get(None)
        alone = self._starts_line(first_start)
        if front and 0 in cut:
            newline = self._newline(self._eol(first_end))
            self._edit(first_start, self._eol(first_end), newline.join(front).lstrip(" "))
            cut.discard(0)
        elif front:
            newline = self._newline(self._eol(first_start))
            blanks = " " * column(self.text, first_start)
            self._edit(first_start, first_start, newline.join(front).lstrip(" ") + newline + blanks)
        elif 0 in cut and not alone:
            # The dash stays: what comes next moves up to it.
            last = 0
            while last + 1 in cut and self._line_start(spans[last + 1][0]) == self._after(spans[last][1]):
                cut.discard(last + 1)
                last += 1
            cut.discard(0)
            end = self._after(spans[last][1])
            while end < len(self.text) and self.text[end] in " \r\n":
                end += 1
            self._edit(first_start, end, "")
        for place in sorted(cut):
            self._cut_lines(*spans[place])
        for place, lines in inserts.items():
            if place is not None:
                self._insert_lines(spans[place][1], lines)

    def _after(self, offset: int) -> int:
        """Start of the line behind that of `offset`."""
        eol = self._eol(offset)
        return min(eol + len(self._newline(eol)), len(self.text))

    def _protect_open_end(self, node: Node) -> None:
        """A block scalar that ends the file without a line feed would gain one from a line behind it: strip it."""
        while isinstance(node, (Mapping, Sequence)) and not node.flow:
            node = node.pairs[-1][2] if isinstance(node, Mapping) else node.items[-1]
        if not isinstance(node, Scalar) or node.style not in ("|", ">") or node.start in self._strip_marked:
            return
        if self.text.endswith("\n") or content_end(self.text, node) < len(self.text):
            return
        header = block_header(self.text, node)
        if "-" in header.group(1) + header.group(3):
            return
        self._strip_marked.add(node.start)
        sign = header.start(1) if header.group(1) else header.start(3) if header.group(3) else header.start() + 1
        self._edit(sign, sign + len(header.group(1) or header.group(3)), "-")


class _Flow:
    """Edits inside one flow collection, `{...}` or `[...]`."""

    def __init__(self, emitter: Emitter, slot: LiveMapping | LiveSequence, place: _Place) -> None:
        self.out = emitter
        self.text = emitter.text
        self.slot = slot
        self.place = place
        node = slot.node
        self.opening = content_start(self.text, node)
        self.closing = node.end - 1
        self.spans: list[tuple[int, int]]
        if isinstance(node, Mapping):
            self.spans = [(key.start, max(content_end(self.text, value), key.end)) for _, key, value in node.pairs]
        else:
            self.spans = [(item.start, max(content_end(self.text, item), item.start)) for item in node.items]
        self.layout = emitter._flow_layout()
        self.multiline = bool(self.spans) and emitter._starts_line_any(self.spans[0][0])

    def emit(self) -> None:
        entries: list[Member] | list[Item] = (
            self.slot.members if isinstance(self.slot, LiveMapping) else self.slot.items
        )
        kept = {entry.place for entry in entries if entry.place is not None}
        if isinstance(self.slot, LiveMapping):
            node = self.slot.node
            kept |= {
                place
                for place, (name, _, _) in enumerate(node.pairs)
                if name in node.duplicates or (name == "<<" and node.merges)
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
            if entry.place is None:
                continue
            if isinstance(entry, Member):
                assert isinstance(self.slot, LiveMapping)
                _, key, value = self.slot.node.pairs[entry.place]
                if entry.renamed:
                    self.out._rename(key, entry.name)
                siblings = [other for _, _, other in self.slot.node.pairs if other is not value]
            else:
                assert isinstance(self.slot, LiveSequence)
                key, value = None, self.slot.node.items[entry.place]
                siblings = [other for other in self.slot.node.items if other is not value]
            place = _Place("flow", value.start, 0, self.slot.node, key, uniform_quote(siblings))
            self.out._value(entry.slot, value, place)

    def _render(self, entry: Member | Item) -> str:
        layout, indent = self.layout, ""
        unit = self.out.style.multiline_json
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
        start = self.spans[-1][0] if self.out._starts_line_any(self.spans[-1][0]) else self.spans[0][0]
        return self.text[self.out._line_start(start) : start]

    def _line_indent(self) -> str:
        line = self.text[self.out._line_start(self.opening) : self.opening]
        return line[: len(line) - len(line.lstrip(" \t"))]

    def _joint(self) -> str:
        """What stands between two entries: a comma with a blank, or with a line end and the indentation."""
        if self.multiline:
            return "," + self._newline() + self._indent()
        node = self.slot.node
        return separator_in(self.text, node) or self.layout.separator

    def _newline(self) -> str:
        return self.out._newline(self.out._eol(self.opening))

    def _refill(self, texts: list[str]) -> None:
        """Nothing of the old entries is left: the inside is written anew, or emptied."""
        start, end = self.opening + 1, self.closing
        unit = self.out.style.multiline_json
        if not texts:
            self.out._edit(start, end, "")
        elif self.spans:
            self.out._edit(self.spans[0][0], self.spans[-1][1], self._joint().join(texts))
        elif unit is not None:
            newline, indent = self._newline(), self._line_indent()
            inner = newline + indent + unit
            self.out._edit(start, end, inner + ("," + inner).join(texts) + newline + indent)
        else:
            self.out._edit(start, end, self._joint().join(texts))

    def _cut(self, gone: list[int], kept: set[int]) -> None:
        last_kept = max(kept)
        tail = [place for place in gone if place > last_kept]
        for place in gone:
            if place < last_kept:
                self._cut_one(place)
        if tail:
            start, end = self.spans[last_kept][1], self.spans[tail[-1]][1]
            if "#" not in self.text[start:end]:
                self.out._edit(start, end, "")
                return
            comma = self.text.index(",", start)
            trailing = self._comma_after(tail[-1])
            if trailing is None:
                self.out._edit(comma, comma + 1, "")
            for place in tail:
                self.out._cut_lines(*self.spans[place])

    def _cut_one(self, place: int) -> None:
        start, end = self.spans[place]
        following = self.spans[place + 1][0]
        between = self.text[end:following]
        if "#" in between or ("\n" in between and self.out._starts_line_any(start)):
            comma = self._comma_after(place)
            eol = self.out._eol(comma if comma is not None else end)
            rest = self.text[(comma or end) + 1 : eol].strip()
            if self.out._starts_line_any(start) and (not rest or rest.startswith("#")):
                self.out._cut_lines(start, eol)
                return
        self.out._edit(start, following, "")

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
            self.out._edit(start, start, joint.join(texts) + joint)
            return
        end = self.spans[place][1]
        comma = self._comma_after(place)
        eol = self.out._eol(comma if comma is not None else end)
        rest = self.text[(comma + 1 if comma is not None else end) : eol].strip()
        if self.multiline and rest.startswith("#"):
            # A comment follows on the line: the comma goes before it, the new entries on lines behind it.
            indent = self._newline() + self._indent()
            if comma is None:
                self.out._edit(end, end, ",")
                self.out._edit(eol, eol, indent + ("," + indent).join(texts))
            else:
                self.out._edit(eol, eol, "".join(indent + text + "," for text in texts))
            return
        self.out._edit(end, end, joint + joint.join(texts))
