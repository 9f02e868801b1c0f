"""kind, as far as it can be tried without a container engine: every command line, their order, and the clean-up."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.adapters.cluster import kind, leftovers
from bot.adapters.cluster.errors import ClusterError
from tests.adapters.cluster.stand_ins import StandIns

OWN = "0123456789abcdef" * 4


def until(true: Callable[[], bool], seconds: float = 10.0) -> bool:
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.02)
    return true()


def mark(tmp_path: Path, stand_ins: StandIns) -> None:
    """We run in a container that the engine knows."""
    (tmp_path / "no-container").touch()
    stand_ins.tell("id", f"{OWN}\n")


def test_a_cluster_from_begin_to_end(stand_ins: StandIns) -> None:
    stand_ins.serve("https://127.0.0.1:1")
    with kind.begin("1.35", environ=stand_ins.environ) as cluster:
        cluster.wait(10)
        connection = cluster.connection()
        assert (connection.url, connection.kind) == ("https://127.0.0.1:1", "kind")
        assert connection.credentials.authorization() == "Bearer t"
        config = f"{cluster.folder}/kubeconfig"
        assert re.fullmatch(r"k8s-auto-fix-[0-9a-f]{8}", cluster.name)
    assert stand_ins.log() == [
        f"kind create cluster --name {cluster.name} --kubeconfig {config} --image {kind.IMAGES['1.35']}",
        f"kind delete cluster --name {cluster.name} --kubeconfig {config}",
    ]
    assert not cluster.folder.exists()


def test_every_run_has_a_name_of_its_own(stand_ins: StandIns) -> None:
    stand_ins.serve("https://127.0.0.1:1")
    with kind.begin(environ=stand_ins.environ) as one, kind.begin(environ=stand_ins.environ) as other:
        assert one.name != other.name
        one.wait(10)
        other.wait(10)


@pytest.mark.parametrize(("minor", "image"), [("1.34", "1.34"), ("1.37", "1.37"), ("1.29", "1.36"), ("", "1.36")])
def test_the_image_is_pinned(stand_ins: StandIns, minor: str, image: str) -> None:
    stand_ins.serve("https://127.0.0.1:1")
    with kind.begin(minor, environ=stand_ins.environ) as cluster:
        cluster.wait(10)
    (create, _) = stand_ins.log()
    assert create.endswith(f" --image {kind.IMAGES[image]}")
    assert re.search(r"kindest/node:v1\.\d+\.\d+@sha256:[0-9a-f]{64}$", create)
    assert "--wait" not in create


def test_inside_a_container_the_internal_address_is_used(stand_ins: StandIns, tmp_path: Path) -> None:
    mark(tmp_path, stand_ins)
    stand_ins.serve("https://127.0.0.1:1")
    with kind.begin(environ=stand_ins.environ) as cluster:
        cluster.wait(10)
        assert cluster.connection().credentials.authorization() == "Bearer t-inside"
    names = [re.sub(r" --(name|kubeconfig|image|format) \S+", "", line) for line in stand_ins.log()]
    assert names[-5:] == [
        "kind create cluster",
        f"docker network connect kind {OWN}",
        "kind get kubeconfig --internal",
        "kind delete cluster",
        f"docker network disconnect --force kind {OWN}",
    ]
    assert all(line.startswith("docker inspect --type container") for line in names[:-5])


def test_a_container_that_the_engine_does_not_know_is_none(stand_ins: StandIns, tmp_path: Path) -> None:
    (tmp_path / "no-container").touch()
    stand_ins.serve("https://127.0.0.1:1")
    with kind.begin(environ=stand_ins.environ) as cluster:
        cluster.wait(10)
        assert cluster.connection().credentials.authorization() == "Bearer t"
    assert not any("network" in line for line in stand_ins.log())


def test_a_container_that_is_in_the_network_already(stand_ins: StandIns, tmp_path: Path) -> None:
    mark(tmp_path, stand_ins)
    stand_ins.serve("https://127.0.0.1:1")
    stand_ins.tell(
        "fail-docker_network_connect", "Error response: endpoint with name f00 already exists in network kind"
    )
    with kind.begin(environ=stand_ins.environ) as cluster:
        cluster.wait(10)
        assert cluster.connection().credentials.authorization() == "Bearer t-inside"


FAULTS = {
    "kind_create": (
        "ERROR: failed to create cluster: failed to pull image",
        "kind did not start: ERROR: failed to create",
    ),
    "docker_network_connect": ("Error response from daemon: network kind not found", "cannot join kind's network"),
    "kind_get_kubeconfig": ("ERROR: could not locate any control plane nodes", "kind has no internal kubeconfig"),
}


@pytest.mark.parametrize("command", FAULTS)
def test_what_fails_is_told_and_the_cluster_goes(stand_ins: StandIns, tmp_path: Path, command: str) -> None:
    mark(tmp_path, stand_ins)
    stand_ins.serve("https://127.0.0.1:1")
    complaint, reason = FAULTS[command]
    stand_ins.tell(f"fail-{command}", f"Creating cluster ...\n{complaint}\n\nStack Trace:\n")
    with kind.begin(environ=stand_ins.environ) as cluster, pytest.raises(ClusterError, match=reason):
        cluster.wait(10)
    assert any(line.startswith(f"kind delete cluster --name {cluster.name}") for line in stand_ins.log())


def test_one_that_is_not_up_in_time_is_stopped_and_deleted(stand_ins: StandIns) -> None:
    stand_ins.serve("https://127.0.0.1:1")
    stand_ins.tell("slow", "60")
    began = time.monotonic()
    with kind.begin(environ=stand_ins.environ) as cluster, pytest.raises(ClusterError, match=r"not up after 0\.2 s"):
        cluster.wait(0.2)
    assert time.monotonic() - began < 10
    assert stand_ins.log()[-1].startswith(f"kind delete cluster --name {cluster.name}")


RUN = """
import sys, time
from bot.adapters.cluster import kind
with kind.begin() as cluster:
    cluster.wait(20)
    print(cluster.name, flush=True)
    time.sleep(60)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
