"""Mounts of volumes that the pod does not have: the API server refuses it.

Claim templates of a StatefulSet are volumes too. Other kinds than Kubernetes' own may get volumes from their operator.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from bot.detect.functions import Context, Hit
from bot.detect.functions._text import is_placeholder
from bot.manifest import pointers
from bot.model import Json, Operation
from bot.policy.kinds import is_built_in


def check(context: Context) -> Iterator[Hit]:
    """Each mount, and each device, whose volume is not there; a fragment says nothing about volumes."""
    pod, container = context.pod, context.container
    assert pod is not None, "the policy looks at containers"
    assert container is not None, "the policy looks at containers"
    if pod.partial or context.resource.partial or not is_built_in(context.resource.ref.group):
        return
    _, templates = pointers.resolve(context.resource.body, "/spec/volumeClaimTemplates")
    names = [*_names(pod.spec_body.get("volumes")), *(_name(_metadata(claim)) for claim in _items(templates))]
    defined = {name for name in names if name}
    if any(is_placeholder(name) for name in defined):
        return
    for member in ("volumeMounts", "volumeDevices"):
        for place, mount in enumerate(_items(container.body.get(member))):
            name = _name(mount)
            if name and name not in defined and not is_placeholder(name):
                yield _hit(f"{container.pointer}/{member}/{place}/name", name, str(container.body.get("name")), defined)


def _hit(at: str, name: str, container: str, defined: set[str]) -> Hit:
    near = get_close_matches(name, sorted(defined), n=2, cutoff=0.85)
    meant = near[0] if len(near) == 1 else ""
    return Hit(
        at=at,
        target=at,
        message=f"container {container} mounts {name}, a volume that the pod does not have",
        operations=(Operation("replace", at, meant),) if meant else None,
        title=f"Mount {meant}",
        unfixable="" if meant else "which volume was meant only the author knows",
    )


def _items(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _metadata(claim: Json) -> Json:
    return claim.get("metadata") if isinstance(claim, dict) else None


def _names(volumes: Json) -> list[str]:
    return [_name(volume) for volume in _items(volumes)]


def _name(value: Json) -> str:
    name = value.get("name") if isinstance(value, dict) else None
    return name if isinstance(name, str) else ""
