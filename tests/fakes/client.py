"""A plain client for tests of the fake: it sends what it is told to, right or wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from tests.fakes.github import FakeGitHub

HEADERS = {"accept": "application/vnd.github+json", "x-github-api-version": "2022-11-28"}


class Client:
    """Requests about one repository. `token=None` sends none."""

    def __init__(self, fake: FakeGitHub, http: httpx.Client) -> None:
        self.fake = fake
        self.http = http
        self.repo = f"/repos/{fake.full_name}"

    def review(self, *comments: dict[str, Any], **more: Any) -> httpx.Response:
        """Create a review at the head of the newest pull request; comments are on web.yaml unless they say so."""
        pull = self.fake.newest
        drafts = [{"path": "web.yaml", "body": "a word", "side": "RIGHT", **each} for each in comments]
        body = {"commit_id": pull.head, "event": "COMMENT", "body": "a summary", "comments": drafts, **more}
        return self.post("reviews", body)

    def post(self, what: str, body: Any) -> httpx.Response:
        """Post below the newest pull request."""
        return self.http.post(f"{self.repo}/pulls/{self.fake.newest.number}/{what}", json=body)

    def get(self, what: str = "", **query: Any) -> Any:
        """The JSON of what is below the newest pull request."""
        return self.http.get(f"{self.repo}/pulls/{self.fake.newest.number}{what}", params=query).json()

    def every(self, what: str, **query: Any) -> list[Any]:
        """All pages, by their links."""
        answer = self.http.get(f"{self.repo}/pulls/{self.fake.newest.number}{what}", params=query)
        found: list[Any] = answer.json()
        while "next" in answer.links:
            answer = self.http.get(answer.links["next"]["url"])
            found += answer.json()
        return found

    def graphql(self, query: str, **variables: Any) -> Any:
        """The JSON that a document brings."""
        path = self.fake.environment["GITHUB_GRAPHQL_URL"]
        return self.http.post(path, json={"query": query, "variables": variables}).json()


@contextmanager
def client(fake: FakeGitHub, token: str | None = "", **headers: str) -> Iterator[Client]:
    """A client with the workflow's token, with another, or (None) with none; empty headers are not sent."""
    secret = fake.secret if token == "" else token
    wanted = HEADERS | ({"authorization": f"Bearer {secret}"} if secret else {}) | headers
    given = {name: value for name, value in wanted.items() if value}
    with httpx.Client(base_url=fake.environment["GITHUB_API_URL"], headers=given, trust_env=False) as http:
        yield Client(fake, http)
