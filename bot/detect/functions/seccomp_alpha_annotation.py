"""seccomp asked for by the annotations that have had no effect since Kubernetes 1.27.

The fields that replaced them take their place. All annotations of a pod go in one fix: the API server refuses a pod in
which an annotation and a field disagree.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.detect.functions import Context, Hit
from bot.detect.functions._text import listed
from bot.manifest import pointers
from bot.manifest.workloads import Pod
from bot.model import Applicability, Json, Operation

_POD = "seccomp.security.alpha.kubernetes.io/pod"
_CONTAINER = "container.seccomp.security.alpha.kubernetes.io/"


def check(context: Context) -> Iterator[Hit]:
    """One hit for all seccomp annotations of a pod."""
    pod = context.pod
    assert pod is not None, "the policy looks at pod specs"
    annotations = pod.metadata_body.get("annotations")
    if not isinstance(annotations, dict) or pod.metadata is None:
        return
    found = {key: value for key, value in annotations.items() if key == _POD or key.startswith(_CONTAINER)}
    if not found:
        return
    place = pointers.join(pod.metadata, "annotations")
    named = listed([f"{key}: {value}" for key, value in found.items()])
    unknown = [str(value) for value in found.values() if _profile(value) is None]
    hit = Hit(
        at=pointers.join(place, next(iter(found))),
        message=f"seccomp is set by annotations that have no effect: {named}",
    )
    if unknown:
        yield Hit(hit.at, hit.message, unfixable=f"{unknown[0]} is no profile that seccompProfile knows")
        return
    removals = (
        [Operation("remove", place)]
        if len(found) == len(annotations)
        else [Operation("remove", pointers.join(place, key)) for key in found]
    )
    fields = tuple(_fields(pod, found))
    title = "" if fields else "Remove the annotations, the field says what counts"
    if fields and "unconfined" in found.values():
        why = "Unconfined takes away the protection that the node may give now; is that still wanted?"
        yield Hit(hit.at, hit.message, (*fields, *removals), Applicability.DISPLAY_ONLY, why)
    else:
        yield Hit(hit.at, hit.message, (*fields, *removals), title=title)


def _fields(pod: Pod, annotations: dict[str, Json]) -> Iterator[Operation]:
    """What the annotations ask for as fields. A field that is there already is what counts, and stays."""
    containers: dict[str, tuple[str, Json]] = {
        str(place.body.get("name")): (place.pointer, place.body) for place in pod.containers
    }
    for key, value in annotations.items():
        container = containers.get(key.removeprefix(_CONTAINER), ("", None))
        pointer, body = (pod.spec, pod.spec_body) if key == _POD else container
        context = body.get("securityContext") if body is not None else None
        if body is None or (isinstance(context, dict) and context.get("seccompProfile")):
            continue
        yield Operation("add", f"{pointer}/securityContext/seccompProfile", _profile(value))


def _profile(value: Json) -> Json:
    """The field that means the same as the annotation's value; None when there is none."""
    if value in ("runtime/default", "docker/default"):
        return {"type": "RuntimeDefault"}
    if value == "unconfined":
        return {"type": "Unconfined"}
    if isinstance(value, str) and value.startswith("localhost/"):
        return {"type": "Localhost", "localhostProfile": value.removeprefix("localhost/")}
    return None
