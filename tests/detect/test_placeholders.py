"""Values that are filled in later."""

from __future__ import annotations

import pytest

from bot.detect.placeholders import has_image_policy, image_name, placeholder
from bot.manifest import read


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("${TAG}", "${TAG}"),
        ("registry/app:${TAG:-1.2}", "${TAG:-1.2}"),
        ("$(IMAGE)", "$(IMAGE)"),
        ("{{ .Values.image }}", "{{ .Values.image }}"),
        ("app:{{inputs.parameters.tag}}", "{{inputs.parameters.tag}}"),
        ("ko://example.org/cmd/app", "ko://example.org/cmd/app"),
        ("<your-registry>/app", "<your-registry>"),
        ("nginx:1.27", None),
        ("a < b > c", None),
        ("$HOME", None),
        ("echo $(date +%s)", None),
        ("https://ko://", None),
        ("{json}", None),
        (5, None),
        (None, None),
    ],
)
def test_placeholder(value, found):
    assert placeholder(value) == found


@pytest.mark.parametrize(
    ("reference", "name"),
    [
        ("nginx", "nginx"),
        ("nginx:1.27", "nginx"),
        ("registry:5000/app", "registry:5000/app"),
        ("registry:5000/app:1.2", "registry:5000/app"),
        ("ghcr.io/a/b@sha256:0123", "ghcr.io/a/b"),
        ("ghcr.io/a/b:1@sha256:0123", "ghcr.io/a/b"),
    ],
)
def test_image_name(reference, name):
    assert image_name(reference) == name


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('image: app:latest # {"$imagepolicy": "flux-system:app"}\n', True),
        ('image: "app:latest" # { "$imagepolicy": "flux-system:app:tag" }\n', True),
        ("image: app:latest # {'$imagepolicy': 'flux-system:app'}", True),
        ('image: app:latest\nother: x # {"$imagepolicy": "flux-system:app"}\n', False),
        ('image: app:latest\n# {"$imagepolicy": "flux-system:app"}\n', False),
        ("image: app:latest\n", False),
    ],
)
def test_image_policy(text, expected):
    assert has_image_policy(read("a.yaml", text), 0, "/image") is expected
