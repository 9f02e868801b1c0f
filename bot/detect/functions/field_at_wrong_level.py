"""Fields of a securityContext at the wrong level: those of containers on the pod, those of the pod on a container.

The API server drops them, so moving one switches it on. What would take protection away is not moved.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.detect.functions import Context, Hit
from bot.detect.functions._security import Level, container_levels, pod_level
from bot.model import Json, Operation

_OF_CONTAINERS = ("allowPrivilegeEscalation", "capabilities", "privileged", "procMount", "readOnlyRootFilesystem")
_OF_PODS = ("fsGroup", "fsGroupChangePolicy", "supplementalGroups", "supplementalGroupsPolicy", "sysctls")
_IMPLIES_ESCALATION = ("SYS_ADMIN", "CAP_SYS_ADMIN", "ALL")


def check(context: Context) -> Iterator[Hit]:
    """Each such field."""
    pod, containers = pod_level(context), list(container_levels(context))
    for field in _OF_CONTAINERS:
        if pod.fields.get(field) is not None:
            yield _down(pod, containers, field)
    for field in _OF_PODS:
        holders = [level for level in containers if level.fields.get(field) is not None]
        for level in holders:
            yield _up(pod, holders, level, field)


def _down(pod: Level, containers: list[Level], field: str) -> Hit:
    value = pod.fields[field]
    weakens = _weakens(field, value)
    takers = [level for level in containers if level.fields.get(field) is None and _takes(level, field)]
    adds = [Operation("add", level.at(field), value) for level in takers]
    return Hit(
        at=pod.at(field),
        target=pod.at(field),
        message=f"{field} has no effect on the pod; it is a field of containers",
        operations=None if weakens else (*adds, Operation("remove", pod.at(field))),
        title=f"Move {field} to the containers" if takers else f"Remove {field}, which has no effect",
        unfixable="where it has an effect it would take protection away" if weakens else "",
    )


def _up(pod: Level, holders: list[Level], level: Level, field: str) -> Hit:
    values = [holder.fields[field] for holder in holders]
    there = pod.fields.get(field)
    agreed = all(value == values[0] for value in values) and there in (None, values[0])
    removals = [Operation("remove", holder.at(field)) for holder in holders]
    return Hit(
        at=level.at(field),
        target=level.at(field),
        message=f"{field} has no effect on {level.name}; it is a field of the pod",
        operations=(Operation("add", pod.at(field), values[0]), *removals) if agreed else None,
        title=f"Move {field} to the pod",
        unfixable="" if agreed else "the containers and the pod say different things",
    )


def _weakens(field: str, value: Json) -> bool:
    if field == "capabilities":
        return not isinstance(value, dict) or bool(value.get("add"))
    protecting: dict[str, Json] = {"readOnlyRootFilesystem": True, "procMount": "Default"}
    return bool(value != protecting.get(field, False))


def _takes(level: Level, field: str) -> bool:
    """Whether a container may have the field: what implies privileges cannot rule them out."""
    if field != "allowPrivilegeEscalation":
        return True
    capabilities = level.fields.get("capabilities")
    added = capabilities.get("add") if isinstance(capabilities, dict) else None
    implied = isinstance(added, list) and any(name in _IMPLIES_ESCALATION for name in added)
    return level.fields.get("privileged") is not True and not implied
