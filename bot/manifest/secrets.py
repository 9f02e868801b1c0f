"""Where values stand that are nobody's business: those of a Secret, and literals of environment variables."""

from __future__ import annotations

from collections.abc import Iterator

from bot.manifest import pointers
from bot.manifest.nodes import Alias
from bot.manifest.reader import Manifest, Resource
from bot.manifest.spans import content_end, content_start, find
from bot.manifest.workloads import pods
from bot.model import Span

_KIND = "Secret"
_HOLDERS = ("data", "stringData")
_COPY = pointers.join("", "metadata", "annotations", "kubectl.kubernetes.io/last-applied-configuration")


def secrets(manifest: Manifest) -> Iterator[Span]:
    """The values of `data` and `stringData` of Secrets and the copy that kubectl apply keeps, in the text's order."""
    if _KIND not in manifest.text:
        return
    places = [
        (resource, pointer)
        for resource in manifest.resources
        if resource.ref.kind == _KIND
        for pointer in _of_secret(resource)
    ]
    yield from _in_order(manifest, places)


def literals(manifest: Manifest) -> Iterator[Span]:
    """The values that containers' environment variables are given as text, in the text's order."""
    if "env" not in manifest.text:
        return
    places = [(resource, pointer) for resource in manifest.resources for pointer in _of_variables(resource)]
    yield from _in_order(manifest, places)


def hidden_lines(manifest: Manifest) -> frozenset[int]:
    """The lines (1-based) that show a secret or a literal."""
    return frozenset(
        line
        for span in (*secrets(manifest), *literals(manifest))
        for line in range(manifest.line_of(span.start), manifest.line_of(max(span.start, span.end - 1)) + 1)
    )


def _of_secret(resource: Resource) -> Iterator[str]:
    for holder in _HOLDERS:
        members = resource.body.get(holder)
        for name in members if isinstance(members, dict) else ():
            yield pointers.join("", holder, name)
        if members is not None and not isinstance(members, dict):
            yield f"/{holder}"
    if pointers.resolve(resource.body, _COPY)[0]:
        yield _COPY


def _of_variables(resource: Resource) -> Iterator[str]:
    for pod in pods(resource):
        for container in pod.containers:
            variables = container.body.get("env")
            for index, variable in enumerate(variables if isinstance(variables, list) else ()):
                if isinstance(variable, dict) and variable.get("value") not in (None, ""):
                    yield pointers.join(container.pointer, "env", str(index), "value")


def _in_order(manifest: Manifest, places: list[tuple[Resource, str]]) -> Iterator[Span]:
    spans = {
        (span.start, span.end): span
        for resource, pointer in places
        for span in _span(manifest, resource.document, resource.pointer + pointer)
    }
    end = 0
    for start, stop in sorted(spans):
        if start >= end:  # through an alias one place is there several times
            yield spans[start, stop]
            end = stop


def _span(manifest: Manifest, document: int, pointer: str) -> Iterator[Span]:
    _, found, exact = find(manifest.documents[document].root, pointer)
    node = found.target if isinstance(found, Alias) else found
    if exact:
        yield Span(content_start(manifest.text, node), content_end(manifest.text, node))
