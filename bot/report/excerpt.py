"""The lines of a source that a finding points at, with their numbers and a caret, as compilers show them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.manifest import Manifest
from bot.model import Location
from bot.report.lines import Hunk
from bot.report.source import line_count, line_of, within
from bot.report.terminal import Paint, cells, crop, visible, width_of

_WHOLE = 4
"""Lines of a place that are all shown; of a longer one the first two and the last."""

_LEFT = 3
"""One part in so many of the line is shown before a caret that would be out of sight."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What the parts of one block share: digits of the widest line number, cells of the terminal, colours."""

    digits: int
    width: int | None
    paint: Paint

    @property
    def room(self) -> int | None:
        """Cells for source text, the gutter left out."""
        return None if self.width is None else max(20, self.width - self.digits - 3)

    def line(self, number: int | str, text: str = "") -> str:
        """A row with a number (or something else) in the gutter."""
        return self.paint(f"{number:>{self.digits}} |", "gutter") + (f" {text}" if text else "")


def excerpt(source: Manifest, location: Location, frame: Frame, *, note: str, style: str) -> list[str]:
    """The rows for one place: a line around it, the place underlined in `style`, and a note at the underline."""
    last = line_count(source)
    if location.start_line > last or not within(source, location.span):
        return []
    if location.end_line > location.start_line:
        return list(_block(source, replace(location, end_line=min(last, location.end_line)), frame, style))
    number = location.start_line
    start, text = line_of(source, number)
    row = cells(text)
    begin = max(0, location.span.start - start)
    before = sum(wide for _, wide in row[:begin])
    length = max(1, sum(wide for _, wide in row[begin : max(begin, location.span.end - start)]))
    shift = _shift(before, length, sum(wide for _, wide in row), frame.room)
    rows = [frame.line("")]
    rows += _around(source, number - 1, shift, frame)
    rows.append(frame.line(number, crop(row, shift, frame.room)))
    rows += _underline(before - shift, length, frame, note=note, style=style)
    rows += _around(source, number + 1, shift, frame)
    return rows


def _shift(before: int, length: int, total: int, room: int | None) -> int:
    """Cells to leave out on the left so that the underlined part is in sight."""
    if room is None or total <= room or before + length < room:
        return 0
    return max(0, min(before - room // _LEFT, total - room))


def _around(source: Manifest, number: int, shift: int, frame: Frame) -> list[str]:
    """The line before or after, unless it is blank, a document marker, or not there."""
    if not 1 <= number <= line_count(source):
        return []
    text = line_of(source, number)[1].rstrip()
    shown = crop(cells(text), shift, frame.room).rstrip()
    return [frame.line(number, shown)] if shown and text not in ("---", "...") else []


def _underline(before: int, length: int, frame: Frame, *, note: str, style: str) -> Iterator[str]:
    """The carets, and the note beside them when it fits, else below."""
    room = frame.room
    if room is not None:
        before = min(before, room - 1)  # the end of a line that fills its row
        length = min(length, room - before)
    carets = " " * before + frame.paint("^" * length, style)
    beside = room is None or before + length + 1 + width_of(note) <= room
    yield frame.line("", f"{carets} {frame.paint(note, style)}" if note and beside else carets)
    if note and not beside:
        indent = before if before + width_of(note) <= (room or 0) else 0
        yield frame.line("", " " * indent + frame.paint(note, style))


def _block(source: Manifest, location: Location, frame: Frame, style: str) -> Iterator[str]:
    """A place of several lines: a bar beside the first ones and the last."""
    first, last = location.start_line, location.end_line
    whole = last - first < _WHOLE
    numbers: list[int | None] = list(range(first, last + 1)) if whole else [first, first + 1, None, last]
    room = None if frame.room is None else frame.room - 2
    yield frame.line("")
    for number in numbers:
        bar = frame.paint("/" if number == first else "|", style)
        if number is None:
            yield frame.paint("...", "gutter") + " " * frame.digits + bar
        else:
            yield frame.line(number, f"{bar} {crop(cells(line_of(source, number)[1]), 0, room).rstrip()}".rstrip())


def changes(found: list[Hunk], frame: Frame) -> Iterator[str]:
    """Hunks as rows: numbers of the old text on removed lines, of the new text on the others."""
    for place, hunk in enumerate(found):
        if place:
            yield frame.paint("...", "gutter")
        yield from _hunk(hunk, frame)


def _hunk(hunk: Hunk, frame: Frame) -> Iterator[str]:
    old, new = hunk.old_line, hunk.new_line
    for sign, line in hunk.lines:
        text = line.removesuffix("\n").removesuffix("\r")
        shown = crop(cells(text.removeprefix("\ufeff")), 0, frame.room)
        number = old if sign == "-" else new
        old += sign != "+"
        new += sign != "-"
        if sign == " ":
            yield frame.line(number, shown.rstrip())
        else:
            style = "red" if sign == "-" else "green"
            yield frame.paint(f"{number:>{frame.digits}} {sign}", style) + (
                " " + frame.paint(shown, style) if shown else ""
            )


def where(path: str, line: int | None = None, column: int | None = None) -> str:
    """`path:line:column`, as far as known; safe to print."""
    return ":".join([visible(path), *(str(number) for number in (line, column) if number is not None)])
