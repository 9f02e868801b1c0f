"""What a fact about an object is, and those that the object itself tells."""

from __future__ import annotations

from collections.abc import Iterator

from bot.manifest import Resource, workloads
from bot.manifest.workloads import Pod
from bot.model import ResourceRef
from bot.rank.model import Body
from bot.rank.objects import at, entries, ref_of, text

Fact = tuple[float, str]
"""A share of exposure, 0 to 1, and the words for it, to follow a noun."""

HOST_NETWORK = (0.5, "on the network of its node")
HOST_PORT = (0.5, "on a port of its node")
PRIVILEGED = (0.5, "in a privileged pod")
NODE = (0.4, "among the processes of its node")
NODE_FILES = (0.25, "with a folder of its node")
BALANCER = (0.8, "exposed by a load balancer")
NODE_PORT = (0.6, "exposed on a port of every node")
IN_CLUSTER = (0.1, "reached in the cluster through a Service")
ROUTED = 0.8
REPEATS = {
    HOST_NETWORK[1]: ("host-network",),
    HOST_PORT[1]: ("host-port",),
    PRIVILEGED[1]: ("privileged-container",),
    NODE[1]: ("host-pid", "host-ipc"),
    NODE_FILES[1]: ("host-path-volume", "sensitive-host-path", "writable-host-path"),
    BALANCER[1]: ("service-load-balancer-public",),
    NODE_PORT[1]: ("service-node-port", "service-external-ips"),
}
"""Policies whose findings say what the fact says: nobody wants to read it twice."""

_SERVICES = {"LoadBalancer": BALANCER, "NodePort": NODE_PORT, "ClusterIP": IN_CLUSTER, "": IN_CLUSTER}


def pods_of(ref: ResourceRef, body: Body) -> tuple[Pod, ...]:
    """The pod specs of an object."""
    if not workloads.is_workload(ref.group, ref.kind):
        return ()
    return workloads.pods(Resource(ref, "", 0, "", dict(body)))


def images(ref: ResourceRef, body: Body) -> tuple[str, ...]:
    """The images of an object's containers, each once, in their order."""
    found = (container.body.get("image") for pod in pods_of(ref, body) for container in pod.containers)
    return tuple(dict.fromkeys(image for image in found if isinstance(image, str)))


def of_pod(pod: Pod) -> Iterator[Fact]:
    """What a pod spec tells."""
    spec = pod.spec_body
    if spec.get("hostNetwork") is True:
        yield HOST_NETWORK
    if spec.get("hostPID") is True or spec.get("hostIPC") is True:
        yield NODE
    if any("hostPath" in volume for volume in entries(spec, "volumes")):
        yield NODE_FILES
    for container in pod.containers:
        if at(container.body, "securityContext", "privileged") is True:
            yield PRIVILEGED
        if any(port.get("hostPort") for port in entries(container.body, "ports")):
            yield HOST_PORT


def is_privileged(body: Body) -> bool:
    """Whether pods of an object run a privileged container."""
    return any(PRIVILEGED in of_pod(pod) for pod in pods_of(ref_of(body), body))


def of_service(body: Body) -> Iterator[Fact]:
    """Who reaches a Service, by its type."""
    fact = _SERVICES.get(text(body, "spec", "type"))
    if fact is not None:
        yield fact
    if at(body, "spec", "externalIPs"):
        yield NODE_PORT


def routed(kind: str) -> Fact:
    """The fact that a route of this kind leads there from outside."""
    return ROUTED, f"exposed by {'an' if kind[:1] in 'AEIOUH' and not kind.startswith('Host') else 'a'} {kind}"
