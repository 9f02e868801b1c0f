"""Text to documents: PyYAML's C parser as an event stream, values as kubectl reads them.

Events, not `compose` or `load`: those refuse an anchor name used twice and lose where an alias stands. Nothing here
raises on bad input: what cannot be used is a `Problem` with a code, a reason and a line.

Invariant: `read` is a function of its arguments. Work and depth are bounded (`MAX_DEPTH`, `MAX_EXPANDED`), so that a
hostile file costs no more than its own size.
"""

from __future__ import annotations

import base64
import binascii
import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate
from typing import Any

import yaml
from yaml import events

from bot.manifest.nodes import MERGE_KEY, Alias, Mapping, Node, Scalar, Sequence
from bot.manifest.scalars import NotJson, key_text, resolve
from bot.model import Json, ResourceRef

MAX_DEPTH = 200
"""Levels of nesting; the deepest published CustomResourceDefinitions have about 60."""

MAX_EXPANDED = 200_000
"""Nodes that the aliases of one document may stand for, all together."""

MAX_REPEATED = 100
"""Members that stand twice of which a document keeps the place."""

_KEPT_LENGTH = 32_768
_KEPT_FILES = 128
"""What `read_kept` keeps: some 100 kB each, for a folder that is looked at file by file."""

_CORE = "tag:yaml.org,2002:"
_BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a file or document cannot be used; `line` is 1-based."""

    code: str
    reason: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Resource:
    """One Kubernetes object; `pointer` is "" or, in a List, "/items/3". `partial`: absent fields say nothing."""

    ref: ResourceRef
    path: str
    document: int
    pointer: str
    body: dict[str, Json]
    partial: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """One document of the stream, empty ones included; `start` is the offset after its marker line.

    `repeated` holds (key, offset) of each member of a mapping that stands there a second time.
    """

    index: int
    root: Node
    resources: tuple[Resource, ...]
    start: int
    repeated: tuple[tuple[str, int], ...] = ()

    @property
    def value(self) -> Json:
        """What kubectl reads."""
        return self.root.value


@dataclass(frozen=True)
class Manifest:
    """A file: its text as decoded (byte order mark kept) and its documents; with a `problem` there are none."""

    path: str
    text: str
    documents: tuple[Document, ...] = ()
    problem: Problem | None = None

    @property
    def resources(self) -> Iterable[Resource]:
        """The Kubernetes objects of all documents, in file order."""
        return (resource for document in self.documents for resource in document.resources)

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *accumulate(len(line) + 1 for line in self.text.split("\n"))]

    @cached_property
    def found(self) -> dict[tuple[int, str], Any]:
        """What `bot.manifest.spans` has found in this file, so that it is not looked for again."""
        return {}

    def line_of(self, offset: int) -> int:
        """The 1-based line of a character offset; only line feeds end lines, as on GitHub."""
        return min(bisect_right(self._line_starts, offset), len(self._line_starts) - 1)

    def line_span(self, line: int) -> tuple[int, int]:
        """Start and end offset of a 1-based line, its line feed left out."""
        return self._line_starts[line - 1], self._line_starts[line] - 1


class _Unusable(Exception):
    def __init__(self, code: str, reason: str, offset: int) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.offset = offset


def read(path: str, text: str) -> Manifest:
    """Read a YAML or JSON file. `path` is only a name; `text` keeps its line ends and byte order mark."""
    base = 1 if text.startswith(_BOM) else 0
    try:
        documents = _Builder(path, text, base).build()
    except _Unusable as error:
        line = text.count("\n", 0, error.offset) + 1
        return Manifest(path, text, problem=Problem(error.code, error.reason, line))
    except yaml.YAMLError as error:
        code, reason, offset = _describe(error, text, base)
        return Manifest(path, text, problem=Problem(code, reason, text.count("\n", 0, offset) + 1))
    except (RecursionError, MemoryError):  # libyaml allocates by nesting; what it cannot hold nobody can read
        return Manifest(path, text, problem=Problem("too-deep", "nested too deeply to be read", None))
    return Manifest(path, text, documents)


def read_kept(path: str, text: str) -> Manifest:
    """`read`, for a text that is read more than once: as a file and as one beside others. Nobody may change it."""
    return _read_kept(path, text) if len(text) <= _KEPT_LENGTH else read(path, text)


_read_kept = lru_cache(maxsize=_KEPT_FILES)(read)


def _describe(error: yaml.YAMLError, text: str, base: int) -> tuple[str, str, int]:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is not None:
        offset = base + min(mark.index, len(text))
        # libyaml reports the end of an unclosed quote; its start is where a person looks.
        context = getattr(error, "context_mark", None)
        if context is not None and "quoted" in (getattr(error, "context", None) or ""):
            offset = base + context.index
        words = [getattr(error, name, None) for name in ("context", "problem")]
        reason = ", ".join(word for word in words if word)
    else:
        offset = base + min(getattr(error, "position", 0) or 0, len(text))
        reason = getattr(error, "reason", None) or "not readable as YAML"
    if _looks_templated(text):
        return "template", "a template, not YAML", text.find("{{") if "{{" in text else offset
    line_start = text.rfind("\n", 0, offset) + 1
    if "\t" in text[line_start : offset + 1] and not text[line_start:offset].strip():
        reason = "indented with a tab; YAML allows spaces only"
    return "not-yaml", reason, offset


_TEMPLATE = re.compile(r"\{\{|\{%|<%[=-]?")


def _looks_templated(text: str) -> bool:
    return _TEMPLATE.search(text) is not None


class _Builder:
    """Builds the trees of one file in a single pass over the events, without recursion."""

    def __init__(self, path: str, text: str, base: int) -> None:
        self.path = path
        self.text = text
        self.base = base
        self.anchors: dict[str, Scalar | Mapping | Sequence] = {}
        self.weights: dict[int, int] = {}
        self.expanded = 0
        self.repeated: list[tuple[str, int]] = []

    def build(self) -> tuple[Document, ...]:
        text = self.text[1:] if self.base else self.text
        parser = yaml.CSafeLoader(text)
        try:
            return tuple(self._documents(parser))
        finally:
            parser.dispose()

    def _documents(self, parser: Any) -> list[Document]:
        get_event = parser.get_event
        base = self.base
        documents: list[Document] = []
        stack: list[tuple[Mapping | Sequence, list[Any]]] = []
        content: list[Any] = []
        start = base
        while True:
            event = get_event()
            kind = type(event)
            if kind is events.ScalarEvent:
                node: Node = self._scalar(event, base)
                content.append(node)
            elif kind is events.MappingStartEvent or kind is events.SequenceStartEvent:
                if len(stack) >= MAX_DEPTH:
                    raise _Unusable("too-deep", f"nested deeper than {MAX_DEPTH} levels", base + event.start_mark.index)
                made = Mapping if kind is events.MappingStartEvent else Sequence
                opened = made(base + event.start_mark.index, event.flow_style, event.anchor, event.tag)
                if event.anchor:
                    self.anchors[event.anchor] = opened
                content.append(opened)
                stack.append((opened, content))
                content = []
            elif kind is events.MappingEndEvent:
                closed, outer = stack.pop()
                closed.end = base + event.end_mark.index
                self._close_mapping(closed, content)  # type: ignore[arg-type]
                content = outer
            elif kind is events.SequenceEndEvent:
                closed, outer = stack.pop()
                closed.end = base + event.end_mark.index
                closed.items = content  # type: ignore[union-attr]
                closed.value = [item.value for item in content]
                content = outer
            elif kind is events.AliasEvent:
                content.append(self._alias(event, stack))
            elif kind is events.DocumentStartEvent:
                start = self._open_document(event)
            elif kind is events.DocumentEndEvent:
                root = content.pop()
                index = len(documents)
                resources = resources_of(self.path, index, root.value)
                documents.append(Document(index, root, resources, start, tuple(self.repeated)))
            elif event is None or kind is events.StreamEndEvent:
                return documents

    def _open_document(self, event: Any) -> int:
        self.anchors.clear()
        self.expanded = 0
        self.repeated.clear()
        offset: int = self.base + event.end_mark.index
        if event.version or event.tags:
            raise _Unusable(
                "directive", "a YAML directive; kubectl rejects the file", self.base + event.start_mark.index
            )
        if event.explicit:
            line_end = self.text.find("\n", offset)
            rest = self.text[offset : line_end if line_end >= 0 else len(self.text)].strip()
            if rest and not rest.startswith("#"):
                raise _Unusable("doc-separator", "text follows a document marker; kubectl rejects the file", offset)
        return offset

    def _scalar(self, event: Any, base: int) -> Scalar:
        tag = event.tag
        style = event.style or ""
        value: Json = event.value
        if tag is None:
            if not style:
                value = resolve(value)
        elif tag.startswith(_CORE):
            value = self._tagged(tag[len(_CORE) :], value, base + event.start_mark.index)
        if value.__class__ is NotJson:
            raise _Unusable(
                "not-yaml", f"{value.text} has no place in JSON; kubectl rejects it", base + event.start_mark.index
            )
        node = Scalar(base + event.start_mark.index, base + event.end_mark.index, value, style, event.anchor, tag)
        if event.anchor:
            self.anchors[event.anchor] = node
        return node

    def _tagged(self, kind: str, text: str, offset: int) -> Json:
        if kind == "binary":
            try:
                return base64.b64decode(text, validate=False).decode()
            except (binascii.Error, UnicodeDecodeError):
                raise _Unusable("not-yaml", "!!binary does not hold base64 of text", offset) from None
        if kind in ("int", "float", "bool", "null"):
            value = resolve(text)
            fits: dict[str, tuple[type, ...]] = {
                "int": (int,),
                "float": (int, float),
                "bool": (bool,),
                "null": (type(None),),
            }
            if not isinstance(value, fits[kind]) or (isinstance(value, bool) and kind != "bool"):
                raise _Unusable("not-yaml", f"!!{kind} does not fit its value; kubectl rejects it", offset)
            return value
        return text

    def _alias(self, event: Any, stack: list[tuple[Mapping | Sequence, list[Any]]]) -> Alias:
        offset = self.base + event.start_mark.index
        target = self.anchors.get(event.anchor)
        if target is None:
            raise _Unusable("not-yaml", f"unknown anchor: *{event.anchor}", offset)
        if any(opened is target for opened, _ in stack):
            raise _Unusable("not-yaml", f"anchor &{event.anchor} contains itself", offset)
        target.aliased = True
        self.expanded += self._weight(target)
        if self.expanded > MAX_EXPANDED:
            raise _Unusable("too-many-aliases", f"aliases stand for more than {MAX_EXPANDED} nodes", offset)
        return Alias(offset, self.base + event.end_mark.index, target)

    def _weight(self, node: Node) -> int:
        """Nodes that `node` stands for, aliases expanded; each anchor is counted once and remembered."""
        known = self.weights.get(id(node))
        if known is not None:
            return known
        total = 0
        pending: list[Node] = [node]
        while pending:
            current = pending.pop()
            total += 1
            if isinstance(current, Alias):
                total += self.weights.get(id(current.target), 1)
            elif isinstance(current, Mapping):
                pending.extend(value for _, _, value in current.pairs)
            elif isinstance(current, Sequence):
                pending.extend(current.items)
        self.weights[id(node)] = total
        return total

    def _close_mapping(self, node: Mapping, content: list[Any]) -> None:
        value = node.value
        pairs = node.pairs
        duplicates: set[str] | None = None
        seen: set[str] | None = None
        for place in range(0, len(content), 2):
            key = content[place]
            child = content[place + 1]
            name = key.value
            if name.__class__ is not str:
                name = self._key_name(key, name)
            elif name == MERGE_KEY and key.__class__ is Scalar and not key.style and key.tag is None:
                node.merges = True
                seen = seen if seen is not None else {known for known, _, _ in pairs}
                pairs.append((MERGE_KEY, key, child))
                self._merge(value, child)
                continue
            if (name in value) if seen is None else (name in seen):
                duplicates = duplicates or set()
                duplicates.add(name)
                if len(self.repeated) < MAX_REPEATED:
                    self.repeated.append((name, key.start))
            if seen is not None:
                seen.add(name)
            pairs.append((name, key, child))
            value[name] = child.value
        if duplicates:
            node.duplicates = frozenset(duplicates)

    def _key_name(self, key: Node, value: Json) -> str:
        if isinstance(key, Mapping) and self.text.startswith("{", key.start) and _looks_templated(self.text):
            raise _Unusable("template", "a template: its braces read as a mapping", key.start)
        name = None if isinstance(key, (Mapping, Sequence)) else key_text(value)
        if name is None:
            raise _Unusable(
                "unsupported-key", "a key that is no string, number or boolean; kubectl rejects it", key.start
            )
        return name

    def _merge(self, into: dict[str, Json], child: Node) -> None:
        """Merge as go-yaml v2 does: what comes later in the mapping wins; of a list, the first map wins."""
        target = child.target if isinstance(child, Alias) else child
        if isinstance(target, Mapping):
            into.update(target.value)
            return
        sources = target.items if isinstance(target, Sequence) else [None]
        for item in reversed(sources):
            merged = item.target if isinstance(item, Alias) else item
            if not isinstance(merged, Mapping):
                raise _Unusable("not-yaml", "a merge key needs a mapping or a list of mappings", child.start)
            into.update(merged.value)


def resources_of(path: str, document: int, value: Json) -> tuple[Resource, ...]:
    """The Kubernetes objects in one document's value; a List gives its items, or itself when none of them is an object.

    Anything else gives none.
    """
    if not isinstance(value, dict):
        return ()
    api_version, kind = value.get("apiVersion"), value.get("kind")
    if not isinstance(api_version, str) or not isinstance(kind, str) or not kind or not api_version:
        return ()
    items = value.get("items")
    if not (kind.endswith("List") and isinstance(items, list)):
        return (Resource(_ref(api_version, kind, value), path, document, "", value),)
    found = []
    for place, item in enumerate(items):
        if not isinstance(item, dict):
            continue
        # Items of a typed list (RoleList) may leave out what the list says.
        item_version = item.get("apiVersion", api_version if kind != "List" else None)
        item_kind = item.get("kind", kind.removesuffix("List") if kind != "List" else None)
        if isinstance(item_version, str) and isinstance(item_kind, str):
            ref = _ref(item_version, item_kind, item)
            found.append(Resource(ref, path, document, f"/items/{place}", item))
    if not found and (api_version, kind) == ("v1", "List"):
        return (Resource(_ref(api_version, kind, value), path, document, "", value),)
    return tuple(found)


def _ref(api_version: str, kind: str, body: dict[str, Json]) -> ResourceRef:
    metadata = body.get("metadata")
    if not isinstance(metadata, dict):
        return ResourceRef(api_version, kind, None, "")
    name = metadata.get("name", metadata.get("generateName"))
    return ResourceRef(api_version, kind, _name(metadata.get("namespace")) or None, _name(name))


def _name(value: Json) -> str:
    """A name as its text would be: 5 is what the author of `name: 5` meant by it."""
    return key_text(value) or ""
