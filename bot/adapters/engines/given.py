"""What a tool is given to look at: the whole objects of a run, each with its place, as copies in a scratch folder.

Objects are written as JSON, which every reader of YAML takes. So a template, a patch of a kustomization or a file that
is no manifest never stops a tool, and a tool sees what we see.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bot.detect.detect import Place
from bot.manifest import Manifest, Resource
from bot.model import Json, ResourceRef, Skip


class Surroundings(Protocol):
    """What decides which files and objects are looked at; see `bot.detect.context`."""

    def skip(self, manifest: Manifest, /) -> Skip | None:
        """Why a file is left alone as a whole."""

    def resources(self, manifest: Manifest, /) -> Sequence[Resource]:
        """The objects to look at, fragments marked as partial."""


@dataclass(frozen=True, slots=True)
class Given:
    """An object: the file that it is from, its place there, and its body as JSON."""

    path: str
    place: Place
    ref: ResourceRef
    body: dict[str, Json]


def of_manifest(manifest: Manifest, surroundings: Surroundings) -> list[Given]:
    """The whole objects of a file; none of one that is left alone, no fragments, none that JSON cannot say."""
    if manifest.problem is not None or surroundings.skip(manifest) is not None:
        return []
    return [
        Given(each.path, (each.document, each.pointer), each.ref, each.body)
        for each in surroundings.resources(manifest)
        if not each.partial and each.ref.kind and each.ref.api_version and _is_json(each.body)
    ]


def _is_json(body: dict[str, Json]) -> bool:
    try:
        json.dumps(body, allow_nan=False)
    except (ValueError, TypeError, RecursionError):
        return False
    return True


def documents(bodies: Iterable[dict[str, Json]]) -> str:
    """A YAML stream of some objects: JSON without what readers of YAML refuse, pairs of surrogates and DEL."""
    return "---\n".join(_PAIR.sub(_character, json.dumps(body, allow_nan=False)) + "\n" for body in bodies)


_PAIR = re.compile(r"(?<!\\)((?:\\\\)*)(?:(\\ud[89ab][0-9a-f]{2}\\ud[c-f][0-9a-f]{2})|\x7f)")


def _character(match: re.Match[str]) -> str:
    return match[1] + (json.loads(f'"{match[2]}"') if match[2] else "\\u007f")


def write(path: Path, text: str) -> None:
    """A file of a scratch folder, with the folders above it. Lone surrogates, which UTF-8 lacks, are left out."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode("utf-8", "ignore"))


def copied_name(path: str, number: int) -> str:
    """Where the copy of a manifest goes: its own path below the current folder, so that patterns of a tool still hold.

    What lies outside gets a folder of its own. The ending is one that every tool takes.
    """
    normal = posixpath.normpath(path)
    if normal.startswith(("/", "../")) or normal in ("", ".", "..") or "\0" in normal:
        normal = f"outside/{number}/{posixpath.basename(normal) or 'manifest'}"
    return normal if normal.lower().endswith((".yaml", ".yml")) else f"{normal}.yaml"
