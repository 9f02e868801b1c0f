"""Write the extracts of GitHub's descriptions that the fake GitHub of the tests obeys.

    python tools/make_github_api.py [--rest FILE] [--graphql FILE]

Sources: the npm packages @octokit/openapi (GitHub's OpenAPI description) and @octokit/graphql-schema, both MIT.
`npm pack` fetches the versions pinned below, or the options name tarballs that are here already. Written to
`tests/fakes/github/data/`: `rest.json`, `schema.graphql` and `LICENSE.md`. The same input gives the same text.

What becomes of the OpenAPI description:

- Only `OPERATIONS` stay, with the components that they reach. Words for people go, examples too, but for `SHAPES`: they
  are what the fake fills in, so that an answer has every member that GitHub sends.
- Bodies of requests are closed (`additionalProperties: false`), so that a misspelt member is seen.
- `nullable` (OpenAPI 3.0) becomes JSON Schema's null.

Of the GraphQL schema the types in `TYPES` stay, with every field that needs no other type. A document that asks for
more is refused by the fake: extend `TYPES`, and run this again.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import tarfile
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from graphql import (
    DocumentNode,
    EnumTypeDefinitionNode,
    FieldDefinitionNode,
    InputObjectTypeDefinitionNode,
    InterfaceTypeDefinitionNode,
    ObjectTypeDefinitionNode,
    ScalarTypeDefinitionNode,
    parse,
    print_ast,
)

REST = "@octokit/openapi@23.0.2"
GRAPHQL = "@octokit/graphql-schema@15.26.1"
OUTPUT = Path(__file__).resolve().parents[1] / "tests" / "fakes" / "github" / "data"

OPERATIONS = frozenset(
    {
        "git/get-ref",
        "pulls/create-reply-for-review-comment",
        "pulls/create-review",
        "pulls/create-review-comment",
        "pulls/delete-pending-review",
        "pulls/delete-review-comment",
        "pulls/get",
        "pulls/get-review",
        "pulls/get-review-comment",
        "pulls/list",
        "pulls/list-comments-for-review",
        "pulls/list-commits",
        "pulls/list-files",
        "pulls/list-review-comments",
        "pulls/list-reviews",
        "pulls/submit-review",
        "pulls/update-review",
        "pulls/update-review-comment",
        "rate-limit/get",
        "repos/compare-commits-with-basehead",
        "repos/get",
        "repos/get-commit",
        "repos/list-pull-requests-associated-with-commit",
        "users/get-authenticated",
    }
)
SHAPES = {"commit-comparison", "full-repository", "pull-request", "rate-limit-overview"}
"""Examples that stay, for the fake to fill in."""

WORDS = frozenset(
    {
        "deprecated",
        "description",
        "discriminator",
        "example",
        "examples",
        "externalDocs",
        "readOnly",
        "summary",
        "title",
    }
)
"""Keys of a schema that say nothing about what is valid."""

TYPES = frozenset(
    [
        "Actor",
        "Bot",
        "Closable",
        "Comment",
        "CommentAuthorAssociation",
        "Commit",
        "CommitConnection",
        "CommitEdge",
        "Deletable",
        "DiffSide",
        "GitObject",
        "GitObjectID",
        "Lockable",
        "Minimizable",
        "Mutation",
        "Node",
        "PageInfo",
        "PullRequest",
        "PullRequestConnection",
        "PullRequestOrderField",
        "PullRequestReview",
        "PullRequestReviewComment",
        "PullRequestReviewCommentConnection",
        "PullRequestReviewCommentEdge",
        "PullRequestReviewCommentState",
        "PullRequestReviewConnection",
        "PullRequestReviewEdge",
        "PullRequestReviewState",
        "PullRequestReviewThread",
        "PullRequestReviewThreadConnection",
        "PullRequestReviewThreadEdge",
        "PullRequestReviewThreadSubjectType",
        "PullRequestState",
        "Query",
        "RateLimit",
        "Reactable",
        "Ref",
        "ReportedContentClassifiers",
        "Repository",
        "RepositoryNode",
        "RequirableByPullRequest",
        "Updatable",
        "UniformResourceLocatable",
        "User",
        "DateTime",
        "Date",
        "HTML",
        "URI",
        "ID",
        "Int",
        "Float",
        "String",
        "Boolean",
        "Base64String",
        "GitTimestamp",
        "X509Certificate",
        "BigInt",
        "AddPullRequestReviewInput",
        "AddPullRequestReviewPayload",
        "DraftPullRequestReviewComment",
        "DraftPullRequestReviewThread",
        "AddPullRequestReviewThreadInput",
        "AddPullRequestReviewThreadPayload",
        "AddPullRequestReviewThreadReplyInput",
        "AddPullRequestReviewThreadReplyPayload",
        "MinimizeCommentInput",
        "MinimizeCommentPayload",
        "ResolveReviewThreadInput",
        "ResolveReviewThreadPayload",
        "UnminimizeCommentInput",
        "UnminimizeCommentPayload",
        "UnresolveReviewThreadInput",
        "UnresolveReviewThreadPayload",
    ]
)

NULL_AS_WELL = {"pull-request-review-comment": ("line", "position"), "review-comment": ("line", "position")}
"""Members that the description has as numbers, and that GitHub sends as null: those of an outdated comment."""

Json = Any


def main() -> None:
    """Fetch, extract, write, and print the sizes."""
    parser = argparse.ArgumentParser(description="Write the extracts of GitHub's descriptions for the tests.")
    parser.add_argument("--rest", type=Path, help=f"a tarball of {REST}; fetched with npm if not given")
    parser.add_argument("--graphql", type=Path, help=f"a tarball of {GRAPHQL}; fetched with npm if not given")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rest = given.rest or fetched(REST, Path(folder))
        graphql = given.graphql or fetched(GRAPHQL, Path(folder))
        OUTPUT.mkdir(parents=True, exist_ok=True)
        write("rest.json", rest_extract(member(rest, "generated/api.github.com.json"), digest(rest)))
        write("schema.graphql", graphql_extract(member(graphql, "schema.graphql"), digest(graphql)))
        licences = [(REST, member(rest, "LICENSE")), (GRAPHQL, member(graphql, "LICENSE.md"))]
        write("LICENSE.md", "\n".join(f"# {name}\n\n{text.decode().strip()}\n" for name, text in licences))


def fetched(package: str, folder: Path) -> Path:
    """The tarball that npm packs."""
    command = ["npm", "pack", "--silent", "--pack-destination", str(folder), package]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return folder / done.stdout.strip().rpartition("/")[2]


def digest(tarball: Path) -> str:
    """The SHA-256 of a tarball, which the extract names."""
    return hashlib.sha256(tarball.read_bytes()).hexdigest()


def member(tarball: Path, name: str) -> bytes:
    """One file of a tarball."""
    with tarfile.open(tarball) as archive:
        found = archive.extractfile(f"package/{name}")
        assert found is not None, name
        return found.read()


def write(name: str, text: str) -> None:
    """Write a file and say how big it is."""
    (OUTPUT / name).write_text(text, encoding="utf-8")
    print(f"{name}: {len(text.encode()) / 1000:.0f} kB")


def rest_extract(source: bytes, sha256: str) -> str:
    """The slim description, a component a line so that a diff can be read."""
    whole = json.loads(source)
    operations = dict(sorted(_operations(whole)))
    missing = OPERATIONS - set(operations)
    assert not missing, f"not in the description: {sorted(missing)}"
    schemas: dict[str, Json] = {}
    _collect(operations, whole, schemas)
    for schema, names in NULL_AS_WELL.items():
        for name in names:
            schemas[schema]["properties"][name] = _nullable(schemas[schema]["properties"][name])
    shapes = {name: whole["components"]["examples"][name]["value"] for name in sorted(SHAPES)}
    head = {"package": REST, "sha256": sha256, "licence": whole["info"]["license"]["name"]}
    return "\n".join(
        [
            "{"
            + "".join(f"{json.dumps(key)}: {json.dumps(value)},\n" for key, value in head.items())
            + '"operations": {',
            _lines(operations),
            '},\n"shapes": {',
            _lines(shapes),
            '},\n"schemas": {',
            _lines(dict(sorted(schemas.items()))),
            "}}\n",
        ]
    )


def _lines(members: dict[str, Json]) -> str:
    return ",\n".join(
        f"{json.dumps(key)}: {json.dumps(value, separators=(',', ':'))}" for key, value in members.items()
    )


def _operations(whole: Json) -> Any:
    for path, methods in whole["paths"].items():
        for method, operation in methods.items():
            if not isinstance(operation, dict) or operation.get("operationId") not in OPERATIONS:
                continue
            parameters = [
                _resolved(each, whole) for each in (*methods.get("parameters", ()), *operation.get("parameters", ()))
            ]
            body = operation.get("requestBody")
            yield (
                operation["operationId"],
                {
                    "method": method.upper(),
                    "path": path,
                    "docs": operation["externalDocs"]["url"],
                    "query": {
                        each["name"]: _schema(each["schema"], closed=False)
                        for each in parameters
                        if each["in"] == "query"
                    },
                    "request": None if body is None else _body(_resolved(body, whole), closed=True),
                    "responses": {
                        status: _body(_resolved(answer, whole), closed=False)
                        for status, answer in operation["responses"].items()
                    },
                },
            )


def _resolved(node: Json, whole: Json) -> Json:
    while "$ref" in node:
        kind, name = node["$ref"].removeprefix("#/components/").split("/")
        node = whole["components"][kind][name]
    return node


def _body(node: Json, *, closed: bool) -> Json:
    content = node.get("content", {}).get("application/json")
    return None if content is None else _schema(content["schema"], closed=closed)


def _schema(node: Json, *, closed: bool) -> Json:
    """A schema of OpenAPI 3.0 as JSON Schema."""
    if isinstance(node, list):
        return [_schema(each, closed=closed) for each in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return {"$ref": node["$ref"].replace("#/components/schemas/", "#/$defs/")}
    found = {
        key: (
            {name: _schema(each, closed=closed) for name, each in value.items()}
            if key == "properties"
            else _schema(value, closed=closed)
        )
        for key, value in node.items()
        if key not in WORDS and key != "nullable" and not key.startswith("x-")
    }
    if closed and found.get("type") == "object" and "properties" in found:
        found["additionalProperties"] = False
    return _nullable(found) if node.get("nullable") else found


def _nullable(schema: Json) -> Json:
    if isinstance(schema.get("type"), str) and "enum" not in schema:
        return schema | {"type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


def _collect(node: Json, whole: Json, into: dict[str, Json]) -> None:
    if isinstance(node, list):
        for each in node:
            _collect(each, whole, into)
    elif isinstance(node, dict):
        name = str(node.get("$ref", "")).removeprefix("#/$defs/")
        if name and name not in into:
            into[name] = None
            into[name] = _schema(whole["components"]["schemas"][name], closed=False)
            _collect(into[name], whole, into)
        for each in node.values():
            _collect(each, whole, into)


def graphql_extract(source: bytes, sha256: str) -> str:
    """The types in `TYPES`, without descriptions, and without fields that need another type."""
    document = parse(source.decode(), no_location=True)
    kept = [found for node in document.definitions if (found := _definition(node)) is not None]
    text = print_ast(DocumentNode(definitions=tuple(kept)))
    return f"# An extract of {GRAPHQL} (MIT), sha256 {sha256}; written by tools/make_github_api.py\n\n{text}\n"


def _definition(node: Json) -> Json | None:
    if getattr(node, "name", None) is None or node.name.value not in TYPES:
        return None
    bare = replace(node, description=None, directives=())
    if isinstance(node, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode):
        interfaces = tuple(each for each in node.interfaces or () if each.name.value in TYPES)
        return replace(bare, interfaces=interfaces, fields=_members(node.fields))
    if isinstance(node, InputObjectTypeDefinitionNode):
        return replace(bare, fields=_members(node.fields))
    if isinstance(node, EnumTypeDefinitionNode):
        return replace(bare, values=tuple(replace(each, description=None, directives=()) for each in node.values or ()))
    assert isinstance(node, ScalarTypeDefinitionNode), node.name.value
    return bare


def _members(nodes: Iterable[Json] | None) -> tuple[Json, ...]:
    """Fields, or arguments, whose types are kept."""
    return tuple(
        replace(each, description=None, directives=(), **_arguments(each))
        for each in nodes or ()
        if _named(each.type) in TYPES
    )


def _arguments(node: Json) -> dict[str, Json]:
    return {"arguments": _members(node.arguments)} if isinstance(node, FieldDefinitionNode) else {}


def _named(node: Json) -> str:
    while not hasattr(node, "name"):
        node = node.type
    return str(node.name.value)


if __name__ == "__main__":
    main()
