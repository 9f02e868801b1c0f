"""What the real server says, case by case: the table that `answers` is written from."""

from __future__ import annotations

import pytest

from bot.adapters.cluster.api import ScratchApi
from bot.adapters.cluster.scratch import ScratchServer
from bot.adapters.cluster.session import UserCluster
from bot.verify.server import Stage, Status
from tests.cluster.objects import Object, container, deployment, obj, pod

pytestmark = pytest.mark.cluster

DECODING, VALIDATION, ADMISSION = Stage


def service(**spec: object) -> Object:
    return obj("v1", "Service", spec={"ports": [{"port": 80}], **spec})


REJECTED = {
    "unknown fields, all of them": (
        deployment(colour="red", replicaz=2),
        [(DECODING, "spec.colour", "unknown field"), (DECODING, "spec.replicaz", "unknown field")],
    ),
    "unknown field hides nothing": (
        deployment(colour="red", replicas=-1),
        [(DECODING, "spec.colour", "unknown field"), (VALIDATION, "spec.replicas", "greater than or equal to 0")],
    ),
    "wrong type": (deployment(replicas="two"), [(DECODING, "spec.replicas", "cannot unmarshal string")]),
    "wrong quantity": (
        deployment(pod={"containers": [container(resources={"limits": {"cpu": "2x"}})]}),
        [(DECODING, "", "quantities must match")],
    ),
    "enum and number": (
        deployment(replicas=-1, strategy={"type": "Slow"}),
        [(VALIDATION, "spec.replicas", "greater than"), (VALIDATION, "spec.strategy", "supported values")],
    ),
    "port out of range": (
        service(ports=[{"port": 99999, "targetPort": 80}]),
        [(VALIDATION, "spec.ports[0].port", "between 1 and 65535")],
    ),
    "selector mismatch": (
        deployment(selector={"matchLabels": {"app": "other"}}),
        [(VALIDATION, "spec.template.metadata.labels", "does not match")],
    ),
    "request above limit": (
        pod(containers=[container(resources={"requests": {"cpu": "2"}, "limits": {"cpu": "1"}})]),
        [(VALIDATION, "spec.containers[0].resources.requests", "must be less than or equal to cpu limit")],
    ),
    "unknown volume": (
        pod(containers=[container(volumeMounts=[{"name": "data", "mountPath": "/d"}])]),
        [(VALIDATION, "spec.containers[0].volumeMounts[0].name", "Not found")],
    ),
    "no name": (obj("v1", "ConfigMap", ""), [(VALIDATION, "metadata.name", "name or generateName is required")]),
    "a name no path can hold": (obj("v1", "ConfigMap", "a/b"), [(VALIDATION, "metadata.name", "RFC 1123")]),
    "a namespace no path can hold": (
        obj("v1", "ConfigMap", namespace=".."),
        [(VALIDATION, "metadata.namespace", "is no name")],
    ),
    "larger than a ConfigMap may be": (
        obj("v1", "ConfigMap", data={"file": "x" * 1_500_000}),
        [(VALIDATION, "", "may not be more than 1048576 bytes")],
    ),
    "larger than a request may be": (
        obj("v1", "ConfigMap", data={"file": "x" * 4_000_000}),
        [(DECODING, "", "Request entity too large")],
    ),
    "no metadata": ({"apiVersion": "v1", "kind": "ConfigMap"}, [(VALIDATION, "metadata.name", "is required")]),
    "metadata of another type": (
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": ["x"]},
        [(DECODING, "metadata", "cannot unmarshal array")],
    ),
}


@pytest.mark.parametrize("case", REJECTED)
def test_rejected_with_every_cause(scratch: ScratchServer, case: str) -> None:
    body, expected = REJECTED[case]
    (verdict,) = scratch.ask([body])
    assert verdict.status is Status.REJECTED, verdict
    assert [(cause.stage, cause.field) for cause in verdict.causes] == [(stage, field) for stage, field, _ in expected]
    for cause, (_, _, words) in zip(verdict.causes, expected, strict=True):
        assert words in cause.message
    assert verdict.reason
    assert verdict.server == f"server {scratch.version} (embedded)"


