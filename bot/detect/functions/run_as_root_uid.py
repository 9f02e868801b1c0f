"""runAsUser 0, where it is written: on the pod, as far as a container inherits it, or on a container.

Another user is taken from a container of the same image in the pod, else from the configuration; none is invented.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.detect.functions import CONFIGURATION, Context, Hit
from bot.detect.functions._security import Level, container_levels, pod_level
from bot.model import Json, Operation

_UNKNOWN = (
    "needs a value, from another container of the same image in the pod; or values.run-as-user in .k8s-auto-fix.yaml"
)


def check(context: Context) -> Iterator[Hit]:
    """Each place that says 0."""
    pod, containers = pod_level(context), list(container_levels(context))
    if pod.body.get("hostUsers") is False:  # root of a user namespace is nobody on the node
        return
    inherits = [level for level in containers if level.fields.get("runAsUser") is None]
    if _is_root(pod.fields.get("runAsUser")) and (inherits or not containers):
        yield _hit(pod, _user(context, inherits, containers))
    for level in containers:
        if _is_root(level.fields.get("runAsUser")):
            yield _hit(level, _user(context, [level], containers))


def _hit(level: Level, found: tuple[int, str] | None) -> Hit:
    user, source = found or (None, "")
    return Hit(
        at=level.at("runAsUser"),
        target=level.pointer,
        message=f"{level.name} runs as root: runAsUser is 0",
        operations=None if user is None else (Operation("replace", level.at("runAsUser"), user),),
        title=f"Run as user {user}",
        unfixable="" if user is not None else _UNKNOWN,
        source=source,
    )


def _is_root(value: Json) -> bool:
    return type(value) is int and value == 0


def _user(context: Context, levels: list[Level], containers: list[Level]) -> tuple[int, str] | None:
    """(user, where it comes from): that of other containers of the image, if they agree, else the configured one."""
    images = {str(level.body.get("image", "")) for level in levels}
    found: dict[int, str] = {}
    for level in containers:
        user = level.fields.get("runAsUser")
        if str(level.body.get("image", "")) in images - {""} and isinstance(user, int) and user > 0:
            found.setdefault(user, f"{level.name}, of the same image")
    if len(found) == 1 and len(images) == 1:
        return found.popitem()
    configured = str(context.values.get("run-as-user", ""))
    return (int(configured), CONFIGURATION) if configured.isdigit() and int(configured) > 0 else None
