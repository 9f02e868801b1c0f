"""A real API server for the tests of this folder: one for all of them, embedded.

In CI the tests never skip; elsewhere they skip with one line that says what to install.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.adapters.cluster import binaries, embedded
from bot.adapters.cluster.api import ScratchApi
from bot.adapters.cluster.binaries import Binaries
from bot.adapters.cluster.embedded import EmbeddedServer
from bot.adapters.cluster.scratch import ScratchServer


@pytest.fixture(scope="session")
def pair() -> Binaries:
    """kube-apiserver and etcd."""
    found = binaries.find()
    if found is None:
        reason = f"{binaries.missing()} (make cluster-binaries builds them, with Go)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    return found


@pytest.fixture(scope="session")
def server(pair: Binaries) -> Iterator[EmbeddedServer]:
    """A running server; what a test creates on it has a name of its own."""
    with embedded.start(pair) as running:
        yield running


@pytest.fixture
def api(server: EmbeddedServer) -> Iterator[ScratchApi]:
    """The client that may write."""
    client = ScratchApi(server.connection(), ended=server.ended)
    yield client
    client.close()


@pytest.fixture
def scratch(api: ScratchApi) -> ScratchServer:
    """The server as the gate sees it, with nothing remembered."""
    return ScratchServer(api)


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder for temporary files, this test's alone; at the end nothing may be in it."""
    base = tmp_path / "temporary"
    base.mkdir(mode=0o700)
    monkeypatch.setattr("tempfile.tempdir", str(base))
    monkeypatch.setenv("TMPDIR", str(base))
    monkeypatch.delenv("RUNNER_TEMP", raising=False)
    yield base
    assert not list(base.iterdir())
