"""The securityContext of a pod and those of its containers, one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.detect.functions import Context
from bot.model import Json


@dataclass(frozen=True, slots=True)
class Level:
    """The pod or one of its containers; `pointer` leads to what holds the securityContext `fields`."""

    pointer: str
    name: str
    fields: dict[str, Json]
    body: dict[str, Json]
    is_pod: bool = False

    def at(self, field: str) -> str:
        """The pointer of a field of the securityContext."""
        return f"{self.pointer}/securityContext/{field}"


def pod_level(context: Context) -> Level:
    """The pod."""
    assert context.pod is not None, "the policy looks at pod specs"
    body = context.pod.spec_body
    return Level(context.pod.spec, "the pod", fields_of(body), body, is_pod=True)


def container_levels(context: Context) -> Iterator[Level]:
    """The containers, without ephemeral ones."""
    assert context.pod is not None, "the policy looks at pod specs"
    for place in context.pod.containers:
        if place.type != "ephemeral":
            name = f"container {place.body.get('name', '')}"
            yield Level(place.pointer, name, fields_of(place.body), place.body)


def fields_of(body: dict[str, Json]) -> dict[str, Json]:
    """The securityContext of a pod spec or container; empty when there is none."""
    context = body.get("securityContext")
    return context if isinstance(context, dict) else {}


def profile_type(fields: dict[str, Json], member: str) -> Json:
    """The type of `seccompProfile` or `appArmorProfile`; None when it is not set."""
    profile = fields.get(member)
    return profile.get("type") if isinstance(profile, dict) else None
