"""What causes ask of a disagreement: values at places that may have any type, or not be there."""

from __future__ import annotations

from bot.model import Json
from tools.compare.disagree import Disagreement


def at(value: Json, *path: str) -> Json:
    """The value at a path of members; None where there is none."""
    for member in path:
        value = value.get(member) if isinstance(value, dict) else None
    return value


def items(value: Json) -> list[Json]:
    """The items of a list; none where there is no list."""
    return value if isinstance(value, list) else []


def container(case: Disagreement, *path: str) -> Json:
    """The value at a path from the container."""
    return at(case.container.body, *path) if case.container is not None else None


def spec(case: Disagreement, *path: str) -> Json:
    """The value at a path from the pod spec."""
    return at(case.pod.spec_body, *path) if case.pod is not None else None


def type_of(case: Disagreement) -> str:
    """The type of the container; empty where there is none."""
    return case.container.type if case.container is not None else ""


def image(case: Disagreement) -> str:
    """The image of the container; empty where it has none."""
    named = container(case, "image")
    return named if isinstance(named, str) else ""


def containers(case: Disagreement, *lists: str) -> list[Json]:
    """The containers of the pod in the named lists."""
    return [each for member in lists for each in items(spec(case, member))]


def rules(case: Disagreement) -> list[Json]:
    """The rules of a role."""
    return items(case.body.get("rules"))
