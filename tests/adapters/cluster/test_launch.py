"""Which server is asked, and what is said when it is another one or none."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from bot.adapters.cluster import embedded, kind
from bot.adapters.cluster.api import Limits
from bot.adapters.cluster.launch import Choice, Launch, Wanted
from bot.adapters.cluster.scratch import ScratchServer
from bot.adapters.cluster.session import UserCluster
from bot.verify.server import Status
from tests.adapters.cluster.fake_api import FakeApi
from tests.adapters.cluster.stand_ins import StandIns
from tests.adapters.cluster.test_kubeconfig import config

QUICK = Limits(connect=1, request=2, total=8, waits=(0.01,))
POD = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {}}


@pytest.fixture
def environ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A machine with nothing on it."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setattr(kind, "_SOCKETS", ("/nowhere/docker.sock",))
    return {"PATH": str(tmp_path / "bin"), "XDG_CACHE_HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}


def test_none_is_none(environ: dict[str, str]) -> None:
    with Launch(Wanted(Choice.NONE), environ) as launch:
        opened = launch.open()
    assert (opened.server, opened.reason, opened.notes) == (None, "no server is wanted", ())


def test_auto_on_a_bare_machine_says_what_is_missing(environ: dict[str, str]) -> None:
    with Launch(Wanted(), environ) as launch:
        opened = launch.open()
    assert opened.server is None
    assert opened.reason.startswith(
        "no kubeconfig is named; docker is not on the PATH; kube-apiserver and etcd not found"
    )
    assert opened.notes == ()


@pytest.mark.parametrize("choice", [Choice.AUTO, Choice.KUBECONFIG])
def test_a_kubeconfig_that_is_named(environ: dict[str, str], tmp_path: Path, choice: Choice) -> None:
    with FakeApi() as fake:
        path = config(tmp_path, fake.url, {"token": "t"})
        for wanted, named in [
            (Wanted(choice, kubeconfig=str(path), limits=QUICK), environ),
            (Wanted(choice, limits=QUICK), {**environ, "KUBECONFIG": str(path)}),
        ]:
            with Launch(wanted, named) as launch:
                server = launch.open().server
                assert type(server) is UserCluster
                assert server.label == "server v1.29.4 (kubeconfig)"
                assert server.ask([POD])[0].status is Status.ACCEPTED


def test_a_kubeconfig_that_does_not_work_is_not_replaced(environ: dict[str, str], tmp_path: Path) -> None:
    with Launch(Wanted(kubeconfig=str(tmp_path / "missing")), environ) as launch:
        assert launch.open().reason == f"no such kubeconfig: {tmp_path}/missing"


@pytest.mark.parametrize("choice", [Choice.AUTO, Choice.KIND])
def test_kind_where_a_container_engine_answers(stand_ins: StandIns, choice: Choice) -> None:
    with FakeApi() as fake:
        stand_ins.serve(fake.url)
        stand_ins.environ.pop("KUBECONFIG", None)
        with Launch(Wanted(choice, minor="1.36", limits=QUICK), stand_ins.environ) as launch:
            opened = launch.open()
            assert type(opened.server) is ScratchServer
            assert opened.server.label == "server v1.29.4 (kind)"
            assert opened.notes == ("the verdicts are those of v1.29.4, not of the configured 1.36",)
            assert opened.server.prepare([{**POD, "metadata": {"name": "p", "namespace": "shop"}}]) == ()
            posts = [str(asked) for asked in fake.asked if asked.method == "POST"]
    # Where service accounts are looked up, a new namespace's own is not waited for.
    assert posts[0] == "POST /api/v1/namespaces"
    assert sorted(posts[1:]) == [
        "POST /api/v1/namespaces/default/serviceaccounts",
        "POST /api/v1/namespaces/shop/serviceaccounts",
    ]
    assert stand_ins.log()[-1].startswith("kind delete cluster")


def test_kind_that_is_late_or_fails_without_binaries(stand_ins: StandIns, environ: dict[str, str]) -> None:
    stand_ins.serve("http://127.0.0.1:1")
    stand_ins.tell("slow", "60")
    began = time.monotonic()
    bare = {**environ, "PATH": stand_ins.environ["PATH"], "DOCKER_HOST": stand_ins.environ["DOCKER_HOST"]}
    with Launch(Wanted(Choice.KIND, patience=0.2), bare) as launch:
        opened = launch.open()
    assert time.monotonic() - began < 10
    assert opened.server is None
    assert opened.reason.startswith("kind is not up after 0.2 s; kube-apiserver and etcd not found")
    assert opened.notes == ()


def test_an_error_of_ours_ends_what_was_begun(stand_ins: StandIns) -> None:
    stand_ins.serve("http://127.0.0.1:1")
    with pytest.raises(RuntimeError, match="ours"), Launch(Wanted(Choice.KIND), stand_ins.environ):
        raise RuntimeError("ours")
    assert stand_ins.log()[-1].startswith("kind delete cluster")
    assert embedded.PREFIX not in str(list(stand_ins.folder.iterdir()))
