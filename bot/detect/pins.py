"""Images that a repository pins: the same image elsewhere tells a version that somebody has chosen.

A look at the text is enough, and takes a tenth of the time of reading it: what is not seen that way is not found, which
costs an offer and never a wrong one, since a place in a comment does not count and two versions are none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from bot.manifest import Resource, workloads

LATEST = "latest"
_HUB = "docker.io"
_REFERENCE = re.compile(
    r"(?P<name>(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]+)?/)?[a-z0-9]+(?:(?:[._]|__|-+|/)[a-z0-9]+)*)"
    r"(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)
_WRITTEN = re.compile(r"""(?:^|[{,])[ \t]*(?:-[ \t]+)*["']?image["']?:[ \t]+["']?([^\s"',}#]+)""", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Pin:
    """An image with the tag and the digest that are written at one place, either of them empty; `line` is 1-based."""

    name: str
    tag: str
    digest: str
    path: str
    line: int | None = None

    def __str__(self) -> str:
        return self.name + (f":{self.tag}" if self.tag else "") + (f"@{self.digest}" if self.digest else "")


Pins = Mapping[str, tuple[Pin, ...]]
"""The pins of each image, by `canonical` names."""


def parsed(reference: str, path: str = "", line: int | None = None) -> Pin | None:
    """What a reference says; None when it is none, a placeholder for example."""
    match = _REFERENCE.fullmatch(reference)
    return Pin(match["name"], match["tag"] or "", match["digest"] or "", path, line) if match is not None else None


def canonical(name: str) -> str:
    """The one name of a repository: `nginx`, `library/nginx` and `docker.io/nginx` are `docker.io/library/nginx`."""
    host, slash, rest = name.partition("/")
    if not slash or not ("." in host or ":" in host or host == "localhost"):
        host, rest = _HUB, name
    host = _HUB if host in ("index.docker.io", "registry-1.docker.io") else host.lower()
    return f"{host}/{rest}" if host != _HUB or "/" in rest else f"{host}/library/{rest}"


def written(path: str, text: str) -> Iterator[Pin]:
    """The images of a text that are pinned: a tag that is not `latest`, or a digest."""
    for match in _WRITTEN.finditer(text):
        pin = parsed(match[1], path, text.count("\n", 0, match.start(1)) + 1)
        if pin is not None and (pin.digest or pin.tag not in ("", LATEST)):
            yield pin


def of_references(references: Iterable[tuple[str, str]]) -> Iterator[Pin]:
    """The same of (reference, path) pairs; what is no reference is left out."""
    for reference, path in references:
        pin = parsed(reference, path)
        if pin is not None and (pin.digest or pin.tag not in ("", LATEST)):
            yield pin


def of_objects(resources: Iterable[Resource]) -> Iterator[Pin]:
    """The same of objects that have been read."""
    for resource in resources:
        images = (each.body.get("image") for pod in workloads.pods(resource) for each in pod.containers)
        yield from of_references((image, resource.path) for image in images if isinstance(image, str))


def by_name(pins: Iterable[Pin]) -> Pins:
    """The pins by the one name of their image."""
    found: dict[str, list[Pin]] = {}
    for pin in pins:
        found.setdefault(canonical(pin.name), []).append(pin)
    return {name: tuple(each) for name, each in found.items()}
