"""Node labels that have a successor: in node selectors, affinity, spread constraints and tolerations.

A toleration of the old control plane taint gets a twin for the new one, since old nodes may still carry the old taint;
everything else is renamed. Where the old and the new name of the control plane stand side by side, somebody has taken
care of both already.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.detect.functions import Context, Hit
from bot.manifest import pointers
from bot.model import Json, Operation

_MASTER = "node-role.kubernetes.io/master"
_SUCCESSORS = {
    "beta.kubernetes.io/arch": "kubernetes.io/arch",
    "beta.kubernetes.io/instance-type": "node.kubernetes.io/instance-type",
    "beta.kubernetes.io/os": "kubernetes.io/os",
    "failure-domain.beta.kubernetes.io/region": "topology.kubernetes.io/region",
    "failure-domain.beta.kubernetes.io/zone": "topology.kubernetes.io/zone",
    _MASTER: "node-role.kubernetes.io/control-plane",
}
_SCHEDULING = "requiredDuringSchedulingIgnoredDuringExecution"
_PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"
_REQUIREMENTS = (
    f"/affinity/nodeAffinity/{_SCHEDULING}/nodeSelectorTerms/*/matchExpressions/*",
    f"/affinity/nodeAffinity/{_PREFERRED}/*/preference/matchExpressions/*",
)
_TOPOLOGY_KEYS = (
    f"/affinity/podAffinity/{_SCHEDULING}/*/topologyKey",
    f"/affinity/podAffinity/{_PREFERRED}/*/podAffinityTerm/topologyKey",
    f"/affinity/podAntiAffinity/{_SCHEDULING}/*/topologyKey",
    f"/affinity/podAntiAffinity/{_PREFERRED}/*/podAffinityTerm/topologyKey",
    "/topologySpreadConstraints/*/topologyKey",
)


def check(context: Context) -> Iterator[Hit]:
    """Each use of an old label."""
    assert context.pod is not None, "the policy looks at pod specs"
    spec, base = context.pod.spec_body, context.pod.spec
    yield from _node_selector(spec, base)
    yield from _requirements(spec, base)
    for pattern in _TOPOLOGY_KEYS:
        for pointer, key in _places(spec, pattern):
            if isinstance(key, str) and key in _SUCCESSORS and key != _MASTER:
                yield _hit(base + pointer, key, Operation("replace", base + pointer, _SUCCESSORS[key]))
    yield from _tolerations(spec, base)


def _hit(at: str, old: str, *operations: Operation, why: str = "", unfixable: str = "") -> Hit:
    new = _SUCCESSORS[old]
    return Hit(
        at=at,
        target=at,
        message=f"the node label {old} is deprecated; its successor is {new}",
        operations=operations or None,
        title=f"Use {new}",
        why=why,
        unfixable=unfixable,
    )


def _node_selector(spec: dict[str, Json], base: str) -> Iterator[Hit]:
    selector = spec.get("nodeSelector")
    if not isinstance(selector, dict):
        return
    for old, value in selector.items():
        new = _SUCCESSORS.get(old)
        if new is None or (old == _MASTER and new in selector):
            continue
        at = pointers.join(base, "nodeSelector", old)
        if new not in selector:
            yield _hit(at, old, Operation("move", pointers.join(base, "nodeSelector", new), source=at))
        elif selector[new] == value:
            yield _hit(at, old, Operation("remove", at))
        else:
            yield _hit(at, old, unfixable=f"{new} is there too, with another value")


def _requirements(spec: dict[str, Json], base: str) -> Iterator[Hit]:
    found = [(pointer, item) for pattern in _REQUIREMENTS for pointer, item in _places(spec, pattern)]
    keys = {
        pointer: item["key"] for pointer, item in found if isinstance(item, dict) and isinstance(item.get("key"), str)
    }
    for pointer, old in keys.items():
        new = _SUCCESSORS.get(old)
        if new is None or (old == _MASTER and new in keys.values()):
            continue
        at = f"{base}{pointer}/key"
        beside = [key for other, key in keys.items() if pointers.parent(other) == pointers.parent(pointer)]
        if new in beside:
            yield _hit(at, old, unfixable=f"{new} is asked for beside it")
        else:
            yield _hit(at, old, Operation("replace", at, new))


def _tolerations(spec: dict[str, Json], base: str) -> Iterator[Hit]:
    tolerations = spec.get("tolerations")
    items = [item for item in tolerations if isinstance(item, dict)] if isinstance(tolerations, list) else []
    new = _SUCCESSORS[_MASTER]
    if any(item.get("key") == new for item in items):
        return
    for pointer, item in _places(spec, "/tolerations/*"):
        if isinstance(item, dict) and item.get("key") == _MASTER:
            twin = Operation("add", f"{base}/tolerations/-", {**item, "key": new})
            yield _hit(
                f"{base}{pointer}/key", _MASTER, twin, why="pods may run on control planes that are named the new way"
            )


def _places(value: Json, pattern: str, pointer: str = "") -> Iterator[tuple[str, Json]]:
    """(pointer, value) of each place that a pattern with `*` for the items of a list names."""
    head, _, rest = pattern[1:].partition("/")
    children: list[tuple[str, Json]] = []
    if head == "*" and isinstance(value, list):
        children = [(f"{pointer}/{place}", item) for place, item in enumerate(value)]
    elif isinstance(value, dict) and head in value:
        children = [(f"{pointer}/{head}", value[head])]
    for place, child in children:
        if rest:
            yield from _places(child, f"/{rest}", place)
        else:
            yield place, child
