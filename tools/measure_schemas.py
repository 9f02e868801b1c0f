"""Ask a real API server where it differs from the published schemas; write `tools/schema_facts.yaml`.

    python tools/measure_schemas.py --server https://127.0.0.1:6443 --token TOKEN [--wheel FILE]

The server is a scratch one, and nothing is stored in it: every request is a POST with dryRun=All and
fieldValidation=Strict. Each object of `tests/schema/accepted.yaml`, which the server accepts as it stands, is changed
in one place at a time:

- A required field is removed. Refused: it is required. Accepted even once: it is not (the published schemas call a
  field required when the Go struct lacks `omitempty`, which says nothing about validation).
- A string becomes one that nobody would choose. A refusal names the supported values; they are joined with the enums of
  the server's own `/openapi/v3`, because support may depend on other fields. The empty string is asked for separately.
- An item is added to a list, equal to the first in one set of keys only. Refused: duplicates are errors.

What no object shows is taken for allowed, so that the check is never stricter than a server.
"""

from __future__ import annotations

import argparse
import copy
import http.client
import json
import re
import ssl
import sys
import urllib.parse
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from make_schemas import FACTS, ROOT, Definitions, kinds, read_package, reference

from bot.manifest import read

OBJECTS = ROOT / "tests" / "schema" / "accepted.yaml"
MINOR = "1.36"
NOBODYS = "Nobodys-choice"

# Not required by the published schemas (of all minors), but by the server's validation.
ALSO_REQUIRED = {
    "io.k8s.api.apps.v1.DaemonSet": ["spec"],
    "io.k8s.api.apps.v1.Deployment": ["spec"],
    "io.k8s.api.apps.v1.ReplicaSet": ["spec"],
    "io.k8s.api.apps.v1.StatefulSet": ["spec"],
    "io.k8s.api.batch.v1.Job": ["spec"],
    "io.k8s.api.batch.v1.JobTemplateSpec": ["spec"],
    "io.k8s.api.core.v1.Container": ["image"],
    "io.k8s.api.core.v1.PersistentVolume": ["spec"],
    "io.k8s.api.core.v1.PersistentVolumeClaim": ["spec"],
    "io.k8s.api.core.v1.Pod": ["spec"],
    "io.k8s.api.core.v1.PodTemplateSpec": ["spec"],
    "io.k8s.api.networking.v1.Ingress": ["spec"],
}
# A claim template of the same name replaces the volume of a StatefulSet, whatever stands in it.
NOT_REQUIRED = {("io.k8s.api.core.v1.PersistentVolumeClaimVolumeSource", "claimName")}
# Supported values that depend on more than the field, or grow with what is installed.
OPEN_ENUMS = {
    "AzureDiskVolumeSource.diskURI",
    "ContainerResizePolicy.resourceName",
    "NonResourcePolicyRule.verbs[]",
    "PodSecurityContext.seLinuxChangePolicy",
    "ResourceFieldSelector.resource",
    "ResourcePolicyRule.verbs[]",
    "Validation.reason",
}
# Refused as invalid, without the list of what is supported; and what 1.37 added (k8s.io/api v0.37.1).
ALSO_ENUMS = {
    "io.k8s.api.apps.v1.StatefulSetUpdateStrategy": {"type": ["", "OnDelete", "Recreate", "RollingUpdate"]},
    "io.k8s.api.core.v1.NodeSelectorRequirement": {"operator": ["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"]},
    "io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelectorRequirement": {
        "operator": ["In", "NotIn", "Exists", "DoesNotExist"]
    },
}

Place = tuple[str, str, dict[str, Any], list[str | int], Any]
"""Definition, field (`[]`, `{}` for what is in lists and maps), its schema, path in the object, value."""


