"""Comments that speak to a tool, and what each of them stands on.

A comment at the end of a line is about that line; one on a line of its own is about the next line of content, comment
lines between them left out; one before the first content of a document is about the document.

Invariant: what stands inside a scalar is text, not a comment. The spans of the scalars come from the parser.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

from bot.manifest import Manifest, pointers
from bot.manifest.nodes import MERGE_KEY, Mapping, Node, Scalar, Sequence
from bot.manifest.spans import block_header, column, content_start, dash_before
from bot.model import Location, Span


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment, or the part of it that begins with the marker asked for; `text` is what follows the marker.

    `head`: it is about its whole document. Else `line` is the line it is about and `pointers` are what begins on that
    line (keys and items, from the document's root); a `line` of None means that nothing follows.
    """

    text: str
    location: Location
    head: bool
    line: int | None
    pointers: tuple[str, ...]


def find(manifest: Manifest, marker: re.Pattern[str]) -> tuple[Comment, ...]:
    """The comments in which `marker`, a pattern that starts with `#`, matches; in file order."""
    candidates = list(marker.finditer(manifest.text)) if manifest.documents else []
    if not candidates:
        return ()
    return _Finder(manifest).find(candidates)


class _Finder:
    def __init__(self, manifest: Manifest) -> None:
        self.manifest = manifest
        self.text = manifest.text
        self.scalars = sorted(_scalars(manifest))
        self.starts = [0, *(document.start for document in manifest.documents[1:])]
        self.below: dict[int, int | None] = {}
        self.last_line = manifest.text.count("\n") + 1

    def find(self, candidates: list[re.Match[str]]) -> tuple[Comment, ...]:
        found: list[tuple[int, int, int, bool, int | None]] = []
        for place in reversed(range(len(candidates))):
            start = candidates[place].start()
            line = self.manifest.line_of(start)
            line_start, line_end = self.manifest.line_span(line)
            comment_start = self._comment_in(line_start, line_end)
            if comment_start is None or comment_start > start:
                continue
            following = candidates[place + 1].start() if place + 1 < len(candidates) else line_end
            end = min(following, line_end)
            document = bisect_right(self.starts, start) - 1
            head = start < content_start(self.text, self.manifest.documents[document].root)
            alone = not self.text[line_start:comment_start].strip(" \t\ufeff")
            found.append((place, end, document, head, self._next_content(line) if alone else line))
        begun = self._begun({(document, about) for _, _, document, head, about in found if about and not head})
        comments = []
        found.reverse()
        for place, end, document, head, about in found:
            match = candidates[place]
            within = tuple(begun.get((document, about), ())) if about is not None and not head else ()
            text = self.text[match.end() : end].rstrip()
            span = Span(match.start(), match.end() + len(text))
            line = self.manifest.line_of(span.start)
            pointer = within[0] if within else ""
            location = Location(
                self.manifest.path, document, pointer, span, line, line, column(self.text, span.start) + 1
            )
            comments.append(Comment(text.strip(), location, head, about, within))
        return tuple(comments)

    def _comment_in(self, start: int, end: int) -> int | None:
        """Where the comment of a line begins: at its first `#` outside every scalar."""
        place = self.text.find("#", start, end)
        while place >= 0:
            scalar = bisect_right(self.scalars, (place, len(self.text))) - 1
            if scalar < 0 or self.scalars[scalar][1] <= place:
                return place
            place = self.text.find("#", place + 1, end)
        return None

    def _next_content(self, line: int) -> int | None:
        """The line of content directly below, comment lines left out; None at an empty line or the document's end."""
        found: int | None = None
        for below in range(line + 1, self.last_line + 1):
            start, end = self.manifest.line_span(below)
            content = self.text[start:end].strip()
            if content.startswith("#"):
                # Asked from the last line up, so that a block of comments is walked through once.
                if below in self.below:
                    found = self.below[below]
                    break
                continue
            if content and not content.startswith(("---", "...")):
                found = below
            break
        self.below[line] = found
        return found

    def _begun(self, wanted: set[tuple[int, int]]) -> dict[tuple[int, int], list[str]]:
        """The pointers of what begins on the wanted (document, line) places, outermost first."""
        found: dict[tuple[int, int], list[str]] = {}
        line_of = self.manifest.line_of
        for index in sorted({document for document, _ in wanted}):
            pending: list[tuple[Node, str]] = [(self.manifest.documents[index].root, "")]
            while pending:
                node, pointer = pending.pop()
                for start, below, child in _entries(self.text, node, pointer):
                    lines = {line_of(start)} if start is not None else set()
                    if start is not None and _closes_late(child):
                        lines.add(line_of(child.end - 1))
                    for line in lines:
                        if (index, line) in wanted:
                            found.setdefault((index, line), []).append(below)
                    pending.append((child, below))
        return {place: sorted(below, key=lambda each: each.count("/")) for place, below in found.items()}


def _entries(text: str, node: Node, pointer: str) -> list[tuple[int | None, str, Node]]:
    """(where it begins, pointer, node) of the members and items of `node`; what a merge key brings begins nowhere."""
    if isinstance(node, Mapping):
        return [
            (None, pointer, value)
            if name == MERGE_KEY and node.merges
            else (key.start, pointers.join(pointer, name), value)
            for name, key, value in node.pairs
        ]
    if isinstance(node, Sequence):
        return [
            (item.start if node.flow else dash_before(text, item), pointers.join(pointer, place), item)
            for place, item in enumerate(node.items)
        ]
    return []


def _closes_late(node: Node) -> bool:
    """Whether a comment about `node` may only fit behind its end: brackets and quotes over several lines."""
    if isinstance(node, (Mapping, Sequence)):
        return node.flow
    return isinstance(node, Scalar) and node.style in ("'", '"')


def _scalars(manifest: Manifest) -> list[tuple[int, int]]:
    found = []
    pending: list[Node] = [document.root for document in manifest.documents]
    while pending:
        node = pending.pop()
        if isinstance(node, Mapping):
            for _, key, value in node.pairs:
                pending += (key, value)
        elif isinstance(node, Sequence):
            pending += node.items
        elif isinstance(node, Scalar):
            start = node.start
            if node.style in ("|", ">"):
                # The rest of the header line may be a comment.
                start = block_header(manifest.text, node).end()
            found.append((start, node.end))
    return found
