"""The documents of a file as texts of their own: what a record carries, and what a fix makes of it.

A document's text begins after its marker line and ends before the next one; a byte order mark is left out. Read by
itself it is the same document, so that records work without their file.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.manifest import Manifest
from bot.manifest.edits import apply
from bot.model import Span, TextEdit
from bot.stages.common import content_hash

_MARKER = "---"


class Sheet:
    """The documents of one manifest by their 0-based index."""

    def __init__(self, manifest: Manifest) -> None:
        self.manifest = manifest
        self._hashes: dict[int, str] = {}

    def span(self, document: int) -> Span:
        """Where the text of a document stands in the file."""
        documents = self.manifest.documents
        last = document + 1 == len(documents)
        end = len(self.manifest.text) if last else self._marker(documents[document + 1].start)
        return Span(min(self._begin(document), end), end)

    def text(self, document: int) -> str:
        """The text of a document, unchanged."""
        span = self.span(document)
        return self.manifest.text[span.start : span.end]

    def sha256(self, document: int) -> str:
        """The content hash of a document."""
        found = self._hashes.get(document)
        if found is None:
            found = self._hashes[document] = content_hash(self.text(document))
        return found

    def own(self, document: int, edits: Iterable[TextEdit]) -> tuple[TextEdit, ...]:
        """Edits of the file, all in one document, with offsets from the start of that document's text."""
        start = self.span(document).start
        return tuple(TextEdit(Span(each.span.start - start, each.span.end - start), each.new_text) for each in edits)

    def edited(self, document: int, edits: Iterable[TextEdit]) -> str:
        """The text of a document with edits of the file made in it."""
        return apply(self.text(document), self.own(document, edits))

    def _begin(self, document: int) -> int:
        """After the marker line; without a marker the start of the file, or what the document before ended with."""
        text, start = self.manifest.text, self.manifest.documents[document].start
        if not text.startswith(_MARKER, self._marker(start)):
            return int(text.startswith("\ufeff")) if document == 0 else start
        line_end = text.find("\n", start)
        return line_end + 1 if line_end >= 0 else len(text)

    def _marker(self, start: int) -> int:
        """The offset of the marker that ends at `start`; `start` itself when a document begins without one."""
        before = start - len(_MARKER)
        text = self.manifest.text
        at_line_start = before <= 0 or text[before - 1] in "\n\ufeff"
        return before if before >= 0 and at_line_start and text.startswith(_MARKER, before) else start