class Server:
    """An API server that answers dry runs."""

    def __init__(self, url: str, token: str) -> None:
        parts = urllib.parse.urlsplit(url)
        context = ssl._create_unverified_context()  # noqa: SLF001  # a scratch server signs for itself
        self.connection = http.client.HTTPSConnection(parts.hostname or "", parts.port, context=context)
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Status and decoded answer."""
        self.connection.request(method, path, None if body is None else json.dumps(body), self.headers)
        response = self.connection.getresponse()
        text = response.read().decode()
        try:
            return response.status, json.loads(text)
        except ValueError:
            return response.status, {"message": text}

    @cache  # noqa: B019
    def paths(self, api_version: str) -> dict[str, str]:
        """The path to create each kind of a group version."""
        root = f"/{'apis' if '/' in api_version else 'api'}/{api_version}"
        status, answer = self.ask("GET", root)
        assert status == http.client.OK, answer
        return {
            row["kind"]: f"{root}/namespaces/default/{row['name']}" if row["namespaced"] else f"{root}/{row['name']}"
            for row in answer["resources"]
            if "/" not in row["name"]
        }

    def create(self, body: dict[str, Any]) -> tuple[bool, list[dict[str, str]], str]:
        """Whether the server accepts `body`, else the causes and the message."""
        path = self.paths(body["apiVersion"])[body["kind"]]
        status, answer = self.ask("POST", f"{path}?dryRun=All&fieldValidation=Strict", body)
        accepted = status in (http.client.OK, http.client.CREATED)
        return accepted, (answer.get("details") or {}).get("causes") or [], answer.get("message") or ""

    def enums(self) -> Iterator[tuple[str, str, list[str]]]:
        """(definition, field, values) of the server's own OpenAPI."""
        for row in self.ask("GET", "/openapi/v3")[1]["paths"].values():
            schemas = self.ask("GET", row["serverRelativeURL"])[1].get("components", {}).get("schemas", {})
            for name, schema in schemas.items():
                for field, inner in schema.get("properties", {}).items():
                    if "enum" in inner:
                        yield name, field, inner["enum"]
                    if "enum" in inner.get("items", {}):
                        yield name, f"{field}[]", inner["items"]["enum"]


def places(definitions: Definitions, root: str, body: Any) -> Iterator[Place]:
    """Every value of the object with the schema that stands behind it; the status left out, nobody validates it."""
    pending: list[Place] = [(root, "", definitions[root], [], body)]
    while pending:
        name, field, schema, path, value = pending.pop()
        target = reference(schema)
        if target is not None:
            name, field, schema = target, "", definitions[target]
        yield name, field, schema, path, value
        if isinstance(value, dict):
            for key, inner in value.items():
                if key in schema.get("properties", {}) and [*path, key] != ["status"]:
                    pending.append((name, key, schema["properties"][key], [*path, key], inner))
                elif isinstance(schema.get("additionalProperties"), dict):
                    pending.append((name, field + "{}", schema["additionalProperties"], [*path, key], inner))
        elif isinstance(value, list) and "items" in schema:
            pending.extend((name, field + "[]", schema["items"], [*path, i], inner) for i, inner in enumerate(value))


def changed(body: Any, path: list[str | int], value: Any = None, *, remove: bool = False) -> Any:
    """A copy of `body` with another value at `path`, or without it."""
    result = copy.deepcopy(body)
    place = result
    for step in path[:-1]:
        place = place[step]
    if remove:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return result


