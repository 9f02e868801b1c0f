"""Where things stand in the text: content of a node, members of a mapping, lines for people.

Marks of the parser are not enough: the start of a node is its anchor or tag, the end of a block collection runs past
trailing comments, the end of a block scalar past blank lines. Here the end of content is the end of the last scalar.
"""

from __future__ import annotations

import re

from bot.manifest import pointers
from bot.manifest.nodes import Alias, Mapping, Node, Scalar, Sequence
from bot.manifest.reader import Manifest
from bot.model import Location, Span

_PROPERTIES = re.compile(r"(?:[&!][^\s,\[\]{}]*(?:\s+|(?=[,\[\]{}])|\Z)(?:#[^\n]*\s*)*)+")
_HEADER = re.compile(r"[|>]([-+]?)([1-9]?)([-+]?)[^\n]*")


def content_start(text: str, node: Node) -> int:
    """Offset where the content of `node` begins, its anchor and tag left out."""
    if node.anchor is None and node.tag is None:
        return node.start
    if isinstance(node, (Mapping, Sequence)) and not node.flow:
        first = node.pairs[0][1] if isinstance(node, Mapping) else node.items[0]
        if isinstance(node, Mapping):
            return first.start
        return dash_before(text, first)
    match = _PROPERTIES.match(text, node.start)
    return min(match.end(), node.end) if match else node.start


def properties_end(text: str, node: Node) -> int:
    """Offset behind the anchor and tag of `node` (blanks after them left out); its start when there is none."""
    if node.anchor is None and node.tag is None:
        return node.start
    match = _PROPERTIES.match(text, node.start)
    return node.start + len(re.sub(r"(?:\s+#[^\n]*)?\s+\Z", "", match.group())) if match else node.start


def content_end(text: str, node: Node) -> int:
    """Offset behind the last character of content of `node`: no trailing comment, no blank line.

    A literal or folded scalar ends before its last line feed, unless it keeps its blank lines (`|+`).
    """
    while isinstance(node, (Mapping, Sequence)) and not node.flow:
        node = node.pairs[-1][2] if isinstance(node, Mapping) else node.items[-1]
    if isinstance(node, Scalar) and node.style in ("|", ">"):
        return _block_end(text, node)
    if isinstance(node, Scalar) and not node.style:
        return max(content_start(text, node), node.end) if node.value is not None else node.end
    return node.end


def block_header(text: str, node: Scalar) -> re.Match[str]:
    """The header line of a literal or folded scalar, from its indicator on; groups hold chomping and indentation."""
    match = _HEADER.match(text, content_start(text, node))
    assert match is not None, "a block scalar starts with | or >"
    return match


def block_indent(text: str, node: Scalar) -> int | None:
    """Columns before the text of a literal or folded scalar; None when it has no text."""
    position = block_header(text, node).end() + 1
    for line in text[position : node.end].split("\n"):
        if line.strip(" \r"):
            indent = len(line) - len(line.lstrip(" "))
            explicit = block_header(text, node).group(2)
            # With an indicator the first line may lead with blanks of its own.
            return indent if not explicit else min(indent, _least_indent(text, position, node.end))
    return None


def _least_indent(text: str, start: int, end: int) -> int:
    lines = [line for line in text[start:end].split("\n") if line.strip(" \r")]
    return min(len(line) - len(line.lstrip(" ")) for line in lines)


def _block_end(text: str, node: Scalar) -> int:
    header = block_header(text, node)
    if "+" in header.group(1) + header.group(3):
        end = node.end
        return end - 1 if text[end - 1 : end] == "\n" and end > header.end() else end
    indent = block_indent(text, node)
    if indent is None:
        return header.end() - (1 if header.group().endswith("\r") else 0)
    position = header.end() + 1
    end = header.end()
    for line in text[position : node.end].split("\n"):
        # A line of blanks beyond the indentation is text too.
        if line.strip(" \r") or len(line.rstrip("\r")) > indent:
            end = position + len(line)
        position += len(line) + 1
    return end - 1 if text[end - 1 : end] == "\r" else end


