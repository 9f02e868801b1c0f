"""The other objects in scope, for policies about several objects.

Scope of a file: all that some kustomization builds together with it; without one the files of its folder; for a text
that has no folder, what was given. Nobody looks further: an object that is not there may live elsewhere.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.detect.context import Surroundings
from bot.manifest import Resource


@dataclass(frozen=True, slots=True)
class Inventory:
    """The objects in scope of one file, its own included."""

    resources: tuple[Resource, ...]

    def of_kind(self, group: str, kind: str, namespace: str | None = None) -> tuple[Resource, ...]:
        """The objects of a kind; with a namespace those in it and those that name none."""
        return tuple(
            each
            for each in self.resources
            if each.ref.kind == kind
            and each.ref.group == group
            and (namespace is None or each.ref.namespace in (None, namespace))
        )


def inventory(path: str, resources: Mapping[str, Sequence[Resource]], surroundings: Surroundings) -> Inventory:
    """What is in scope of `path`, out of the objects of a run by file."""
    built = surroundings.builds.together(surroundings.place(path))
    if built:
        return Inventory(_of(resources, (each for each in resources if surroundings.place(each) in built)))
    if path == "-":
        return Inventory(_of(resources, resources))
    folder = posixpath.dirname(path)
    return Inventory(_of(resources, (each for each in resources if posixpath.dirname(each) == folder)))


def _of(resources: Mapping[str, Sequence[Resource]], paths: Iterable[str]) -> tuple[Resource, ...]:
    return tuple(resource for path in paths for resource in resources[path])
