"""Labels or annotations that the configuration asks for: names and their values, empty where any value will do."""

from __future__ import annotations

from collections.abc import Iterator

from bot.detect.functions import Context, Hit
from bot.manifest import pointers
from bot.model import Json, Operation

_NO_OBJECTS = ("kustomize.config.k8s.io/", "skaffold/", "kind.x-k8s.io/")


def missing(context: Context, key: str, members: str, word: str) -> Iterator[Hit]:
    """A finding for each name under `values.<key>` that is not in `metadata.<members>`."""
    wanted = context.values.get(key)
    ref = context.resource.ref
    metadata = context.resource.body.get("metadata")
    if not isinstance(wanted, dict) or not isinstance(metadata, dict) or ref.api_version.startswith(_NO_OBJECTS):
        return
    found = metadata.get(members)
    if found is not None and not isinstance(found, dict):
        return
    for name, value in wanted.items():
        if (found or {}).get(name) in (None, ""):
            yield _hit(f"/metadata/{members}", name, value, word)


def _hit(place: str, name: str, value: Json, word: str) -> Hit:
    at = pointers.join(place, name)
    known = isinstance(value, str) and value != ""
    return Hit(
        at=at,
        message=f"the {word} {name} is missing",
        operations=(Operation("add", at, value),) if known else None,
        title=f"Add the {word} {name}",
        unfixable="" if known else f"the configuration does not say which value {name} has",
    )
