"""Where in a file the things belong that other tools say of it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from bot.detect.reported import Reported, Reports, place
from bot.manifest import read
from bot.model import ResourceRef
from tests.detect.made import NAMES

PATH = "shop.yaml"
SHOP = """\
# The shop.
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      hostPID: true
      containers:
        - name: web
          image: web:1
          resources: {}
        - name: cache
          image: cache:1
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
---
apiVersion: v1
kind: List
items:
  - apiVersion: v1
    kind: Pod
    metadata: {name: one}
    spec: {containers: [{name: only}]}
  - apiVersion: v1
    kind: Pod
    metadata: {name: two}
"""
DEPLOYMENT, SERVICE = (0, ""), (1, "")
ONE, TWO = (2, "/items/0"), (2, "/items/1")
POD_SPEC = "/spec/template/spec"
WEB, CACHE = f"{POD_SPEC}/containers/0", f"{POD_SPEC}/containers/1"


def placed(**said: object) -> tuple[tuple[int, str], str, str, bool] | str:
    """(object, smallest part, what is shown, whether the tool named it) or why it has no place."""
    report = Reported("tool", "Tool", "X1", "something", PATH, **said)  # type: ignore[arg-type]
    manifest = read(PATH, SHOP)
    found, lost = place(manifest, tuple(manifest.resources), Reports({PATH: (report,)}, NAMES.twins))
    if lost:
        return lost[0][1]
    (one,) = found
    return (one.resource.document, one.resource.pointer), one.inside, one.shown, one.sure


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        # An object that the tool was given.
        ({"place": DEPLOYMENT}, (DEPLOYMENT, "", "/metadata/name", False)),
        ({"place": TWO}, (TWO, "", "/metadata/name", False)),
        ({"place": DEPLOYMENT, "container": "cache"}, (DEPLOYMENT, CACHE, f"{CACHE}/name", True)),
        ({"place": DEPLOYMENT, "container": "gone"}, (DEPLOYMENT, "", "/metadata/name", False)),
        ({"place": DEPLOYMENT, "at": f"{WEB}/resources"}, (DEPLOYMENT, WEB, f"{WEB}/resources", True)),
        ({"place": DEPLOYMENT, "at": f"{POD_SPEC}/hostPID"}, (DEPLOYMENT, POD_SPEC, f"{POD_SPEC}/hostPID", True)),
        ({"place": DEPLOYMENT, "at": "/metadata/labels"}, (DEPLOYMENT, "", "/metadata/labels", True)),
        ({"place": (0, "/items/7")}, "the object that it is about is not looked at"),
        # A name.
        ({"ref": ResourceRef("v1", "Service", None, "web")}, (SERVICE, "", "/metadata/name", False)),
        ({"ref": ResourceRef("v1", "Service", "shop", "web")}, (SERVICE, "", "/metadata/name", False)),
        ({"ref": ResourceRef("v1", "Service", "other", "web")}, "no Service other/web is looked at in this file"),
        ({"ref": ResourceRef("apps/v1beta1", "Deployment", None, "web")}, (DEPLOYMENT, "", "/metadata/name", False)),
        ({"ref": ResourceRef("x.io/v1", "Deployment", None, "web")}, "no Deployment web is looked at in this file"),
        ({"ref": ResourceRef("", "", None, "one")}, (ONE, "", "/metadata/name", False)),
        # Lines: of an object, a container, a member, a comment or marker before an object.
        ({"lines": (2, 15)}, (DEPLOYMENT, "", "/metadata/name", False)),
        ({"lines": (1, 16)}, (DEPLOYMENT, "", "/metadata/name", False)),
        ({"lines": (1, 1)}, (DEPLOYMENT, "", "/metadata/name", False)),
        ({"lines": (9, 9)}, (DEPLOYMENT, "", f"{POD_SPEC}/hostPID", False)),
        ({"lines": (11, 13)}, (DEPLOYMENT, WEB, f"{WEB}/name", False)),
        ({"lines": (15, 15)}, (DEPLOYMENT, CACHE, f"{CACHE}/image", False)),
        ({"lines": (11, 15)}, (DEPLOYMENT, "", WEB, False)),
        ({"lines": (19, 19)}, (SERVICE, "", "/metadata", False)),
        ({"lines": (16, 16)}, (SERVICE, "", "/metadata/name", False)),
        ({"lines": (27, 27)}, (ONE, "/spec/containers/0", "/spec/containers/0/name", False)),
        ({"lines": (24, 28)}, (ONE, "", "/metadata/name", False)),
        ({"lines": (21, 30)}, "line 21 belongs to several objects"),
        ({"lines": (20, 20)}, "line 20 belongs to several objects"),
        ({"lines": (900, 901)}, "the file has no line 900; it is another one than the tool has seen"),
        ({}, "it does not say which object of the file it is about"),
    ],
)
def test_places(said: Mapping[str, object], expected: object) -> None:
    assert placed(**said) == expected
