"""GitHub's own description of its REST interface, as far as the fake offers it, and whether a message keeps to it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

DATA = Path(__file__).parent / "data"
NULL_ANYWAY = frozenset({"line", "original_line", "position", "repo"})
"""Members of answers that are null at times, whatever the description says: the lines of an outdated comment, and the
repository of a fork that is gone."""

_NAME = re.compile(r"\\{(\w+)\\}")


@cache
def extract() -> dict[str, Any]:
    """`data/rest.json`, which `tools/make_github_api.py` writes."""
    found: dict[str, Any] = json.loads((DATA / "rest.json").read_bytes())
    return found


@dataclass(frozen=True)
class Operation:
    """One thing that a client can ask for, named as GitHub names it: `pulls/create-review`."""

    name: str
    method: str
    path: str
    docs: str
    query: Mapping[str, Any]
    request: Any
    responses: Mapping[str, Any]

    @property
    def writes(self) -> bool:
        """Whether it changes something."""
        return self.method != "GET"

    def of_query(self, given: Mapping[str, str]) -> list[str]:
        """What is wrong with the parameters after the question mark."""
        found = [f"no parameter {name!r} in {self.name}" for name in given if name not in self.query]
        for name, value in given.items():
            if name in self.query:
                wanted = self.query[name]
                read: object = int(value) if wanted.get("type") == "integer" and value.isdecimal() else value
                found += [f"{name}={value}: {each.message}" for each in _validator(wanted).iter_errors(read)]
        return found

    def of_request(self, body: object) -> list[str]:
        """What is wrong with the body of a request, None being none at all."""
        if self.request is None:
            return [] if body is None else [f"{self.name} takes no body"]
        return _problems(self.name, "request", {} if body is None else body)

    def of_response(self, status: int, body: object) -> list[str]:
        """What is wrong with an answer of ours; a status that the description does not have is not looked at."""
        if self.responses.get(str(status)) is None:
            return []
        return _problems(self.name, str(status), body)


@cache
def operations() -> tuple[tuple[re.Pattern[str], Operation], ...]:
    """Every operation with the pattern of its path; names in it may hold slashes where GitHub allows that.

    Longer paths come first: `commits/{commit_sha}/pulls` is no commit by the name of `.../pulls`.
    """
    return tuple(
        (re.compile(_NAME.sub(_part, re.escape(each["path"]))), Operation(name=name, **each))
        for name, each in sorted(extract()["operations"].items(), key=lambda item: -len(item[1]["path"]))
    )


def _part(found: re.Match[str]) -> str:
    return f"(?P<{found[1]}>{'.+' if found[1] in ('ref', 'basehead') else '[^/]+'})"


def find(method: str, path: str) -> tuple[Operation, dict[str, str]] | None:
    """The operation that a request asks for, and what its path names."""
    for pattern, operation in operations():
        found = pattern.fullmatch(path)
        if operation.method == method and found is not None:
            return operation, found.groupdict()
    return None


def _problems(name: str, part: str, body: object) -> list[str]:
    return [
        f"{name}, {part}: {'/'.join(map(str, each.instance_path))}: {each.message[:300]}"
        for each in _of_operation(name, part).iter_errors(body)
        if part == "request" or each.instance is not None or each.instance_path[-1] not in NULL_ANYWAY
    ]


@cache
def _of_operation(name: str, part: str) -> jsonschema_rs.Validator:
    operation = extract()["operations"][name]
    schema = operation["request"] if part == "request" else operation["responses"][part]
    return jsonschema_rs.validator_for(
        {"$schema": "https://json-schema.org/draft/2020-12/schema", "$defs": extract()["schemas"], "allOf": [schema]}
    )


def _validator(schema: Any) -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema})
