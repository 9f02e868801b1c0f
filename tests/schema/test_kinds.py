"""Minor versions, and which kinds are there."""

from __future__ import annotations

import pytest

from bot import schema
from bot.schema.kinds import own_groups


def test_versions_are_in_order_and_hold_the_two_that_policies_need() -> None:
    found = schema.versions()
    assert list(found) == sorted(found, key=lambda one: int(one.split(".")[1]))
    assert found[-1] == schema.NEWEST
    assert schema.OLDEST_SUPPORTED in found
    assert found[0] < schema.OLDEST_SUPPORTED


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("1.36", "1.36"),
        ("v1.36", "1.36"),
        ("1.36.3", "1.36"),
        ("v1.33.12-gke.1101000", "1.33"),
        ("1.31+", "1.31"),
        ("1.9", "1.29"),
        ("1.0", "1.29"),
        ("0.5", "1.29"),
        ("1.99", "1.37"),
        ("2.0", "1.37"),
    ],
)
def test_nearest(version: str, expected: str) -> None:
    assert schema.nearest(version) == expected


@pytest.mark.parametrize("version", ["", "1", "latest", "1.x", " 1.36", "1.12345", "-1.2"])
def test_no_version(version: str) -> None:
    with pytest.raises(ValueError, match="not a Kubernetes version"):
        schema.nearest(version)


@pytest.mark.parametrize(
    ("api_version", "kind", "version", "expected"),
    [
        ("apps/v1", "Deployment", "1.29", True),
        ("apps/v1", "Deployment", "1.37", True),
        ("v1", "Pod", "1.37", True),
        ("v1", "PodList", "1.37", True),
        ("rbac.authorization.k8s.io/v1", "ClusterRoleBindingList", "1.37", True),
        ("apps/v1", "Pod", "1.37", False),
        ("apps/v1", "Deploymant", "1.37", False),
        ("apps/v1beta1", "Deployment", "1.29", False),
        ("extensions/v1beta1", "Ingress", "1.29", False),
        ("policy/v1beta1", "PodSecurityPolicy", "1.29", False),
        ("batch/v1beta1", "CronJob", "1.29", False),
        ("settings.k8s.io/v1alpha1", "PodPreset", "1.29", False),
        # Came and went within the bundled minors.
        ("flowcontrol.apiserver.k8s.io/v1beta3", "FlowSchema", "1.31", True),
        ("flowcontrol.apiserver.k8s.io/v1beta3", "FlowSchema", "1.32", False),
        ("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy", "1.29", False),
        ("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy", "1.30", True),
        ("resource.k8s.io/v1", "ResourceClaim", "1.33", False),
        ("resource.k8s.io/v1", "ResourceClaim", "1.34", True),
        # Nothing that a manifest could hold, though every group lists it.
        ("v1", "DeleteOptions", "1.37", False),
        ("apps/v1", "WatchEvent", "1.37", False),
        # Groups of others, some with a name that looks like Kubernetes' own.
        ("example.com/v1", "Thing", "1.37", None),
        ("gateway.networking.k8s.io/v1", "Gateway", "1.37", None),
        ("snapshot.storage.k8s.io/v1", "VolumeSnapshot", "1.37", None),
        ("metrics.k8s.io/v1beta1", "PodMetrics", "1.37", None),
        ("cert-manager.io/v1", "Certificate", "1.37", None),
    ],
)
def test_served(api_version: str, kind: str, version: str, expected: bool | None) -> None:
    assert schema.served(api_version, kind, version) is expected


def test_groups_of_kubernetes() -> None:
    found = own_groups()
    assert {"", "apps", "batch", "extensions", "policy", "networking.k8s.io", "apiextensions.k8s.io"} <= found
    assert not [group for group in found if group.endswith(".io") and not group.endswith(".k8s.io")]
