"""Text as cells of a terminal: how wide it is, what of it is safe to print, where it is folded, which colour it has.

Invariant: no control or invisible format character of a manifest gets through `cells`, `visible` or `prose`, so no text
of others can move the cursor, change colours, or reorder what stands beside it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache

TAB = "    "

_STYLES = {
    "bold": "1",
    "dim": "2",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "cyan": "36",
    "critical": "1;31",
    "error": "1;31",
    "high": "31",
    "medium": "33",
    "low": "36",
    "gutter": "94",
}
_RESET = "\x1b[0m"

Paint = Callable[[str, str], str]
"""`paint(text, style)`: the text in a style of this module, or as it is."""


def painter(color: bool) -> Paint:
    """A function that colours, or one that does not."""
    if not color:
        return lambda text, _: text
    return lambda text, style: f"\x1b[{_STYLES[style]}m{text}{_RESET}" if text else text


def cells(text: str) -> list[tuple[str, int]]:
    """What to print for each character of `text`, and its width; tabs are four blanks."""
    return [(character, 1) if " " <= character <= "~" else _cell(character) for character in text]


def _cell(character: str) -> tuple[str, int]:
    if character == "\t":
        return TAB, len(TAB)
    shown = _shown(character)
    if shown != character:
        return shown, len(shown)
    category = unicodedata.category(character)
    if category in ("Mn", "Me") or "\u1160" <= character <= "\u11ff":
        return character, 0
    return character, 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _shown(character: str) -> str:
    """The character itself, or a visible stand-in when printing it could do more than show it."""
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    if 0xDC80 <= code <= 0xDCFF:  # a byte that was not UTF-8, as Python keeps it in names of files
        return f"\\x{code - 0xDC00:02x}"
    if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
        return f"<U+{code:04X}>"
    return character


def visible(text: str) -> str:
    """`text` safe to print on one line; nothing else about it changes."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(character) for character in text)


@lru_cache(maxsize=4096)
def prose(text: str) -> str:
    """Words safe to print on one line: runs of white space are one blank."""
    return visible(" ".join(text.split()))


def width_of(text: str) -> int:
    """Cells that `text` takes."""
    return len(text) if text.isascii() else sum(width for _, width in cells(text))


def fold(words: Iterable[str], width: int | None, first: int, rest: int) -> list[str]:
    """`words` on lines of at most `width` cells; the first line has `first` cells less, the others `rest`.

    A word is never broken: paths and names stay whole and can be copied.
    """
    lines: list[str] = []
    line, left = "", (width - first) if width is not None else None
    for word in words:
        wide = width_of(word)
        if not line:
            line = word
        elif left is None or width is None or wide < left:
            line += " " + word
            wide += 1
        else:
            lines.append(line)
            line, left = word, width - rest
        if left is not None:
            left -= wide
    return [*lines, line] if line else lines


def crop(row: list[tuple[str, int]], start: int, width: int | None) -> str:
    """The cells of `row` from cell `start` on, `width` of them; `…` stands where something is left out."""
    total = sum(wide for _, wide in row)
    if width is None or (start == 0 and total <= width):
        return "".join(shown for shown, _ in row)
    end = start + width
    shown, position = [], 0
    for text, wide in row:
        here, position = position, position + wide
        inside = here >= start + (start > 0) and position <= end - (total > end)
        if inside:
            shown.append(text)
        elif here < end and position > start:
            shown.append(_remains(here, position, start, end, cut_left=start > 0, cut_right=total > end))
    return "".join(shown)


def _remains(here: int, position: int, start: int, end: int, *, cut_left: bool, cut_right: bool) -> str:
    """Stand-in for a cell (or a wide character) at an edge: an ellipsis on the edge, blanks for the rest."""
    parts = []
    for cell in range(max(here, start), min(position, end)):
        edge = (cut_left and cell == start) or (cut_right and cell == end - 1)
        parts.append("…" if edge else " ")
    return "".join(parts)
