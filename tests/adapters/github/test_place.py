from __future__ import annotations

import pytest

from bot.adapters.github.place import locate
from bot.errors import UsageError


@pytest.mark.parametrize(
    ("environment", "api", "graphql", "server"),
    [
        ({}, "https://api.github.com", "https://api.github.com/graphql", "https://github.com"),
        (
            {"GITHUB_API_URL": "", "GITHUB_SERVER_URL": ""},
            "https://api.github.com",
            "https://api.github.com/graphql",
            "https://github.com",
        ),
        (
            {
                "GITHUB_API_URL": "https://ghe.example.com/api/v3/",
                "GITHUB_GRAPHQL_URL": "https://ghe.example.com/api/graphql",
                "GITHUB_SERVER_URL": "https://ghe.example.com",
            },
            "https://ghe.example.com/api/v3",
            "https://ghe.example.com/api/graphql",
            "https://ghe.example.com",
        ),
        (
            {"GITHUB_API_URL": "https://ghe.example.com/api/v3"},
            "https://ghe.example.com/api/v3",
            "https://ghe.example.com/api/graphql",
            "https://github.com",
        ),
        (
            {"GITHUB_API_URL": "https://api.shop.ghe.com", "GITHUB_SERVER_URL": "https://shop.ghe.com"},
            "https://api.shop.ghe.com",
            "https://api.shop.ghe.com/graphql",
            "https://shop.ghe.com",
        ),
        (
            {"GITHUB_API_URL": "http://127.0.0.1:8000"},
            "http://127.0.0.1:8000",
            "http://127.0.0.1:8000/graphql",
            "https://github.com",
        ),
    ],
    ids=["unset", "empty", "Enterprise Server", "API alone", "data residency", "this machine"],
)
def test_addresses(environment: dict[str, str], api: str, graphql: str, server: str) -> None:
    found = locate("octo/shop", environment)
    assert (found.api, found.graphql, found.server) == (api, graphql, server)


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"GITHUB_API_URL": "http://ghe.example.com/api/v3"}, "has to start with https://"),
        ({"GITHUB_API_URL": "ftp://ghe.example.com"}, "has to start with https://"),
        ({"GITHUB_API_URL": "ghe.example.com"}, "GITHUB_API_URL is no address"),
        ({"GITHUB_API_URL": "https://ada:secret@ghe.example.com"}, "GITHUB_API_URL is no address"),
        ({"GITHUB_API_URL": "https://ghe.example.com:port"}, "GITHUB_API_URL is no address"),
        ({"GITHUB_API_URL": "https://[::1"}, "GITHUB_API_URL is no address"),
        ({"GITHUB_SERVER_URL": "https://ghe.example.com/?x"}, "GITHUB_SERVER_URL is no address"),
        ({"GITHUB_GRAPHQL_URL": "https://elsewhere.example.com/graphql"}, "name different servers"),
    ],
)
def test_refused(environment: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError, match=message) as refusal:
        locate("octo/shop", environment)
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("http://127.0.0.1:1", True),
        ("http://localhost:1", True),
        ("http://[::1]:1", True),
        ("https://localhost.example.com", False),
        ("https://api.github.com", False),
    ],
)
def test_loopback(url: str, loopback: bool) -> None:
    assert locate("octo/shop", {"GITHUB_API_URL": url}).loopback is loopback
