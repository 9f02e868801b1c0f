"""seLinuxOptions that the baseline of the Pod Security Standards forbids: a user, a role, or an unusual type."""

from __future__ import annotations

from collections.abc import Iterator

from bot.detect.functions import Context, Hit
from bot.detect.functions._security import container_levels, pod_level

_TYPES = ("", "container_t", "container_init_t", "container_kvm_t", "container_engine_t")


def check(context: Context) -> Iterator[Hit]:
    """Each option of the pod and its containers that is not allowed."""
    for level in (pod_level(context), *container_levels(context)):
        options = level.fields.get("seLinuxOptions")
        if not isinstance(options, dict):
            continue
        for member, allowed in (("user", ("",)), ("role", ("",)), ("type", _TYPES)):
            value = options.get(member)
            if value is not None and value not in allowed:
                place = level.at(f"seLinuxOptions/{member}")
                yield Hit(place, f"{level.name} sets its SELinux {member} to {value}", target=place)
