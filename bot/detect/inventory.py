"""The other objects in scope, for policies about several objects.

Scope of a file: all that some kustomization builds together with it; without one the files of its folder; of a text
that has no folder, the text. Nobody looks further: what is not there may live elsewhere, unless the scope is `whole`.

A file of a scope is parsed when a kind that it mentions is first asked for, and kept for the next file of the same
scope. Where no policy asks, nothing is read.

Invariant: what cannot be read is absent and makes a scope not whole. Memory is bounded by `MAX_FILES` and `_KEPT`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from bot.detect.pins import Pins, by_name, of_objects
from bot.detect.recommendations.model import Recommended
from bot.manifest import Resource, workloads
from bot.manifest.workloads import Pod
from bot.model import Json
from bot.policy import kinds
from bot.policy.served import as_served

MAX_FILES = 1_000
"""Files of one scope; a larger one is not looked at as a whole."""

_KEPT = 2
"""Scopes that are kept: files come folder by folder."""

_KIND = re.compile(r"""\bkind["']?\s*:\s*(?:[&!]\S+\s+)*["']?([A-Za-z][A-Za-z0-9]*|\*)""")
_ALIAS = "*"  # may stand for every kind


@dataclass(frozen=True, slots=True)
class Scope:
    """Which files belong together, as a run knows their paths.

    `where` is for people: "this folder". `whole`: nothing is added from elsewhere. `one_namespace`: something
    sets the namespace of all. `made`: (kind, name) of objects that no file holds because a kustomization makes them;
    `scaled`: names of workloads whose replicas it sets. `builds`: the files of each kustomization that builds the file
    (an overlay is one, its base another); empty for a folder. `problem` says why the scope cannot be looked at.
    """

    where: str
    paths: tuple[str, ...] = ()
    whole: bool = False
    one_namespace: bool = False
    made: frozenset[tuple[str, str]] = frozenset()
    scaled: frozenset[str] = frozenset()
    builds: tuple[frozenset[str], ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class PodTemplate:
    """A workload with one of its pod specs, and the labels that its pods get."""

    resource: Resource
    pod: Pod

    @property
    def labels(self) -> dict[str, Json]:
        """The labels of the pods."""
        labels = self.pod.metadata_body.get("labels")
        return labels if isinstance(labels, dict) else {}

    @property
    def partial(self) -> bool:
        """Whether somebody else adds to it: its labels, ports and containers are not all there."""
        return self.pod.partial or self.resource.partial


class Shelf:
    """The objects of the files of one scope. `load` gives the objects of a file, `text` what stands in it."""

    def __init__(
        self, scope: Scope, text: Callable[[str], str | None], load: Callable[[str, str], Iterable[Resource]]
    ) -> None:
        self.scope = scope
        self._text = text
        self._load = load
        self._files: dict[str, tuple[Resource, ...]] = {}
        self._by_entry: dict[str, tuple[Resource, ...]] = {}
        self._bodies: dict[tuple[str, ...], tuple[dict[str, Json], ...]] = {}

    @cached_property
    def _mentions(self) -> Mapping[str, frozenset[str]]:
        """The kinds that each file names, here or there."""
        return {path: mentioned(self._text(path) or "") for path in self.scope.paths}

    def of_kind(self, entry: str) -> tuple[Resource, ...]:
        """The objects that `entry` selects, as in `match.kinds` of a policy, in the order of the files."""
        found = self._by_entry.get(entry)
        if found is None:
            named = _kinds_of(entry)
            paths = [path for path, mentions in self._mentions.items() if not named or mentions & named]
            found = tuple(each for path in paths for each in self._objects(path) if _is(entry, each))
            self._by_entry[entry] = found
        return found

    def bodies(self, entries: tuple[str, ...]) -> tuple[dict[str, Json], ...]:
        """The bodies of all objects that one of `entries` selects, each once: the same tuple whenever it is asked."""
        found = self._bodies.get(entries)
        if found is None:
            found = self._bodies[entries] = _once(each for entry in entries for each in self.of_kind(entry))
        return found

    def _objects(self, path: str) -> tuple[Resource, ...]:
        found = self._files.get(path)
        if found is None:
            text = self._text(path)
            found = self._files[path] = tuple(self._load(path, text)) if text is not None else ()
        return found


def _once(resources: Iterable[Resource]) -> tuple[dict[str, Json], ...]:
    return tuple({id(each.body): each.body for each in resources}.values())


@dataclass(slots=True)
class Shelves:
    """The last scopes that were asked for, so that the files of a folder share what they read."""

    _kept: dict[Hashable, Shelf] = field(default_factory=dict)

    def get(self, key: Hashable, make: Callable[[], Shelf]) -> Shelf:
        """The shelf of a scope, made when it is not there any more."""
        found = self._kept.pop(key, None) or make()
        self._kept[key] = found
        while len(self._kept) > _KEPT:
            del self._kept[next(iter(self._kept))]
        return found


class Inventory:
    """The objects in scope of one file: its own, as they are read now, and those of the other files.

    Nothing is worked out before somebody asks: `own` gives the objects of the file, `shelf` those of its scope, `pins`
    the images that the repository pins (without it those of the file). `recommended` is what reports recommend for
    containers.
    """

    def __init__(
        self,
        own: Callable[[], Sequence[Resource]],
        path: str,
        shelf: Callable[[], Shelf],
        pins: Callable[[], Pins] | None = None,
        recommended: Recommended | None = None,
    ) -> None:
        self.recommended = recommended or Recommended()
        self._read = own
        self._pins = pins
        self._path = path
        self._open = shelf
        self._by_entry: dict[str, tuple[Resource, ...]] = {}

    @cached_property
    def _own(self) -> Sequence[Resource]:
        return self._read()

    @cached_property
    def _shelf(self) -> Shelf:
        return self._open()

    @cached_property
    def pins(self) -> Pins:
        """The images that are pinned somewhere in the repository."""
        return self._pins() if self._pins is not None else by_name(of_objects(self._own))

    @property
    def scope(self) -> Scope:
        """Which files belong together."""
        return self._shelf.scope

    def of_kind(self, entry: str) -> tuple[Resource, ...]:
        """The objects that `entry` selects, as in `match.kinds` of a policy: those of this file, then the others."""
        found = self._by_entry.get(entry)
        if found is None:
            own = (each for each in self._own if _is(entry, each))
            others = (each for each in self._shelf.of_kind(entry) if each.path != self._path)
            found = self._by_entry[entry] = (*own, *others)
        return found

    def bodies(self, entries: tuple[str, ...]) -> tuple[dict[str, Json], ...]:
        """The bodies of all objects in scope that one of `entries` selects, each once.

        The files of a scope share one tuple, so that whoever looks through it does so once for all of them; their own
        objects are in it as the scope reads them.
        """
        if self._path in self._shelf.scope.paths:
            return self._shelf.bodies(entries)
        return _once(each for entry in entries for each in self.of_kind(entry))

    def beside(self, resource: Resource, *entries: str) -> Iterator[Resource]:
        """The other objects of these kinds that may be in the namespace of `resource`."""
        for entry in entries:
            for each in self.of_kind(entry):
                if not is_same(each, resource) and self.together(each, resource):
                    yield each

    def always(self, resource: Resource, *entries: str) -> Iterator[Resource]:
        """Of the objects beside one those that are there whenever it is.

        What one overlay adds to a base is not always there; nor are the files of a folder that holds the same object
        several times, which are variants.
        """
        found = list(self.beside(resource, *entries))
        builds = self.scope.builds
        variants = not builds and any(each.path != resource.path for each in found if self._is_variant(each))
        for each in found:
            if each.path == resource.path or (not variants and all(each.path in build for build in builds)):
                yield each

    def _is_variant(self, resource: Resource) -> bool:
        """Whether another file has an object of this name, too."""
        ref = resource.ref
        entry = f"{ref.group}/{ref.kind}" if ref.group else ref.kind
        return any(
            each.ref.name == ref.name and each.path != resource.path and self.together(each, resource)
            for each in self.of_kind(entry)
        )

    def together(self, one: Resource, other: Resource) -> bool:
        """Whether two objects may be in one namespace: it is the same, or one of them leaves it open."""
        return self.scope.one_namespace or one.ref.namespace in (None, other.ref.namespace) or not other.ref.namespace

    def pods(self, resource: Resource) -> tuple[PodTemplate, ...]:
        """The pod templates that may be in the namespace of `resource`, its own included."""
        return tuple(each for each in self._templates if self.together(each.resource, resource))

    @cached_property
    def _templates(self) -> tuple[PodTemplate, ...]:
        return tuple(PodTemplate(each, pod) for each in self.of_kind(kinds.WORKLOAD) for pod in workloads.pods(each))

    def view(self, resource: Resource, entries: Iterable[str]) -> dict[str, Json]:
        """What CEL sees: `where`, `whole`, and for each entry the other objects that may be in the same namespace.

        `always` has those of each entry that are there whenever the object is.
        """
        always: dict[str, Json] = {}
        seen: dict[str, Json] = {"where": self.scope.where, "whole": self.scope.whole, "always": always}
        for entry in entries:
            seen[entry] = [as_served(each.ref.api_version, each.body) for each in self.beside(resource, entry)]
            always[entry] = [as_served(each.ref.api_version, each.body) for each in self.always(resource, entry)]
        return seen


def alone(resources: Iterable[Resource]) -> Inventory:
    """The inventory of a text that stands alone: its own objects."""
    return Inventory(
        lambda: tuple(resources), "", lambda: Shelf(Scope("this file"), lambda _: None, lambda _path, _text: ())
    )


def is_same(one: Resource, other: Resource) -> bool:
    """Whether two readings are of the object at one place."""
    return one is other or (one.path, one.document, one.pointer) == (other.path, other.document, other.pointer)


def _is(entry: str, resource: Resource) -> bool:
    return kinds.selects(entry, resource.ref.api_version, resource.ref.kind)


def mentioned(text: str) -> frozenset[str]:
    """The kinds that a text names as the kind of something; `*` where an alias stands for one."""
    found = _KIND.findall(text)
    # Items of a typed list (RoleList) may leave out what the list says.
    return frozenset(found) | {name.removesuffix("List") for name in found}


@lru_cache(maxsize=256)
def _kinds_of(entry: str) -> frozenset[str]:
    """The kinds of which a file has to mention one to hold an object that `entry` selects; empty: any file may."""
    if entry == kinds.WORKLOAD:
        return frozenset({kind for _, kind in workloads.workload_kinds()} | {_ALIAS})
    kind = entry.rpartition("/")[2]
    return frozenset() if kind == kinds.ANY else frozenset({kind, _ALIAS})
