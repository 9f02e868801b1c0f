"""Operations on an object, brought into an order in which any RFC 6902 library can apply them.

A plan takes operations whose paths name places in the object *before* the fix. What it emits: tests, then everything
that moves no list item, with missing parents spelled out, then insertions into lists and removals, from high to low
index, so that no path is ever off by one.

Invariant: the emitted operations apply to the object the plan was made for, and none of them is without effect.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.manifest import pointers
from bot.manifest.values import clone, same
from bot.model import Json, Operation
from bot.policy.render import Stop

Tokens = tuple[str, ...]
END = "-"


@dataclass(frozen=True, slots=True)
class _Cut:
    """Something that shifts the items of a list, or removes a member: a removal, or an insertion with its value."""

    tokens: Tokens
    removal: bool
    moves: int  # how many moves had been made when it was asked for
    value: Json = None


class Plan:
    """Collects the operations of one fix on one object. Methods raise Stop when an operation cannot be done there."""

    def __init__(self, body: Json, root: str) -> None:
        self._before = body
        self._body = body
        self._own: dict[int, Json] = {}
        self._root = root
        self._tests: list[Operation] = []
        self._steps: list[Operation] = []
        self._cuts: list[_Cut] = []
        self._moved: list[tuple[Tokens, Tokens]] = []

    def operations(self) -> tuple[Operation, ...]:
        """The patch; empty when nothing would change."""
        cuts = self._ordered_cuts()
        gone = [self._pointer(cut.tokens) for cut in cuts if cut.removal]
        steps = [step for step in self._steps if not self._is_needless(step, gone)]
        changes = [*steps, *(self._cut_operation(cut) for cut in cuts)]
        return (*self._tests, *changes) if changes else ()

    def _is_needless(self, step: Operation, gone: list[str]) -> bool:
        """Whether a step mends something inside what is removed, and nothing else depends on it."""
        above = next((path for path in gone if pointers.is_within(step.path, path)), None)
        return above is not None and not any(
            other.source is not None or (other.path != above and pointers.is_within(above, other.path))
            for other in self._steps
        )

    def test(self, tokens: Tokens, value: Json) -> None:
        """The object must have this value there."""
        found, there = _resolve(self._before, tokens)
        if not found or not same(there, value):
            raise Stop(f"{_shown(tokens)} is not what the fix is for")
        self._tests.append(Operation("test", self._pointer(tokens), value))

    def add(self, tokens: Tokens, value: Json) -> None:
        """A member is set, an item inserted; the end of a list is `-`. Nothing happens when it is there already."""
        tokens = self._now(tokens)
        if self._inserts(tokens):
            self._insert(tokens, value)
        else:
            self._put(tokens, value)

    def replace(self, tokens: Tokens, value: Json) -> None:
        """A member or item is set, added when it is absent."""
        self._put(self._now(tokens), value)

    def remove(self, tokens: Tokens) -> None:
        """A member or item goes; nothing happens when it is absent."""
        if not tokens and not self._root:
            raise Stop("a whole document cannot be removed")
        if _resolve(self._before, tokens)[0]:
            self._cut(self._now(tokens))

    def move(self, source: Tokens, tokens: Tokens) -> None:
        """A value goes elsewhere; nothing happens when it is absent."""
        source, tokens, value = self._now(source), self._now(tokens), self._source(source)
        if value is None or source == tokens:
            return
        if tokens[: len(source)] == source:
            raise Stop(f"{_shown(source)} cannot move into itself")
        if source[: len(tokens)] == tokens:
            self._put(tokens, value)
            return
        in_list = isinstance(self._value_at(source[:-1]), list)
        if in_list and tokens[:-1] == source[:-1]:
            raise Stop(f"{_shown(source)} cannot move within its list")
        if self._inserts(tokens):
            self._insert(tokens, value)
            self._cut(source)
            return
        place = self._put(tokens, value) if in_list else self._transfer("move", source, tokens, value)
        if in_list or place is None:
            self._cut(source)
        else:
            del self._parent(source)[source[-1]]
        if place is not None:
            self._moved.append((source, place))

    def copy(self, source: Tokens, tokens: Tokens) -> None:
        """A value is set elsewhere too; nothing happens when it is absent."""
        source, tokens, value = self._now(source), self._now(tokens), self._source(source)
        if value is None:
            return
        if self._inserts(tokens):
            self._insert(tokens, value)
        else:
            self._transfer("copy", source, tokens, value)

    def _source(self, tokens: Tokens) -> Json:
        """What stands where a move or copy starts; None when nothing stood there before the fix."""
        return self._value_at(self._now(tokens)) if _resolve(self._before, tokens)[0] else None

    def _transfer(self, op: str, source: Tokens, tokens: Tokens, value: Json) -> Tokens | None:
        """Move or copy by an operation of that name; the place it went to, None when it was there already."""
        place = self._put(tokens, value)
        if place is not None:
            # The last of the new steps sets the value itself, the others make its parents.
            self._steps[-1] = Operation(op, self._steps[-1].path, source=self._pointer(source))
        return place

    def _put(self, tokens: Tokens, value: Json) -> Tokens | None:
        """Set a member or item, or append one; where it is now, or None when it was there already."""
        if not tokens:
            return self._put_all(value)
        parent = self._parent(tokens)
        last = tokens[-1]
        if isinstance(parent, dict):
            if last in parent and same(parent[last], value):
                return None
            self._emit("replace" if last in parent else "add", tokens, value)
            parent[last] = clone(value)
            return tokens
        if isinstance(parent, list):
            place = pointers.index(last, len(parent))
            if place is None and last not in (END, str(len(parent))):
                raise Stop(f"{_shown(tokens)}: no such item")
            if any(same(item, value) for item in (parent if place is None else [parent[place]])):
                return None
            if place is not None:
                self._emit("replace", tokens, value)
                parent[place] = clone(value)
                return tokens
            self._emit("add", (*tokens[:-1], END), value)
            parent.append(clone(value))
            return (*tokens[:-1], str(len(parent) - 1))
        raise Stop(f"{_shown(tokens[:-1])} is neither a mapping nor a list")

    def _put_all(self, value: Json) -> Tokens | None:
        if same(self._body, value):
            return None
        self._emit("replace", (), value)
        self._body = clone(value)
        return ()

    def _parent(self, tokens: Tokens) -> Json:
        """What holds the last of `tokens`, ready to be changed; parents that are absent or null are made."""
        node = self._body = self._copied(self._body)
        for depth, token in enumerate(tokens[:-1]):
            child: Json = None
            if isinstance(node, dict):
                child = node.get(token)
                key: str | int = token
            elif isinstance(node, list):
                place = pointers.index(token, len(node))
                if place is None:
                    raise Stop(f"{_shown(tokens[: depth + 1])}: no such item")
                child, key = node[place], place
            else:
                raise Stop(f"{_shown(tokens[:depth])} is neither a mapping nor a list")
            if child is None:
                child = [] if tokens[depth + 1] in (END, "0") else {}
                exists = isinstance(node, list) or key in node
                self._emit("replace" if exists else "add", tokens[: depth + 1], type(child)())
                node[key] = child
            else:
                child = node[key] = self._copied(child)
            node = child
        return node

    def _copied(self, value: Json) -> Json:
        """A mapping or list that is ours to change: the object is copied along the paths of the fix only."""
        if id(value) in self._own or not isinstance(value, (dict, list)):
            return value
        copy = dict(value) if isinstance(value, dict) else list(value)
        self._own[id(copy)] = copy  # kept, so that no other value gets its id
        return copy

    def _inserts(self, tokens: Tokens) -> bool:
        """Whether adding there would shift the items of a list."""
        parent = self._value_at(tokens[:-1]) if tokens else None
        return isinstance(parent, list) and tokens[-1] not in (END, str(len(parent)))

    def _insert(self, tokens: Tokens, value: Json) -> None:
        parent = self._value_at(tokens[:-1])
        place = pointers.index(tokens[-1], len(parent))
        if place is None:
            raise Stop(f"{_shown(tokens)}: no such item")
        cut = _Cut(tokens, removal=False, moves=len(self._moved), value=clone(value))
        planned = [known.value for known in self._cuts if known.tokens == tokens and not known.removal]
        if not any(same(there, value) for there in (parent[place], *planned)):
            self._cuts.append(cut)

    def _cut(self, tokens: Tokens) -> None:
        self._cuts.append(_Cut(tokens, removal=True, moves=len(self._moved)))

    def _ordered_cuts(self) -> list[_Cut]:
        """Without those of what is absent or goes with its parent; last places first, a removal before an insertion."""
        cuts = [replace(cut, tokens=self._now(cut.tokens, cut.moves)) for cut in self._cuts]
        removed = {cut.tokens for cut in cuts if cut.removal and _resolve(self._body, cut.tokens)[0]}
        kept = [_Cut(tokens, removal=True, moves=0) for tokens in removed]
        kept += [cut for cut in cuts if not cut.removal and self._has_room(cut.tokens)]
        kept = [cut for cut in kept if not any(cut.tokens[:length] in removed for length in range(len(cut.tokens)))]
        # Of several insertions at one place the last goes first: each pushes what is there back.
        order = {id(cut): number for number, cut in enumerate(kept)}
        return sorted(kept, key=lambda cut: (self._sort_key(cut.tokens), cut.removal, order[id(cut)]), reverse=True)

    def _has_room(self, tokens: Tokens) -> bool:
        """Whether the list into which something is inserted has not been replaced by something else."""
        parent = self._value_at(tokens[:-1])
        return isinstance(parent, list) and pointers.index(tokens[-1], len(parent) + 1) is not None

    def _sort_key(self, tokens: Tokens) -> list[tuple[int, str]]:
        """Indices by number, members by name; deeper places after those that hold them."""
        return [
            (int(token), "") if isinstance(self._value_at(tokens[:depth]), list) else (0, token)
            for depth, token in enumerate(tokens)
        ]

    def _cut_operation(self, cut: _Cut) -> Operation:
        path = self._pointer(cut.tokens)
        return Operation("remove", path) if cut.removal else Operation("add", path, cut.value)

    def _now(self, tokens: Tokens, since: int = 0) -> Tokens:
        """Where something is by now that was below a value which has been moved."""
        for source, place in self._moved[since:]:
            if len(tokens) > len(source) and tokens[: len(source)] == source:
                tokens = place + tokens[len(source) :]
        return tokens

    def _value_at(self, tokens: Tokens) -> Json:
        return _resolve(self._body, tokens)[1]

    def _emit(self, op: str, tokens: Tokens, value: Json) -> None:
        self._steps.append(Operation(op, self._pointer(tokens), value))

    def _pointer(self, tokens: Tokens) -> str:
        return pointers.join(self._root, *tokens)


def _resolve(value: Json, tokens: Tokens) -> tuple[bool, Json]:
    return pointers.walk(value, tokens)


def _shown(tokens: Tokens) -> str:
    return pointers.join("", *tokens) or "the object"
