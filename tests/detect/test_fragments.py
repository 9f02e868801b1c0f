"""What looks like a fragment, and what is whole."""

from __future__ import annotations

import pytest

from bot.detect.fragments import fragment
from bot.manifest import read

SELECTOR = "  selector: {matchLabels: {a: b}}\n"


def workload(kind: str, containers: str, *, selector: str = "", version: str = "apps/v1") -> str:
    template = f"  template:\n    spec:\n      containers: {containers}\n"
    return f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: web}}\nspec:\n{selector}{template}"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (workload("Deployment", "[{name: web, image: web}]", selector=SELECTOR), None),
        (workload("Deployment", "[{name: web}]", selector=SELECTOR), None),
        (workload("Deployment", "[]", selector=SELECTOR), None),
        (workload("Deployment", "[{name: web, image: web}]"), None),
        (workload("DaemonSet", "[{name: web, image: web}]", version="extensions/v1beta1"), None),
        (workload("Deployment", "[{name: web}]"), "no selector, and a container without an image"),
        (workload("Deployment", "[{name: proxy, image: proxy}, {name: web}]"), "a container without an image"),
        (workload("Deployment", "[]"), "no selector, and no container"),
        ("apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: db}\nspec: {replicas: 3}\n", "no container"),
        ("apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: db}\nstatus: {replicas: 3}\n", "no container"),
        (workload("Job", "[{name: web, image: web}]", version="batch/v1"), None),
        (workload("Job", "[{name: web, image: web}, {name: helper}]", version="batch/v1"), None),
        (workload("Job", "[{name: web}]", version="batch/v1"), "none of its containers has an image"),
        ("apiVersion: v1\nkind: Pod\nspec: {containers: [{name: a}]}\n", "none of its containers has an image"),
        ("apiVersion: v1\nkind: Pod\nspec: {initContainers: [{name: a, image: b}]}\n", None),
        ("apiVersion: batch/v1\nkind: CronJob\nspec: {suspend: true}\n", "none of its containers has an image"),
        # Kinds of other groups follow their own rules: this Rollout refers to a Deployment.
        ("apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nspec: {workloadRef: {name: web}}\n", None),
        ("apiVersion: v1\nkind: Service\nspec: {type: NodePort}\n", None),
        ("apiVersion: v1\nkind: Service\nmetadata: {name: a}\n$patch: delete\n", "it holds $patch"),
        ("apiVersion: v1\nkind: Service\nspec: {ports: [{port: 1, $patch: replace}]}\n", "it holds $patch"),
        ("apiVersion: v1\nkind: Service\nspec: {$retainKeys: [ports]}\n", "it holds $retainKeys"),
        ("apiVersion: v1\nkind: ConfigMap\ndata: {a: $patch, b: 'the $patch: directive'}\n", None),
    ],
)
def test_shapes(text, why):
    manifest = read("a.yaml", text)
    (resource,) = manifest.resources
    found = fragment(manifest, resource)
    assert found is None if why is None else found is not None and why in found
