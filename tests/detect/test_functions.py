"""The functions of policies: what their examples do not show, above all when there is no fix."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot import schema
from bot.detect import functions
from bot.detect.functions import Context, Hit, planned
from bot.manifest import read, workloads
from bot.model import Operation


def context(text: str, *, version: str = "1.36", partial: bool = False) -> Context:
    manifest = read("x.yaml", text)
    resource = replace(next(iter(manifest.resources)), partial=partial)
    pod = next(iter(workloads.pods(resource)), None)
    container = next(iter(pod.containers), None) if pod else None
    return Context(resource, manifest, version, version, schema, pod=pod, container=container)


def hits(name: str, text: str, **circumstances) -> list[Hit]:
    return list(functions.find(name)(context(text, **circumstances)))


def patch(hit: Hit) -> list[tuple]:
    return [(each.op, each.path, each.value if each.source is None else each.source) for each in hit.operations]


def test_an_unknown_function_is_refused_with_those_there_are():
    with pytest.raises(KeyError, match="schema_invalid"):
        functions.find("schema_invaild")
    with pytest.raises(KeyError):
        functions.find("_text")


def test_patches_are_planned():
    operations = (
        Operation("remove", "/list/0"),
        Operation("remove", "/absent"),
        Operation("remove", "/list/1"),
        Operation("add", "/a/b", 1),
    )
    assert patch(planned({"list": [1, 2]}, Hit("", "", operations))) == [
        ("add", "/a", {}),
        ("add", "/a/b", 1),
        ("remove", "/list/1", None),
        ("remove", "/list/0", None),
    ]


def test_what_cannot_be_planned_has_no_fix():
    hit = planned({"a": "text"}, Hit("", "", (Operation("add", "/a/b", 1),)))
    assert hit.operations is None
    assert "/a" in hit.unfixable


OLD = "apiVersion: {}\nkind: {}\nmetadata: {{name: web}}\n{}\n"
BY_HAND = [
    ("apps/v1beta1", "Deployment", "spec: {template: {spec: {}}}", "no labels"),
    ("apps/v1beta1", "StatefulSet", "spec: {selector: {a: b}, updateStrategy: {rollingUpdate: {a: 1}}}", "OnDelete"),
    ("networking.k8s.io/v1beta1", "Ingress", "spec: {backend: {serviceName: web}}", "servicePort"),
    (
        "networking.k8s.io/v1beta1",
        "Ingress",
        "spec: {rules: [{http: {paths: [{pathType: Exact, backend: {serviceName: web, servicePort: 80}}]}}]}",
        "no path",
    ),
    ("autoscaling/v2beta1", "HorizontalPodAutoscaler", "spec: {metrics: [{pods: {metricName: a}}]}", "none of"),
    ("rbac.authorization.k8s.io/v1alpha1", "RoleBinding", 'subjects: [{kind: User, name: "*"}]', "everybody"),
    (
        "flowcontrol.apiserver.k8s.io/v1beta3",
        "PriorityLevelConfiguration",
        "spec: {limited: {nominalConcurrencyShares: 0}}",
        "meant 30",
    ),
    (
        "admissionregistration.k8s.io/v1beta1",
        "MutatingWebhookConfiguration",
        "webhooks: [{name: a, sideEffects: None}, {name: a, sideEffects: None}]",
        "same name",
    ),
    ("cert-manager.io/v1alpha2", "Issuer", "spec: {acme: {http01: {}}}", "solvers"),
    ("authentication.k8s.io/v1beta1", "TokenReview", "spec: {token: a}", "request"),
]


@pytest.mark.parametrize(("version", "kind", "rest", "reason"), BY_HAND, ids=lambda value: value[:30])
def test_migrations_that_take_a_person(version, kind, rest, reason):
    (hit,) = hits("removed_api_version", OLD.format(version, kind, rest))
    assert hit.operations is None
    assert reason in hit.unfixable
    assert hit.unfixable in hit.message


def test_a_fragment_is_renamed_but_not_restructured():
    ingress = OLD.format("extensions/v1beta1", "Ingress", "spec: {backend: {serviceName: a, servicePort: 80}}")
    assert hits("removed_api_version", ingress, partial=True)[0].operations is None
    budget = OLD.format("batch/v1beta1", "CronJob", "spec: {suspend: true}")
    assert patch(hits("removed_api_version", budget, partial=True)[0]) == [("replace", "/apiVersion", "batch/v1")]


def test_no_release_in_question_serves_both():
    text = OLD.format("storage.k8s.io/v1alpha1", "VolumeAttributesClass", "driverName: a")
    both = replace(context(text), oldest="1.32", newest="1.36")
    (hit,) = functions.find("removed_api_version")(both)
    assert hit.unfixable == "Kubernetes 1.32 does not serve storage.k8s.io/v1 yet"


def test_an_object_metric_changes_the_meaning_of_target():
    text = OLD.format(
        "autoscaling/v2beta1",
        "HorizontalPodAutoscaler",
        "spec: {metrics: [{object: "
        "{target: {kind: Service, name: a}, metricName: hits, targetValue: 0, averageValue: 5}}]}",
    )
    base = "/spec/metrics/0/object"
    assert patch(hits("removed_api_version", text)[0]) == [
        ("replace", "/apiVersion", "autoscaling/v2"),
        ("add", f"{base}/describedObject", {"kind": "Service", "name": "a"}),
        ("replace", f"{base}/target", {"type": "AverageValue", "averageValue": 5}),
        ("add", f"{base}/metric", {"name": "hits"}),
        ("remove", f"{base}/targetValue", None),
        ("remove", f"{base}/metricName", None),
        ("remove", f"{base}/averageValue", None),
    ]


POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  "


@pytest.mark.parametrize(
    ("env", "gone"),
    [
        ("[{name: A, value: 1}, {name: A, value: 2}]", ["/0"]),
        ("[{name: A, value: x}, {name: B, value: $(A)}, {name: A, value: y}]", [None]),
        ("[{name: A, value: x}, {name: B, value: $$(A)}, {name: A, value: y}]", ["/0"]),
        ("[{name: A, value: x}, {name: B, value: $$$(A)}, {name: A, value: y}]", [None]),
        ("[{name: A, value: x}, {name: A, value: y}, {name: B, value: $(A)}]", ["/0"]),
        ("[{name: A, value: x}, {name: A, value: y}, {name: B, value: $(A)}, {name: A, value: y}]", ["/0", "/3"]),
        ("[{name: A, value: $(A)}, {name: A, value: $(A)}]", [None]),
        ('[{name: "${A}", value: x}, {name: "${A}", value: y}]', []),
        ("[text, {name: A}, {value: x}]", []),
    ],
)
def test_duplicate_env_vars(env, gone):
    found = hits("duplicate_env_var", f"{POD}containers: [{{name: web, env: {env}}}]")
    removed = [None if hit.operations is None else hit.operations[0].path for hit in found]
    assert removed == [None if place is None else f"/spec/containers/0/env{place}" for place in gone]


@pytest.mark.parametrize(
    ("spec", "operations"),
    [
        (
            "nodeSelector: {beta.kubernetes.io/os: linux, kubernetes.io/os: linux}",
            [("remove", "/spec/nodeSelector/beta.kubernetes.io~1os", None)],
        ),
        (
            "nodeSelector: {node-role.kubernetes.io/master: ''}",
            [
                (
                    "move",
                    "/spec/nodeSelector/node-role.kubernetes.io~1control-plane",
                    "/spec/nodeSelector/node-role.kubernetes.io~1master",
                )
            ],
        ),
        ("nodeSelector: {beta.kubernetes.io/os: windows, kubernetes.io/os: linux}", None),
    ],
)
def test_node_labels(spec, operations):
    (hit,) = hits("deprecated_node_label", f"{POD}{spec}")
    assert (None if hit.operations is None else patch(hit)) == operations


def test_unconfined_is_only_shown():
    text = POD.replace("{name: web}", "{annotations: {seccomp.security.alpha.kubernetes.io/pod: unconfined}}")
    (hit,) = hits("seccomp_alpha_annotation", f"{text}containers: [{{name: web}}]")
    assert str(hit.applicability) == "display-only"
    assert patch(hit)[1] == ("add", "/spec/securityContext/seccompProfile", {"type": "Unconfined"})


CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata:\n  "


@pytest.mark.parametrize(
    ("written", "quoted"),
    [
        ("012", "012"),
        ("1e3", "1e3"),
        ("yes", "yes"),
        ("0x10", "0x10"),
        ("1_000", "1_000"),
        ("12:30", None),
        ("~", None),
    ],
)
def test_the_text_that_is_written_gets_the_quotes(written, quoted):
    found = hits("string_field_not_quoted", f"{CONFIG}a: {written}\n")
    assert [hit.operations[0].value for hit in found] == ([] if quoted is None else [quoted])


@pytest.mark.parametrize(
    ("text", "number"),
    [("3", 3), ("0644", 420), ("089", None), ("1e3", None), ("yes", None), ("${N}", None), ("three", None), ("", None)],
)
def test_a_text_that_is_a_number_without_its_quotes(text, number):
    found = hits("number_field_quoted", f'{POD}terminationGracePeriodSeconds: "{text}"\n  containers: [{{name: web}}]')
    assert [hit.operations[0].value for hit in found] == ([] if number is None else [number])


@pytest.mark.parametrize(
    ("spec", "meant"),
    [
        ("restartPolcy: Never", "/spec/restartPolicy"),
        ("restartpolicy: Never", "/spec/restartPolicy"),
        ("restratPolicy: Never", "/spec/restartPolicy"),
        ("restartPolicyy: Never", "/spec/restartPolicy"),
        ("rstrtPolicy: Never", None),
        ("restartPolicy: Never, restartPolcy: Always", None),
    ],
)
def test_a_single_slip_is_mended(spec, meant):
    found = hits("schema_invalid", f"{POD}{{{spec}, containers: [{{name: web, image: web}}]}}")
    assert [hit.operations and hit.operations[0].path for hit in found] == [meant]


def test_a_fragment_is_not_asked_for_what_it_leaves_out():
    text = OLD.format("apps/v1", "Deployment", "spec: {replicas: three}")
    assert {hit.at for hit in hits("schema_invalid", text)} > {"/spec/replicas"}
    assert [hit.at for hit in hits("schema_invalid", text, partial=True)] == ["/spec/replicas"]
