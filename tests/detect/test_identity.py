"""What makes a finding the same finding: the names of items, not their order."""

from __future__ import annotations

import pytest

from bot.detect.identity import named_pointer
from bot.model import Json

PORTS: list[tuple[Json, str]] = [
    ({"containerPort": 80}, "containerPort=80"),
    ({"name": "web", "containerPort": 80}, "containerPort=80"),
    ({"name": "web", "containerPort": 80, "protocol": "TCP"}, "containerPort=80"),
    ({"name": "dns", "containerPort": 53, "protocol": "UDP"}, "containerPort=53~1UDP"),
    ({"name": "web"}, "name=web"),
    ({"containerPort": None, "name": "web"}, "name=web"),
    ({"hostPort": 80}, "1"),
    (80, "1"),
]


@pytest.mark.parametrize(("port", "name"), PORTS)
def test_a_container_port_is_named_by_its_number(port: Json, name: str) -> None:
    body: Json = {"spec": {"containers": [{"name": "app", "ports": [{"containerPort": 1}, port]}]}}
    found = named_pointer(body, "/spec/containers/0/ports/1/hostPort")
    assert found == f"/spec/containers/name=app/ports/{name}/hostPort"


def test_an_order_does_not_count() -> None:
    one: Json = {"env": [{"name": "A"}, {"name": "B/C"}]}
    other: Json = {"env": [{"name": "B/C"}, {"name": "A"}]}
    assert named_pointer(one, "/env/1/value") == named_pointer(other, "/env/0/value") == "/env/name=B~1C/value"


def test_other_items_are_named_by_their_name_first() -> None:
    body: Json = {"spec": {"ports": [{"port": 80, "name": "http"}], "tls": [{"hosts": []}]}}
    assert named_pointer(body, "/spec/ports/0/port") == "/spec/ports/name=http/port"
    assert named_pointer(body, "/spec/ports/-") == "/spec/ports/-"
    assert named_pointer(body, "/spec/tls/0/hosts") == "/spec/tls/0/hosts"
    assert named_pointer(body, "") == ""
