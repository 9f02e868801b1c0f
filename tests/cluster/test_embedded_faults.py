"""Binaries that do not start: a reason in words, no process and no folder left."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from bot.adapters.cluster import embedded
from bot.adapters.cluster.binaries import Binaries
from bot.adapters.cluster.errors import ClusterError

pytestmark = [pytest.mark.cluster, pytest.mark.usefixtures("temporary")]


def script(path: Path, text: str) -> Path:
    path.write_text(text)
    path.chmod(0o755)
    return path


def failure(pair: Binaries, limit: float = 20) -> str:
    with pytest.raises(ClusterError) as error:
        embedded.start(pair, limit=limit)
    text = str(error.value)
    assert text.startswith("the embedded API server did not start: ")
    assert "\n" not in text
    return text


def test_another_architecture(pair: Binaries, tmp_path: Path) -> None:
    foreign = script(tmp_path / "kube-apiserver", "")
    foreign.write_bytes(b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x02\x00\xf7\x00" + bytes(100))
    assert "Exec format error" in failure(Binaries(foreign, pair.etcd, "test"))


def test_etcd_that_cannot_run(pair: Binaries, tmp_path: Path) -> None:
    broken = script(tmp_path / "etcd", "#!/bin/sh\necho 'cannot load library' >&2\nexit 127\n")
    assert "etcd ended (127): cannot load library" in failure(Binaries(pair.apiserver, broken, "test"))


def test_a_server_that_says_why(pair: Binaries, tmp_path: Path) -> None:
    wrapped = script(
        tmp_path / "kube-apiserver", f'#!/bin/sh\nexec {pair.apiserver} "$@" --authorization-mode=Nonsense\n'
    )
    assert "Nonsense" in failure(Binaries(wrapped, pair.etcd, "test"))


def test_a_server_that_never_gets_ready(pair: Binaries, tmp_path: Path) -> None:
    idle = script(tmp_path / "kube-apiserver", "#!/bin/sh\necho waiting\nsleep 30\n")
    assert "not ready after 1 s; waiting" in failure(Binaries(idle, pair.etcd, "test"), limit=1)


def test_a_port_that_is_taken_meanwhile(pair: Binaries, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        free = embedded._free_port()
        ports = iter([taken.getsockname()[1], free])
        monkeypatch.setattr(embedded, "_free_port", lambda: next(ports))
        with embedded.start(pair) as server:
            assert server.url.endswith(f":{free}")


def test_ports_that_are_always_taken(pair: Binaries, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setattr(embedded, "_free_port", lambda: taken.getsockname()[1])
        assert "address already in use" in failure(pair)


def test_no_folder_for_temporary_files(pair: Binaries, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", "/nonexistent/folder")
    assert "No such file or directory" in failure(pair)


FULL = """
import subprocess, sys, tempfile
from pathlib import Path
from bot.adapters.cluster import embedded, binaries
from bot.adapters.cluster.errors import ClusterError
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=" + sys.argv[2], "tmpfs", sys.argv[1]], check=True)
tempfile.tempdir = sys.argv[1]
try:
    embedded.start(binaries.find(), limit=20)
except ClusterError as error:
    print(error)
print(list(Path(sys.argv[1]).iterdir()))
"""


@pytest.mark.parametrize("size", ["8k", "1m"])
def test_a_full_disk(pair: Binaries, temporary: Path, size: str) -> None:
    namespaces = ["unshare", "--user", "--map-root-user", "--mount"]
    if sys.platform != "linux" or subprocess.run([*namespaces, "true"], check=False, capture_output=True).returncode:
        pytest.skip("a small disk needs Linux and user namespaces")
    small = temporary / "small"
    small.mkdir()
    command = [*namespaces, sys.executable, "-c", FULL, str(small), size]
    result = subprocess.run(command, check=True, capture_output=True, text=True)
    small.rmdir()
    said, left = result.stdout.splitlines()
    assert "no space left" in said.lower(), result
    assert left == "[]"
