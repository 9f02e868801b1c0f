"""Markdown of several sections within a limit: what does not fit is left out row by row, and counted.

Invariant: a text is cut between rows only, so no sign, link or block is ever cut in two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

Measure = Callable[[str], int]
"""How long a text is, in the unit of its limit."""

_BETWEEN = "\n\n"


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a text: `rows`, one a line, between `head` and `tail`.

    `rest` says how many rows are left out (`{left}`). `share` is the part of the limit that the section may take at
    most, so that a long one leaves room for those after it.
    """

    rows: tuple[str, ...]
    head: str = ""
    tail: str = ""
    rest: str = "\u2026 and {left} more."
    share: float = 0.25

    def whole(self, count: int) -> str:
        """The section with its first `count` rows."""
        text = "".join((self.head, "\n".join(self.rows[:count]), self.tail))
        left = len(self.rows) - count
        return f"{text}{_BETWEEN}{self.rest.format(left=left)}" if left else text


def text(content: str) -> Section:
    """A section that is there as a whole or not at all."""
    return Section((content,), rest="", share=1.0)


def joined(sections: Iterable[Section], limit: int, measure: Measure) -> str:
    """The sections one after the other, blank lines between them, within `limit`."""
    found: list[str] = []
    room = limit
    for section in sections:
        if not section.rows:
            continue
        allowed = min(room - measure(_BETWEEN), int(limit * section.share))
        fitting = _fitting(section, allowed, measure)
        if fitting:
            found.append(fitting)
            room -= measure(fitting) + measure(_BETWEEN)
    return _BETWEEN.join(found)


def _fitting(section: Section, allowed: int, measure: Measure) -> str:
    """The section with as many rows as fit; empty when none does."""
    least, most = 0, len(section.rows)
    if measure(section.whole(most)) <= allowed:
        return section.whole(most)
    while least < most:
        count = (least + most + 1) // 2
        if measure(section.whole(count)) <= allowed:
            least = count
        else:
            most = count - 1
    return section.whole(least) if least else ""
