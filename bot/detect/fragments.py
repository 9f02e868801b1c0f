"""Objects that are not whole: patches that somebody merges into the object they name.

By their shape, where no kustomization says so:

- a `$patch` or `$retainKeys` directive of a strategic merge patch;
- a Deployment, StatefulSet, DaemonSet or ReplicaSet without `spec.selector` in which a container has no image, or which
  has no container;
- a Pod, Job, CronJob or ReplicationController in which no container has an image, or which has no container.

None of these could be applied as it stands. A Deployment whose containers all have images is taken as whole even when
its selector is missing: that is a mistake worth a finding.
"""

from __future__ import annotations

from functools import lru_cache

from bot.manifest import Manifest, Resource, workloads
from bot.model import Json

_SELECTING = frozenset({"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"})
_PLAIN = frozenset({"Pod", "Job", "CronJob", "ReplicationController"})
_GROUPS = frozenset({"", "apps", "batch", "extensions"})
_DIRECTIVES = ("$patch", "$retainKeys")


def fragment(manifest: Manifest, resource: Resource) -> str | None:
    """Why an object looks like a fragment, for people; None when it looks whole."""
    for directive in _mentioned(manifest.text):
        if _has_member(resource.body, directive):
            return f"a strategic merge patch: it holds {directive}"
    return _by_shape(resource)


@lru_cache(maxsize=1)
def _mentioned(text: str) -> tuple[str, ...]:
    """The directives that a text holds: asking it once spares nearly every object the walk."""
    return tuple(directive for directive in _DIRECTIVES if directive in text)


def is_directive(member: str) -> bool:
    """Whether a member is an instruction to the one who merges, not a field."""
    return member in _DIRECTIVES or member.startswith(("$setElementOrder/", "$deleteFromPrimitiveList/"))


def _by_shape(resource: Resource) -> str | None:
    if resource.ref.group not in _GROUPS or resource.ref.kind not in _SELECTING | _PLAIN:
        return None
    images = [place.body.get("image") for pod in workloads.pods(resource) for place in pod.containers]
    if resource.ref.kind in _PLAIN:
        return None if any(images) else "a fragment: none of its containers has an image"
    spec = resource.body.get("spec")
    if isinstance(spec, dict) and spec.get("selector"):
        return None
    if images and all(images):
        return None
    return "a fragment: it has no selector, and " + ("a container without an image" if images else "no container")


def _has_member(body: Json, name: str) -> bool:
    pending = [body]
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            if name in value:
                return True
            pending += value.values()
        elif isinstance(value, list):
            pending += value
    return False
