"""Words that somebody was to replace: `<your-project>`, `CHANGEME`, `TODO`, `{{ name }}` where nothing fills it in.

`${NAME}` is left alone: kustomizations, Flux and envsubst fill it in. So is what programs read as they like: data of
ConfigMaps and Secrets, annotations, scripts of more than a line, and the templates that custom resources hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from bot.detect.functions import Context, Hit
from bot.manifest import pointers
from bot.model import Json
from bot.policy.kinds import is_built_in

_WORD = re.compile(
    r"<(?:your|my|insert|replace|enter|put|add|fill)[ _-][A-Za-z0-9 _./-]+>"
    r"|<[A-Z][A-Z0-9]*(?:[_-][A-Z0-9]+)+>"
    r"|(?<![A-Za-z0-9])(?:CHANGE[_-]?ME|REPLACE[_-]?ME|FIXME|changeme|change-me|replace-me)(?![A-Za-z0-9])"
    r"|\ATODO\b",
)
# A word, or a value of Helm. Programs have templates of their own in their arguments: `{{ .Name }}`, `{{range .X}}`.
_BRACES = re.compile(
    r"\{\{-?\s*(?!(?:end|else|now|break|continue)\b)(?:[A-Za-z_][A-Za-z0-9_ -]*|\.(?:Values|Release|Chart)\.[^{}]*)\}\}"
)
_HINT = re.compile(r"<[A-Za-z]|\{\{|FIXME|TODO|(?i:change[_-]?me|replace[_-]?me)")
"""Without any of these in its text a file has no such word: most files are done with one look."""
_ELSEWHERE = frozenset({"annotations", "description", "managedFields"})
_DATA = frozenset({"ConfigMap", "Secret", "CustomResourceDefinition"})


def check(context: Context) -> Iterator[Hit]:
    """Each text with such a word."""
    ref = context.resource.ref
    built_in = is_built_in(ref.group)
    if not _is_hinted(context.manifest.text):
        return
    for pointer, text in _texts(context.resource.body, "", ref.kind in _DATA):
        match = _WORD.search(text) or (_BRACES.search(text) if built_in else None)
        if match is not None:
            yield Hit(at=pointer, target=pointer, message=f"{match.group()} has not been replaced")


@lru_cache(maxsize=1)
def _is_hinted(text: str) -> bool:
    return _HINT.search(text) is not None


def _texts(value: Json, pointer: str, data: bool) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        if "\n" not in value.strip():
            yield pointer, value
    elif isinstance(value, dict):
        for name, child in value.items():
            if name in _ELSEWHERE or (data and not pointer and name != "metadata"):
                continue
            yield from _texts(child, pointers.join(pointer, name), data)
    elif isinstance(value, list):
        for place, child in enumerate(value):
            yield from _texts(child, f"{pointer}/{place}", data)
