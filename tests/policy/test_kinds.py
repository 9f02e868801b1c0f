"""What an entry of `match.kinds` selects."""

from __future__ import annotations

import pytest

from bot.policy.kinds import has_pod_spec, is_built_in, is_valid, selects

OBJECTS = [
    "v1/Pod",
    "v1/Service",
    "apps/v1/Deployment",
    "apps/v1beta1/Deployment",
    "extensions/v1beta1/Deployment",
    "batch/v1/CronJob",
    "batch.volcano.sh/v1alpha1/Job",
    "serving.knative.dev/v1/Service",
    "gateway.networking.k8s.io/v1/HTTPRoute",
    "networking.k8s.io/v1/Ingress",
]


@pytest.mark.parametrize(
    ("entry", "selected"),
    [
        (
            "workload",
            {
                "v1/Pod",
                "apps/v1/Deployment",
                "extensions/v1beta1/Deployment",
                "batch/v1/CronJob",
                "batch.volcano.sh/v1alpha1/Job",
                "serving.knative.dev/v1/Service",
                "apps/v1beta1/Deployment",
            },
        ),
        ("Service", {"v1/Service"}),
        ("Deployment", {"apps/v1/Deployment", "apps/v1beta1/Deployment", "extensions/v1beta1/Deployment"}),
        ("Job", set()),
        ("HTTPRoute", set()),
        ("gateway.networking.k8s.io/HTTPRoute", {"gateway.networking.k8s.io/v1/HTTPRoute"}),
        ("serving.knative.dev/v1/Service", {"serving.knative.dev/v1/Service"}),
        ("batch.volcano.sh/Job", {"batch.volcano.sh/v1alpha1/Job"}),
        ("apps/Deployment", {"apps/v1/Deployment", "apps/v1beta1/Deployment"}),
        ("apps/v1/Deployment", {"apps/v1/Deployment"}),
        ("v1/Pod", {"v1/Pod"}),
        ("v1/Deployment", set()),
        ("v1beta1/Deployment", set()),
        ("*", set(OBJECTS)),
        ("apps/*", {"apps/v1/Deployment", "apps/v1beta1/Deployment"}),
        ("apps/v1/*", {"apps/v1/Deployment"}),
        ("v1/*", {"v1/Pod", "v1/Service"}),
    ],
)
def test_selects(entry, selected):
    assert is_valid(entry)
    found = {name for name in OBJECTS if selects(entry, *name.rsplit("/", 1))}
    assert found == selected


@pytest.mark.parametrize(
    "entry", ["", "pod", "workloads", "/Pod", "a/b/c/D", "apps/deployment", "Pod/", "apps/v1/Pod/x", "P od", "**"]
)
def test_is_valid_refuses(entry):
    assert not is_valid(entry)


@pytest.mark.parametrize(
    ("entry", "found"),
    [
        ("workload", True),
        ("Pod", True),
        ("v1/Pod", True),
        ("v1/Deployment", False),
        ("apps/Deployment", True),
        ("Rollout", False),
        ("argoproj.io/Rollout", True),
        ("argoproj.io/v1alpha1/Rollout", True),
        ("example.com/Deployment", False),
        ("Service", False),
        ("serving.knative.dev/Service", True),
        ("*", False),
        ("apps/*", False),
    ],
)
def test_has_pod_spec(entry, found):
    assert has_pod_spec(entry) is found


@pytest.mark.parametrize(
    ("group", "found"),
    [
        ("", True),
        ("apps", True),
        ("rbac.authorization.k8s.io", True),
        ("jobset.x-k8s.io", False),
        ("example.com", False),
    ],
)
def test_is_built_in(group, found):
    assert is_built_in(group) is found
