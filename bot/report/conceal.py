"""Secrets are not shown: values of `data` and `stringData` of a Secret, and the copy of them that kubectl apply keeps.

A report ends up in logs that more people read than the repository. Only excerpts for people are concealed; what a
program applies (a diff, edits in JSON and SARIF) has to be exact.

Invariant: a concealed text has the length and the lines of the original, so that every place stays where it is.
"""

from __future__ import annotations

import re
from dataclasses import replace

from bot.manifest import Manifest
from bot.manifest.secrets import literals, secrets

_BULLET = "•"
_VISIBLE = re.compile(r"\S")


def concealed(manifest: Manifest, *, environment: bool = False) -> Manifest:
    """The manifest with bullets in place of secrets in its text, and of literals of the `environment` where wanted."""
    text, position = [], 0
    spans = [*secrets(manifest), *(literals(manifest) if environment else ())]
    for span in sorted(spans, key=lambda each: each.start):
        if span.start < position:  # one place is both, through an alias
            continue
        text += [manifest.text[position : span.start], _hidden(manifest.text[span.start : span.end])]
        position = span.end
    return replace(manifest, text="".join([*text, manifest.text[position:]])) if text else manifest


def _hidden(text: str) -> str:
    return _VISIBLE.sub(_BULLET, text)
