"""AppArmor asked for by the annotations that Kubernetes 1.30 replaced by a field.

All annotations of a pod go in one fix: the API server refuses a pod in which an annotation and a field disagree.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.detect.functions import Context, Hit
from bot.detect.functions._text import listed
from bot.manifest import pointers
from bot.manifest.workloads import Pod
from bot.model import Json, Operation

_PREFIX = "container.apparmor.security.beta.kubernetes.io/"
_FIELD_SINCE = 30


def check(context: Context) -> Iterator[Hit]:
    """One hit for all AppArmor annotations of a pod."""
    pod = context.pod
    assert pod is not None, "the policy looks at pod specs"
    annotations = pod.metadata_body.get("annotations")
    if not isinstance(annotations, dict) or pod.metadata is None:
        return
    found = {key: value for key, value in annotations.items() if key.startswith(_PREFIX)}
    if not found:
        return
    place = pointers.join(pod.metadata, "annotations")
    at = pointers.join(place, next(iter(found)))
    named = listed([f"{key.removeprefix(_PREFIX)}: {value}" for key, value in found.items()])
    message = f"AppArmor is set by annotations instead of appArmorProfile: {named}"
    obstacle = _obstacle(context, pod, found)
    if obstacle:
        yield Hit(at, message, unfixable=obstacle)
        return
    removals = (
        [Operation("remove", place)]
        if len(found) == len(annotations)
        else [Operation("remove", pointers.join(place, key)) for key in found]
    )
    yield Hit(at, message, (*_fields(pod, found), *removals))


def _obstacle(context: Context, pod: Pod, annotations: dict[str, Json]) -> str:
    """Why the fields cannot take over; empty when they can."""
    if int(context.oldest.partition(".")[2]) < _FIELD_SINCE:
        return f"Kubernetes {context.oldest} does not know appArmorProfile"
    bodies = {str(place.body.get("name")): place.body for place in pod.containers}
    for key, value in annotations.items():
        name, profile = key.removeprefix(_PREFIX), _profile(value)
        if profile is None:
            return f"{value} is no profile that appArmorProfile knows"
        if name not in bodies:
            return f"there is no container {name}"
        own = _own(bodies[name])
        if own is not None and own != profile:
            return f"the appArmorProfile of container {name} says otherwise"
    return ""


def _fields(pod: Pod, annotations: dict[str, Json]) -> Iterator[Operation]:
    """What the annotations ask for as fields, where the fields do not say so already."""
    of_pod = _own(pod.spec_body)
    for place in pod.containers:
        key = f"{_PREFIX}{place.body.get('name')}"
        if key not in annotations or _own(place.body) is not None:
            continue
        profile = _profile(annotations[key])
        if profile != of_pod:
            yield Operation("add", f"{place.pointer}/securityContext/appArmorProfile", profile)


def _own(body: dict[str, Json]) -> Json:
    context = body.get("securityContext")
    return context.get("appArmorProfile") if isinstance(context, dict) else None


def _profile(value: Json) -> Json:
    """The field that means the same as the annotation's value; None when there is none."""
    if value == "runtime/default":
        return {"type": "RuntimeDefault"}
    if value == "unconfined":
        return {"type": "Unconfined"}
    if isinstance(value, str) and value.startswith("localhost/"):
        return {"type": "Localhost", "localhostProfile": value.removeprefix("localhost/")}
    return None
