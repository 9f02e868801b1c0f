"""Images that development tools build."""

from __future__ import annotations

import pytest

from bot.detect.builds import built_images, is_build_file

SKAFFOLD = """\
apiVersion: skaffold/v4beta6
kind: Config
build:
  artifacts:
    - image: web
    - image: registry:5000/api
profiles:
  - name: prod
    build: {artifacts: [{image: worker}]}
---
apiVersion: skaffold/v1beta1
kind: Config
build: {artifacts: [{imageName: old}, {context: .}, text]}
---
apiVersion: v1
kind: Pod
build: {artifacts: [{image: not-this}]}
"""

TILTFILE = """\
# docker_build('commented', '.')
docker_build('example/web', '.', live_update=[])
docker_build(
    "example/api",
    "api")
custom_build(ref='example/worker', command='make', deps=['.'])
docker_build_with_restart('example/admin:dev', '.')
docker_build(name, '.')
"""


@pytest.mark.parametrize(
    ("path", "text", "names"),
    [
        ("skaffold.yaml", SKAFFOLD, {"web", "registry:5000/api", "worker", "old"}),
        ("skaffold.yaml", "a: [", set()),
        ("skaffold.yaml", "apiVersion: skaffold/v3\nbuild: []\nprofiles: {}\n", set()),
        ("dev/Tiltfile", TILTFILE, {"example/web", "example/api", "example/worker", "example/admin"}),
    ],
)
def test_built_images(path, text, names):
    assert built_images(path, text) == names


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("skaffold.yaml", True),
        ("skaffold-dev.yml", True),
        ("Tiltfile", True),
        ("web.yaml", False),
        ("skaffold.md", False),
    ],
)
def test_names(name, expected):
    assert is_build_file(name) is expected
