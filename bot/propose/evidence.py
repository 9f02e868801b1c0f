"""Values that nobody may invent, and where they come from.

A fix that needs a number or a name reads it as `values` of its policy. What the team's configuration says is joined
here with what the objects around say, in this order:

- Requests and limits: a recommendation for the container (a VerticalPodAutoscaler, else a report of krr or
  goldilocks), the other containers of the pod, a LimitRange of the namespace, the configuration.
- Users and groups: the other containers of the pod, the configuration.
- Images: the configuration, the same image pinned elsewhere in the repository.
- Classes of Ingresses, priorities and storage: the configuration, the only one in scope.

A source that contradicts itself is none: two limits, two versions of an image.

Invariant: a function of its arguments; what it gives is what `bot.settings.values` would have accepted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from bot.detect.detect import Detection
from bot.detect.functions import CONFIGURATION
from bot.detect.pins import LATEST, Pin, canonical, parsed
from bot.manifest import Resource, pointers, quantity
from bot.model import Evidence, Json
from bot.policy.model import FixTemplate, OperationTemplate

_KEY = re.compile(r"""(?<![.\w])values(?:\[\??["']([a-z-]+)["']\]|\.\??([a-z]+))""")

_RESOURCES = {
    "cpu-request": ("requests", "cpu"),
    "cpu-limit": ("limits", "cpu"),
    "memory-request": ("requests", "memory"),
    "memory-limit": ("limits", "memory"),
    "ephemeral-storage-limit": ("limits", "ephemeral-storage"),
}
_USERS = {"run-as-user": "runAsUser", "run-as-group": "runAsGroup"}
_CLASSES = {
    "ingress-class": "networking.k8s.io/IngressClass",
    "priority-class": "scheduling.k8s.io/PriorityClass",
    "storage-class": "storage.k8s.io/StorageClass",
}
_APPS = ("container", "sidecar")
_IN_LIMIT_RANGE = {"requests": "defaultRequest", "limits": "default"}
_RECOMMENDED = {"requests": ("target", "target"), "limits": ("upperBound", "upper bound")}
_VPA = "autoscaling.k8s.io/VerticalPodAutoscaler"
_SYSTEM = "system-"

_NEEDS = {
    **dict.fromkeys(
        _RESOURCES,
        "a VerticalPodAutoscaler with a recommendation, a report of krr or goldilocks, another container of the pod or "
        "a LimitRange beside it",
    ),
    **dict.fromkeys(_USERS, "another container of the pod that names one"),
    **dict.fromkeys(_CLASSES, "the object itself, the only one of its kind beside this file"),
    "images": "the same image with a version elsewhere in the repository",
}
"""What would give a value, beside the configuration."""


@dataclass(frozen=True, slots=True)
class Known:
    """The values for one finding, with the source of each key that has one; `disputed` says which sources differ."""

    values: Mapping[str, Json]
    sources: Mapping[str, str] = field(default_factory=dict)
    disputed: Mapping[str, str] = field(default_factory=dict)

    def evidence(self, keys: Iterable[str]) -> tuple[Evidence, ...]:
        """Where the values of these keys come from."""
        return tuple(
            Evidence(source) for source in dict.fromkeys(self.sources[key] for key in keys if key in self.sources)
        )


class _Disputed(Exception):
    """Sources that differ; says which."""


Found = tuple[Json, str] | None
"""A value with its source."""


def keys_of(template: FixTemplate) -> frozenset[str]:
    """The keys of `values` that a fix reads, in its guard or in what it writes."""
    return _keys_in(template.when or "") | written_keys(template)


def written_keys(template: FixTemplate) -> frozenset[str]:
    """The keys whose values a fix writes."""
    texts = [text for operation in template.operations for text in _texts(operation)]
    return _keys_in("\n".join([*texts, *_leaves(dict(template.create or {}))]))


def known(detection: Detection, configured: Mapping[str, Json], keys: Iterable[str]) -> Known:
    """What is known for these keys: the configuration, joined with the evidence around the finding."""
    values = dict(configured)
    sources: dict[str, str] = {}
    disputed: dict[str, str] = {}
    for key in keys:
        for source in _SOURCES.get(key, (_configured,)):
            try:
                found = source(detection, configured, key)
            except _Disputed as dispute:
                disputed[key] = str(dispute)
                continue
            if found is not None:
                values[key], sources[key] = found
                break
    return Known(values, sources, disputed)


def configured_only(configured: Mapping[str, Json], keys: Iterable[str]) -> Known:
    """What the configuration alone says."""
    return Known(configured, {key: CONFIGURATION for key in keys if key in configured})


def wanted(keys: Iterable[str]) -> str:
    """What would give values for these keys, for people."""
    keys = sorted(keys)
    ways = [way for way in dict.fromkeys(_NEEDS.get(key, "") for key in keys) if way]
    configured = " and ".join(f"values.{key}" for key in keys)
    return "; or ".join([*ways, f"{configured} in .k8s-auto-fix.yaml"])


@lru_cache(maxsize=1024)
def _keys_in(text: str) -> frozenset[str]:
    return frozenset(match[1] or match[2] for match in _KEY.finditer(text)) if "values" in text else frozenset()


def _texts(operation: OperationTemplate) -> Iterator[str]:
    yield operation.path
    yield from _leaves(operation.value)


def _leaves(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for child in value.values() if isinstance(value, dict) else value:
            yield from _leaves(child)


def _configured(_detection: Detection, configured: Mapping[str, Json], key: str) -> Found:
    return (configured[key], CONFIGURATION) if key in configured else None


def _agreed(found: Iterable[tuple[Json, str]]) -> Found:
    """The one value of several sources, and the first of these; raises _Disputed."""
    pairs = list(found)
    if not pairs:
        return None
    amounts = {quantity.parse(value) if quantity.parse(value) is not None else value for value, _ in pairs}
    if len(amounts) > 1:
        one, other = pairs[0], next(pair for pair in pairs if pair[0] != pairs[0][0])
        raise _Disputed(f"{one[1]} says {one[0]}, {other[1]} says {other[0]}")
    return pairs[0]


def _quantity(value: Json, resource: str) -> Json:
    """The quantity as it is written, None when it is none that a container may have."""
    amount = quantity.parse(value)
    if isinstance(value, bool) or amount is None or amount <= 0:
        return None
    return str(value) if resource == "cpu" or amount.denominator == 1 else None


def _recommended(detection: Detection, _configured: Mapping[str, Json], key: str) -> Found:
    container = detection.target.container
    if container is None:
        return None
    part, resource = _RESOURCES[key]
    if resource == "ephemeral-storage":
        return None
    member, words = _RECOMMENDED[part]
    target = detection.target.resource
    found = []
    for vpa in detection.inventory.beside(target, _VPA):
        if not _scales(vpa, target):
            continue
        for each in _maps(vpa.body, "/status/recommendation/containerRecommendations"):
            if each.get("containerName") == container.body.get("name") and container.body.get("name"):
                amount = _quantity(pointers.walk(each, (member, resource))[1], resource)
                if amount is not None:
                    found.append((amount, f"the {words} of {vpa.ref} ({vpa.path})"))
    return _agreed(found)


def _reported(detection: Detection, _configured: Mapping[str, Json], key: str) -> Found:
    """What reports say of the container; of other namespaces only where something else sets that of the workload."""
    container, inventory = detection.target.container, detection.inventory
    name = container.body.get("name") if container is not None else None
    if not isinstance(name, str):
        return None
    ref = detection.target.resource.ref
    found = inventory.recommended.of(ref, name, *_RESOURCES[key])
    if found and ref.namespace and not inventory.scope.one_namespace:
        found = tuple(each for each in found if each.namespace == ref.namespace)
    return _agreed((each.amount, each.source) for each in found)


def _scales(vpa: Resource, target: Resource) -> bool:
    reference = pointers.resolve(vpa.body, "/spec/targetRef")[1]
    return (
        isinstance(reference, dict)
        and reference.get("kind") == target.ref.kind
        and reference.get("name") == target.ref.name
        and bool(target.ref.name)
    )


def _siblings(detection: Detection) -> Iterator[dict[str, Json]]:
    """The other containers of the pod that run as long as it does."""
    pod, container = detection.target.pod, detection.target.container
    if pod is None or container is None or container.type not in _APPS:
        return
    for each in pod.containers:
        if each.type in _APPS and each.pointer != container.pointer:
            yield each.body


def _of_siblings(detection: Detection, _configured: Mapping[str, Json], key: str) -> Found:
    found = []
    for body in _siblings(detection):
        amount = _quantity(pointers.walk(body, ("resources", *_RESOURCES[key]))[1], _RESOURCES[key][1])
        if amount is not None:
            found.append((amount, f"container {body.get('name')} of the same pod"))
    return _agreed(found)


def _user_of_siblings(detection: Detection, _configured: Mapping[str, Json], key: str) -> Found:
    found = []
    for body in _siblings(detection):
        number = pointers.walk(body, ("securityContext", _USERS[key]))[1]
        if isinstance(number, int) and not isinstance(number, bool) and number > 0:
            found.append((number, f"container {body.get('name')} of the same pod"))
    return _agreed(found)


def _of_limit_range(detection: Detection, _configured: Mapping[str, Json], key: str) -> Found:
    """What admission fills in anyhow: written down, it is seen."""
    if detection.target.container is None:
        return None
    part, resource = _RESOURCES[key]
    found = []
    for each in detection.inventory.beside(detection.target.resource, "v1/LimitRange"):
        for limit in _maps(each.body, "/spec/limits"):
            if limit.get("type") == "Container":
                amount = _quantity(pointers.walk(limit, (_IN_LIMIT_RANGE[part], resource))[1], resource)
                if amount is not None:
                    found.append((amount, f"{each.ref} ({each.path})"))
    return _agreed(found)


def _only_one(detection: Detection, _configured: Mapping[str, Json], key: str) -> Found:
    """The class of which there is one; a built-in priority is nobody's choice."""
    everything = detection.inventory.of_kind(_CLASSES[key])
    found = [each for each in everything if each.ref.name and not each.ref.name.startswith(_SYSTEM)]
    names = {each.ref.name for each in found}
    return (found[0].ref.name, f"{found[0].ref} ({found[0].path}), the only one") if len(names) == 1 else None


def _pinned_elsewhere(detection: Detection, configured: Mapping[str, Json], _key: str) -> Found:
    """`images` of the configuration with one more entry: what the same image is pinned to elsewhere."""
    container = detection.target.container
    reference = container.body.get("image") if container is not None else None
    wanted_pin = parsed(reference) if isinstance(reference, str) else None
    if not isinstance(reference, str) or wanted_pin is None or wanted_pin.digest:
        return None
    images = configured.get("images")
    images = images if isinstance(images, dict) else {}
    name = reference.replace(":latest", "")
    if name in images:
        return images, CONFIGURATION
    pin, value = _pinned(wanted_pin, detection.inventory.pins.get(canonical(wanted_pin.name), ()))
    if pin is None:
        return None
    place = f"{pin.path}:{pin.line}" if pin.line is not None else pin.path
    return {**images, name: value}, f"{pin} in {place}"


def _pinned(image: Pin, pins: Iterable[Pin]) -> tuple[Pin | None, str]:
    """(the place that tells, a digest or a tag) for an image; a digest only of the very same tag."""
    pins = list(pins)
    tag = image.tag or LATEST
    digests = _by(pin for pin in pins if pin.digest and (pin.tag or LATEST) == tag)
    if tag != LATEST:
        if len(digests) > 1:
            raise _Disputed(_difference(digests))
        return next(((pin, pin.digest) for pin in digests.values()), (None, ""))
    tags: dict[str, Pin] = {}
    for pin in pins:
        if pin.tag not in ("", LATEST):
            tags.setdefault(pin.tag, pin)
    if len(tags) + len(digests) > 1:
        raise _Disputed(_difference({**digests, **tags}))
    for digest, pin in digests.items():
        return pin, digest
    return next(((pin, tag) for tag, pin in tags.items()), (None, ""))


def _by(pins: Iterable[Pin]) -> dict[str, Pin]:
    found: dict[str, Pin] = {}
    for pin in pins:
        found.setdefault(pin.digest, pin)
    return found


def _difference(found: Mapping[str, Pin]) -> str:
    return " and ".join(f"{pin} in {pin.path}" for pin in list(found.values())[:2])


def _maps(body: Json, pointer: str) -> Iterator[dict[str, Json]]:
    found = pointers.resolve(body, pointer)[1]
    yield from (each for each in found if isinstance(each, dict)) if isinstance(found, list) else ()


Source = Callable[[Detection, Mapping[str, Json], str], Found]
_SOURCES: dict[str, tuple[Source, ...]] = {
    **dict.fromkeys(_RESOURCES, (_recommended, _reported, _of_siblings, _of_limit_range, _configured)),
    **dict.fromkeys(_USERS, (_user_of_siblings, _configured)),
    **dict.fromkeys(_CLASSES, (_configured, _only_one)),
    "images": (_pinned_elsewhere,),
}
"""Where to look, in this order; for all other keys the configuration alone."""
