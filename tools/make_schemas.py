"""`make schemas`: write the slim bundle of Kubernetes' schemas that `bot.schema` reads.

    python tools/make_schemas.py [--wheel FILE]

Source: the PyPI package kubernetes-validate (Apache-2.0), which carries the JSON Schemas of Kubernetes' published
OpenAPI for each minor version. pip fetches the version pinned below, or `--wheel` names a file that is here already.
The output is `bot/schema/data/kubernetes.txt.gz`; the same input gives the same text.

What the published schemas say is not quite what an API server does. `tools/schema_facts.yaml` holds the differences,
measured on a real one by `tools/measure_schemas.py`: which of the required fields are required, which values a field
accepts (the published files leave out enums), which duplicates in a list are refused.

Two things are decided here:

- `MINORS`. Upstream maintains the newest three minors, the big providers each of them for some 14 months (1.34 until
  the end of 2026), for a fee up to two years more; 1.29 covers those, and more costs little (about 3 kB each). Policies
  need the oldest maintained minor (is the replacement there?) and the newest (is the old version gone?).
- What a definition becomes: closed objects, null allowed where Go's decoder reads it as absent, number ranges and
  string patterns where Go's decoder has its own (int32, quantities, times, bytes). The rest is dropped.

A new minor: raise `PACKAGE`, extend `MINORS`, run, look at the sizes that are printed; then set `OLDEST_SUPPORTED` and
`NEWEST` in `bot/schema/kinds.py`, and measure again where a server of that minor is at hand.
"""

from __future__ import annotations

import argparse
import gzip
import json
import subprocess
import sys
import tempfile
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

PACKAGE = "kubernetes-validate==1.37.0"
MINORS = ("1.29", "1.30", "1.31", "1.32", "1.33", "1.34", "1.35", "1.36", "1.37")

ROOT = Path(__file__).resolve().parents[1]
FACTS = ROOT / "tools" / "schema_facts.yaml"
OUTPUT = ROOT / "bot" / "schema" / "data" / "kubernetes.txt.gz"

Schema = dict[str, Any]
Definitions = dict[str, Schema]

NOT_OBJECTS = frozenset({"DeleteOptions", "Status", "WatchEvent"})
"""Kinds that name themselves in every group, and are nothing a manifest could hold."""

INT32 = {"minimum": -(1 << 31), "maximum": (1 << 31) - 1}
INT64 = {"minimum": -(1 << 63), "maximum": (1 << 63) - 1}

QUANTITY = {
    # k8s.io/apimachinery/pkg/api/resource: ParseQuantity; UnmarshalJSON trims blanks and takes numbers.
    "type": ["null", "number", "string"],
    "format": "quantity",
    "pattern": r"^\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]|[eE][+-]?[0-9]+)?\s*$",
}
INT_OR_STRING = {
    # k8s.io/apimachinery/pkg/util/intstr: what does not start with a quote is decoded as int32.
    "type": ["integer", "null", "string"],
    "format": "int-or-string",
    **INT32,
}
_SECOND = r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
_ZONE = r"(Z|[+-]([01][0-9]|2[0-4]):[0-5][0-9])"
TIME = {
    # k8s.io/apimachinery/pkg/apis/meta/v1: time.Parse(time.RFC3339), which takes any fraction of a second.
    "type": ["null", "string"],
    "format": "date-time",
    "pattern": rf"^{_SECOND}([.,][0-9]+)?{_ZONE}$",
}
MICRO_TIME = TIME | {"pattern": rf"^{_SECOND}[.,][0-9]{{6}}{_ZONE}$"}  # the same package: RFC3339Micro
_DIGIT = r"[A-Za-z0-9+/][\r\n]*"
BYTES = {
    # encoding/json decodes []byte with base64.StdEncoding: padding is a must, line ends are skipped.
    "type": ["null", "string"],
    "format": "byte",
    "pattern": rf"^[\r\n]*({_DIGIT * 4})*({_DIGIT * 2}(=[\r\n]*=|{_DIGIT}=)[\r\n]*)?$",
}

