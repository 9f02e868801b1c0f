"""The package data: definitions of Kubernetes' API objects, for several minor versions, as JSON Schema.

`tools/make_schemas.py` writes `data/kubernetes.txt.gz` and says where it comes from. Its text, line by line:

    {"source": ..., "minors": [...]}                              the head, JSON
    name <TAB> apiVersion/Kind ... <TAB> minors <TAB> schema      a definition; sorted by name

`minors` is hexadecimal, bit 0 is the first minor of the head: equal definitions are stored once. `schema` refers to
others as `#/$defs/name`. It is closed, takes null where the server does, and has two keywords of a meaning of its own:

- `format`: `quantity`, `int-or-string`, `date-time`, `byte` (all with the fitting type and pattern).
- `x-duplicates`: rows of [keys that identify the items of a list, whether the server refuses duplicates].

Loading takes 2 ms, once; a definition is parsed when it is first asked for.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

Schema = Mapping[str, Any]

REFERENCE = "#/$defs/"
ANY: Schema = {}

_DATA = Path(__file__).with_name("data") / "kubernetes.txt.gz"
_REFERENCES = re.compile(r'"\$ref":"#/\$defs/([^"]+)"')
_GZIP = 31


class Bundle:
    """The lines of the file, still as text."""

    def __init__(self, text: str) -> None:
        head, *self.lines = text.splitlines()
        self.minors: tuple[str, ...] = tuple(json.loads(head)["minors"])


class Minor:
    """The definitions of one minor version. `kinds` maps (apiVersion, kind) to the name of a definition."""

    def __init__(self, lines: list[str], bit: int) -> None:
        self.kinds: dict[tuple[str, str], str] = {}
        self._texts: dict[str, str] = {}
        self._schemas: dict[str, Schema] = {}
        for line in lines:
            name, kinds, minors, text = line.split("\t")
            if int(minors, 16) & bit:
                self._texts[name] = text
                for one in kinds.split():
                    api_version, _, kind = one.rpartition("/")
                    self.kinds[api_version, kind] = name

    def schema(self, name: str) -> Schema:
        """The definition `name`."""
        found = self._schemas.get(name)
        if found is None:
            found = self._schemas[name] = json.loads(self._texts[name])
        return found

    def definitions_for(self, text: str) -> str:
        """The `$defs` that the JSON Schema `text` needs, as JSON text."""
        found: dict[str, str] = {}
        pending = _REFERENCES.findall(text)
        while pending:
            name = pending.pop()
            if name not in found and name in self._texts:
                found[name] = self._texts[name]
                pending.extend(_REFERENCES.findall(found[name]))
        return "{" + ",".join(f'"{name}":{definition}' for name, definition in found.items()) + "}"


@lru_cache(maxsize=1)
def bundle() -> Bundle:
    """The bundle, read once."""
    return Bundle(zlib.decompress(_DATA.read_bytes(), _GZIP).decode())


@lru_cache(maxsize=32)
def minor(version: str) -> Minor:
    """The definitions of a bundled minor version."""
    whole = bundle()
    return Minor(whole.lines, 1 << whole.minors.index(version))
