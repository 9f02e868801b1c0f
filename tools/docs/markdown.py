"""Words as GitHub's Markdown shows them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_SPECIAL = re.compile(r"([\\*_<>\[\]|])")


def plain(text: str) -> str:
    """A text on one line, shown as it stands; what is in backticks is code already."""
    parts = " ".join(text.split()).split("`")
    return "`".join(part if place % 2 else _SPECIAL.sub(r"\\\1", part) for place, part in enumerate(parts))


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; the cells are Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def fenced(language: str, text: str) -> str:
    """A block of code."""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}{language}\n{text.rstrip()}\n{fence}\n"


def section(title: str, body: str) -> str:
    """A headed section, an empty line before it; nothing when there is nothing to say."""
    return f"\n## {title}\n\n{body.rstrip()}\n" if body.strip() else ""
