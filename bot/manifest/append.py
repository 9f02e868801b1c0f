"""A new object at the end of a file, as a document of its own.

What is there stays byte for byte: the new text starts with the old one. The object is written in the habits of the
document before it, and the text is read back: every old document reads as it did, the new one as the object.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.manifest.edits import CODES, Edited, Refusal
from bot.manifest.reader import Manifest, read
from bot.manifest.render import Layout, block
from bot.manifest.style import Style
from bot.manifest.values import same
from bot.model import Json, Span, TextEdit

_MARKER = "---"


def append(manifest: Manifest, objects: Iterable[dict[str, Json]]) -> Edited | Refusal:
    """The file with each object as a further document, in this order, or why they cannot stand there."""
    if manifest.problem is not None:
        code = manifest.problem.code if manifest.problem.code in CODES else "not-yaml"
        return Refusal(code, manifest.problem.reason)
    if any(Style(manifest.text, document.root).json for document in manifest.documents):
        return Refusal("not-yaml", "the file is JSON, which holds one document")
    wanted = list(objects)
    added = _added(manifest, wanted)
    text = manifest.text + added
    again = read(manifest.path, text)
    before = [document.value for document in manifest.documents]
    if _ends_open(manifest):
        before.pop()
    expected = [*before, *wanted]
    if again.problem is not None or len(again.documents) != len(expected):
        return Refusal("not-yaml", "the file with a further document would not parse")
    if not all(same(document.value, value) for document, value in zip(again.documents, expected, strict=True)):
        return Refusal("not-yaml", "with a further document the last one would read otherwise")
    end = len(manifest.text)
    return Edited((TextEdit(Span(end, end), added),), text, again)


def _added(manifest: Manifest, objects: list[dict[str, Json]]) -> str:
    text = manifest.text
    newline = "\r\n" if "\r\n" in text else "\n"
    layout = _layout(manifest)
    lines: list[str] = []
    for place, value in enumerate(objects):
        if place or (text.strip() and not _ends_open(manifest)):
            lines.append(_MARKER)
        lines += block(value, 0, layout)
    has_end = not text or text.endswith("\n")
    return ("" if has_end else newline) + newline.join(lines) + (newline if has_end else "")


def _ends_open(manifest: Manifest) -> bool:
    """Whether the file ends with the marker of a document in which nothing stands, not even a comment."""
    lines = manifest.text.splitlines()
    last = next((line for line in reversed(lines) if line.strip()), "")
    return last.rstrip() == _MARKER and bool(manifest.documents) and manifest.documents[-1].value is None


def _layout(manifest: Manifest) -> Layout:
    """The habits of the last document in which something stands."""
    filled = [document for document in manifest.documents if document.value is not None]
    if not filled:
        return Layout()
    style = Style(manifest.text, filled[-1].root)
    return Layout(
        step=style.step(None), offset=style.sequence_offset(len(manifest.text)), gap=style.dash_gap, quote=style.quote
    )
