"""GraphQL: documents are checked against GitHub's own schema, and answered from the same records as REST.

`graph_fields` has what is offered.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    build_schema,
    execute_sync,
    parse,
    validate,
)

from tests.fakes.github.answers import Answer
from tests.fakes.github.description import DATA
from tests.fakes.github.graph_fields import Denied, Node, Root
from tests.fakes.github.hub import Hub
from tests.fakes.github.records import Token


@cache
def schema() -> GraphQLSchema:
    """The extract of GitHub's schema."""
    return build_schema((DATA / "schema.graphql").read_text(encoding="utf-8"))


def operation(body: Any) -> str:
    """`graphql/<first field>` of a request, `graphql/` when it cannot be read."""
    try:
        document = parse(body["query"])
        first = _operation(document)
        return f"graphql/{first.selection_set.selections[0].name.value}"  # type: ignore[attr-defined]
    except (GraphQLError, KeyError, TypeError, AttributeError, StopIteration):
        return "graphql/"


def _operation(document: DocumentNode) -> OperationDefinitionNode:
    return next(each for each in document.definitions if isinstance(each, OperationDefinitionNode))


def answer(hub: Hub, token: Token, body: Any) -> Answer:
    """What GitHub says to a document: 200, also when it is refused."""
    name = operation(body)
    if not isinstance(body, dict) or not isinstance(body.get("query"), str):
        hub.offend(name, "no query in the request")
        return Answer(200, {"errors": [{"message": "A query attribute must be specified and must be a string."}]})
    for key in body.keys() - {"query", "variables", "operationName"}:
        hub.offend(name, f"{key} is not part of a GraphQL request")
    try:
        document = parse(body["query"])
        problems = validate(schema(), document)
    except GraphQLError as unreadable:
        problems, document = [unreadable], None
    if problems or document is None:
        for problem in problems:
            hub.offend(name, f"not in GitHub's schema: {problem.message}")
        return Answer(200, {"errors": [_told(problem) for problem in problems]})
    found = execute_sync(
        schema(),
        document,
        Root(hub, token).fields(),
        variable_values=body.get("variables"),
        operation_name=body.get("operationName"),
    )
    assert isinstance(found, ExecutionResult)
    for error in found.errors or ():
        if not isinstance(error.original_error, Denied):
            hub.offend(name, f"GraphQL: {error.message}")
    told: Node = {"data": found.data}
    return Answer(200, told | ({"errors": [_told(error) for error in found.errors]} if found.errors else {}))


def _told(error: GraphQLError) -> Node:
    told: Node = {"message": error.message}
    if error.locations:
        told["locations"] = [{"line": each.line, "column": each.column} for each in error.locations]
    if error.path:
        told["path"] = list(error.path)
    if isinstance(error.original_error, Denied):
        told = {"type": error.original_error.kind, **told, "extensions": {"saml_failure": False}}
    return told
