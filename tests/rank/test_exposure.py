"""What manifests tell of who can reach an object, and what that is worth."""

from __future__ import annotations

from typing import Any

import pytest

from bot.model import Json
from bot.rank.around import Around
from bot.rank.exposure import exposure
from bot.rank.facts import images
from bot.rank.objects import ref_of
from tests.rank.material import PLAIN, binding, ingress, service, thing, workload

RBAC = "rbac.authorization.k8s.io/v1"
GATEWAY = "gateway.networking.k8s.io/v1"


def facts(body: dict[str, Any], *around: dict[str, Any]) -> list[tuple[float, str]]:
    return [(round(share, 2), said) for share, said in exposure(ref_of(body), body, Around(around)).facts]


def role(kind: str = "ClusterRole", name: str = "own", **rule: list[str]) -> dict[str, Any]:
    return thing(kind, name, api=RBAC, namespace="shop" if kind == "Role" else None, rules=[rule])


EVERYTHING = {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}

FOUND = {
    "its node's network": ((workload(hostNetwork=True),), 0.5, "on the network of its node"),
    "its node's processes": ((workload(hostPID=True),), 0.4, "among the processes of its node"),
    "a folder of its node": (
        (workload(volumes=[{"name": "x", "hostPath": {"path": "/"}}]),),
        0.25,
        "with a folder of its node",
    ),
    "privileged": (
        (workload(container={"securityContext": {"privileged": True}}),),
        0.5,
        "in a privileged pod",
    ),
    "a port of its node": ((workload(container={"ports": [{"hostPort": 80}]}),), 0.5, "on a port of its node"),
    "kube-system": ((workload(namespace="kube-system"),), 0.3, "in a namespace of the cluster itself"),
    "load balancer": ((PLAIN, service("LoadBalancer")), 0.8, "exposed by a load balancer"),
    "node port": ((PLAIN, service("NodePort")), 0.6, "exposed on a port of every node"),
    "cluster IP": ((PLAIN, service()), 0.1, "reached in the cluster through a Service"),
    "a namespace that allows it": (
        (
            PLAIN,
            thing(
                "Namespace",
                "shop",
                namespace=None,
            )
            | {"metadata": {"name": "shop", "labels": {"pod-security.kubernetes.io/enforce": "privileged"}}},
        ),
        0.1,
        "in a namespace that allows privileged pods",
    ),
    "beside a privileged pod": (
        (PLAIN, workload("agent", container={"securityContext": {"privileged": True}})),
        0.15,
        "beside a privileged pod",
    ),
    "cluster-admin": ((PLAIN, binding("cluster-admin")), 0.6, "whose service account may do everything"),
    "admin in a namespace": (
        (PLAIN, binding("admin", kind="RoleBinding")),
        0.21,
        "whose service account may read Secrets",
    ),
    "a role of its own": (
        (PLAIN, binding("own"), role(apiGroups=[""], resources=["pods/exec"], verbs=["create"])),
        0.35,
        "whose service account may start pods or enter them",
    ),
    "a Service itself": ((service("LoadBalancer"),), 0.8, "exposed by a load balancer"),
    "an Ingress itself": ((ingress(),), 0.8, "a way in from outside"),
    "a role itself": ((role(**EVERYTHING),), 0.6, "that lets its subjects do everything"),
    "a binding itself": ((binding("cluster-admin"),), 0.6, "that lets its subjects do everything"),
}


@pytest.mark.parametrize("case", FOUND)
def test_facts(case: str) -> None:
    (body, *around), share, said = FOUND[case]
    assert facts(body, *around) == [(share, said)]


