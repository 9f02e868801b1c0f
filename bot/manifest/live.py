"""A document while a JSON Patch is applied to it: every part knows which text it came from.

Operations change a tree of *slots*. An untouched part stays a `Leaf` on its node, an opened mapping or sequence lists
its members with their place in the source, and whatever the patch brings is `Fresh`. What the tree looks like in the
end, and which source parts are gone, is all that `bot.manifest.emit` needs.

Invariant: a change that would reach text used elsewhere (an anchor with aliases, a merge key, a duplicate) raises
`Refused` and is never carried out in part.
"""

from __future__ import annotations

import json
from collections.abc import Sequence as Seq
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import NoReturn

from bot.manifest import pointers
from bot.manifest.nodes import MERGE_KEY, Alias, Mapping, Node, Sequence, contains_shared
from bot.manifest.values import clone, same
from bot.model import Json, Operation


class Refused(Exception):
    """The edit cannot be made; `code` is one of the codes of `bot.manifest.edits.Refusal`."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


@dataclass(slots=True)
class Leaf:
    """A part nobody has opened; its value is the node's."""

    node: Node


@dataclass(slots=True)
class Fresh:
    """A value the patch brings."""

    value: Json


@dataclass(slots=True)
class Member:
    """A member of an opened mapping; `place` is its index in `node.pairs`, None for a new one."""

    name: str
    slot: Slot
    place: int | None = None
    renamed: bool = False


@dataclass(slots=True)
class LiveMapping:
    """An opened mapping; what a merge key brings is not listed."""

    node: Mapping
    members: list[Member] = field(default_factory=list)


@dataclass(slots=True)
class Item:
    """An item of an opened sequence; `place` is its index in the source, None for a new one."""

    slot: Slot
    place: int | None = None


@dataclass(slots=True)
class LiveSequence:
    """An opened sequence."""

    node: Sequence
    items: list[Item] = field(default_factory=list)


Slot = Leaf | Fresh | LiveMapping | LiveSequence

_CORE_TAG = "tag:yaml.org,2002:"


def value_of(slot: Slot) -> Json:
    """The JSON value of a slot as it is now; not to be changed by the caller."""
    if isinstance(slot, Leaf):
        return slot.node.value
    if isinstance(slot, Fresh):
        return slot.value
    if isinstance(slot, LiveSequence):
        return [value_of(item.slot) for item in slot.items]
    own = {member.name: value_of(member.slot) for member in slot.members}
    if not slot.node.merges:
        return own
    explicit = {name for name, _, _ in slot.node.pairs if name != MERGE_KEY}
    merged = {name: value for name, value in slot.node.value.items() if name not in explicit}
    return {**merged, **own}


def open_slot(slot: Slot) -> Slot:
    """The slot with its members or items listed, when it is a mapping or sequence of the source."""
    if not isinstance(slot, Leaf):
        return slot
    node = slot.node
    if isinstance(node, Mapping):
        last = {name: place for place, (name, _, _) in enumerate(node.pairs) if name != MERGE_KEY or not node.merges}
        members = [Member(name, Leaf(node.pairs[place][2]), place) for name, place in last.items()]
        return LiveMapping(node, sorted(members, key=lambda member: member.place or 0))
    if isinstance(node, Sequence):
        return LiveSequence(node, [Item(Leaf(item), place) for place, item in enumerate(node.items)])
    return slot


