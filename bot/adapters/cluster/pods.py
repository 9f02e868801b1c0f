"""The pods that a workload's controller would make, so that what looks at pods alone (Pod Security, quotas) speaks.

Invariant: pure; the workload is not changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.manifest.reader import Resource
from bot.manifest.workloads import pods
from bot.model import Json, ResourceRef
from bot.verify.server import Body


@dataclass(frozen=True, slots=True)
class MadePod:
    """A pod, and where its spec stands in the workload as the server writes paths (`spec.template.spec`)."""

    body: dict[str, Json]
    field: str


def made_from(body: Body, namespace: str) -> tuple[MadePod, ...]:
    """The pods of an object's templates. A bare Pod makes none; nor does a template that an operator completes."""
    ref = ResourceRef(str(body.get("apiVersion", "")), str(body.get("kind", "")), namespace, _name(body))
    return tuple(_made(body, namespace, ref, dict(body)))


def in_namespace(body: Body, namespace: str) -> dict[str, Json]:
    """The object, moved."""
    metadata = body.get("metadata")
    moved = {**(metadata if isinstance(metadata, dict) else {}), "namespace": namespace}
    return dict(body) | {"metadata": moved}


def _made(body: Body, namespace: str, ref: ResourceRef, plain: dict[str, Json]) -> Iterator[MadePod]:
    for pod in pods(Resource(ref, "", 0, "", plain)):
        if not pod.template or pod.partial:
            continue
        metadata = {key: pod.metadata_body[key] for key in ("labels", "annotations") if key in pod.metadata_body}
        made: dict[str, Json] = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {**metadata, "generateName": f"{ref.name or 'pod'}-", "namespace": namespace},
            "spec": {**pod.spec_body, **_claims(body, pod.spec_body, ref)},
        }
        yield MadePod(made, pod.spec.strip("/").replace("/", "."))


def _claims(body: Body, spec: Mapping[str, Json], ref: ResourceRef) -> dict[str, Json]:
    """A StatefulSet's controller adds a volume for each claim template, and replaces one of the same name."""
    stated = body.get("spec")
    templates = stated.get("volumeClaimTemplates") if isinstance(stated, Mapping) else None
    names = [_name(template) for template in templates or () if isinstance(template, Mapping)]
    if ref.kind != "StatefulSet" or not names:
        return {}
    given = spec.get("volumes")
    kept = [item for item in given if item.get("name") not in names] if isinstance(given, list) else []
    claims = [{"name": name, "persistentVolumeClaim": {"claimName": f"{name}-{ref.name}-0"}} for name in names]
    return {"volumes": kept + claims}


def _name(body: Mapping[str, Json]) -> str:
    metadata = body.get("metadata")
    name = metadata.get("name") if isinstance(metadata, Mapping) else None
    return name if isinstance(name, str) else ""
