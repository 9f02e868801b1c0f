"""Which other objects are in scope."""

from __future__ import annotations

from bot.detect.inventory import inventory
from bot.manifest import read
from tests.detect.made import around


def objects(path, *names, namespace=None):
    where = f", namespace: {namespace}" if namespace else ""
    text = "---\n".join(f"apiVersion: v1\nkind: Service\nmetadata: {{name: {name}{where}}}\n" for name in names)
    return tuple(read(path, text).resources)


RESOURCES = {
    "base/web.yaml": objects("base/web.yaml", "web"),
    "overlays/dev/extra.yaml": objects("overlays/dev/extra.yaml", "extra", namespace="dev"),
    "plain/a.yaml": objects("plain/a.yaml", "a", namespace="one"),
    "plain/b.yaml": objects("plain/b.yaml", "b", "c"),
    "plain/deeper/d.yaml": objects("plain/deeper/d.yaml", "d"),
}
TREE = {
    "overlays/dev/kustomization.yaml": "resources: [../../base, extra.yaml]\n",
    "base/kustomization.yaml": "resources: [web.yaml]\n",
}


def names(path, resources=RESOURCES):
    return [each.ref.name for each in inventory(path, resources, around(TREE)).resources]


def test_scopes():
    assert names("base/web.yaml") == ["web", "extra"]
    assert names("plain/a.yaml") == ["a", "b", "c"]
    assert names("plain/deeper/d.yaml") == ["d"]
    assert names("-", {"-": objects("-", "a"), "x/b.yaml": objects("x/b.yaml", "b")}) == ["a", "b"]


def test_objects_of_a_kind():
    found = inventory("plain/a.yaml", RESOURCES, around({}))
    assert [each.ref.name for each in found.of_kind("", "Service")] == ["a", "b", "c"]
    assert [each.ref.name for each in found.of_kind("", "Service", "one")] == ["a", "b", "c"]
    assert [each.ref.name for each in found.of_kind("", "Service", "two")] == ["b", "c"]
    assert found.of_kind("apps", "Service") == ()
    assert found.of_kind("", "Pod") == ()
