"""What the emitters of block and of flow style share: where a value stands, how a key is renamed."""

from __future__ import annotations

from dataclasses import dataclass

from bot.manifest import render
from bot.manifest.nodes import Node, Scalar
from bot.manifest.splice import Splicer
from bot.manifest.style import Style


@dataclass(frozen=True, slots=True)
class Place:
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


def rename(splicer: Splicer, style: Style, key: Node, name: str) -> None:
    """Replace a key where it stands; its quotes stay."""
    quote = key.style if isinstance(key, Scalar) and key.style in ("'", '"') else None
    text = render.scalar(name, flow=False, quote=style.quote, force=quote)
    splicer.edit(key.start, key.end, text)


def flow_layout(splicer: Splicer, style: Style) -> render.FlowLayout:
    """How the document lays out flow collections on one line."""
    newline = splicer.newline(splicer.eol(0))
    return render.FlowLayout(style.flow_separator, style.flow_colon, style.quote, style.json, newline=newline)
