"""Values to text: the new fragments of an edit, and nothing else. No existing text passes through here.

A string stands plain only when three readers read it as itself (`bot.manifest.scalars.plain_is_safe`); otherwise it is
quoted as its siblings or its document are.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from bot.manifest.scalars import plain_is_safe
from bot.model import Json

# What json.dumps leaves as it is and YAML wants escaped (or readers treat as a line end).
_ESCAPE = re.compile("[\\x7f-\\x9f\\u2028\\u2029\\ufeff\\ufffe\\uffff]")
_BLOCK_UNFIT = re.compile(
    "[^\\t\\n\\x20-\\x7e\\xa0-\\ud7ff\\ue000-\\ufefe\\uff00-\\ufffd\\U00010000-\\U0010ffff]|[\\u2028\\u2029]"
)


@dataclass(frozen=True, slots=True)
class Layout:
    """How a fragment is laid out.

    `offset` is the list offset, `gap` a dash with its blanks, `quote` the document's quote. `value_quote` and
    `key_quote` hold for the direct members only: all siblings there are quoted that way.
    """

    step: int = 2
    offset: int = 0
    gap: int = 2
    quote: str = '"'
    value_quote: str | None = None
    key_quote: str | None = None
    literals: bool = True

    def nested(self) -> Layout:
        """The layout one level further in, where no sibling has a say."""
        return Layout(self.step, self.offset, self.gap, self.quote, literals=self.literals)


def double_quoted(text: str) -> str:
    """`text` in double quotes, readable as YAML and, where no control character needs a YAML escape, as JSON."""
    return _ESCAPE.sub(lambda match: f"\\u{ord(match.group()):04x}", json.dumps(text, ensure_ascii=False))


def quoted(text: str, quote: str) -> str:
    """`text` in the given quotes; double ones when single quotes cannot hold it."""
    if quote == "'" and not re.search("[\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029\\ufeff]", text):
        return "'" + text.replace("'", "''") + "'"
    return double_quoted(text)


def scalar(value: Json, *, flow: bool, quote: str, force: str | None = None) -> str:
    """A scalar, `{}` or `[]` on one line. `force` quotes strings in any case."""
    if isinstance(value, str):
        if force is None and plain_is_safe(value, flow=flow):
            return value
        return quoted(value, force or quote)
    if isinstance(value, (dict, list)):
        return "{}" if isinstance(value, dict) else "[]"
    return json.dumps(value)


def literal(text: str, indent: int) -> list[str] | None:
    """`text` as a literal block: the header and its lines, indented by `indent` columns; None when it does not fit."""
    body = text.rstrip("\n")
    if not body or _BLOCK_UNFIT.search(text) or body[0] in " \n\t" or "\r" in text:
        return None
    if any(line != line.rstrip(" \t") and not line.strip(" \t") for line in body.split("\n")):
        return None
    breaks = len(text) - len(body)
    header = "|-" if breaks == 0 else "|" if breaks == 1 else "|+"
    lines = [" " * indent + line if line else "" for line in body.split("\n")]
    return [header, *lines, *[""] * (breaks - 1 if breaks > 1 else 0)]


def is_block(value: Json) -> bool:
    """Whether `value` needs lines of its own in block style: a mapping or list with something in it."""
    return isinstance(value, (dict, list)) and bool(value)


def block(value: Json, indent: int, layout: Layout) -> list[str]:
    """A non-empty mapping or list as block lines, each indented by at least `indent` columns."""
    if isinstance(value, dict):
        lines = []
        for name, child in value.items():
            lines += member(name, child, indent, layout)
        return lines
    return [line for entry in value for line in item(entry, indent, layout)]


def member(name: str, value: Json, indent: int, layout: Layout) -> list[str]:
    """The lines of one member of a block mapping whose keys stand at column `indent`."""
    key = scalar(name, flow=False, quote=layout.quote, force=layout.key_quote)
    return _with_head(" " * indent + key + ":", value, indent, layout)


def _with_head(head: str, value: Json, indent: int, layout: Layout) -> list[str]:
    if is_block(value):
        inner = indent + (layout.step if isinstance(value, dict) else layout.offset)
        return [head, *block(value, inner, layout.nested())]
    if isinstance(value, str) and "\n" in value and layout.literals and layout.value_quote is None:
        lines = literal(value, indent + layout.step)
        if lines is not None:
            return [f"{head} {lines[0]}", *lines[1:]]
    return [f"{head} {scalar(value, flow=False, quote=layout.quote, force=layout.value_quote)}"]


def item(value: Json, indent: int, layout: Layout) -> list[str]:
    """The lines of one item of a block list whose dashes stand at column `indent`."""
    dash = " " * indent + "-" + " " * (layout.gap - 1)
    if is_block(value):
        lines = block(value, indent + layout.gap, layout.nested())
        return [dash + lines[0].lstrip(" "), *lines[1:]]
    if isinstance(value, str) and "\n" in value and layout.literals and layout.value_quote is None:
        lines_ = literal(value, indent + layout.gap)
        if lines_ is not None:
            return [dash + lines_[0], *lines_[1:]]
    return [dash + scalar(value, flow=False, quote=layout.quote, force=layout.value_quote)]


@dataclass(frozen=True, slots=True)
class FlowLayout:
    """How a flow fragment is laid out. `unit` is the indentation of JSON with one member a line, else None."""

    separator: str = ", "
    colon: str = ": "
    quote: str = '"'
    json: bool = False
    unit: str | None = None
    newline: str = "\n"


def flow(value: Json, layout: FlowLayout, indent: str = "", force: str | None = None) -> str:
    """A value in flow style; `indent` is what the line of its opening bracket starts with (JSON over several lines)."""
    if not is_block(value):
        if layout.json and isinstance(value, str):
            return double_quoted(value)
        return scalar(value, flow=True, quote=layout.quote, force=force)
    inner = indent + layout.unit if layout.unit is not None else indent
    if isinstance(value, dict):
        parts = [flow_member(name, child, layout, inner) for name, child in value.items()]
        opening, closing = "{", "}"
    else:
        parts = [flow(child, layout, inner) for child in value]
        opening, closing = "[", "]"
    if layout.unit is None:
        return opening + layout.separator.join(parts) + closing
    joint = "," + layout.newline + inner
    return f"{opening}{layout.newline}{inner}{joint.join(parts)}{layout.newline}{indent}{closing}"


def flow_member(
    name: str, value: Json, layout: FlowLayout, indent: str = "", force: str | None = None, key_quote: str | None = None
) -> str:
    """One member of a flow mapping."""
    key = double_quoted(name) if layout.json else scalar(name, flow=True, quote=layout.quote, force=key_quote)
    return f"{key}{layout.colon}{flow(value, layout, indent, force)}"
