"""A workload of apps/v1 without a selector: required since that version, and immutable afterwards.

It takes the labels of the pod template that say which workload it is, and none that change with a release.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.detect.functions import Context, Hit
from bot.detect.functions._text import is_placeholder
from bot.manifest import pointers
from bot.model import Json, Operation

_IDENTITIES = (
    ("app.kubernetes.io/name", ("app.kubernetes.io/instance", "app.kubernetes.io/component")),
    ("app", ("component", "role", "tier")),
    ("k8s-app", ()),
    ("run", ()),
)
"""A label that names the workload, and those that tell the workloads of one application apart."""


def check(context: Context) -> Iterator[Hit]:
    """One hit when spec.selector is missing."""
    body = context.resource.body
    spec = body.get("spec")
    if not isinstance(spec, dict) or spec.get("selector") is not None:
        return
    _, labels = pointers.resolve(body, "/spec/template/metadata/labels")
    chosen = _chosen(labels if isinstance(labels, dict) else {})
    kind, name = context.resource.ref.kind, context.resource.ref.name
    yield Hit(
        at="/spec/selector",
        target="/spec/selector",
        message=f"{kind} {name} has no selector",
        operations=(Operation("add", "/spec/selector", {"matchLabels": chosen}),) if chosen else None,
        unfixable="" if chosen else "no label of the pod template says which workload it is",
    )


def _chosen(labels: dict[str, Json]) -> dict[str, Json]:
    for leading, others in _IDENTITIES:
        if leading in labels:
            chosen = {key: labels[key] for key in (leading, *others) if key in labels}
            fit = all(isinstance(value, str) and not is_placeholder(value) for value in chosen.values())
            return chosen if fit else {}
    return {}