def dash_before(text: str, item: Node) -> int:
    """Offset of the dash that introduces `item` of a block sequence."""
    position = item.start - 1
    while position >= 0 and text[position] != "-":
        # Only blanks, line ends and comments stand between a dash and its item.
        line_start = text.rfind("\n", 0, position + 1) + 1
        comment = _comment_start(text, line_start, position + 1)
        position = (comment if comment is not None and comment <= position else position) - 1
    return position


def _comment_start(text: str, start: int, end: int) -> int | None:
    for match in re.finditer(r"(?:^|(?<=[ \t]))#", text[start:end]):
        return start + match.start()
    return None


def column(text: str, offset: int) -> int:
    """0-based column of an offset in its line, counted in characters; a byte order mark takes none."""
    start = text.rfind("\n", 0, offset) + 1
    return offset - start - (1 if start == 0 and text.startswith("\ufeff") else 0)


def find(root: Node, pointer: str) -> tuple[Node | None, Node, bool]:
    """(key node or None, value node, exact) at `pointer`, or of its nearest existing ancestor with `exact` False.

    Members that come from a merge key are looked up in the mapping that is merged; aliases are followed.
    """
    key: Node | None = None
    node = root
    for token in pointers.split(pointer):
        step = _step(node, token)
        if step is None:
            return key, node, False
        key, node = step
    return key, node, True


Found = tuple[Node | None, Node, bool]


def _known(manifest: Manifest, document: int, pointer: str) -> Found:
    """`find` from the root of a document; what has been found is kept, as pointers share their upper parts."""
    found: Found | None = manifest.found.get((document, pointer))
    if found is None:
        above, slash, last = pointer.rpartition("/")
        if not slash:
            return find(manifest.documents[document].root, pointer)
        found = _known(manifest, document, above)
        step = _step(found[1], pointers.unescape(last)) if found[2] else None
        found = (*step, True) if step is not None else (found[0], found[1], False)
        manifest.found[document, pointer] = found
    return found


def _step(node: Node, token: str) -> tuple[Node | None, Node] | None:
    target = node.target if isinstance(node, Alias) else node
    if isinstance(target, Mapping):
        for name, key, value in reversed(target.pairs):
            if name == token:
                return key, value
        for name, _, value in reversed(target.pairs):
            if name == "<<" and target.merges:
                merged = value.target if isinstance(value, Alias) else value
                for source in merged.items if isinstance(merged, Sequence) else [merged]:
                    found = _step(source, token)
                    if found is not None:
                        return found
    elif isinstance(target, Sequence):
        place = pointers.index(token, len(target.items))
        if place is not None:
            return None, target.items[place]
    return None


def locate(manifest: Manifest, document: int, pointer: str) -> Location:
    """Where `pointer` (from the document's root) stands; its nearest existing ancestor when it is absent.

    A member starts at its key. The span of an ancestor that is shown in place of something absent is its first line's
    content, so that a whole pod spec is not underlined for a missing field.
    """
    key, node, exact = _known(manifest, document, pointer)
    text = manifest.text
    start = key.start if key is not None else content_start(text, node)
    end = max(content_end(text, node), start)
    if not exact:
        anchor = named_member(node)
        if anchor is not None:
            start, end = anchor[0].start, content_end(text, anchor[1])
        else:
            line_end = text.find("\n", start)
            end = min(end, line_end if line_end >= 0 else len(text))
    first, last = manifest.line_of(start), manifest.line_of(max(start, end - 1))
    return Location(manifest.path, document, pointer, Span(start, end), first, last, column(text, start) + 1)


def named_member(node: Node) -> tuple[Node, Node] | None:
    """The `name` member of a container-like mapping: where a person looks when something is missing in it."""
    target = node.target if isinstance(node, Alias) else node
    if isinstance(target, Mapping) and not target.flow:
        for name, key, value in target.pairs:
            if name == "name" and isinstance(value, Scalar):
                return key, value
    return None


def scalar_source(manifest: Manifest, document: int, pointer: str) -> str | None:
    """The source text of the scalar at `pointer`, quotes included (`"0777"`, `'x'`); None when there is none."""
    _, node, exact = find(manifest.documents[document].root, pointer)
    target = node.target if isinstance(node, Alias) else node
    if not exact or not isinstance(target, Scalar):
        return None
    return manifest.text[content_start(manifest.text, target) : content_end(manifest.text, target)]
