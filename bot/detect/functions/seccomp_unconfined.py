"""seccompProfile Unconfined, where it is written: on the pod or on a container.

seccomp-profile-missing counts such a container too; where Unconfined is all that is wrong, the finding stands for both.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.detect.functions import Context, Hit
from bot.detect.functions._security import Level, container_levels, pod_level, profile_type
from bot.model import Operation

_MEMBER = "seccompProfile"
_ANNOTATION = "seccomp.security.alpha.kubernetes.io/"


def check(context: Context) -> Iterator[Hit]:
    """Each place that says Unconfined; a privileged container has no profile anyway."""
    assert context.pod is not None, "the policy looks at pod specs"
    pod = pod_level(context)
    containers = [level for level in container_levels(context) if level.fields.get("privileged") is not True]
    of_pod = profile_type(pod.fields, _MEMBER)
    alone = all((profile_type(level.fields, _MEMBER) or of_pod) is not None for level in containers)
    annotations = context.pod.metadata_body.get("annotations")
    # Beside the old annotations the API server refuses a field that differs.
    annotated = isinstance(annotations, dict) and any(_ANNOTATION in key for key in annotations)
    for level in (pod, *containers):
        if profile_type(level.fields, _MEMBER) == "Unconfined":
            yield _hit(level, pod if alone else level, annotated=annotated)


def _hit(level: Level, target: Level, *, annotated: bool) -> Hit:
    at = level.at(f"{_MEMBER}/type")
    return Hit(
        at=at,
        target=target.pointer,
        message=f"{level.name} asks for no seccomp profile: Unconfined",
        operations=None if annotated else (Operation("replace", at, "RuntimeDefault"),),
        unfixable="an annotation says what the profile is, and the field must not differ" if annotated else "",
    )
