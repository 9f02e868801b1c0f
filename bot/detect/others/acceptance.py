"""What a configuration file accepts: some policies, in some files, for some objects.

Invariant: whatever is said of a place must hold of it; what is left unsaid holds of every place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.detect.others.patterns import found
from bot.manifest import pointers
from bot.manifest.reader import Document
from bot.model import Finding, Skip, Suppression


@dataclass(frozen=True, slots=True)
class Objects:
    """Objects by regular expressions on their parts; None is any. `labels` have to be there with these values.

    `container` is the name of the container that a finding is about.
    """

    kind: str | None = None
    name: str | None = None
    namespace: str | None = None
    container: str | None = None
    labels: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a finding is: the file's path from the root of the repository, and what its object says of itself."""

    path: str
    kind: str
    name: str
    namespace: str
    container: str
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Acceptance:
    """One entry: it accepts findings of `policies` in `files` about `objects`; None is any of them.

    Files are regular expressions for the path from the root; one of several is enough.
    """

    policies: frozenset[str]
    suppression: Suppression
    files: tuple[str, ...] | None = None
    objects: tuple[Objects, ...] | None = None

    def holds(self, place: Place) -> bool:
        """Whether a place is one that the entry speaks of."""
        if self.files is not None and not any(found(each, place.path) for each in self.files):
            return False
        return self.objects is None or any(_is_one_of(each, place) for each in self.objects)


def _is_one_of(objects: Objects, place: Place) -> bool:
    asked = (
        (objects.kind, place.kind),
        (objects.name, place.name),
        (objects.namespace, place.namespace),
        (objects.container, place.container),
    )
    return all(pattern is None or found(pattern, text) for pattern, text in asked) and all(
        place.labels.get(key) == value for key, value in objects.labels
    )


@dataclass(frozen=True, slots=True)
class Accepted:
    """All entries of a repository, in the order of tools and lines, and what does not hold."""

    entries: tuple[Acceptance, ...] = ()
    skips: tuple[Skip, ...] = ()

    def accepting(self, finding: Finding, place: Place) -> Suppression | None:
        """What accepts a finding; of several entries the first."""
        return next(
            (each.suppression for each in self.entries if finding.policy_id in each.policies and each.holds(place)),
            None,
        )


_CONTAINERS = re.compile(r"\A(.*/(?:containers|initContainers|ephemeralContainers)/\d+)(?:/|\Z)")


def place_of(document: Document, finding: Finding, path: str) -> Place:
    """Where a finding in `document` is; `path` is the file's from the root of the repository."""
    pointer = finding.location.pointer
    resource = next((each for each in reversed(document.resources) if pointers.is_within(pointer, each.pointer)), None)
    _, labels = pointers.resolve(resource.body, "/metadata/labels") if resource is not None else (False, None)
    inside = _CONTAINERS.match(finding.target) or _CONTAINERS.match(pointer)
    _, container = pointers.resolve(document.value, inside[1]) if inside is not None else (False, None)
    name = container.get("name") if isinstance(container, dict) else None
    ref = finding.resource
    return Place(
        path,
        ref.kind,
        ref.name,
        ref.namespace or "",
        name if isinstance(name, str) else "",
        {key: value for key, value in labels.items() if isinstance(value, str)} if isinstance(labels, dict) else {},
    )


def accepted(said: Iterable[Acceptance | Skip]) -> Accepted:
    """What files say, entries that mean no policy of ours left out."""
    everything = list(said)
    return Accepted(
        tuple(each for each in everything if isinstance(each, Acceptance) and each.policies),
        tuple(each for each in everything if isinstance(each, Skip)),
    )
