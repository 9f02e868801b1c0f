"""A scratch server gets what the manifests need; the verdicts then are about the manifests."""

from __future__ import annotations

import pytest

from bot.adapters.cluster.api import ScratchApi
from bot.adapters.cluster.scratch import ScratchServer
from bot.adapters.cluster.session import ENFORCE, UserCluster
from bot.verify.server import Stage, Status
from tests.cluster.objects import RESTRICTED, Object, container, crd, deployment, obj, pod

pytestmark = pytest.mark.cluster


def names(api: ScratchApi, path: str) -> set[str]:
    return {item["metadata"]["name"] for item in api.get(path).document()["items"]}


def statefulset(namespace: str, spec: Object) -> Object:
    storage = {"requests": {"storage": "1Gi"}}
    claim = {"metadata": {"name": "data"}, "spec": {"accessModes": ["ReadWriteOnce"], "resources": storage}}
    body = deployment(namespace=namespace, pod=spec, serviceName="web", volumeClaimTemplates=[claim])
    return {**body, "kind": "StatefulSet"}


def test_namespaces_that_are_stated_or_named(scratch: ScratchServer, api: ScratchApi) -> None:
    stated = obj("v1", "Namespace", "shop", metadata={"labels": {"team": "a", ENFORCE: "baseline"}})
    twice = obj("v1", "Namespace", "shop", metadata={"labels": {"team": "b"}})
    bodies = [deployment(namespace="named"), stated, deployment(namespace="shop"), twice, pod(namespace="kube-system")]
    assert {verdict.status for verdict in scratch.ask(bodies)} == {Status.LACKING, Status.ACCEPTED}
    assert scratch.prepare(bodies) == ()
    assert {verdict.status for verdict in scratch.ask(bodies)} == {Status.ACCEPTED}
    assert names(api, "/api/v1/namespaces") >= {"shop", "named"}
    assert api.get("/api/v1/namespaces/shop").document()["metadata"]["labels"]["team"] == "a"
    assert names(api, "/apis/apps/v1/deployments") & {"web"} == set()


def test_a_name_that_cannot_be_a_namespace(scratch: ScratchServer) -> None:
    body = obj("v1", "ConfigMap", namespace="Not_A_Name")
    (problem,) = scratch.prepare([body])
    assert problem.startswith("namespaces Not_A_Name: ")
    (verdict,) = scratch.ask([body])
    assert verdict.status is Status.LACKING
    assert verdict.lacks == "namespace Not_A_Name"


