"""Which file of a run a path or URI in another tool's report means."""

from __future__ import annotations

import pytest

from bot.adapters.engines.paths import Files

KNOWN = {
    "/work/repo/deploy/web.yaml": "web.yaml",
    "/work/repo/deploy/base/app.yaml": "base/app.yaml",
    "/work/repo/deploy/overlay/app.yaml": "overlay/app.yaml",
    "/work/repo/odd %name.yaml": "../odd %name.yaml",
}
FILES = Files(KNOWN, ("/work/repo/deploy", "/work/repo"))


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("web.yaml", "web.yaml"),
        ("./web.yaml", "web.yaml"),
        ("deploy/web.yaml", "web.yaml"),
        ("/work/repo/deploy/web.yaml", "web.yaml"),
        ("file:///work/repo/deploy/web.yaml", "web.yaml"),
        ("file://localhost/work/repo/deploy/web.yaml", "web.yaml"),
        ("base/../web.yaml", "web.yaml"),
        ("odd%20%25name.yaml", "../odd %name.yaml"),
        # Where a tool puts its folder before the path once more, was run elsewhere, or in a container.
        ("deploy/deploy/web.yaml", "web.yaml"),
        ("/deploy/web.yaml", "web.yaml"),
        ("/src/deploy/base/app.yaml", "base/app.yaml"),
        ("base/app.yaml", "base/app.yaml"),
        # Not looked at, or no one file.
        ("app.yaml", None),
        ("Dockerfile", None),
        ("/work/repo/deploy/other/web.yaml", None),
        ("file://server/work/repo/deploy/web.yaml", None),
        ("https://example.com/web.yaml", None),
        ("", None),
        ("/", None),
        ("..", None),
    ],
)
def test_files(uri: str, path: str | None) -> None:
    assert FILES.find(uri) == path