NOTHING = {
    "a plain workload": (PLAIN,),
    "a Service that selects others": (PLAIN, service("LoadBalancer", app="other")),
    "a Service of another namespace": (PLAIN, service("LoadBalancer", namespace="other")),
    "a Service without a selector": (PLAIN, thing("Service", spec={"type": "LoadBalancer"})),
    "a name elsewhere": (PLAIN, thing("Service", spec={"type": "ExternalName", "selector": {"app": "web"}})),
    "an Ingress to nowhere": (PLAIN, ingress("other")),
    "a binding of another account": (PLAIN, binding("cluster-admin", account="other")),
    "a binding to a role that nobody knows": (PLAIN, binding("somewhere-else")),
    "no token in the pod": (workload(automountServiceAccountToken=False), binding("cluster-admin")),
    "the privileged object itself": (
        workload("agent"),
        workload("agent", container={"securityContext": {"privileged": True}}),
    ),
    "privileged: false": (workload(container={"securityContext": {"privileged": False}}),),
    "a ConfigMap": (thing("ConfigMap", data={"a": "b"}),),
    "a role that reads pods": (role(apiGroups=[""], resources=["pods"], verbs=["get"]),),
    "a Knative Service": (thing("Service", api="serving.knative.dev/v1", spec={"type": "LoadBalancer"}),),
}


@pytest.mark.parametrize("case", NOTHING)
def test_no_facts(case: str) -> None:
    body, *around = NOTHING[case]
    assert facts(body, *around) == []


ROUTES = {
    "Ingress": ingress(),
    "an old Ingress": thing("Ingress", api="extensions/v1beta1", spec={"backend": {"serviceName": "web"}}),
    "a default backend": thing(
        "Ingress", api="networking.k8s.io/v1", spec={"defaultBackend": {"service": {"name": "web"}}}
    ),
    "HTTPRoute": thing("HTTPRoute", api=GATEWAY, spec={"rules": [{"backendRefs": [{"name": "web", "port": 80}]}]}),
    "TCPRoute": thing("TCPRoute", api=GATEWAY, spec={"rules": [{"backendRefs": [{"name": "web"}]}]}),
    "OpenShift": thing("Route", api="route.openshift.io/v1", spec={"to": {"kind": "Service", "name": "web"}}),
}


@pytest.mark.parametrize("case", ROUTES)
def test_a_route_exposes_what_its_services_select(case: str) -> None:
    assert facts(PLAIN, ROUTES[case]) == []
    (share, said), inside = facts(PLAIN, ROUTES[case], service())
    assert (share, inside[0]) == (0.8, 0.1)
    assert said.startswith("exposed by a")


def test_open_namespaces_may_be_the_same() -> None:
    assert facts(workload(namespace=None), service("NodePort")) == [(0.6, "exposed on a port of every node")]


def test_facts_add_up_to_less_than_one() -> None:
    found = exposure(ref_of(PLAIN), PLAIN, Around((service("LoadBalancer"), binding("cluster-admin"))))
    assert found.value == pytest.approx(1 - 0.2 * 0.4)
    assert [share for share, _ in found.facts] == [0.8, 0.6]


@pytest.mark.parametrize("value", [None, 0, "x", [], [None, 1, "x", [], {}], {}, {"a": None}])
def test_anything_may_stand_anywhere(value: Json) -> None:
    """Manifests are what people write; nothing of another type than expected tells anything."""
    strange = [
        {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": value, "spec": {"template": value}},
        workload() | {"metadata": value},
        workload(volumes=value, hostNetwork=value),
        workload(container={"ports": value, "securityContext": value, "image": value}),
        thing("Service", spec={"type": value, "selector": value}),
        thing("Service", spec=value),
        thing("Ingress", api="networking.k8s.io/v1", spec={"rules": value, "backend": value}),
        thing("HTTPRoute", api=GATEWAY, spec={"rules": [{"backendRefs": value}]}),
        binding("x") | {"subjects": value},
        binding("x") | {"roleRef": value},
        thing("ClusterRole", api=RBAC, namespace=None, rules=value),
        role(apiGroups=value, resources=value, verbs=value),
        thing("Namespace") | {"metadata": {"name": "shop", "labels": value}},
        {},
    ]
    for body in strange:
        assert 0.0 <= exposure(ref_of(body), body, Around(strange)).value < 1.0
        assert all(isinstance(each, str) for each in images(ref_of(body), body))
