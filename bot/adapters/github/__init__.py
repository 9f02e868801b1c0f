"""One pull request at GitHub, through its REST API and, for threads, GraphQL. `connect` is the way in.

`answers` and `posting` decide, without network; `calls` sends, waits and repeats; `pull_request` is the whole. Nothing
here decides which comments are wanted: that is `bot.review.reconcile`.

The client library is imported when somebody connects.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.adapters.github.calls import Calls
    from bot.adapters.github.patience import Patience
    from bot.adapters.github.place import Place
    from bot.adapters.github.pull_request import GitHubPullRequest
    from bot.model import Json

__all__ = ["connect", "pulls_of"]


def connect(place: Place, number: int, token: str, patience: Patience) -> GitHubPullRequest:
    """Pull request `number` at `place`; nothing is sent yet.

    `patience` is for rate limits, of the whole run. A UsageError says what is wrong with the token.
    """
    from bot.adapters.github.pull_request import GitHubPullRequest

    return GitHubPullRequest(_calls(place, token, patience), place, number, token_kind=token[:4])


def pulls_of(place: Place, owner: str, branch: str, token: str, patience: Patience) -> tuple[Json, ...]:
    """The open pull requests at `place` whose head is a branch of that name of a repository of `owner`, as GitHub says.

    Another repository of the same owner may be among them. A UsageError says what is wrong with the token.
    """
    path, doing = f"/repos/{place.repository}/pulls", "list the pull requests"
    return _calls(place, token, patience).list(path, doing, place.repository, state="open", head=f"{owner}:{branch}")


def _calls(place: Place, token: str, patience: Patience) -> Calls:
    from bot.adapters.github.calls import Calls
    from bot.adapters.github.client import make

    return Calls(make(place, token, patience.pause), patience)
