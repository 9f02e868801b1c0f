"""Secrets are not shown: values of `data` and `stringData` of a Secret, and the copy of them that kubectl apply keeps.

A report ends up in logs that more people read than the repository. Only excerpts for people are concealed; what a
program applies (a diff, edits in JSON and SARIF) has to be exact.

Invariant: a concealed text has the length and the lines of the original, so that every place stays where it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from bot.manifest import Manifest, Resource, pointers
from bot.manifest.nodes import Alias
from bot.manifest.spans import content_end, content_start, find
from bot.model import Span

_KIND = "Secret"
_BULLET = "•"
_VISIBLE = re.compile(r"\S")
_HOLDERS = ("data", "stringData")
_COPY = pointers.join("", "metadata", "annotations", "kubectl.kubernetes.io/last-applied-configuration")


def concealed(manifest: Manifest) -> Manifest:
    """The manifest with bullets in place of secrets in its text."""
    text, position = [], 0
    for span in _secrets(manifest):
        text += [manifest.text[position : span.start], _hidden(manifest.text[span.start : span.end])]
        position = span.end
    return replace(manifest, text="".join([*text, manifest.text[position:]])) if text else manifest


def _hidden(text: str) -> str:
    return _VISIBLE.sub(_BULLET, text)


def _secrets(manifest: Manifest) -> Iterator[Span]:
    """Where secrets stand, in the order of the text."""
    if _KIND not in manifest.text:
        return
    spans = {
        (span.start, span.end): span
        for resource in manifest.resources
        if resource.ref.kind == _KIND
        for pointer in _places(resource)
        for span in _span(manifest, resource.document, resource.pointer + pointer)
    }
    end = 0
    for start, stop in sorted(spans):
        if start >= end:  # through an alias one place is there several times
            yield spans[start, stop]
            end = stop


def _places(resource: Resource) -> Iterator[str]:
    for holder in _HOLDERS:
        members = resource.body.get(holder)
        for name in members if isinstance(members, dict) else ():
            yield pointers.join("", holder, name)
        if members is not None and not isinstance(members, dict):
            yield f"/{holder}"
    if pointers.resolve(resource.body, _COPY)[0]:
        yield _COPY


def _span(manifest: Manifest, document: int, pointer: str) -> Iterator[Span]:
    _, found, exact = find(manifest.documents[document].root, pointer)
    node = found.target if isinstance(found, Alias) else found
    if exact:
        yield Span(content_start(manifest.text, node), content_end(manifest.text, node))
