"""How exposed an object is, as far as manifests tell: who can reach it, and what reaching it is worth.

Each fact that holds takes its share of what is left: 1 - (1 - a)(1 - b)..., so that the value stays below 1 and no fact
ever lowers it. The shares are judgements (docs/scheduler.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.model import Json, ResourceRef
from bot.rank import powers
from bot.rank.around import Around, is_route
from bot.rank.facts import ROUTED, Fact, of_pod, of_service, pods_of
from bot.rank.model import Body
from bot.rank.objects import mapping, text

SYSTEM = (0.3, "in a namespace of the cluster itself")
BESIDE = (0.15, "beside a privileged pod")
LOOSE = (0.1, "in a namespace that allows privileged pods")
ITSELF_ROUTED = (ROUTED, "a way in from outside")
MAY = "whose service account may {}"
LETS = "that lets its subjects {}"


@dataclass(frozen=True, slots=True)
class Exposure:
    """From 0, nothing known, to 1; and the facts behind it, the weightiest first."""

    value: float
    facts: tuple[Fact, ...] = ()


def exposure(ref: ResourceRef, body: Body, around: Around) -> Exposure:
    """How exposed an object is among those around it."""
    found = sorted(set(_facts(ref, body, around)), key=lambda fact: (-fact[0], fact[1]))
    left = 1.0
    for share, _ in found:
        left *= 1.0 - share
    return Exposure(1.0 - left, tuple(found))


def _facts(ref: ResourceRef, body: Body, around: Around) -> Iterator[Fact]:
    if ref.namespace is not None and ref.namespace.startswith("kube-"):
        yield SYSTEM
    if ref.namespace in around.loose:
        yield LOOSE
    pods = pods_of(ref, body)
    for pod in pods:
        yield from of_pod(pod)
        yield from around.reached(ref.namespace, mapping(pod.metadata_body, "labels"))
        yield from _rights(pod.spec_body, ref.namespace, around)
    if pods and around.has_privileged_beside(ref.namespace, ref.name):
        yield BESIDE
    if not pods:
        yield from _of_object(ref, body, around)


def _rights(spec: dict[str, Json], namespace: str | None, around: Around) -> Iterator[Fact]:
    """What the token in a pod may do; the service account may keep it away, which is not looked at."""
    if spec.get("automountServiceAccountToken") is not False:
        account = text(spec, "serviceAccountName") or "default"
        yield from ((share, MAY.format(what)) for share, what in around.rights(namespace, account))


def _of_object(ref: ResourceRef, body: Body, around: Around) -> Iterator[Fact]:
    """What an object without pods exposes: itself."""
    found: Iterator[powers.Power] = iter(())
    if ref.kind == "Service" and not ref.group:
        yield from of_service(body)
        yield from around.routes_to(ref.namespace, ref.name)
    elif is_route(body):
        yield ITSELF_ROUTED
    elif ref.kind in ("Role", "ClusterRole"):
        share = 1.0 if ref.kind == "ClusterRole" else powers.IN_ONE_NAMESPACE
        found = ((share * weight, what) for weight, what in powers.of_role(ref.name, body))
    elif ref.kind in ("RoleBinding", "ClusterRoleBinding"):
        found = powers.bound(body, around.role)
    yield from ((share, LETS.format(what)) for share, what in found)
