"""Where each kind keeps its pod spec and its containers.

Kubernetes' own kinds and third-party kinds with a pod template are rows of one table. A *partial* template is merged
with an operator's own: an absent field there says nothing. Kinds clash between API groups (batch.volcano.sh Job), so
rows match on group and kind. Sources: the API references of the projects named in the table.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from bot.manifest import pointers
from bot.manifest.reader import Resource
from bot.model import Json


@dataclass(frozen=True, slots=True)
class ContainerPlace:
    """A container: `pointer` from the object; `type` is container, init, sidecar or ephemeral."""

    pointer: str
    type: str
    body: dict[str, Json]


@dataclass(frozen=True, slots=True)
class Pod:
    """A pod spec: pointers from the object to it and to its metadata (None: there is no place for metadata).

    `template` is False for a bare Pod. `partial`: absence is never a finding. `spec_body` and `metadata_body` are the
    values there ({} when metadata is absent).
    """

    spec: str
    metadata: str | None
    partial: bool
    template: bool
    spec_body: dict[str, Json]
    metadata_body: dict[str, Json]
    containers: tuple[ContainerPlace, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    template: str
    partial: bool = False
    wrapped: bool = True  # the template has `metadata` and `spec`; else the path itself is the pod spec


def _rows(group: str, kinds: str, *templates: str, partial: bool = False) -> dict[tuple[str, str], tuple[_Row, ...]]:
    rows = tuple(_Row(template, partial) for template in templates)
    return {(group, kind): rows for kind in kinds.split()}


# `*` stands for every item of a list or every member of a mapping.
_TABLE: dict[tuple[str, str], tuple[_Row, ...]] = {
    ("", "Pod"): (_Row(""),),
    **_rows("", "ReplicationController", "/spec/template"),
    **_rows("", "PodTemplate", "/template"),
    **_rows("apps", "Deployment StatefulSet DaemonSet ReplicaSet", "/spec/template"),
    **_rows("extensions", "Deployment DaemonSet ReplicaSet", "/spec/template"),
    **_rows("batch", "Job", "/spec/template"),
    **_rows("batch", "CronJob", "/spec/jobTemplate/spec/template"),
    **_rows("argoproj.io", "Rollout", "/spec/template"),
    **_rows("serving.knative.dev", "Service Configuration", "/spec/template", partial=True),
    **_rows("apps.kruise.io", "CloneSet StatefulSet DaemonSet BroadcastJob", "/spec/template"),
    **_rows(
        "apps.kruise.io",
        "AdvancedCronJob",
        "/spec/template/jobTemplate/spec/template",
        "/spec/template/broadcastJobTemplate/spec/template",
    ),
    **_rows("apps.openshift.io", "DeploymentConfig", "/spec/template"),
    **_rows("keda.sh", "ScaledJob", "/spec/jobTargetRef/template"),
    **_rows("kubeflow.org", "PyTorchJob", "/spec/pytorchReplicaSpecs/*/template"),
    **_rows("kubeflow.org", "TFJob", "/spec/tfReplicaSpecs/*/template"),
    **_rows("kubeflow.org", "MPIJob", "/spec/mpiReplicaSpecs/*/template"),
    **_rows("kubeflow.org", "XGBoostJob", "/spec/xgbReplicaSpecs/*/template"),
    **_rows("kubeflow.org", "PaddleJob", "/spec/paddleReplicaSpecs/*/template"),
    **_rows("ray.io", "RayCluster", "/spec/headGroupSpec/template", "/spec/workerGroupSpecs/*/template"),
    **_rows(
        "ray.io",
        "RayJob",
        "/spec/rayClusterSpec/headGroupSpec/template",
        "/spec/rayClusterSpec/workerGroupSpecs/*/template",
    ),
    **_rows(
        "ray.io",
        "RayService",
        "/spec/rayClusterConfig/headGroupSpec/template",
        "/spec/rayClusterConfig/workerGroupSpecs/*/template",
    ),
    **_rows("batch.volcano.sh", "Job", "/spec/tasks/*/template"),
    **_rows("jobset.x-k8s.io", "JobSet", "/spec/replicatedJobs/*/template/spec/template"),
    **_rows(
        "leaderworkerset.x-k8s.io",
        "LeaderWorkerSet",
        "/spec/leaderWorkerTemplate/leaderTemplate",
        "/spec/leaderWorkerTemplate/workerTemplate",
    ),
    **_rows("agones.dev", "Fleet GameServerSet", "/spec/template/spec/template"),
    **_rows("agones.dev", "GameServer", "/spec/template"),
    **_rows("agents.x-k8s.io", "Sandbox", "/spec/podTemplate"),
    **_rows("elasticsearch.k8s.elastic.co", "Elasticsearch", "/spec/nodeSets/*/podTemplate", partial=True),
    **_rows("kibana.k8s.elastic.co", "Kibana", "/spec/podTemplate", partial=True),
    **_rows("beat.k8s.elastic.co", "Beat", "/spec/deployment/podTemplate", "/spec/daemonSet/podTemplate", partial=True),
    **_rows(
        "agent.k8s.elastic.co", "Agent", "/spec/deployment/podTemplate", "/spec/daemonSet/podTemplate", partial=True
    ),
    **_rows("logstash.k8s.elastic.co", "Logstash", "/spec/podTemplate", partial=True),
    **_rows(
        "flink.apache.org",
        "FlinkDeployment",
        "/spec/podTemplate",
        "/spec/jobManager/podTemplate",
        "/spec/taskManager/podTemplate",
        partial=True,
    ),
    ("monitoring.coreos.com", "Prometheus"): (_Row("/spec", partial=True, wrapped=False),),
    ("monitoring.coreos.com", "Alertmanager"): (_Row("/spec", partial=True, wrapped=False),),
    ("monitoring.coreos.com", "ThanosRuler"): (_Row("/spec", partial=True, wrapped=False),),
    ("apps.kruise.io", "SidecarSet"): (_Row("/spec", partial=True, wrapped=False),),
}

_LISTS = (("containers", "container"), ("initContainers", "init"), ("ephemeralContainers", "ephemeral"))


def is_workload(group: str, kind: str) -> bool:
    """Whether objects of this kind hold a pod spec that we know how to find."""
    return (group, kind) in _TABLE


def pods(resource: Resource) -> tuple[Pod, ...]:
    """The pod specs of a resource, in table order; none when it holds none or their place has another type."""
    rows = _TABLE.get((resource.ref.group, resource.ref.kind))
    if rows is None:
        return ()
    return tuple(pod for row in rows for pod in _pods_of(resource, row))


def _pods_of(resource: Resource, row: _Row) -> Iterator[Pod]:
    for base, template in _expand(resource.body, pointers.split(row.template)):
        if not isinstance(template, dict):
            continue
        spec = template.get("spec") if row.wrapped else template
        if not isinstance(spec, dict):
            continue
        metadata = template.get("metadata") if row.wrapped else None
        spec_pointer = base + "/spec" if row.wrapped else base
        yield Pod(
            spec_pointer,
            base + "/metadata" if row.wrapped else None,
            row.partial or resource.partial,
            row.template != "",
            spec,
            metadata if isinstance(metadata, dict) else {},
            tuple(_containers(spec_pointer, spec)),
        )


def _containers(base: str, spec: dict[str, Json]) -> Iterator[ContainerPlace]:
    for member, type_ in _LISTS:
        entries = spec.get(member)
        if not isinstance(entries, list):
            continue
        for place, body in enumerate(entries):
            if isinstance(body, dict):
                sidecar = type_ == "init" and body.get("restartPolicy") == "Always"
                yield ContainerPlace(f"{base}/{member}/{place}", "sidecar" if sidecar else type_, body)


def _expand(value: Json, tokens: list[str], pointer: str = "") -> Iterator[tuple[str, Json]]:
    if not tokens:
        yield pointer, value
        return
    head, rest = tokens[0], tokens[1:]
    if head == "*":
        members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for name, child in members:
            yield from _expand(child, rest, pointers.join(pointer, name))
    elif isinstance(value, dict) and head in value:
        yield from _expand(value[head], rest, pointers.join(pointer, head))


@lru_cache(maxsize=1)
def workload_kinds() -> frozenset[tuple[str, str]]:
    """All (group, kind) pairs with a known pod spec."""
    return frozenset(_TABLE)
