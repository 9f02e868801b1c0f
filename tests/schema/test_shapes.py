"""The type of a field, as policies about quotes ask for it."""

from __future__ import annotations

import pytest

from bot import schema


@pytest.mark.parametrize(
    ("api_version", "kind", "pointer", "expected"),
    [
        ("v1", "Pod", "", "object"),
        ("v1", "Pod", "/spec/containers", "array"),
        ("v1", "Pod", "/spec/containers/0", "object"),
        ("v1", "Pod", "/spec/containers/17/env/3/value", "string"),
        ("v1", "Pod", "/spec/containers/0/args/0", "string"),
        ("v1", "Pod", "/spec/containers/-", "object"),
        ("v1", "Pod", "/spec/hostNetwork", "boolean"),
        ("v1", "Pod", "/spec/terminationGracePeriodSeconds", "integer"),
        ("v1", "Pod", "/spec/containers/0/resources/limits/cpu", "quantity"),
        ("v1", "Pod", "/spec/containers/0/livenessProbe/httpGet/port", "int-or-string"),
        ("v1", "Pod", "/spec/volumes/0/configMap/defaultMode", "integer"),
        ("v1", "Pod", "/metadata/annotations/example.com~1x", "string"),
        ("v1", "Pod", "/metadata/creationTimestamp", "string"),
        ("v1", "Secret", "/data/password", "string"),
        ("v1", "ConfigMap", "/data/a~1b", "string"),
        ("v1", "Service", "/spec/ports/0/targetPort", "int-or-string"),
        ("apps/v1", "Deployment", "/spec/template/spec/containers/0/ports/0/containerPort", "integer"),
        ("apps/v1", "Deployment", "/spec/strategy/rollingUpdate/maxSurge", "int-or-string"),
        ("batch/v1", "CronJob", "/spec/jobTemplate/spec/template/spec/nodeSelector/disk", "string"),
        ("apps/v1", "ControllerRevision", "/data", None),
        ("apps/v1", "ControllerRevision", "/data/anything", None),
        ("v1", "Pod", "/spec/containers/0/image/tag", None),
        ("v1", "Pod", "/spec/nothing", None),
        ("v1", "Pod", "/spec/hostNetwork/deeper", None),
        ("v1", "Thing", "/spec", None),
        ("example.com/v1", "Thing", "/spec", None),
        (
            "apiextensions.k8s.io/v1",
            "CustomResourceDefinition",
            "/spec/versions/0/schema/openAPIV3Schema/properties/a/properties/b/maxLength",
            "integer",
        ),
        (
            "apiextensions.k8s.io/v1",
            "CustomResourceDefinition",
            "/spec/versions/0/schema/openAPIV3Schema/properties/a/maximum",
            "number",
        ),
    ],
)
def test_field_type(api_version: str, kind: str, pointer: str, expected: str | None) -> None:
    assert schema.field_type(api_version, kind, pointer, "1.36") == expected


def test_a_field_may_come_with_a_minor() -> None:
    pointer = "/spec/securityContext/appArmorProfile/type"
    assert schema.field_type("v1", "Pod", pointer, "1.29") is None
    assert schema.field_type("v1", "Pod", pointer, "1.30") == "string"


@pytest.mark.parametrize("pointer", ["spec", "/spec/~2"])
def test_no_pointer(pointer: str) -> None:
    with pytest.raises(ValueError, match="JSON Pointer"):
        schema.field_type("v1", "Pod", pointer, "1.36")
