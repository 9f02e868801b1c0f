"""An object with what an API server fills in: the fields whose absence a policy on the server never sees.

Only defaults that hold on every cluster, and what admission plugins that are on by default add. Source: the defaulting
functions of Kubernetes (pkg/apis/*/v1/defaults.go), and a real server's answers (tests/cluster).

Invariant: the object that is given stays as it is.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping

from bot.manifest.reader import Resource
from bot.manifest.values import clone
from bot.manifest.workloads import Pod, pods
from bot.model import Json, ResourceRef

Members = dict[str, Json]

_SURGE: Members = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "25%", "maxSurge": "25%"}}
_UPDATE: Members = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1, "maxSurge": 0}}
_PARTITION: Members = {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}}
_SPECS: dict[str, Members] = {
    "CronJob": {
        "concurrencyPolicy": "Allow",
        "suspend": False,
        "successfulJobsHistoryLimit": 3,
        "failedJobsHistoryLimit": 1,
    },
    "DaemonSet": {"updateStrategy": _UPDATE, "revisionHistoryLimit": 10},
    "Deployment": {"replicas": 1, "strategy": _SURGE, "revisionHistoryLimit": 10, "progressDeadlineSeconds": 600},
    "HorizontalPodAutoscaler": {"minReplicas": 1},
    "Job": {"parallelism": 1, "completions": 1, "backoffLimit": 6, "completionMode": "NonIndexed", "suspend": False},
    "PersistentVolumeClaim": {"volumeMode": "Filesystem"},
    "ReplicaSet": {"replicas": 1},
    "ReplicationController": {"replicas": 1},
    "Service": {"type": "ClusterIP", "sessionAffinity": "None"},
    "StatefulSet": {
        "replicas": 1,
        "podManagementPolicy": "OrderedReady",
        "updateStrategy": _PARTITION,
        "revisionHistoryLimit": 10,
    },
}
_CLUSTER_WIDE = frozenset(
    {"ClusterRole", "ClusterRoleBinding", "IngressClass", "Namespace", "Node", "PersistentVolume", "StorageClass"}
)
_POD_SPEC: Members = {
    "dnsPolicy": "ClusterFirst",
    "restartPolicy": "Always",
    "schedulerName": "default-scheduler",
    "securityContext": {},
    "terminationGracePeriodSeconds": 30,
}
_BARE_POD: Members = {
    "enableServiceLinks": True,
    "serviceAccountName": "default",
    "serviceAccount": "default",
    "priority": 0,
    "preemptionPolicy": "PreemptLowerPriority",
}
_CONTAINER: Members = {
    "resources": {},
    "terminationMessagePath": "/dev/termination-log",
    "terminationMessagePolicy": "File",
}
_PROBE: Members = {"timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3}
_NAME = re.compile(r"(\[[0-9a-f:]+\]|[A-Za-z0-9._-]+)(:[0-9]+)?(/[a-z0-9._-]+)+(:\w[\w.-]*)?|[a-z0-9._-]+(:\w[\w.-]*)?")
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")


def as_stored(body: Mapping[str, Json]) -> Members:
    """The object as a server that took it would show it to a policy."""
    stored: Members = clone(dict(body))
    kind = str(stored.get("kind"))
    _metadata(stored, kind)
    if kind in _SPECS:
        _fill_at(stored, "spec", _SPECS[kind])
    if kind == "Service":
        _service(_member(stored, "spec"))
    if kind == "Secret":
        _secret(stored)
    for pod in pods(Resource(ResourceRef(str(stored.get("apiVersion")), kind, None, ""), "", 0, "", stored)):
        _pod(pod)
    return stored


def _metadata(stored: Members, kind: str) -> None:
    facts: Members = {"creationTimestamp": "2026-01-01T00:00:00Z", "uid": "u", "generation": 1}
    if kind not in _CLUSTER_WIDE:
        facts["namespace"] = "default"
    _fill_at(stored, "metadata", facts)


def _service(spec: Members) -> None:
    if spec.get("type") != "ExternalName":
        _fill(spec, {"internalTrafficPolicy": "Cluster"})
    for port in _maps(spec.get("ports")):
        _fill(port, {"protocol": "TCP", "targetPort": port.get("port")})


def _secret(stored: Members) -> None:
    """`stringData` is write-only: it ends in `data`, encoded."""
    texts = stored.pop("stringData", None)
    _fill(stored, {"type": "Opaque"})
    for name, text in texts.items() if isinstance(texts, dict) else ():
        _fill_at(stored, "data", {})
        data = _member(stored, "data")
        data[name] = base64.b64encode(str(text).encode("utf-8", "surrogatepass")).decode("ascii")


def _pod(pod: Pod) -> None:
    spec = pod.spec_body
    _fill(spec, _POD_SPEC)
    if isinstance(spec.get("serviceAccountName"), str):
        _fill(spec, {"serviceAccount": spec["serviceAccountName"]})
    if isinstance(spec.get("serviceAccount"), str):
        _fill(spec, {"serviceAccountName": spec["serviceAccount"]})
    if not pod.template:
        _fill(spec, _BARE_POD)
    for place in pod.containers:
        _container(place.body, bare=not pod.template, on_host=spec.get("hostNetwork") is True)
    for volume in _maps(spec.get("volumes")):
        _volume(volume)


def _container(container: Members, *, bare: bool, on_host: bool) -> None:
    _fill(container, _CONTAINER)
    _fill(container, {"imagePullPolicy": _pull_policy(str(container.get("image", "")))})
    for port in _maps(container.get("ports")):
        _fill(port, {"protocol": "TCP"} | ({"hostPort": port.get("containerPort")} if on_host else {}))
    for name in _PROBES:
        if isinstance(container.get(name), dict):
            _fill(container[name], _PROBE)
    resources = container["resources"]
    limits = resources.get("limits") if isinstance(resources, dict) else None
    if bare and isinstance(limits, dict):
        _fill_at(resources, "requests", limits)


def _volume(volume: Members) -> None:
    for source in ("configMap", "secret", "projected", "downwardAPI"):
        if isinstance(volume.get(source), dict):
            _fill(volume[source], {"defaultMode": 420})
    if isinstance(volume.get("hostPath"), dict):
        _fill(volume["hostPath"], {"type": ""})
    if volume.keys() <= {"name"}:
        volume["emptyDir"] = {}


def _pull_policy(image: str) -> str:
    """Always for `latest`, said or meant, of what can be a name."""
    name, _, digest = image.partition("@")
    tag = name.rpartition("/")[2].partition(":")[2]
    meant = tag == "latest" or not (tag or digest)
    return "Always" if meant and _NAME.fullmatch(name) else "IfNotPresent"


def _fill_at(parent: Members, name: str, members: Mapping[str, Json]) -> None:
    if parent.get(name) is None:
        parent[name] = {}
    if isinstance(parent[name], dict):
        _fill(parent[name], members)


def _fill(target: Members, members: Mapping[str, Json]) -> None:
    for name, value in members.items():
        if target.get(name) is None:
            target[name] = clone(value)


def _member(parent: Members, name: str) -> Members:
    value = parent.get(name)
    return value if isinstance(value, dict) else {}


def _maps(value: Json) -> Iterator[Members]:
    yield from (item for item in value if isinstance(item, dict)) if isinstance(value, list) else ()
