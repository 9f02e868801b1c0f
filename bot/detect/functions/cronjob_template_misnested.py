"""A CronJob that loses a level: it holds a Job's spec, which holds a pod template, which holds a pod's spec.

What stands a level too high is moved to where it belongs, if that place is free.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.detect.functions import Context, Hit
from bot.manifest import pointers
from bot.model import Json, Operation

_JOB = "/spec/jobTemplate"
_JOB_SPEC = "/spec/jobTemplate/spec"
_TEMPLATE = "/spec/jobTemplate/spec/template"
_RESTART_POLICY = "/spec/jobTemplate/spec/template/spec/restartPolicy"
_OF_JOBS = (
    "template",
    "activeDeadlineSeconds",
    "backoffLimit",
    "backoffLimitPerIndex",
    "completionMode",
    "completions",
    "maxFailedIndexes",
    "parallelism",
    "podFailurePolicy",
    "ttlSecondsAfterFinished",
)


def check(context: Context) -> Iterator[Hit]:
    """What belongs to the Job's spec but stands beside it, and a restartPolicy above the pod's spec."""
    body = context.resource.body
    _, job = pointers.resolve(body, _JOB)
    if isinstance(job, dict):
        misplaced = [member for member in _OF_JOBS if job.get(member) is not None]
        if misplaced:
            yield _beside(job, misplaced)
    for place in ("/spec", _JOB, _JOB_SPEC, _TEMPLATE):
        _, holder = pointers.resolve(body, place)
        if isinstance(holder, dict) and holder.get("restartPolicy") is not None:
            yield _restart_policy(body, f"{place}/restartPolicy", holder["restartPolicy"])


def _beside(job: dict[str, Json], misplaced: list[str]) -> Hit:
    spec = job.get("spec")
    taken = [member for member in misplaced if isinstance(spec, dict) and spec.get(member) is not None]
    moves = tuple(Operation("move", f"{_JOB_SPEC}/{member}", source=f"{_JOB}/{member}") for member in misplaced)
    return Hit(
        at=f"{_JOB}/{misplaced[0]}",
        # The missing spec is part of it; where there is one, only what is in the wrong place is.
        target=f"{_JOB}/{misplaced[0]}" if isinstance(spec, dict) else _JOB,
        message=f"{', '.join(misplaced)} of the Job must be in jobTemplate.spec, not in jobTemplate",
        operations=None if taken or not isinstance(spec, dict | None) else moves,
        title="Move it into jobTemplate.spec",
        unfixable=f"jobTemplate.spec has {taken[0]} already" if taken else "",
    )


def _restart_policy(body: dict[str, Json], place: str, value: Json) -> Hit:
    _, current = pointers.resolve(body, _RESTART_POLICY)
    _, pod = pointers.resolve(body, pointers.parent(_RESTART_POLICY))
    operations: tuple[Operation, ...] | None = None
    if current == value:
        operations = (Operation("remove", place),)
    elif current is None and isinstance(pod, dict):
        operations = (Operation("move", _RESTART_POLICY, source=place),)
    return Hit(
        at=place,
        target=place,
        message="restartPolicy belongs to the spec of the pod template, jobTemplate.spec.template.spec",
        operations=operations,
        title="Move restartPolicy to the pod" if current is None else "Remove the restartPolicy that has no effect",
        unfixable="" if operations else "the pod template says otherwise, or has no spec",
    )
