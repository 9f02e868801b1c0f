"""Images that a development tool builds and names: Skaffold's artifacts, Tilt's docker_build."""

from __future__ import annotations

import re

from bot.detect.placeholders import image_name
from bot.manifest import read
from bot.model import Json

SKAFFOLD = ("skaffold.yaml", "skaffold.yml")
TILTFILE = "Tiltfile"

_SKAFFOLD_NAME = re.compile(r"skaffold[^/]*\.ya?ml\Z")
_TILT_BUILD = re.compile(
    r"""^[^#\n]*\b(?:docker|custom)_build(?:_with_restart)?\(\s*(?:ref\s*=\s*)?["']([^"'\n]+)""", re.MULTILINE
)


def is_build_file(name: str) -> bool:
    """Whether a file of this name says which images are built."""
    return name == TILTFILE or _SKAFFOLD_NAME.match(name) is not None


def built_images(path: str, text: str) -> frozenset[str]:
    """The names, without tags, of the images that a skaffold.yaml or a Tiltfile builds; as far as they are literal."""
    if path.rpartition("/")[2] == TILTFILE:
        return frozenset(map(image_name, _TILT_BUILD.findall(text)))
    names: set[str] = set()
    for document in read(path, text).documents:
        config = document.value
        if isinstance(config, dict) and str(config.get("apiVersion", "")).startswith("skaffold/"):
            names.update(_artifacts(config))
            for profile in _items(config.get("profiles")):
                names.update(_artifacts(profile))
    return frozenset(names)


def _artifacts(config: dict[str, Json]) -> list[str]:
    build = config.get("build")
    artifacts = _items(build.get("artifacts")) if isinstance(build, dict) else []
    images = [artifact.get("image", artifact.get("imageName")) for artifact in artifacts]
    return [image_name(image) for image in images if isinstance(image, str)]


def _items(value: Json) -> list[dict[str, Json]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
