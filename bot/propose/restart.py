"""What applying a fix does to running pods, said from the paths it changes."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.manifest import Resource, pointers
from bot.manifest.workloads import Pod
from bot.model import Operation

ROLLS = "rolls the pods"
RECREATES = "must be re-created: {kind} {part} cannot be changed once applied"

_REMARK = re.compile(rf"(?:^|; )({ROLLS}|{RECREATES.format(kind='an? [A-Za-z]+.s', part='[a-z]+')})(?=;|$)")

# Of a running Pod only the images and what Kubernetes' documentation lists may change; labels and annotations always.
_MUTABLE_IN_POD = ("image",)

# No object that runs has them: the API server takes them from no manifest, neither on a Pod nor in a template.
_REFUSED = "/ephemeralContainers"


def effect(resource: Resource, pods: Iterable[Pod], operations: Iterable[Operation]) -> str:
    """A short remark, empty when nothing restarts; paths count from the document's root, `pods` are the object's.

    A pod template rolls its pods; the spec of a bare Pod and the template of a Job are immutable once applied
    (https://kubernetes.io/docs/concepts/workloads/pods/#pod-update-and-replacement).
    """
    places = {place for operation in operations for place in (operation.path, operation.source) if place is not None}
    for pod in pods:
        base = resource.pointer + pod.spec
        metadata = resource.pointer + pod.metadata if pod.metadata is not None else None
        in_spec = [
            place
            for place in places
            if pointers.is_within(place, base) and not pointers.is_within(place, base + _REFUSED)
        ]
        in_metadata = [place for place in places if metadata is not None and pointers.is_within(place, metadata)]
        if not pod.template:
            if any(pointers.split(place)[-1] not in _MUTABLE_IN_POD for place in in_spec):
                return RECREATES.format(kind="a Pod's", part="spec")
        elif resource.ref.kind == "Job" and resource.ref.group == "batch":
            if in_spec or in_metadata:
                return RECREATES.format(kind="a Job's", part="template")
        elif resource.ref.kind != "CronJob" and (in_spec or in_metadata):
            return ROLLS
    return ""


def parted(why: str) -> tuple[str, tuple[str, ...]]:
    """What a fix says of itself without the remarks of `effect`, and these remarks, each once."""
    remarks = dict.fromkeys(_REMARK.findall(why))
    return _REMARK.sub("", why).removeprefix("; "), tuple(remarks)
