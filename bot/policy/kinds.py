"""Which objects a policy's `match.kinds` names.

| entry | selects |
|---|---|
| `workload` | every kind with a pod spec that `bot.manifest.workloads` knows |
| `Service` | the kind in one of Kubernetes' own API groups, any version |
| `apps/Deployment` | the kind in that group, any version |
| `v1/Pod`, `apps/v1/Deployment` | the kind in that group and version, as `apiVersion` writes them |
| `*`, `apps/*`, `apps/v1/*` | any kind (of that group, of that version) but List, which is no object |
"""

from __future__ import annotations

import re
from functools import lru_cache

from bot.manifest import workloads

WORKLOAD = "workload"
ANY = "*"

# Every group that Kubernetes itself serves or once served. A suffix would not do: gateway.networking.k8s.io is none.
BUILT_IN_GROUPS = frozenset(
    {
        "",
        "admissionregistration.k8s.io",
        "apiextensions.k8s.io",
        "apiregistration.k8s.io",
        "apps",
        "auditregistration.k8s.io",
        "authentication.k8s.io",
        "authorization.k8s.io",
        "autoscaling",
        "batch",
        "certificates.k8s.io",
        "coordination.k8s.io",
        "discovery.k8s.io",
        "events.k8s.io",
        "extensions",
        "flowcontrol.apiserver.k8s.io",
        "imagepolicy.k8s.io",
        "internal.apiserver.k8s.io",
        "networking.k8s.io",
        "node.k8s.io",
        "policy",
        "rbac.authorization.k8s.io",
        "resource.k8s.io",
        "scheduling.k8s.io",
        "settings.k8s.io",
        "storage.k8s.io",
        "storagemigration.k8s.io",
    }
)

_KIND = r"(?:[A-Z][A-Za-z0-9]*|\*)"
_GROUP = r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?"
_VERSION = r"v[0-9]+(?:(?:alpha|beta)[0-9]+)?"
_PATTERN = re.compile(rf"(?:(?P<group>{_GROUP})/)??(?:(?P<version>{_VERSION})/)?(?P<kind>{_KIND})\Z")

ALLOWED = (
    "workload, a kind (Service), group/Kind (apps/Deployment), apiVersion/Kind (v1/Pod, apps/v1/Deployment), or '*'"
)


def is_built_in(group: str) -> bool:
    """Whether Kubernetes itself serves the API group: nulls in its objects are the same as absent fields."""
    return group in BUILT_IN_GROUPS


def is_valid(entry: str) -> bool:
    """Whether `entry` is written in one of the forms of the table."""
    return entry == WORKLOAD or _PATTERN.match(entry) is not None


@lru_cache(maxsize=1024)
def has_pod_spec(entry: str) -> bool:
    """Whether every object that `entry` selects keeps a pod spec at a known place."""
    if entry == WORKLOAD:
        return True
    match = _PATTERN.match(entry)
    if match is None or match["kind"] == ANY:
        return False
    known = {group for group, kind in workloads.workload_kinds() if kind == match["kind"]}
    if match["group"] is not None:
        return match["group"] in known
    return "" in known if match["version"] else bool(known & BUILT_IN_GROUPS)


@lru_cache(maxsize=65536)
def selects(entry: str, api_version: str, kind: str) -> bool:
    """Whether `entry` names objects of this apiVersion and kind."""
    group, _, version = api_version.rpartition("/")
    if entry == WORKLOAD:
        return workloads.is_workload(group, kind)
    match = _PATTERN.match(entry)
    if match is None or match["kind"] not in (ANY, kind):
        return False
    if match["kind"] == ANY and (api_version, kind) == ("v1", "List"):
        return False
    if match["version"] is not None:
        return match["version"] == version and (match["group"] or "") == group
    if match["group"] is not None:
        return match["group"] == group
    return match["kind"] == ANY or is_built_in(group)
