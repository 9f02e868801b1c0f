"""Who we are at GitHub, and whose comment is whose.

A bot has two names: `github-actions[bot]` in REST, `github-actions` as an author in GraphQL; the `viewer` of GraphQL is
told by the first. A person may bear the short name, so that it is compared together with the type.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.model import Json
from bot.review.model import Author

WORKFLOW = "github-actions[bot]"
"""Who a workflow's token is."""

_SUFFIX = "[bot]"


@dataclass(frozen=True, slots=True)
class Identity:
    """The login as REST says it."""

    login: str = WORKFLOW

    @classmethod
    def of(cls, login: str, *, bot: bool) -> Identity:
        """Who a `viewer` is; `bot` when the token is one of an installation, whose login then has its ending."""
        return cls(login.removesuffix(_SUFFIX) + _SUFFIX) if bot else cls(login)

    def author(self, user: Json) -> Author:
        """Whose something is, by the `user` of a REST object (null for an account that is gone)."""
        return Author.OWN if isinstance(user, dict) and user.get("login") == self.login else Author.OTHER

    def is_actor(self, actor: Json) -> bool:
        """Whether an `Actor` of GraphQL (`__typename`, `login`) is us."""
        if not isinstance(actor, dict):
            return False
        login = actor.get("login")
        if actor.get("__typename") == "Bot" and isinstance(login, str):
            login = login.removesuffix(_SUFFIX) + _SUFFIX
        return bool(login == self.login)
