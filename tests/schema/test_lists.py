"""Items with equal keys: those that a server refuses are errors, the others can be asked for."""

from __future__ import annotations

from typing import Any

import pytest

from bot import schema


def pod(**spec: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": spec}


def container(**fields: Any) -> dict[str, Any]:
    return pod(containers=[{"name": "web", "image": "web", **fields}])


# What a 1.36.3 server takes, most of it with a warning.
TAKEN = [
    (
        container(env=[{"name": "A", "value": "1"}, {"name": "B"}, {"name": "A", "value": "2"}]),
        "/spec/containers/0/env/2",
        "same name as item 0 of env",
    ),
    (
        container(
            ports=[
                {"containerPort": 80},
                {"containerPort": 80, "protocol": "TCP"},
                {"containerPort": 80, "protocol": "UDP"},
            ]
        ),
        "/spec/containers/0/ports/1",
        "same containerPort and protocol as item 0 of ports",
    ),
    (
        pod(containers=[{"name": "web", "image": "web"}], imagePullSecrets=[{"name": "a"}, {"name": "a"}]),
        "/spec/imagePullSecrets/1",
        "same name as item 0 of imagePullSecrets",
    ),
]


@pytest.mark.parametrize(("body", "pointer", "message"), TAKEN, ids=["env", "ports", "imagePullSecrets"])
def test_duplicates_that_a_server_takes(body: dict[str, Any], pointer: str, message: str) -> None:
    assert schema.check(body, "1.36") == ()
    (error,) = schema.duplicates(body, "1.36")
    assert (error.pointer, error.message, error.keyword, error.rejected) == (pointer, message, "duplicate", False)


# Refused in every minor: the published schemas of 1.29 do not name the keys yet.
@pytest.mark.parametrize("version", schema.versions())
@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (
            pod(containers=[{"name": "a", "image": "x"}, {"name": "b", "image": "x"}, {"name": "a", "image": "y"}]),
            "/spec/containers/2",
        ),
        (
            container(volumeDevices=[{"name": "a", "devicePath": "/x"}, {"name": "b", "devicePath": "/x"}]),
            "/spec/containers/0/volumeDevices/1",
        ),
        (
            container(ports=[{"name": "a", "containerPort": 1}, {"name": "a", "containerPort": 2}]),
            "/spec/containers/0/ports/1",
        ),
    ],
    ids=["containers", "volumeDevices", "ports"],
)
def test_duplicates_that_a_server_refuses(body: dict[str, Any], pointer: str, version: str) -> None:
    assert [(one.pointer, one.rejected) for one in schema.check(body, version) or ()] == [(pointer, True)]
    assert [(one.pointer, one.rejected) for one in schema.duplicates(body, version)] == [(pointer, True)]


def test_webhooks_in_a_list_at_the_root() -> None:
    webhook = {
        "name": "a.example.com",
        "clientConfig": {},
        "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
        "matchConditions": [{"name": "c", "expression": "true"}, {"name": "c", "expression": "false"}],
    }
    body = {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": "w"},
        "webhooks": [webhook, webhook],
    }
    pointers = [error.pointer for error in schema.check(body, "1.36") or ()]
    assert pointers == ["/webhooks/0/matchConditions/1", "/webhooks/1", "/webhooks/1/matchConditions/1"]


@pytest.mark.parametrize(
    "volumes",
    [None, {}, "x", 1, [], [None, None], [{}, {}], [{"name": None}, {"name": None}], ["a", "a"], [["a"], ["a"]]],
    ids=str,
)
def test_no_keys_no_duplicates(volumes: Any) -> None:
    body = pod(containers=[{"name": "web", "image": "web"}], volumes=volumes)
    assert not [one for one in schema.check(body, "1.36") or () if one.keyword == "duplicate"]
    assert schema.duplicates(body, "1.36") == ()


@pytest.mark.parametrize("name", [{"a": 1}, ["a"], 1.5, True])
def test_keys_that_do_not_compare(name: Any) -> None:
    body = pod(containers=[{"name": name, "image": "web"}, {"name": name, "image": "web"}])
    assert {error.keyword for error in schema.check(body, "1.36") or ()} == {"type"}