class LiveDocument:
    """The document under change; `apply` carries out one operation or raises `Refused`."""

    def __init__(self, root: Node) -> None:
        self.root: Slot = Leaf(root)

    def apply(self, operation: Operation) -> None:
        """Carry out one operation of RFC 6902; the value of `operation` is copied."""
        if operation.op == "add":
            self._add(operation.path, clone(operation.value))
        elif operation.op == "replace":
            self._replace(operation.path, clone(operation.value))
        elif operation.op == "remove":
            self._remove(operation.path)
        elif operation.op == "move":
            self._move(operation.source or "", operation.path)
        elif operation.op == "copy":
            self._add(operation.path, clone(self._read(operation.source or "")))
        elif operation.op != "test":
            raise Refused("patch-error", f"unknown operation {operation.op!r}")

    def _read(self, pointer: str) -> Json:
        found, value = pointers.resolve(value_of(self.root), pointer)
        if not found:
            _missing(pointer)
        return value

    def _container(self, pointer: str) -> tuple[Slot, str]:
        """The opened slot that holds the place `pointer`, and the last token."""
        tokens = pointers.split(pointer)
        self.root = slot = open_slot(self.root)
        _check_passable(slot, pointer)
        for depth, token in enumerate(tokens[:-1]):
            so_far = pointers.join("", *tokens[: depth + 1])
            if isinstance(slot, Fresh):
                found, value = pointers.resolve(slot.value, pointers.join("", token))
                if not found:
                    _missing(so_far)
                slot = Fresh(value)
                continue
            if isinstance(slot, LiveMapping):
                member = _member(slot, token)
                _check_member(slot, token, member, "pass")
                if member is None:
                    _missing(so_far)
                member.slot = slot = open_slot(member.slot)
            elif isinstance(slot, LiveSequence):
                place = pointers.index(token, len(slot.items))
                if place is None:
                    _missing(so_far)
                item = slot.items[place]
                item.slot = slot = open_slot(item.slot)
            else:
                _missing(so_far)
            _check_passable(slot, so_far)
        return slot, tokens[-1]

    def _add(self, pointer: str, value: Json) -> None:
        if not pointer:
            self.root = assign(self.root, value)
            return
        slot, token = self._container(pointer)
        if isinstance(slot, Fresh) and isinstance(slot.value, dict):
            slot.value[token] = value
        elif isinstance(slot, Fresh) and isinstance(slot.value, list):
            slot.value.insert(_position(token, len(slot.value), pointer), value)
        elif isinstance(slot, LiveMapping):
            member = _member(slot, token)
            _check_member(slot, token, member, "set")
            if member is None:
                slot.members.append(Member(token, Fresh(value)))
            else:
                member.slot = assign(member.slot, value)
        elif isinstance(slot, LiveSequence):
            slot.items.insert(_position(token, len(slot.items), pointer), Item(Fresh(value)))
        else:
            _missing(pointer)

    def _replace(self, pointer: str, value: Json) -> None:
        if not pointer:
            self.root = assign(self.root, value)
            return
        slot, token = self._container(pointer)
        if isinstance(slot, LiveSequence):
            place = pointers.index(token, len(slot.items))
            if place is None:
                _missing(pointer)
            slot.items[place].slot = assign(slot.items[place].slot, value)
        elif isinstance(slot, Fresh) and isinstance(slot.value, list):
            place = pointers.index(token, len(slot.value))
            if place is None:
                _missing(pointer)
            slot.value[place] = value
        else:
            self._add(pointer, value)

    def _remove(self, pointer: str) -> None:
        if not pointer:
            raise Refused("patch-error", "the whole document cannot be removed")
        slot, token = self._container(pointer)
        if isinstance(slot, LiveMapping):
            member = _member(slot, token)
            _check_member(slot, token, member, "remove")
            if member is None:
                _missing(pointer)
            _check_removable(member.slot)
            slot.members.remove(member)
        elif isinstance(slot, LiveSequence):
            place = pointers.index(token, len(slot.items))
            if place is None:
                _missing(pointer)
            _check_removable(slot.items[place].slot)
            del slot.items[place]
        elif isinstance(slot, Fresh) and isinstance(slot.value, dict) and token in slot.value:
            del slot.value[token]
        elif isinstance(slot, Fresh) and isinstance(slot.value, list):
            place = pointers.index(token, len(slot.value))
            if place is None:
                _missing(pointer)
            del slot.value[place]
        else:
            _missing(pointer)

    def _move(self, source: str, target: str) -> None:
        if source == target:
            return
        if source and pointers.parent(source) == pointers.parent(target):
            slot, token = self._container(source)
            if isinstance(slot, LiveMapping):
                member = _member(slot, token)
                name = pointers.split(target)[-1]
                _check_member(slot, token, member, "remove")
                _check_member(slot, name, None, "set")
                if member is not None and member.place is not None and _member(slot, name) is None:
                    # The key is renamed where it stands; the value's text is not touched.
                    member.name, member.renamed = name, True
                    return
        value = clone(self._read(source))
        self._remove(source)
        self._add(target, value)


def assign(slot: Slot, value: Json) -> Slot:
    """The slot with `value` in it; parts that are the same stay as they are, only what differs becomes `Fresh`."""
    if isinstance(slot, Fresh):
        return Fresh(value)
    if same(value_of(slot), value):
        return slot
    opened = open_slot(slot)
    if isinstance(opened, LiveMapping) and isinstance(value, dict) and value:
        if opened.members and not opened.node.merges and not opened.node.duplicates:
            _check_passable(opened, "")
            return _assign_mapping(opened, value)
    elif isinstance(opened, LiveSequence) and isinstance(value, list) and value and opened.items:
        _check_passable(opened, "")
        return _assign_sequence(opened, value)
    _check_removable(slot)
    return Fresh(value)


