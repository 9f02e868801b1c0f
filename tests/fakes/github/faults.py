"""Faults as data: what goes wrong, at which request of which operation.

fake.faults.append(Fault("pulls/create-review", "502-after"))
fake.faults.append(Fault("pulls/get", "push", nth=2, files={"web.yaml": "..."}))
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from tests.fakes.github.answers import Answer
from tests.fakes.github.repository import Files

Kind = Literal[
    "502",  # nothing is done
    "502-after",  # it is done, and the answer is lost
    "500",
    "hang-up",  # the connection breaks before anything is done
    "hang-up-after",
    "secondary",  # 403 with retry-after
    "secondary-silent",  # 403 without
    "too-many",  # 429 with retry-after
    "too-many-silent",
    "exhausted",  # the hour's requests are used up
    "not-json",  # 200 with a page of a proxy
    "422",  # refused without a reason that names anything
    "slow",  # answered after `seconds`
    "unseen",  # what a review creates is missing from the next `reads` reads
    "push",  # somebody pushes `files` to the head before the request is looked at
    "force-push",  # ... and the old head is no part of the pull request any more
    "call",  # `call()` runs before
    "call-after",  # ... after, before the answer leaves
]


@dataclass(frozen=True)
class Fault:
    """One fault.

    `operation` is GitHub's name (`pulls/create-review`), `graphql/<field>` (`graphql/resolveReviewThread`),
    `git/upload-pack`, or `*`. It strikes at the `nth` such request (1-based) and the `times - 1` after it. What comes
    `-after` a request, and `unseen`, does not come when GitHub refused it.
    """

    operation: str
    kind: Kind
    nth: int = 1
    times: int = 1
    seconds: int = 1
    reads: int = 1
    files: Files = field(default_factory=dict)
    call: Callable[[], None] | None = None

    def strikes(self, count: int) -> bool:
        """Whether the request with this number (of this operation, from 1) is hit."""
        return self.nth <= count < self.nth + self.times


class Faults(list[Fault]):
    """The faults to come; counts requests from the moment a fault is added."""

    def __init__(self) -> None:
        super().__init__()
        self._seen: dict[int, int] = {}

    def meet(self, operation: str) -> list[Fault]:
        """The faults that strike at this request."""
        found = []
        for fault in self:
            if fault.operation in (operation, "*"):
                self._seen[id(fault)] = self._seen.get(id(fault), 0) + 1
                if fault.strikes(self._seen[id(fault)]):
                    found.append(fault)
        return found


SECONDARY = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
_SECONDARY_DOCS = (
    "https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits"
)
_LIMITED = {"message": SECONDARY, "documentation_url": _SECONDARY_DOCS}


def instead(fault: Fault) -> Answer | None:
    """The answer that takes the place of the real one; None when the fault is of another kind."""
    wait = {"retry-after": str(fault.seconds)}
    answers: Mapping[str, Answer] = {
        "502": Answer(502, {"message": "Server Error"}),
        "502-after": Answer(502, {"message": "Server Error"}),
        "500": Answer(500, {"message": "Server Error"}),
        "secondary": Answer(403, _LIMITED, wait),
        "secondary-silent": Answer(403, _LIMITED),
        "too-many": Answer(429, _LIMITED, wait),
        "too-many-silent": Answer(429, _LIMITED),
        "422": Answer(422, {"message": "Unprocessable Entity", "errors": ["Pull request review threads is invalid"]}),
        "not-json": Answer(
            200, "<html><body>Sign in to the guest network</body></html>", {"content-type": "text/html"}
        ),
    }
    return answers.get(fault.kind)
