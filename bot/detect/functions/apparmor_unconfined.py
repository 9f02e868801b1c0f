"""AppArmor switched off, by the field of the pod or a container, or by the annotation that it replaced.

The API server refuses a pod in which both disagree, so both change together.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.detect.functions import Context, Hit
from bot.detect.functions._security import Level, container_levels, pod_level, profile_type
from bot.detect.functions._text import is_placeholder
from bot.manifest import pointers
from bot.model import Json, Operation

_MEMBER = "appArmorProfile"
_PREFIX = "container.apparmor.security.beta.kubernetes.io/"


def check(context: Context) -> Iterator[Hit]:
    """The pod, and each container, that says Unconfined or names a profile of no known kind."""
    assert context.pod is not None, "the policy looks at pod specs"
    pod = pod_level(context)
    annotations = context.pod.metadata_body.get("annotations")
    known: dict[str, Json] = annotations if isinstance(annotations, dict) else {}
    if profile_type(pod.fields, _MEMBER) == "Unconfined":
        yield _hit(pod, [_of_field(pod)], "Unconfined")
    for level in container_levels(context):
        key = f"{_PREFIX}{level.body.get('name')}"
        said = known.get(key)
        operations = []
        if profile_type(level.fields, _MEMBER) == "Unconfined":
            operations.append(_of_field(level))
        if said is not None and not _confines(said) and not is_placeholder(said):
            place = pointers.join(context.pod.metadata or "", "annotations", key)
            operations.append(Operation("replace", place, "runtime/default"))
        if operations:
            yield _hit(level, operations, "Unconfined" if said in (None, "unconfined") else str(said))


def _of_field(level: Level) -> Operation:
    return Operation("replace", level.at(f"{_MEMBER}/type"), "RuntimeDefault")


def _hit(level: Level, operations: list[Operation], said: str) -> Hit:
    return Hit(
        at=operations[0].path,
        target=level.pointer,
        message=f"AppArmor does not confine {level.name}: {said}",
        operations=tuple(operations),
    )


def _confines(value: Json) -> bool:
    return value in ("", "runtime/default") or (isinstance(value, str) and value.startswith("localhost/"))