class Facts:
    """What the server said, so far."""

    def __init__(self, server: Server, definitions: Definitions) -> None:
        self.server = server
        self.definitions = definitions
        self.names = {(api_version, kind): name for api_version, kind, name in kinds(definitions)}
        self.required: dict[tuple[str, str], bool] = {}
        self.enums: dict[tuple[str, str], set[str]] = defaultdict(set)
        self.open: set[tuple[str, str]] = set()
        self.refused: dict[tuple[str, str, tuple[str, ...]], bool] = {}

    def look_at(self, body: dict[str, Any]) -> None:
        """Change `body` in one place after the other."""
        accepted, _, message = self.server.create(body)
        assert accepted, f"{body['kind']} {body.get('metadata')}: {message}"
        for name, field, schema, path, value in places(
            self.definitions, self.names[body["apiVersion"], body["kind"]], body
        ):
            if isinstance(value, dict):
                for member in [*schema.get("required", ()), *ALSO_REQUIRED.get(name, ())]:
                    if member in value:
                        self.without(body, [*path, member], (name, member))
            elif isinstance(value, list) and value and isinstance(value[0], dict):
                self.twice(body, path, (name, field), schema, value[0])
            elif isinstance(value, str) and field and path[0] not in ("apiVersion", "kind", "metadata"):
                self.otherwise(body, path, (name, field))

    def without(self, body: Any, path: list[str | int], key: tuple[str, str]) -> None:
        """Ask whether the field is required."""
        accepted = self.server.create(changed(body, path, remove=True))[0]
        self.required[key] = self.required.get(key, True) and not accepted

    def otherwise(self, body: Any, path: list[str | int], key: tuple[str, str]) -> None:
        """Ask which values the field takes."""
        accepted, causes, _ = self.server.create(changed(body, path, NOBODYS))
        if accepted:
            self.open.add(key)
        for cause in causes:
            supported = cause["message"].partition("supported values: ")[2]
            if NOBODYS in cause["message"] and supported:
                self.enums[key].update(re.findall(r'"([^"]*)"', supported))
                if self.server.create(changed(body, path, ""))[0]:
                    self.enums[key].add("")

    def twice(self, body: Any, path: list[str | int], key: tuple[str, str], schema: Any, first: dict[str, Any]) -> None:
        """Ask whether two items with equal keys are refused."""
        listed = [tuple(schema.get("x-kubernetes-list-map-keys", ())), ("name",)]
        for keys in filter(None, dict.fromkeys(listed)):
            if any(first.get(one) is None for one in keys if one != "protocol"):
                continue
            others = {one for each in listed for one in each} - set(keys)
            item = copy.deepcopy(first)
            for one in (others - {"protocol"}) & item.keys():
                item[one] = item[one] + 1 if isinstance(item[one], int) else f"{item[one]}-2"
            value = [*self.value(body, path), item]
            accepted, causes, _ = self.server.create(changed(body, path, value))
            duplicate = any(
                "Duplicate value" in cause["message"] or "must be unique" in cause["message"] for cause in causes
            )
            if accepted or duplicate:
                self.refused[*key, keys] = self.refused.get((*key, keys), True) and duplicate

    def value(self, body: Any, path: list[str | int]) -> Any:
        """What is at `path`."""
        for step in path:
            body = body[step]
        return body

    def as_yaml(self) -> str:
        """The facts as make_schemas reads them."""
        for name, field, values in self.server.enums():
            if (name, field) in self.enums:
                self.enums[name, field].update(values)
        required: dict[str, list[str]] = defaultdict(list)
        for (name, field), answer in sorted(self.required.items()):
            if answer and (name, field) not in NOT_REQUIRED:
                required[name].append(field)
        enums: dict[str, dict[str, list[str]]] = defaultdict(dict)
        for (name, field), found in sorted(self.enums.items()):
            if (name, field) not in self.open and f"{name.rpartition('.')[2]}.{field}" not in OPEN_ENUMS:
                enums[name][field] = sorted(found)
        for name, fields in ALSO_ENUMS.items():
            enums[name] |= {field: values for field, values in fields.items() if (name, field) not in self.open}
        duplicates: dict[str, dict[str, list[list[str]]]] = defaultdict(lambda: defaultdict(list))
        for (name, field, keys), answer in sorted(self.refused.items()):
            if answer:
                duplicates[name][field].append(list(keys))
        plain = json.loads(json.dumps({"required": required, "enums": enums, "duplicates": duplicates}))
        return yaml.safe_dump(plain, width=120, default_flow_style=None, sort_keys=True)


def main() -> int:
    """Ask, and write the facts."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--server", required=True)
    parser.add_argument("--token", required=True)
    parser.add_argument("--wheel", type=Path, help="the package of make_schemas, when it is here already")
    arguments = parser.parse_args()
    server = Server(arguments.server, arguments.token)
    version = server.ask("GET", "/version")[1]["gitVersion"]
    facts = Facts(server, read_package(arguments.wheel)[MINOR])
    for resource in read(OBJECTS.name, OBJECTS.read_text(encoding="utf-8")).resources:
        facts.look_at(resource.body)
    head = (
        f"# Where the API server {version} differs from the published schemas.\n"
        "# Written by tools/measure_schemas.py, which says how it was asked; read by tools/make_schemas.py.\n"
    )
    FACTS.write_text(head + facts.as_yaml(), encoding="utf-8")
    print(f"{FACTS.relative_to(ROOT)}: {sum(facts.required.values())} required fields, {len(facts.enums)} enums")
    return 0


if __name__ == "__main__":
    sys.exit(main())