def _assign_mapping(slot: LiveMapping, value: dict[str, Json]) -> Slot:
    kept = []
    for member in slot.members:
        if member.name in value:
            member.slot = assign(member.slot, value[member.name])
            kept.append(member)
        else:
            _check_removable(member.slot)
    known = {member.name for member in kept}
    slot.members = kept + [Member(name, Fresh(new)) for name, new in value.items() if name not in known]
    return slot


def _assign_sequence(slot: LiveSequence, value: list[Json]) -> Slot:
    old = [_canonical(value_of(item.slot)) for item in slot.items]
    new = [_canonical(entry) for entry in value]
    result: list[Item] = []
    for tag, start, end, new_start, new_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        paired = slot.items[start:end]
        if tag == "equal":
            result += paired
            continue
        fresh = value[new_start:new_end]
        for item, entry in zip(paired, fresh, strict=False):
            item.slot = assign(item.slot, entry)
            result.append(item)
        for item in paired[len(fresh) :]:
            _check_removable(item.slot)
        result += [Item(Fresh(entry)) for entry in fresh[len(paired) :]]
    slot.items = result
    return slot


def _canonical(value: Json) -> str:
    return json.dumps(value, sort_keys=True)


def _member(slot: LiveMapping, name: str) -> Member | None:
    for member in slot.members:
        if member.name == name:
            return member
    return None


def _check_passable(slot: Slot, pointer: str) -> None:
    """Refuse when text inside `slot` cannot be changed for this place alone."""
    if isinstance(slot, Leaf) and isinstance(slot.node, Alias):
        raise Refused("alias-on-path", f"{pointer or 'the value'} is an alias; its text belongs to the anchor")
    if isinstance(slot, (LiveMapping, LiveSequence)):
        node = slot.node
        if node.aliased:
            raise Refused("anchor-shared", f"&{node.anchor} is used through an alias elsewhere")
        _check_tag(node)


def _check_member(slot: LiveMapping, name: str, member: Member | None, use: str) -> None:
    """Refuse a member that the source has twice or that a merge key has a say in.

    `use` is "pass" (an operation goes through the member), "set" or "remove". A member that only a merge key brings may
    be set: a new one at the end of the mapping wins. One that stands before the merge key is read differently by
    different parsers.
    """
    node = slot.node
    if name in node.duplicates:
        raise Refused("duplicate-key", f"the key {name!r} stands twice in its mapping")
    if not node.merges:
        return
    merges = [(place, value) for place, (key, _, value) in enumerate(node.pairs) if key == MERGE_KEY]
    if not any(name in _merged_names(value) for _, value in merges):
        return
    if use == "remove" or (member is None and use == "pass"):
        raise Refused("merge-key", f"{name!r} comes from a merge key")
    if member is not None and member.place is not None and member.place < merges[-1][0]:
        raise Refused("merge-key", f"{name!r} stands before a merge key that brings it too; parsers disagree")


def _merged_names(node: Node) -> set[str]:
    target = node.target if isinstance(node, Alias) else node
    if isinstance(target, Mapping):
        return set(target.value)
    names: set[str] = set()
    for item in target.items if isinstance(target, Sequence) else []:
        names |= _merged_names(item)
    return names


def _check_removable(slot: Slot) -> None:
    if isinstance(slot, Fresh):
        return
    node = slot.node
    if contains_shared(node):
        raise Refused("anchor-shared", "an anchor in this value is used through an alias elsewhere")
    _check_tag(node)


def _check_tag(node: Node) -> None:
    if node.tag is not None and node.tag != "!" and not node.tag.startswith(_CORE_TAG):
        raise Refused("custom-tag", f"the value has the tag {node.tag}")


def _position(token: str, length: int, pointer: str) -> int:
    if token == "-":
        return length
    place = pointers.index(token, length + 1)
    if place is None:
        _missing(pointer)
    return place


def _missing(pointer: str) -> NoReturn:
    raise Refused("patch-error", f"there is no {pointer or 'document'}")


def patched(value: Json, operations: Seq[Operation]) -> Json:
    """What the `jsonpatch` library makes of `operations`; raises `Refused` (patch-error) when they do not apply."""
    import jsonpatch  # imported where it is needed: `--version` and a scan without fixes never do
    import jsonpointer

    steps = [operation.as_json() for operation in operations]
    try:
        return jsonpatch.apply_patch(clone(value), steps, in_place=True)
    except (jsonpatch.JsonPatchException, jsonpointer.JsonPointerException, TypeError, KeyError, IndexError) as error:
        raise Refused("patch-error", str(error) or error.__class__.__name__) from None
