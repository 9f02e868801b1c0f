"""What a handler gets, how it is found, and lists in pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from tests.fakes.github import answers
from tests.fakes.github.answers import Answer
from tests.fakes.github.description import Operation
from tests.fakes.github.hub import Hub
from tests.fakes.github.records import Account, Pull, Token
from tests.fakes.github.shapes import REPOSITORY_ID, api

Item = TypeVar("Item")


@dataclass(frozen=True)
class Call:
    """A request that GitHub's description allows. `token` is None when it came without one."""

    operation: Operation
    names: Mapping[str, str]
    query: Mapping[str, str]
    body: Any
    token: Token | None
    path: str

    @property
    def account(self) -> Account | None:
        """Who asks."""
        return self.token.account if self.token else None

    def pull(self, hub: Hub) -> Pull:
        """The pull request that the path names."""
        number = self.names["pull_number"]
        found = hub.pull(int(number)) if number.isdecimal() else None
        if found is None:
            raise answers.not_found()
        return found

    def number(self, name: str) -> int:
        """A number in the path."""
        if not self.names[name].isdecimal():
            raise answers.not_found()
        return int(self.names[name])


Handler = Callable[[Hub, Call], Answer]
Permission = tuple[str, str]
HANDLERS: dict[str, tuple[Handler, Permission]] = {}
"""Operation to handler, and the permission that it needs."""


def handles(operation: str, permission: str, level: str) -> Callable[[Handler], Handler]:
    """Make a function the handler of an operation."""

    def register(handler: Handler) -> Handler:
        HANDLERS[operation] = handler, (permission, level)
        return handler

    return register


def page(
    hub: Hub, call: Call, items: Sequence[Item], shape: Callable[[Item], Any], *, cap: int | None = None
) -> Answer:
    """One page of a list, with the `Link` header that leads to the others; never more than `cap` items in all."""
    items = items[:cap]
    size, at = page_size(call), int(call.query.get("page", "1"))
    if int(call.query.get("per_page", "30")) > 100:
        hub.offend(call.operation.name, f"per_page={call.query['per_page']}: GitHub gives 100 at most")
    last = max(1, -(-len(items) // size))
    links = {"prev": at - 1, "next": at + 1, "last": last, "first": 1}
    wanted = [("prev", "first") if at > 1 else (), ("next", "last") if at < last else ()]
    link = ", ".join(f'<{_address(hub, call, links[rel])}>; rel="{rel}"' for pair in wanted for rel in pair)
    body = [shape(item) for item in items[(at - 1) * size : at * size]]
    return Answer(200, body, {"link": link} if link else {})


def page_size(call: Call) -> int:
    """Items of a page: 30, or what was asked for, but 100 at most."""
    return max(1, min(int(call.query.get("per_page", "30")), 100))


def _address(hub: Hub, call: Call, number: int) -> str:
    """GitHub's own links name the repository by number."""
    _, _, rest = call.path.partition(f"/repos/{hub.full_name}")
    query = "&".join(f"{name}={value}" for name, value in {**call.query, "page": str(number)}.items())
    return f"{api(hub)}/repositories/{REPOSITORY_ID}{rest}?{query}"
