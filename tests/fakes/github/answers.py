"""What the fake answers with: values for what went well, exceptions for GitHub's refusals in GitHub's words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

BODY_LIMIT = 65_536
"""Characters of a review's, a comment's body."""


@dataclass(frozen=True)
class Answer:
    """A status, a body of JSON (None: no body), and headers beyond those of every answer."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Refused(Exception):
    """GitHub says no; `docs` is filled in from the operation."""

    def __init__(
        self, status: int, message: str, errors: Sequence[object] = (), headers: Mapping[str, str] | None = None
    ):
        super().__init__(message, errors)
        self.status = status
        self.message = message
        self.errors = list(errors)
        self.headers = dict(headers or {})

    def answer(self, docs: str) -> Answer:
        """The refusal as GitHub writes it."""
        body: dict[str, Any] = {"message": self.message}
        if self.errors:
            body["errors"] = self.errors
        return Answer(self.status, body | {"documentation_url": docs, "status": str(self.status)}, self.headers)


def not_found() -> Refused:
    """Nothing there, or nothing that this token may know of."""
    return Refused(404, "Not Found")


def not_accessible(permissions: str = "") -> Refused:
    """The token of a workflow or an app lacks a permission."""
    headers = {"x-accepted-github-permissions": permissions} if permissions else {}
    return Refused(403, "Resource not accessible by integration", headers=headers)


def invalid_request(problems: Sequence[str]) -> Refused:
    """The body does not keep to the description."""
    return Refused(422, "Invalid request.\n\n" + "\n".join(problems))


def unprocessable(*errors: str) -> Refused:
    """422 as reviews say it: a list of strings (`validation_failed_simple`)."""
    return Refused(422, "Unprocessable Entity", errors)


def validation_failed(errors: Sequence[Mapping[str, str]]) -> Refused:
    """422 as single comments say it: a list of objects (`validation_failed`)."""
    return Refused(422, "Validation Failed", errors)
