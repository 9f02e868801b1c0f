"""Cutting and inserting in one text: lines, line ends, and the order of edits. Knows nothing of YAML.

Invariant: every edit is computed against the one original text. Edits never overlap; insertions at one place keep the
order in which they were made.
"""

from __future__ import annotations

from bot.model import Span, TextEdit


class Splicer:
    """Collects the edits of one text, in the order they are made; `settled` gives them ready to apply."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._edits: list[TextEdit] = []
        self._line_inserts: set[int] = set()

    def settled(self) -> list[TextEdit]:
        """The edits, new lines moved out of what is cut."""
        self._settle()
        return self._edits

    def edit(self, start: int, end: int, new_text: str) -> None:
        """Replace a range by a text; nothing happens when both are empty."""
        if start != end or new_text:
            self._edits.append(TextEdit(Span(start, end), new_text))

    def line_start(self, offset: int) -> int:
        """Start of the line of `offset`, behind a byte order mark."""
        start = self.text.rfind("\n", 0, offset) + 1
        return start + 1 if start == 0 and self.text.startswith("\ufeff") else start

    def eol(self, offset: int) -> int:
        """End of the line of `offset`, before its CR LF or LF."""
        end = self.text.find("\n", offset)
        if end < 0:
            return len(self.text)
        return end - 1 if end > offset and self.text[end - 1] == "\r" else end

    def newline(self, eol: int) -> str:
        """The line end at `eol`; without one, that of the line above."""
        if self.text.startswith("\r\n", eol):
            return "\r\n"
        if eol >= len(self.text):
            last = self.text.rfind("\n")
            return "\r\n" if last > 0 and self.text[last - 1] == "\r" else "\n"
        return "\n"

    def insert_lines(self, offset: int, lines: list[str]) -> None:
        """New lines behind the line of `offset`."""
        eol = self.eol(offset)
        newline = self.newline(eol)
        self._line_inserts.add(len(self._edits))
        self.edit(eol, eol, "".join(newline + line for line in lines))

    def _settle(self) -> None:
        """Move new lines out of what is cut: behind a line that goes, they start where it ended."""
        cuts = [edit.span for edit in self._edits if edit.span.start < edit.span.end]
        for place in self._line_inserts:
            edit = self._edits[place]
            at = edit.span.start
            if any(cut.start < at < cut.end for cut in cuts):
                newline = self.newline(at)
                text = edit.new_text.removeprefix(newline) + newline
                self._edits[place] = TextEdit(Span(at + len(newline), at + len(newline)), text)
        self._join_cuts()

    def _join_cuts(self) -> None:
        """Join the cut of the last line of a file without a final line feed with cuts right above it."""
        size = len(self.text)
        last = [edit for edit in self._edits if edit.span.end == size and not edit.new_text and edit.span.start < size]
        if len(last) != 1:
            return
        joined = last[0]
        while True:
            start = joined.span.start
            above = [
                edit for edit in self._edits if edit.span.start < start < edit.span.end < size and not edit.new_text
            ]
            if not above:
                break
            first = max(above[0].span.start - 1, 0)
            if first and self.text.startswith("\r\n", first - 1):
                first -= 1
            self._edits = [edit for edit in self._edits if edit is not above[0] and edit is not joined]
            joined = TextEdit(Span(first, size), "")
            self._edits.append(joined)

    def cut_lines(self, start: int, end: int) -> None:
        """Remove the lines from that of `start` to that of `end`, trailing comment and line end included."""
        first = self.line_start(start)
        eol = self.eol(end)
        if eol >= len(self.text) and first > 0:
            # The file has no final line feed: the one before goes, so that there is still none.
            before = first - 1
            if before > 0 and self.text[before - 1] == "\r":
                before -= 1
            self.edit(max(before, 0), len(self.text), "")
            return
        self.edit(first, min(eol + len(self.newline(eol)), len(self.text)), "")

    def starts_line(self, offset: int) -> bool:
        """Whether only blanks stand before `offset` on its line."""
        return not self.text[self.line_start(offset) : offset].strip(" ")

    def indents(self, offset: int) -> bool:
        """Whether only blanks or tabs (JSON) stand before `offset` on its line."""
        return not self.text[self.line_start(offset) : offset].strip(" \t")