LACKING = {
    "namespace": (deployment(namespace="nowhere"), "namespace nowhere"),
    "PriorityClass": (pod(priorityClassName="gold"), "PriorityClass gold"),
    "RuntimeClass": (pod(runtimeClassName="kata"), "RuntimeClass kata"),
    "address range": (service(clusterIP="172.20.0.10"), "service addresses outside 10.96.0.0/12"),
}


@pytest.mark.parametrize("case", LACKING)
def test_what_the_environment_lacks_is_named(scratch: ScratchServer, case: str) -> None:
    body, lacks = LACKING[case]
    (verdict,) = scratch.ask([body])
    assert (verdict.status, verdict.lacks) == (Status.LACKING, lacks)
    assert verdict.reason == f"the server has no {lacks}"


ACCEPTED = {
    "deployment": deployment(),
    "dual stack": service(ipFamilyPolicy="RequireDualStack"),
    "generateName": obj("v1", "ConfigMap", "", metadata={"generateName": "x-"}),
    "kube-system": obj("v1", "ConfigMap", namespace="kube-system"),
    "missing service account of a Deployment": deployment(pod={"serviceAccountName": "nobody"}),
    "missing service account of a Pod": pod(serviceAccountName="nobody"),
    "privileged": pod(containers=[container(securityContext={"privileged": True})]),
    "a cluster's own object": obj("rbac.authorization.k8s.io/v1", "ClusterRole", rules=[]),
    "one that exists": obj("v1", "Namespace", "kube-system"),
}


@pytest.mark.parametrize("case", ACCEPTED)
def test_accepted_with_defaults(scratch: ScratchServer, case: str) -> None:
    (verdict,) = scratch.ask([ACCEPTED[case]])
    assert verdict.status is Status.ACCEPTED, verdict
    assert verdict.object["kind"] == ACCEPTED[case]["kind"]
    assert verdict.object["metadata"]["uid"]


@pytest.mark.parametrize(
    ("api_version", "kind"),
    [
        ("apps/v1beta1", "Deployment"),
        ("extensions/v1beta1", "Ingress"),
        ("example.com/v1", "Sprocket"),
        ("v1", "Nonsense"),
        ("v1", "ComponentStatus"),
        ("v1", "List"),
    ],
)
def test_kinds_that_are_not_served(scratch: ScratchServer, api_version: str, kind: str) -> None:
    (verdict,) = scratch.ask([obj(api_version, kind)])
    assert verdict.status is Status.NOT_SERVED
    assert kind in verdict.reason


def test_warnings_arrive_as_text(scratch: ScratchServer) -> None:
    (verdict,) = scratch.ask([obj("v1", "Endpoints")])
    assert verdict.warnings == ("v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",)


@pytest.mark.parametrize("case", ["unknown fields, all of them", "wrong type", "enum and number", "no name"])
def test_a_user_s_cluster_says_the_same(api: ScratchApi, case: str) -> None:
    body, expected = REJECTED[case]
    (verdict,) = UserCluster(api).ask([body])
    assert verdict.status is Status.REJECTED
    assert [(cause.stage, cause.field) for cause in verdict.causes] == [(stage, field) for stage, field, _ in expected]


def test_server_side_apply_s_500_is_a_verdict_at_once(api: ScratchApi, scratch: ScratchServer) -> None:
    body = deployment(name="stored")
    place = scratch._places[("apps/v1", "Deployment")]
    assert api.create(place.collection("default"), body).code == 201
    assert api.dry_apply(place.item("default", "stored"), deployment(name="stored", colour="red")).code == 500
    (verdict,) = UserCluster(api).ask([deployment(name="stored", colour="red")])
    assert [str(cause) for cause in verdict.causes] == ["spec.colour: unknown field"]


def test_an_immutable_field_of_an_object_that_exists(api: ScratchApi, scratch: ScratchServer) -> None:
    place = scratch._places[("apps/v1", "Deployment")]
    api.create(place.collection("default"), deployment(name="fixed"))
    other = {"app": "other"}
    changed = deployment(name="fixed", selector={"matchLabels": other})
    changed["spec"]["template"]["metadata"]["labels"] = other
    same, different = UserCluster(api).ask([deployment(name="fixed"), changed])
    assert same.status is Status.ACCEPTED
    assert different.status is Status.REJECTED
    assert "field is immutable" in different.reason
