"""What makes a finding the same finding: the names of items, not their order."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.detect.identity import fingerprint, key_of, named_pointer, number
from bot.manifest import read
from bot.model import Json, State, Suppression
from tests.detect.made import finding

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


def test_a_fingerprint_stays_what_it_is() -> None:
    """Suppressions and baselines of users hold these: a change here makes every finding a new one."""
    key = key_of("host-pid", "apps", "Deployment", None, "web", "/spec/template/spec/hostPID")
    assert key == key_of("host-pid", "apps", "Deployment", "", "web", "/spec/template/spec/hostPID")
    assert fingerprint(key, 0) == "620825a2410fcb8f"
    assert fingerprint(key, 1) != fingerprint(key, 0)


def test_equal_keys_are_numbered_in_the_order_given() -> None:
    manifest = read("a.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {a: 1, b: 2}\n")
    found = [replace(finding(manifest, key, f"/spec/{place}"), fingerprint=key) for key, place in ("ka", "lb", "kb")]
    numbered = number(found)
    assert [(each.ordinal, each.location.pointer) for each in numbered] == [
        (0, "/spec/a"),
        (0, "/spec/b"),
        (1, "/spec/b"),
    ]
    assert [each.fingerprint for each in numbered] == [fingerprint(*pair) for pair in (("k", 0), ("l", 0), ("k", 1))]


def test_numbering_changes_nothing_but_ordinal_and_fingerprint() -> None:
    manifest = read("a.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\n")
    one = replace(
        finding(manifest, "host-pid", "/metadata"),
        also=("x",),
        state=State.NEW,
        suppression=Suppression("comment", "reason"),
    )
    first, second = number([one, one])
    assert replace(first, ordinal=0, fingerprint=one.fingerprint) == one
    assert replace(second, ordinal=0, fingerprint=one.fingerprint) == one
    assert (first.ordinal, second.ordinal) == (0, 1)
    assert first.fingerprint != second.fingerprint