def test_it_goes_when_the_bot_is_ended(stand_ins: StandIns, number: signal.Signals, temporary: Path) -> None:
    stand_ins.serve("https://127.0.0.1:1")
    process = subprocess.Popen([sys.executable, "-c", RUN], stdout=subprocess.PIPE, text=True, env=stand_ins.environ)
    with process:
        assert process.stdout
        name = process.stdout.readline().strip()
        process.send_signal(number)
    assert until(lambda: any(f"delete cluster --name {name} " in line for line in stand_ins.log()))
    assert until(lambda: not list(temporary.iterdir()))


def test_what_a_killed_container_leaves_is_deleted_by_the_last_step(stand_ins: StandIns, temporary: Path) -> None:
    stand_ins.serve("https://127.0.0.1:1")
    with kind.begin(environ=stand_ins.environ) as running:
        running.wait(10)
        left = leftovers.new_folder(kind.PREFIX)
        (left / "cluster").write_text("k8s-auto-fix-0badcafe")
        (left / "owner").write_text('[1, "in another life"]')
        assert kind.clean_up(stand_ins.environ) == 1
        assert stand_ins.log()[-1] == (
            f"kind delete cluster --name k8s-auto-fix-0badcafe --kubeconfig {left}/kubeconfig"
        )
        assert running.folder.exists()
        assert not left.exists()


def test_a_container_engine_is_there_only_when_it_answers(stand_ins: StandIns, tmp_path: Path) -> None:
    environ = stand_ins.environ
    assert kind.missing(environ) == ""
    assert stand_ins.log() == ["docker version --format {{.Server.Version}}"]
    plain = tmp_path / "docker.sock"
    plain.touch()
    assert "is no socket" in kind.missing({**environ, "DOCKER_HOST": f"unix://{plain}"})
    stand_ins.tell("fail-docker_version", "Cannot connect to the Docker daemon. Is the docker daemon running?")
    assert kind.missing(environ) == (
        "the container engine does not answer: exit code 1: "
        "Cannot connect to the Docker daemon. Is the docker daemon running?"
    )
    (stand_ins.folder / "bin" / "kind").unlink()
    assert kind.missing({**environ, "PATH": str(stand_ins.folder / "bin")}) == "kind is not on the PATH"


def test_without_a_socket_nothing_is_run(stand_ins: StandIns, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kind, "_SOCKETS", ("/nowhere/docker.sock",))
    environ = {name: value for name, value in stand_ins.environ.items() if name != "DOCKER_HOST"}
    assert kind.missing(environ).startswith("no container engine")
    assert stand_ins.log() == []
