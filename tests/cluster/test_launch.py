"""The choice between servers with a real one at hand."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot.adapters.cluster import kept
from bot.adapters.cluster.binaries import Binaries
from bot.adapters.cluster.embedded import EmbeddedServer
from bot.adapters.cluster.launch import Choice, Launch, Wanted
from bot.adapters.cluster.scratch import ScratchServer
from bot.verify.server import Status
from tests.adapters.cluster.stand_ins import StandIns
from tests.cluster.objects import deployment, obj, pod

pytestmark = [pytest.mark.cluster, pytest.mark.usefixtures("pair", "temporary")]


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """No kubeconfig, no container engine."""
    monkeypatch.setattr("bot.adapters.cluster.kind._SOCKETS", ())
    return {name: value for name, value in os.environ.items() if name not in ("KUBECONFIG", "DOCKER_HOST")}


def test_the_embedded_server(bare: dict[str, str]) -> None:
    with Launch(Wanted(Choice.AUTO), bare) as launch:
        opened = launch.open()
        assert type(opened.server) is ScratchServer
        assert opened.server.label == f"server {opened.server.version} (embedded)"
        assert opened.server.ask([deployment()])[0].status is Status.ACCEPTED
        assert opened.notes == ()


@pytest.mark.parametrize("why", ["late", "missing"])
def test_kind_asked_for_and_the_embedded_server_instead(tmp_path: Path, why: str, bare: dict[str, str]) -> None:
    tools = StandIns(tmp_path / "tools")
    environ = tools.environ if why != "missing" else bare
    tools.serve("http://127.0.0.1:1")
    if why == "late":
        tools.tell("slow", "60")
    with Launch(Wanted(Choice.KIND, patience=0.5), environ) as launch:
        opened = launch.open()
        assert opened.server
        assert "(embedded)" in opened.server.label
        (note,) = opened.notes
        assert note.endswith(": the embedded server is asked instead")
    tools.socket.close()


def test_a_scratch_server_that_looks_up_service_accounts(server: EmbeddedServer, tmp_path: Path) -> None:
    """As kind does; the stand-in's kubeconfig leads to a real server."""
    tools = StandIns(tmp_path / "tools")
    tools.serve(server.url, server.token, **{"certificate-authority": str(server.folder / "apiserver.crt")})
    with Launch(Wanted(Choice.KIND, minor="1.20"), tools.environ) as launch:
        opened = launch.open()
        assert type(opened.server) is ScratchServer
        assert opened.server.label.endswith(" (kind)")
        assert opened.notes == (f"the verdicts are those of {opened.server.version}, not of the configured 1.20",)
        bodies = [pod(namespace="like-kind"), obj("v1", "ServiceAccount", "default", namespace="like-kind")]
        assert opened.server.prepare(bodies) == ()
        assert {verdict.status for verdict in opened.server.ask(bodies)} == {Status.ACCEPTED}
    tools.socket.close()


def test_a_server_that_is_kept_is_used_and_stays(pair: Binaries, bare: dict[str, str]) -> None:
    running = kept.start(pair)
    try:
        assert kept.start(pair).folder == running.folder
        with Launch(Wanted(Choice.EMBEDDED), bare) as launch:
            opened = launch.open()
            assert opened.server
            assert opened.server.ask([deployment()])[0].status is Status.ACCEPTED
        assert running.ended() == ""
    finally:
        assert kept.stop()