def test_a_crd_and_its_objects_in_one_file(scratch: ScratchServer, api: ScratchApi) -> None:
    definition = crd()
    definition["spec"]["conversion"] = {
        "strategy": "Webhook",
        "webhook": {"conversionReviewVersions": ["v1"], "clientConfig": {"url": "https://example.com/convert"}},
    }

    def part(spec: Object) -> Object:
        return obj("parts.example.com/v1", "Sprocket", "s", namespace="works", spec=spec)

    good, typed, unknown, limit, enum = map(
        part, [{"size": 3}, {"size": "x"}, {"colour": 1}, {"teeth": 9}, {"mode": "sideways"}]
    )
    assert scratch.ask([good])[0].status is Status.NOT_SERVED
    assert scratch.prepare([definition, good]) == ()
    verdicts = scratch.ask([definition, good, typed, unknown, limit, enum])
    accepted, rejected = Status.ACCEPTED, Status.REJECTED
    assert [verdict.status for verdict in verdicts] == [accepted, accepted, rejected, rejected, rejected, rejected]
    causes = [[(cause.stage, cause.field) for cause in verdict.causes] for verdict in verdicts[2:]]
    assert causes[:2] == [[(Stage.VALIDATION, "spec.size")], [(Stage.DECODING, "spec.colour")]]
    assert "too many teeth" in verdicts[4].reason
    assert "Unsupported value" in verdicts[5].reason
    stored = api.get(f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{definition['metadata']['name']}")
    assert stored.document()["spec"]["conversion"] == {"strategy": "None"}
    # The next run brings a newer one.
    schema = definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
    schema["properties"]["colour"] = {"type": "integer"}
    again = ScratchServer(api)
    assert again.prepare([definition, good]) == ()
    assert again.ask([unknown])[0].status is accepted


def test_a_crd_that_is_refused_is_told_and_waited_for_by_nobody(scratch: ScratchServer) -> None:
    broken = crd("Widget", versions=[])
    (problem,) = scratch.prepare([broken])
    assert "customresourcedefinitions widgets.parts.example.com: " in problem
    assert scratch.ask([broken])[0].status is Status.REJECTED


def test_pods_speak_where_the_namespace_enforces(scratch: ScratchServer) -> None:
    strict = obj("v1", "Namespace", "strict", metadata={"labels": {ENFORCE: "restricted"}})
    bad = deployment(namespace="strict")
    good = deployment(namespace="strict", pod=RESTRICTED)
    elsewhere = deployment(namespace="lax")
    scratch.prepare([strict, bad, good, elsewhere])
    rejected, accepted, lax = scratch.ask([bad, good, elsewhere])
    assert accepted.status is Status.ACCEPTED
    assert lax.status is Status.ACCEPTED
    assert rejected.status is Status.REJECTED
    assert rejected.reason.startswith('its pods: violates PodSecurity "restricted:latest": ')
    assert [cause.stage for cause in rejected.causes] == [Stage.ADMISSION]


@pytest.mark.parametrize("level", ["baseline", "restricted"])
def test_a_level_is_proven(scratch: ScratchServer, level: str) -> None:
    assert scratch.prove(deployment(namespace="anywhere", pod=RESTRICTED), level).status is Status.ACCEPTED
    assert scratch.prove(pod(namespace="anywhere", **RESTRICTED), level).status is Status.ACCEPTED
    verdict = scratch.prove(deployment(pod={"hostNetwork": True}), level)
    assert verdict.status is Status.REJECTED
    assert f'violates PodSecurity "{level}:latest": host namespaces' in verdict.reason
    plain = scratch.prove(deployment(), level)
    assert plain.status is (Status.ACCEPTED if level == "baseline" else Status.REJECTED)
    assert scratch.prove(obj("v1", "ConfigMap"), level).status is Status.UNKNOWN


def test_a_statefulset_s_claims_are_volumes_of_its_pods(scratch: ScratchServer) -> None:
    mounting = {**RESTRICTED["containers"][0], "volumeMounts": [{"name": "data", "mountPath": "/data"}]}
    verdict = scratch.prove(statefulset("", {**RESTRICTED, "containers": [mounting]}), "restricted")
    assert verdict.status is Status.ACCEPTED, verdict


def test_a_user_s_cluster_proves_in_a_namespace_of_its_own(scratch: ScratchServer, api: ScratchApi) -> None:
    scratch.prepare([obj("v1", "Namespace", "mine", metadata={"labels": {ENFORCE: "restricted"}})])
    cluster = UserCluster(api)
    assert cluster.prove(deployment(pod=RESTRICTED), "restricted").status is Status.ACCEPTED
    assert cluster.prove(deployment(), "restricted").status is Status.REJECTED
    lacking = cluster.prove(deployment(), "no-such-level")
    assert (lacking.status, lacking.lacks) == (Status.LACKING, "namespace that enforces no-such-level")


def test_a_user_s_cluster_asks_about_pods_everywhere(scratch: ScratchServer, api: ScratchApi) -> None:
    scratch.prepare([obj("v1", "Namespace", "guarded", metadata={"labels": {ENFORCE: "restricted"}})])
    guarded, lacking = UserCluster(api).ask(
        [deployment(namespace="guarded"), deployment(pod={"priorityClassName": "gold"})]
    )
    assert guarded.status is Status.REJECTED
    assert guarded.causes[0].message.startswith("violates PodSecurity")
    assert lacking.status is Status.ACCEPTED
    assert lacking.warnings == ("its pods: the server has no PriorityClass gold",)


def test_quotas_and_limits_of_a_user_s_namespace(scratch: ScratchServer, api: ScratchApi) -> None:
    scratch.prepare([obj("v1", "Namespace", "limited")])
    limits = [{"type": "Container", "max": {"cpu": "100m"}}]
    assert api.create("/api/v1/namespaces/limited/limitranges", obj("v1", "LimitRange", "l", spec={"limits": limits}))
    large = container(resources={"limits": {"cpu": "2"}})
    (verdict,) = UserCluster(api).ask([deployment(namespace="limited", pod={"containers": [large]})])
    assert verdict.status is Status.REJECTED
    assert "maximum cpu usage per Container is 100m" in verdict.reason


def test_two_hundred_documents_and_equal_ones_once(scratch: ScratchServer, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = []
    send = scratch._answer
    monkeypatch.setattr(scratch, "_answer", lambda body: sent.append(body) or send(body))
    bodies = [deployment(name=f"web-{number % 50}") for number in range(200)]
    verdicts = scratch.ask(bodies)
    assert {verdict.status for verdict in verdicts} == {Status.ACCEPTED}
    assert [verdict.object["metadata"]["name"] for verdict in verdicts] == [body["metadata"]["name"] for body in bodies]
    assert len(sent) == 50
    scratch.ask(bodies)
    assert len(sent) == 50
