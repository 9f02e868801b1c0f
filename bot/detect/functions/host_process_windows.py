"""Windows containers that run as processes of the node.

All containers of a pod are HostProcess containers or none, and such a pod must use the network of its node: one finding
and one fix for the pod.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.detect.functions import Context, Hit
from bot.detect.functions._security import Level, container_levels, pod_level
from bot.model import Json, Operation

# Users that exist for HostProcess containers only.
_OF_THE_NODE = ("NT AUTHORITY\\",)


def check(context: Context) -> Iterator[Hit]:
    """One hit for a pod that asks for hostProcess anywhere."""
    levels = (pod_level(context), *container_levels(context))
    asking = [level for level in levels if _options(level).get("hostProcess") is True]
    if not asking:
        return
    users = [str(_options(level).get("runAsUserName", "")) for level in levels]
    bound = next((user for user in users if user.upper().startswith(_OF_THE_NODE)), "")
    removals = [Operation("remove", level.at("windowsOptions/hostProcess")) for level in asking]
    if levels[0].body.get("hostNetwork") is True:
        removals.append(Operation("remove", f"{levels[0].pointer}/hostNetwork"))
    yield Hit(
        at=asking[0].at("windowsOptions/hostProcess"),
        message=f"{asking[0].name} runs as a process of the Windows node",
        operations=None if bound else tuple(removals),
        unfixable=f"{bound} is a user of the node" if bound else "",
    )


def _options(level: Level) -> dict[str, Json]:
    options = level.fields.get("windowsOptions")
    return options if isinstance(options, dict) else {}
