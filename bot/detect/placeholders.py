"""Values that are filled in later, and image references.

What stands in place of a value says nothing about the value: no finding about an image or a type there.
"""

from __future__ import annotations

import re

from bot.manifest import Manifest, spans
from bot.model import Json

_PLACEHOLDER = re.compile(
    r"\$\{[^}]*\}"  # envsubst, Flux, Terraform
    r"|\$\([A-Za-z_][A-Za-z0-9_.-]*\)"  # variables of kustomize
    r"|\{\{.*?\}\}|\{%.*?%\}"  # Go templates, Jinja, Argo
    r"|\Ako://\S+"
    r"|<[A-Za-z][^<>\n]*>",
    re.DOTALL,
)
_IMAGE_POLICY = re.compile(r"""#\s*\{\s*["']\$imagepolicy["']""")


def placeholder(value: Json) -> str | None:
    """The first placeholder in a text: `${TAG}`, `$(TAG)`, `{{ tag }}`, `ko://module`, `<tag>`; None without one."""
    match = _PLACEHOLDER.search(value) if isinstance(value, str) else None
    return match.group() if match is not None else None


def has_image_policy(manifest: Manifest, document: int, pointer: str) -> bool:
    """Whether the line at `pointer` carries Flux' `# {"$imagepolicy": ...}`: its image automation writes the value."""
    if "$imagepolicy" not in manifest.text:
        return False
    place = spans.locate(manifest, document, pointer)
    _, end = manifest.line_span(place.end_line)
    return _IMAGE_POLICY.search(manifest.text, place.span.end, end) is not None


def image_name(reference: str) -> str:
    """An image reference without tag and digest: `registry:5000/app` of `registry:5000/app:1.2@sha256:...`."""
    name = reference.partition("@")[0]
    folder, slash, last = name.rpartition("/")
    return folder + slash + last.partition(":")[0]
