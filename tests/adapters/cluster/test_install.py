"""The archive is checked before it is unpacked, and appears in the cache whole or not at all."""

from __future__ import annotations

import hashlib
import io
import stat
import tarfile
from pathlib import Path

import pytest

from bot.adapters.cluster import binaries, install
from bot.adapters.cluster.errors import ClusterError
from tests.adapters.cluster.fake_api import FakeApi, http

PROGRAMS = ("kube-apiserver", "etcd", "kubectl")


def archive(*names: str, kind: bytes = tarfile.REGTYPE) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name in names:
            member = tarfile.TarInfo(f"controller-tools/envtest/{name}")
            member.type, member.linkname, member.size = kind, "/etc/passwd", len(name) if kind == tarfile.REGTYPE else 0
            tar.addfile(member, io.BytesIO(name.encode()))
        outside = tarfile.TarInfo("../../outside")
        outside.size = 1
        tar.addfile(outside, io.BytesIO(b"x"))
    return buffer.getvalue()


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("KUBEBUILDER_ASSETS", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    return tmp_path / "cache" / "k8s-auto-fix" / "cluster"


def expect(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setitem(install.CHECKSUMS, install.platform(), hashlib.sha512(content).hexdigest())


def test_it_is_installed_once_and_found(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = archive(*PROGRAMS)
    expect(monkeypatch, content)
    told = []
    with FakeApi([http(200, content)]) as fake:
        folder = install.install(releases=fake.url, progress=lambda done, whole: told.append((done, whole)))
        assert install.install(releases=fake.url) == folder
        (asked,) = fake.asked
    assert asked.path == f"/envtest-v{install.VERSION}/envtest-v{install.VERSION}-{install.platform()}.tar.gz"
    assert folder == cache / install.VERSION
    assert {path.name: path.read_text() for path in folder.iterdir()} == {name: name for name in PROGRAMS}
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o755}
    assert told[-1] == (len(content), len(content))
    found = binaries.find()
    assert found
    assert (found.source, found.version) == ("cache", install.VERSION)
    assert [path.name for path in cache.iterdir()] == [install.VERSION]


FAULTS = {
    "checksum": (http(200, archive("other")), "another checksum than expected: not installed"),
    "not there": (http(404, b""), "404"),
    "half": (http(200, archive(*PROGRAMS))[:-9], "cannot download"),
    "no archive": (http(200, b"<html>sign in</html>"), "cannot be unpacked"),
    "a program is missing": (http(200, archive("etcd", "kubectl")), "cannot be unpacked"),
    "a link to elsewhere": (http(200, archive(*PROGRAMS, kind=tarfile.SYMTYPE)), "cannot be unpacked"),
    "a folder": (http(200, archive(*PROGRAMS, kind=tarfile.DIRTYPE)), "is no file"),
}


@pytest.mark.parametrize("case", FAULTS)
def test_nothing_is_installed_when(case: str, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answer, why = FAULTS[case]
    if case != "checksum":
        expect(monkeypatch, answer.partition(b"\r\n\r\n")[2])
    with FakeApi([answer]) as fake, pytest.raises(ClusterError, match=why):
        install.install(releases=fake.url)
    assert list(cache.iterdir()) == []


def test_a_machine_without_an_archive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "platform", lambda: "plan9-mips")
    with pytest.raises(ClusterError, match="no archive for plan9-mips; known are darwin-amd64"):
        install.install(releases="http://127.0.0.1:1")


def test_a_network_that_is_not_there() -> None:
    with pytest.raises(ClusterError, match=r"cannot download http://127\.0\.0\.1:1/envtest"):
        install.install(releases="http://127.0.0.1:1")


def test_a_cache_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(ClusterError, match="cannot write to"):
        install.install(releases="http://127.0.0.1:1")


def test_the_checksums_are_whole() -> None:
    assert {len(checksum) for checksum in install.CHECKSUMS.values()} == {128}
    assert len(set(install.CHECKSUMS.values())) == 4
