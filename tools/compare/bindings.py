"""Checkov judges a role where it is bound, we judge the role itself: its verdicts are moved to the role.

Only where the role stands in the same text, and is bound to a ServiceAccount or a node: Checkov passes what is bound to
people without a look. Every other binding keeps its verdict.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.manifest import Resource
from bot.model import Json

AT_BINDINGS = frozenset(f"CKV2_K8S_{number}" for number in range(1, 6))
"""The checks that Checkov reports at a RoleBinding or ClusterRoleBinding."""

Judged = tuple[Resource, Mapping[str, str]]
"""An object with Checkov's verdict by check."""


def at_roles(judged: Sequence[Judged]) -> list[Judged]:
    """The same verdicts, those of `AT_BINDINGS` with the roles that are bound: failed when one binding failed."""
    roles = {_known(each.ref.kind, each.ref.name): place for place, (each, _) in enumerate(judged)}
    moved: list[dict[str, str]] = [dict(verdicts) for _, verdicts in judged]
    for place, (resource, verdicts) in enumerate(judged):
        role = roles.get(_role_of(resource.body))
        if role is None:
            continue
        for check in AT_BINDINGS & verdicts.keys():
            del moved[place][check]
            if moved[role].get(check) != "failed":
                moved[role][check] = verdicts[check]
    return [(resource, verdicts) for (resource, _), verdicts in zip(judged, moved, strict=True)]


def _role_of(body: Mapping[str, Json]) -> str:
    """The role of a binding that Checkov looks at; empty for any other object."""
    role, subjects = body.get("roleRef"), body.get("subjects")
    if not isinstance(role, dict) or not isinstance(subjects, list):
        return ""
    kinds = {each.get("kind") for each in subjects if isinstance(each, dict)}
    return _known(role.get("kind"), role.get("name")) if kinds & {"Node", "ServiceAccount"} else ""


def _known(kind: Json, name: Json) -> str:
    return f"{kind}/{name}"
