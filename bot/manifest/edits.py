"""JSON Patch to the smallest text edits, proven before they leave.

`edit` applies the operations to the tree of a document, lets `bot.manifest.emit` say what that means for the text,
reads the edited text again and compares it with what the `jsonpatch` library makes of the parsed original. Any
difference is a refusal: `parse(apply(text, edits)) == jsonpatch(parse(text))` for every patch that is accepted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot.manifest.emit import Emitter
from bot.manifest.live import LiveDocument, Refused, patched
from bot.manifest.reader import Manifest, read
from bot.manifest.style import Style
from bot.manifest.values import same
from bot.model import Json, Operation, TextEdit

CODES = {
    "alias-on-path": "the pointer runs through an alias; the text belongs to the anchor",
    "anchor-shared": "the node, or one inside it, is used through an alias elsewhere",
    "merge-key": "the member comes from a merge key, or stands before one of the same name",
    "duplicate-key": "a mapping on the path has the addressed key twice",
    "template": "the file is a template, not YAML",
    "not-yaml": "the file, or the edited file, does not parse as it should",
    "directive": "the file has a YAML directive, which kubectl rejects",
    "doc-separator": "text other than a comment follows a document marker, which kubectl rejects",
    "custom-tag": "the addressed value has a tag outside the core schema",
    "unsupported-key": "a mapping has a key that is not a string, number or boolean, which kubectl rejects",
    "patch-error": "the JSON Patch does not apply",
}
"""The reasons to refuse an edit."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an edit is not made: one of `CODES` and a sentence."""

    code: str
    reason: str

    def __str__(self) -> str:
        return f"{self.code}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Edited:
    """The edits of one file in text order, the text they give, and that text read again."""

    edits: tuple[TextEdit, ...]
    text: str
    manifest: Manifest


def edit(manifest: Manifest, document: int, operations: Sequence[Operation]) -> tuple[TextEdit, ...] | Refusal:
    """The text edits for a JSON Patch on one document (0-based index), or why there are none.

    Pointers start at the document's root: an item of a List is `/items/N/...`. Operations that change nothing give no
    edits.
    """
    result = edit_file(manifest, [(document, operations)])
    return result if isinstance(result, Refusal) else result.edits


def edit_file(manifest: Manifest, patches: Iterable[tuple[int, Sequence[Operation]]]) -> Edited | Refusal:
    """All edits of a file from patches on several of its documents, each document named once; proven together."""
    if manifest.problem is not None:
        code = manifest.problem.code if manifest.problem.code in CODES else "not-yaml"
        return Refusal(code, manifest.problem.reason)
    try:
        wanted = {}
        live = {}
        for document, operations in patches:
            if not 0 <= document < len(manifest.documents):
                raise Refused("patch-error", f"there is no document {document}")
            root = manifest.documents[document].root
            changed = LiveDocument(root)
            error = _apply(changed, operations)
            wanted[document] = patched(root.value, operations)
            if error is not None:
                raise error
            live[document] = changed
    except Refused as refused:
        return Refusal(refused.code, refused.reason)
    proven = _emit(manifest, live, wanted, literals=True)
    # A literal block does not fit everywhere; quotes always do.
    return _emit(manifest, live, wanted, literals=False) if isinstance(proven, Refusal) else proven


def _emit(
    manifest: Manifest, live: dict[int, LiveDocument], wanted: dict[int, Json], *, literals: bool
) -> Edited | Refusal:
    edits: list[TextEdit] = []
    for document, changed in live.items():
        root = manifest.documents[document].root
        edits += Emitter(manifest.text, root, literals=literals).document(changed.root, root)
    return _prove(manifest, edits, wanted)


class Drafts:
    """The edits of single fixes of one file, for showing; what they do together has been proven by `edit_file`."""

    def __init__(self, manifest: Manifest) -> None:
        self._manifest = manifest
        self._styles: dict[int, Style] = {}

    def edits(self, document: int, operations: Sequence[Operation]) -> tuple[TextEdit, ...]:
        """The edits of a patch on one document, in text order; none when it is refused."""
        root = self._manifest.documents[document].root
        style = self._styles.setdefault(document, Style(self._manifest.text, root))
        changed = LiveDocument(root)
        if _apply(changed, operations) is not None:
            return ()
        found = Emitter(self._manifest.text, root, style=style).document(changed.root, root)
        return tuple(sorted(found, key=lambda each: (each.span.start, each.span.end)))


def _apply(changed: LiveDocument, operations: Sequence[Operation]) -> Refused | None:
    """Carry out the operations; what is refused is told after `jsonpatch` had its say on whether they apply at all."""
    try:
        for operation in operations:
            changed.apply(operation)
    except Refused as refused:
        return refused
    except ValueError as error:
        return Refused("patch-error", str(error))
    return None


def _prove(manifest: Manifest, edits: list[TextEdit], wanted: dict[int, Json]) -> Edited | Refusal:
    ordered = sorted(edits, key=lambda each: (each.span.start, each.span.end))
    for before, after in pairwise(ordered):
        if after.span.start < before.span.end:
            return Refusal("not-yaml", "two operations need the same text")
    text = apply(manifest.text, ordered)
    again = read(manifest.path, text)
    if again.problem is not None or len(again.documents) != len(manifest.documents):
        return Refusal("not-yaml", "the edited text would not parse")
    for before_, after_ in zip(manifest.documents, again.documents, strict=True):
        if not same(after_.value, wanted.get(before_.index, before_.value)):
            return Refusal("not-yaml", "the edited text would not read as the patched object")
    return Edited(tuple(ordered), text, again)


def apply(text: str, edits: Iterable[TextEdit]) -> str:
    """`text` with non-overlapping edits applied; those at one place in the order given."""
    parts = []
    position = 0
    for each in sorted(edits, key=lambda each: (each.span.start, each.span.end)):
        parts.append(text[position : each.span.start])
        parts.append(each.new_text)
        position = each.span.end
    parts.append(text[position:])
    return "".join(parts)
