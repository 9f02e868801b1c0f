"""The embedded server comes up private, and nothing of it stays however the bot ends."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.adapters.cluster import embedded, kept, leftovers
from bot.adapters.cluster.api import ScratchApi
from bot.adapters.cluster.binaries import Binaries
from bot.adapters.cluster.connection import Connection
from bot.adapters.cluster.embedded import EmbeddedServer
from bot.adapters.cluster.errors import ClusterError
from bot.adapters.cluster.scratch import ScratchServer
from bot.verify.server import Status
from tests.cluster.objects import obj

pytestmark = pytest.mark.cluster

RUN = """
import sys, time
from bot.adapters.cluster import binaries, embedded
with embedded.start(binaries.find()) as server:
    print(server.folder, flush=True)
    time.sleep(60)
"""


def until(true: Callable[[], bool], seconds: float = 15.0) -> bool:
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.05)
    return true()


def commands(folder: Path) -> dict[int, str]:
    """Every process that names the folder on its command line."""
    ps = subprocess.run(["ps", "-A", "-ww", "-o", "pid=,args="], capture_output=True, text=True, check=True)
    lines = [line.split(maxsplit=1) for line in ps.stdout.splitlines() if str(folder) in line]
    return {int(pid): command for pid, command in lines}


def processes(folder: Path) -> list[int]:
    return list(commands(folder))


def gone(folder: Path) -> bool:
    return not folder.exists() and not processes(folder)


@pytest.fixture
def run(pair: Binaries, temporary: Path) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """Another process of the bot with a server, and the server's folder."""
    process = subprocess.Popen([sys.executable, "-c", RUN], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    folder = Path(process.stdout.readline().strip())
    yield process, folder
    process.kill()
    process.wait()
    process.stdout.close()
    assert until(lambda: gone(folder))


def test_it_is_private(server: EmbeddedServer, pair: Binaries) -> None:
    assert stat.S_IMODE(server.folder.stat().st_mode) == 0o700
    for secret in ("tokens.csv", "accounts.key", "apiserver.key"):
        assert stat.S_IMODE((server.folder / secret).stat().st_mode) == 0o600
    running = commands(server.folder)
    assert len(running) == 3
    assert not any(server.token in command for command in running.values())
    assert server.token not in repr(server)
    assert server.token not in repr(server.connection())


def test_who_has_no_token_is_refused(server: EmbeddedServer) -> None:
    connection = server.connection()
    stranger = ScratchApi(Connection(connection.url, "stranger", connection.tls))
    assert stranger.get("/version").code == 401
    with pytest.raises(ClusterError, match="does not accept the credentials"):
        ScratchServer(stranger)
    stranger.close()


def test_it_goes_at_the_end_and_with_an_error(pair: Binaries, temporary: Path) -> None:
    server = embedded.start(pair)
    assert server.ended() == ""
    assert len(processes(server.folder)) == 3
    with pytest.raises(RuntimeError, match="ours"), server:
        raise RuntimeError("ours")
    assert gone(server.folder)
    assert server.ended()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL], ids=lambda number: number.name)
def test_it_goes_when_the_bot_is_ended(run: tuple[subprocess.Popen[str], Path], number: signal.Signals) -> None:
    process, folder = run
    assert len(processes(folder)) == 3
    process.send_signal(number)
    process.wait()
    assert until(lambda: gone(folder))


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel ends the servers with their watchdog on Linux alone")
def test_a_killed_watchdog_takes_the_servers_along_and_the_next_start_clears(
    run: tuple[subprocess.Popen[str], Path], pair: Binaries
) -> None:
    process, folder = run
    os.kill(leftovers.owner(folder), signal.SIGKILL)
    assert until(lambda: not processes(folder))
    process.kill()
    process.wait()
    assert folder.exists()
    with embedded.start(pair) as server:
        assert not folder.exists()
        assert server.folder.exists()


def test_the_next_start_ends_servers_that_survived_their_watchdog(temporary: Path) -> None:
    folder = leftovers.new_folder(embedded.PREFIX)
    orphan = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", str(folder)])
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    (folder / "processes").write_text(f"{orphan.pid}\n{stranger.pid}\n")
    (folder / "owner").write_text(json.dumps([orphan.pid, "started at another time"]))
    try:
        assert leftovers.sweep(embedded.PREFIX, leftovers.kill_servers) == 1
        assert orphan.wait(5) == -signal.SIGKILL
        assert stranger.poll() is None
        assert not folder.exists()
    finally:
        for process in (orphan, stranger):
            process.kill()
            process.wait()


def test_folders_that_are_in_use_or_not_ours_stay(run: tuple[subprocess.Popen[str], Path], temporary: Path) -> None:
    _, folder = run
    young = leftovers.new_folder(embedded.PREFIX)
    link = temporary / f"{embedded.PREFIX}link"
    target = temporary / "elsewhere"
    target.mkdir()
    link.symlink_to(target)
    try:
        assert leftovers.sweep(embedded.PREFIX, leftovers.kill_servers) == 0
        assert folder.exists()
        assert young.exists()
        assert target.exists()
        hour_ago = time.time() - 3600
        os.utime(young, (hour_ago, hour_ago))
        assert leftovers.sweep(embedded.PREFIX, leftovers.kill_servers) == 1
        assert not young.exists()
    finally:
        link.unlink()
        target.rmdir()


def test_one_that_is_kept_serves_other_runs_until_it_is_stopped(pair: Binaries, temporary: Path) -> None:
    start = """
from bot.adapters.cluster import binaries, kept
print(kept.start(binaries.find()).folder)
"""
    result = subprocess.run([sys.executable, "-c", start], capture_output=True, text=True, check=True)
    folder = Path(result.stdout.strip())
    found = kept.find()
    assert found
    assert found.folder == folder
    assert stat.S_IMODE((folder / "connection.json").stat().st_mode) == 0o600
    with found, ScratchServer(ScratchApi(found.connection())) as scratch:
        assert scratch.ask([obj("v1", "ConfigMap")])[0].status is Status.ACCEPTED
    assert not gone(folder)
    assert kept.stop()
    assert not folder.exists()
    assert until(lambda: gone(folder))  # its processes have been told; the kernel may take a moment
    assert kept.find() is None
    assert not kept.stop()


def test_servers_that_die_in_the_middle_leave_a_reason(pair: Binaries, temporary: Path) -> None:
    with embedded.start(pair) as server, ScratchServer(ScratchApi(server.connection(), ended=server.ended)) as scratch:
        assert scratch.ask([obj("v1", "ConfigMap", "before")])[0].status is Status.ACCEPTED
        running = commands(server.folder)
        os.kill(next(pid for pid in running if running[pid].startswith(str(pair.apiserver))), signal.SIGKILL)
        began = time.monotonic()
        verdicts = scratch.ask([obj("v1", "ConfigMap", f"after-{number}") for number in range(200)])
        assert {verdict.status for verdict in verdicts} == {Status.UNKNOWN}
        assert "kube-apiserver ended" in verdicts[-1].reason
        assert time.monotonic() - began < 10
        # What was asked before is still known.
        assert scratch.ask([obj("v1", "ConfigMap", "before")])[0].status is Status.ACCEPTED