OWN_DECODER: Definitions = {
    "io.k8s.apimachinery.pkg.api.resource.Quantity": QUANTITY,
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": INT_OR_STRING,
    "io.k8s.apimachinery.pkg.apis.meta.v1.Time": TIME,
    "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime": MICRO_TIME,
    # These keep whatever JSON they are given.
    "io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1": {},
    "io.k8s.apimachinery.pkg.runtime.RawExtension": {},
    "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON": {},
    "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrArray": {},
    "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrBool": {},
    "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrStringArray": {},
}


def read_package(wheel: Path | None = None) -> dict[str, Definitions]:
    """The definitions of each minor in `MINORS`, as the package has them; pip fetches it when no wheel is given."""
    if wheel is None:
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, PACKAGE]
            subprocess.run(command, check=True)
            return read_package(next(Path(folder).glob("*.whl")))
    with zipfile.ZipFile(wheel) as archive:
        name = "kubernetes_validate/kubernetes-json-schema/v{}.0-local/_definitions.json"
        return {minor: json.loads(archive.read(name.format(minor)))["$defs"] for minor in MINORS}


def kinds(definitions: Definitions) -> Iterator[tuple[str, str, str]]:
    """(apiVersion, kind, definition) of everything that has a group, version and kind."""
    for name, schema in definitions.items():
        for row in schema.get("x-kubernetes-group-version-kind", ()):
            if row["kind"] not in NOT_OBJECTS:
                yield "/".join(filter(None, (row["group"], row["version"]))), row["kind"], name


def reference(schema: Schema) -> str | None:
    """The name of the definition that `schema` refers to."""
    target = schema.get("$ref")  # a field may have this name too
    return target.rpartition("/")[2] if isinstance(target, str) else None


def references(schema: Any) -> Iterator[str]:
    """The names of all definitions that `schema` refers to, at any depth."""
    if isinstance(schema, dict):
        name = reference(schema)
        if name is not None:
            yield name
        for value in schema.values():
            yield from references(value)


def reachable(definitions: Definitions, roots: set[str]) -> set[str]:
    """The definitions that `roots` need, themselves included."""
    found: set[str] = set()
    pending = list(roots)
    while pending:
        name = pending.pop()
        if name not in found:
            found.add(name)
            pending.extend(references(definitions[name]))
    return found


