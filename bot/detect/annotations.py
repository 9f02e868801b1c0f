"""Where annotations stand: on the object, and on the pod templates in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.manifest import Manifest, Resource, pointers, spans, workloads
from bot.model import Json, Location


@dataclass(frozen=True, slots=True)
class Annotated:
    """The annotations of one metadata; `scope` and `place` are pointers from the document's root.

    `scope` is what they speak of (the object or the pod template), `place` where the annotations stand.
    """

    manifest: Manifest
    document: int
    scope: str
    place: str
    entries: dict[str, Json]

    def locate(self, key: str) -> Location:
        """Where the annotation `key` stands."""
        return spans.locate(self.manifest, self.document, pointers.join(self.place, key))


def annotated(manifest: Manifest, resource: Resource) -> Iterator[Annotated]:
    """The annotations of an object, then those of its pod templates."""
    places = {"/metadata": ""}
    for pod in workloads.pods(resource):
        if pod.metadata is not None:
            places.setdefault(pod.metadata, pointers.parent(pod.metadata))
    for metadata, scope in places.items():
        place = f"{metadata}/annotations"
        _, entries = pointers.resolve(resource.body, place)
        if isinstance(entries, dict):
            base = resource.pointer
            yield Annotated(manifest, resource.document, base + scope, base + place, entries)


def as_text(value: Json) -> str:
    """What an annotation says; numbers and booleans that lack their quotes are read as they are meant."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value).strip() if isinstance(value, (str, int, float)) else ""
