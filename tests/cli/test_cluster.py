"""`cluster install|start|stop|status`, as a person would run them."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

import pytest

from bot.adapters.cluster import binaries, leftovers
from bot.adapters.cluster.embedded import PREFIX
from tests.cli.material import call, run

Variables = dict[str, str]


@pytest.fixture
def nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Variables:
    """No binaries anywhere, no server, and no way out."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    (tmp_path / "home").mkdir()
    names = ("KUBEBUILDER_ASSETS", "XDG_CACHE_HOME", "XDG_DATA_HOME", "RUNNER_TEMP", "no_proxy", "NO_PROXY")
    proxies = dict.fromkeys(("http_proxy", "https_proxy", "HTTPS_PROXY"), "http://127.0.0.1:1")
    return dict.fromkeys(names, "") | proxies | {"HOME": str(tmp_path / "home"), "PATH": str(tmp_path)}


def test_install_finds_what_is_there_and_loads_nothing(nothing: Variables, tmp_path: Path) -> None:
    for name in ("kube-apiserver", "etcd"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    done = run("cluster", "install", env=nothing | {"KUBEBUILDER_ASSETS": str(tmp_path)})
    assert (done.code, done.out) == (0, f"{tmp_path}\n")
    assert done.err.startswith("there already: ")


def test_install_without_a_network_is_one_line(nothing: Variables) -> None:
    done = run("cluster", "install", env=nothing)
    assert (done.code, done.out) == (2, "")
    first, last = done.err.splitlines()
    assert first.startswith("downloading kube-apiserver and etcd 1.")
    assert last.startswith("error: cannot download https://github.com/kubernetes-sigs/controller-tools/")
    assert not list((Path(nothing["HOME"]) / ".cache").rglob("kube-apiserver"))


def test_start_without_binaries_says_how_to_get_them(nothing: Variables) -> None:
    done = run("cluster", "start", env=nothing)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: kube-apiserver and etcd not found: k8s-auto-fix cluster install")
    assert done.err.count("\n") == 1


def test_stop_and_status_without_a_server(nothing: Variables) -> None:
    assert run("cluster", "stop", env=nothing).out == "no server is running\n"
    done = run("cluster", "status", env=nothing)
    assert (done.code, done.out, done.err) == (1, "no server is running\n", "")
    done = run("cluster", "status", "--format", "json", env=nothing)
    assert (done.code, json.loads(done.out)) == (1, {"running": False})


@pytest.fixture
def own(tmp_path: Path) -> Variables:
    """A folder for temporary files of this test's own, so that no other server is met."""
    found = binaries.find()
    if found is None:
        reason = f"{binaries.missing()} (make cluster-binaries builds them, with Go)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    base = tmp_path / "temporary"
    base.mkdir(mode=0o700)
    return {"TMPDIR": str(base), "RUNNER_TEMP": str(base)}


@pytest.mark.cluster
def test_a_server_is_kept_until_it_is_stopped(own: Variables) -> None:
    started = call("cluster", "start", env=own)
    try:
        assert (started.code, started.err.split()[0]) == (0, "starting")
        assert started.out.startswith("v1.")
        again = call("cluster", "start", env=own)
        assert (again.code, again.out, again.err) == (0, started.out, "it runs already\n")
        status = call("cluster", "status", env=own)
        assert (status.code, status.out) == (0, started.out)
        facts = json.loads(call("cluster", "status", "--format", "json", env=own).out)
        assert facts["running"] is True
        assert f"{facts['version']} at {facts['address']} since {facts['since']}\n" == started.out
        doctor = json.loads(call("doctor", "--format", "json", env=own | {"KUBECONFIG": ""}).out)
        assert facts["address"] in [piece["detail"] for piece in doctor["pieces"]]
    finally:
        stopped = call("cluster", "stop", env=own)
    assert (stopped.code, stopped.out) == (0, "stopped\n")
    assert list(Path(own["TMPDIR"]).iterdir()) == []
    assert call("cluster", "stop", env=own).out == "no server is running\n"


@pytest.mark.cluster
def test_a_server_that_died_is_cleared_away_by_the_next_start(own: Variables) -> None:
    base = Path(own["TMPDIR"])
    assert call("cluster", "start", env=own).code == 0
    try:
        (folder,) = base.glob(f"{PREFIX}*")
        for pid in (folder / "processes").read_text().split():
            os.kill(int(pid), signal.SIGKILL)
        end = time.monotonic() + 10
        while not (folder / "ended").exists() and time.monotonic() < end:
            time.sleep(0.05)
        assert call("cluster", "status", env=own).code == 1
        assert call("cluster", "start", env=own).err.startswith("starting")
        assert not folder.exists()
        assert [bool(leftovers.owner(each)) for each in base.iterdir()] == [True]
    finally:
        call("cluster", "stop", env=own)
    assert list(base.iterdir()) == []
