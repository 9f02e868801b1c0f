"""Pods that no NetworkPolicy in scope selects: everything in the cluster may reach them."""

from __future__ import annotations

from collections.abc import Iterator

from bot.detect.functions import Context, Hit
from bot.detect.functions._objects import at, items, mapping, missing, number, selects, title
from bot.detect.inventory import Inventory
from bot.manifest import Resource
from bot.manifest.workloads import Pod
from bot.model import Json

LOOKS_AROUND = True
_SIMILAR_POLICIES = ("cilium.io/CiliumNetworkPolicy", "crd.projectcalico.org/*", "projectcalico.org/*")


def check(context: Context) -> Iterator[Hit]:
    """The pod spec, when some of its pods are not selected."""
    resource, pod = context.resource, context.pod
    assert pod is not None, "the policy looks at pod specs"
    if pod.partial or any(True for _ in context.inventory.beside(resource, *_SIMILAR_POLICIES)):
        return
    if isolated(context.inventory, resource, mapping(pod.metadata_body, "labels")):
        return
    out_of_reach = pod.spec_body.get("hostNetwork") is True
    create = _policy(resource, pod) if not out_of_reach else None
    no_labels = "its pods have no labels to select them by"
    yield missing(
        context,
        f"no NetworkPolicy selects the pods of {title(resource)}",
        pod.spec,
        create=create,
        unfixable="pods on the network of their node are out of reach of any policy" if out_of_reach else no_labels,
    )


def isolated(inventory: Inventory, resource: Resource, labels: dict[str, Json]) -> bool:
    """Whether some NetworkPolicy selects pods with these labels."""
    return any(
        each.partial or selects(at(each.body, "spec", "podSelector"), labels)
        for each in inventory.beside(resource, "networking.k8s.io/NetworkPolicy", "extensions/NetworkPolicy")
    )


def _policy(resource: Resource, pod: Pod) -> dict[str, Json] | None:
    """A policy that lets everybody in to the declared ports, and nobody to others."""
    labels = mapping(resource.body, "spec", "selector", "matchLabels") or mapping(pod.metadata_body, "labels")
    if not labels or not resource.ref.name:
        return None
    ports: list[Json] = []
    for container in pod.containers:
        if container.type not in ("container", "sidecar"):
            continue
        for port in items(container.body, "ports"):
            count = number(at(port, "containerPort"))
            entry = {"port": count, "protocol": at(port, "protocol") or "TCP"}
            if count and entry not in ports:
                ports.append(entry)
    metadata: dict[str, Json] = {"name": resource.ref.name}
    if resource.ref.namespace:
        metadata["namespace"] = resource.ref.namespace
    spec: dict[str, Json] = {"podSelector": {"matchLabels": dict(labels)}, "policyTypes": ["Ingress"]}
    if ports:
        spec["ingress"] = [{"ports": ports}]
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata, "spec": spec}
