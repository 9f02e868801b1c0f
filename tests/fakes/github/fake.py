"""The fake GitHub, ready to use: `with FakeGitHub(tmp_path) as fake: ...`."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from tests.fakes.github import routes
from tests.fakes.github.hub import SECRET
from tests.fakes.github.people import People
from tests.fakes.github.server import serve
from tests.fakes.github.shapes import api

__all__ = ["FakeGitHub", "routes"]


class FakeGitHub(People):
    """One repository `owner/name` on a GitHub of its own, at a free port of the loopback interface.

    `folder` holds the git repository. `ghes` puts REST below `/api/v3`, as GitHub Enterprise Server does.
    `certificate` is a PEM file with a certificate and its key: the server speaks TLS then.
    """

    def __init__(
        self,
        folder: Path,
        *,
        owner: str = "acme",
        name: str = "shop",
        private: bool = False,
        ghes: bool = False,
        certificate: Path | None = None,
    ) -> None:
        super().__init__(folder, owner=owner, name=name, private=private, ghes=ghes)
        self._server = serve(self, certificate)

    @property
    def environment(self) -> dict[str, str]:
        """The variables by which a runner says where GitHub is and which repository it is about."""
        return {
            "GITHUB_API_URL": api(self),
            "GITHUB_GRAPHQL_URL": f"{self.url}/api/graphql" if self.ghes else f"{self.url}/graphql",
            "GITHUB_SERVER_URL": self.url,
            "GITHUB_REPOSITORY": self.full_name,
        }

    @property
    def secret(self) -> str:
        """The workflow's token."""
        return SECRET

    def stop(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
