"""How objects name and select one another, for checks about several objects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from bot.detect.functions import Context, Hit
from bot.detect.inventory import PodTemplate
from bot.manifest import Resource, pointers
from bot.model import Json, Operation, Severity

_SIMILAR = 0.8
"""How alike two names are (difflib) of which one may be a slip for the other."""

_OWN_DOMAINS = ("kubernetes.io", "k8s.io", "helm.sh")


def at(value: Json, *keys: str) -> Json:
    """What stands below the keys; None when nothing does."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def items(value: Json, *keys: str) -> list[Json]:
    """The list below the keys; empty when there is none."""
    found = at(value, *keys)
    return found if isinstance(found, list) else []


def mapping(value: Json, *keys: str) -> dict[str, Json]:
    """The mapping below the keys; empty when there is none."""
    found = at(value, *keys)
    return found if isinstance(found, dict) else {}


def text(value: Json, *keys: str) -> str:
    """The text below the keys; empty when there is none."""
    found = at(value, *keys)
    return found if isinstance(found, str) else ""


def title(resource: Resource) -> str:
    """An object for a message: `Service web`."""
    return f"{resource.ref.kind} {resource.ref.name}"


def missing(context: Context, what: str, pointer: str, **more: Any) -> Hit:
    """A finding about something that is not in scope: low and said to be so, unless nothing can be elsewhere."""
    scope = context.inventory.scope
    if not scope.whole:
        more.setdefault("severity", Severity.LOW)
    return Hit(
        at=pointer, message=f"{what} in {scope.where}" + ("" if scope.whole else "; it may live elsewhere"), **more
    )


def any_in_scope(context: Context, *entries: str) -> bool:
    """Whether a scope holds objects of a kind at all: one that holds none is a part of something."""
    return context.inventory.scope.whole or any(True for _ in context.inventory.beside(context.resource, *entries))


def selects(selector: Json, labels: Mapping[str, Json]) -> bool:
    """Whether a label selector (`matchLabels`, `matchExpressions`) selects the labels; an empty one selects all."""
    if any(labels.get(key) != value for key, value in mapping(selector, "matchLabels").items()):
        return False
    return all(_holds(each, labels) for each in items(selector, "matchExpressions"))


def _holds(expression: Json, labels: Mapping[str, Json]) -> bool:
    key, values = text(expression, "key"), items(expression, "values")
    operator = text(expression, "operator")
    if operator == "In":
        return key in labels and labels[key] in values
    if operator == "NotIn":
        return labels.get(key) not in values
    if operator == "Exists":
        return key in labels
    return operator == "DoesNotExist" and key not in labels


def has_all(pairs: Mapping[str, Json], labels: Mapping[str, Json]) -> bool:
    """Whether the labels hold every pair, as the selector of a Service asks."""
    return all(labels.get(key) == value for key, value in pairs.items())


def by_operator(labels: Iterable[str]) -> bool:
    """Whether labels are of the sort that operators give the pods they make: `strimzi.io/cluster`."""
    domains = (label.partition("/")[0] for label in labels if "/" in label)
    return any(not domain.endswith(_OWN_DOMAINS) for domain in domains) or "app.kubernetes.io/managed-by" in labels


@dataclass(frozen=True, slots=True)
class Near:
    """A pod template that lacks one of the labels that are asked for: it has `value` as `key` in place of `asked`."""

    template: PodTemplate
    asked: str
    key: str
    value: str

    def operations(self, base: str) -> tuple[Operation, ...]:
        """What makes the labels at the pointer `base` ask for it."""
        place = pointers.join(base, self.asked)
        if self.key == self.asked:
            return (Operation("replace", place, self.value),)
        return (Operation("add", pointers.join(base, self.key), self.value), Operation("remove", place))


def nearly(pairs: Mapping[str, Json], templates: Iterable[PodTemplate]) -> list[Near]:
    """The templates that lack one of the pairs only: a similar value is there, or the value under a similar key."""
    found = []
    for template in templates:
        labels = template.labels
        lacking = [key for key, value in pairs.items() if labels.get(key) != value]
        if len(lacking) != 1 or not isinstance(pairs[lacking[0]], str):
            continue
        key, value = lacking[0], pairs[lacking[0]]
        there = labels.get(key)
        if isinstance(there, str):
            if get_close_matches(value, [there], cutoff=_SIMILAR):
                found.append(Near(template, key, key, there))
            continue
        same = [other for other, label in labels.items() if label == value and other not in pairs]
        near = get_close_matches(key, same, cutoff=_SIMILAR)
        if len(near) == 1:
            found.append(Near(template, key, near[0], value))
    return found


def only_near(name: str, names: Iterable[str]) -> str:
    """The one name that was probably meant; empty when there is none or more than one."""
    near = get_close_matches(name, sorted(set(names)), n=2, cutoff=_SIMILAR)
    return near[0] if len(near) == 1 else ""


def number(value: Json) -> int | None:
    """A whole number, quoted or not; None for anything else."""
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def share(amount: Json, replicas: int) -> int | None:
    """How many of `replicas` pods `minAvailable` asks for: a number or a percentage, rounded up; None for neither."""
    if isinstance(amount, int) and not isinstance(amount, bool):
        return amount
    if isinstance(amount, str) and amount.endswith("%") and amount[:-1].isdigit():
        return -(-int(amount[:-1]) * replicas // 100)
    return None


SCALED = ("apps/Deployment", "apps/StatefulSet", "apps/ReplicaSet", "ReplicationController", "argoproj.io/Rollout")
"""Workloads with a number of replicas."""
AUTOSCALERS = ("HorizontalPodAutoscaler", "keda.sh/ScaledObject")


def scales(autoscaler: Resource, workload: Resource) -> bool:
    """Whether an autoscaler's target is the workload."""
    target = mapping(autoscaler.body, "spec", "scaleTargetRef")
    kind = target.get("kind", "Deployment" if autoscaler.ref.kind == "ScaledObject" else None)
    return kind == workload.ref.kind and target.get("name") == workload.ref.name