class Slimmer:
    """Turns definitions of one minor into those of the bundle."""

    def __init__(self, definitions: Definitions, newest: Definitions, facts: dict[str, Any]) -> None:
        self.definitions = definitions
        self.newest = newest
        self.required: dict[str, list[str]] = facts["required"]
        self.enums: dict[str, dict[str, list[str]]] = facts["enums"]
        self.duplicates: dict[str, dict[str, list[list[str]]]] = facts["duplicates"]

    def definition(self, name: str) -> Schema:
        """The definition `name` of the bundle."""
        if name in OWN_DECODER:
            return OWN_DECODER[name]
        slim = self.schema(self.definitions[name], self.enums.get(name, {}))
        properties = slim.get("properties", {})
        required = [field for field in self.required.get(name, ()) if field in properties]
        if required:
            slim["required"] = required
        for field in required:
            properties[field] = self.not_null(properties[field])
        for field, schema in properties.items():
            rows = self.duplicate_keys(name, field)
            if rows:
                schema["x-duplicates"] = rows
        return slim

    def schema(self, source: Schema, enums: dict[str, list[str]], path: str = "") -> Schema:
        """The JSON Schema for `source`; `path` is the place in its definition, as the facts write it."""
        name = reference(source)
        if name is not None:
            return {"$ref": f"#/$defs/{name}"}
        types = [kind for kind in source.get("type", ()) if kind != "null"] if source.get("type") else []
        if isinstance(source.get("type"), str):
            types = [source["type"]]
        if not types:
            return {}
        (kind,) = types
        slim: Schema = {"type": sorted((kind, "null"))}
        if kind == "object":
            slim |= self.members(source, enums, path)
        elif kind == "array":
            item = reference(source["items"])
            slim["items"] = self.schema(source["items"], enums, f"{path}[]")
            if item in self.required:  # null is decoded as an item without any field
                slim["items"] = self.not_null(slim["items"])
        elif kind == "integer":
            slim |= INT32 if source.get("format") == "int32" else INT64
        elif kind == "string" and source.get("format") == "byte":
            slim = dict(BYTES)
        if path in enums:
            slim["enum"] = [None, *enums[path]]
        return slim

    def members(self, source: Schema, enums: dict[str, list[str]], path: str) -> Schema:
        """What an object may hold: named fields and nothing else, or a map of like values."""
        values = source.get("additionalProperties")
        if isinstance(values, dict):
            return {"additionalProperties": self.schema(values, enums, f"{path}{{}}")}
        if source.get("x-kubernetes-preserve-unknown-fields"):
            return {}
        properties = source.get("properties", {})
        return {
            "properties": {field: self.schema(schema, enums, field) for field, schema in properties.items()},
            "additionalProperties": False,
        }

    def not_null(self, schema: Schema) -> Schema:
        """`schema` without null: for the server, null in a required field is no value."""
        name = reference(schema)
        types = (OWN_DECODER.get(name) or self.definitions[name]).get("type") if name else schema.get("type")
        kept = [kind for kind in types or () if kind != "null"]
        return schema | {"type": kept} if kept else schema

    def duplicate_keys(self, name: str, field: str) -> list[list[Any]]:
        """[keys, whether the server refuses duplicates] for each set of keys that identifies the items of a list.

        Minors before 1.30 lack most `x-kubernetes-list-map-keys`. They never changed, so the newest minor has them.
        """
        refused = self.duplicates.get(name, {}).get(field, [])
        rows: list[list[Any]] = [[keys, True] for keys in refused]
        for definitions in (self.newest, self.definitions):
            source = definitions.get(name, {}).get("properties", {}).get(field, {})
            keys = source.get("x-kubernetes-list-map-keys")
            if keys and keys not in [row[0] for row in rows]:
                rows.append([keys, False])
        return rows


def bundle(minors: dict[str, Definitions], facts: dict[str, Any]) -> str:
    """The text of the bundle; `bot.schema.bundle` describes the format."""
    contents: dict[tuple[str, str, str], int] = defaultdict(int)
    newest = minors[MINORS[-1]]
    for bit, minor in enumerate(MINORS):
        definitions = minors[minor]
        slimmer = Slimmer(definitions, newest, facts)
        rows = [row for row in kinds(definitions) if not is_list(row[1], definitions[row[2]])]
        names = reachable(definitions, {name for _, _, name in rows} - OWN_DECODER.keys())
        named: dict[str, list[str]] = defaultdict(list)
        for api_version, kind, name in rows:
            named[name].append(f"{api_version}/{kind}")
        for name in names:
            text = json.dumps(slimmer.definition(name), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            contents[name, " ".join(sorted(named[name])), text] |= 1 << bit
    head = json.dumps({"source": f"{PACKAGE}, Apache-2.0", "minors": MINORS})
    lines = [f"{name}\t{kind}\t{minors_:x}\t{text}" for (name, kind, text), minors_ in sorted(contents.items())]
    return "\n".join([head, *lines, ""])


def is_list(kind: str, schema: Schema) -> bool:
    """Whether the kind is a list of objects, as PodList."""
    return kind.endswith("List") and "items" in schema.get("properties", {})


def main() -> int:
    """Write the bundle and say how large it is."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--wheel", type=Path, help="the package, when it is here already")
    text = bundle(read_package(parser.parse_args().wheel), yaml.safe_load(FACTS.read_text(encoding="utf-8")))
    OUTPUT.parent.mkdir(exist_ok=True)
    with OUTPUT.open("wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
        packed.write(text.encode())
    lines = text.count("\n") - 1
    print(f"{OUTPUT.relative_to(ROOT)}: {lines} definitions, {len(text):,} characters, {OUTPUT.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
