"""The policies that a start finds read already: used only while nothing has changed, never trusted."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot.policy import files
from bot.policy.packed import packed, unpacked

FILE = "k8s-auto-fix/policies.json"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / FILE


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that have been parsed."""
    seen: list[str] = []
    parse = files.parse
    monkeypatch.setattr(files, "parse", lambda path, text: (seen.append(path), parse(path, text))[1])
    return seen


def test_packed_policies_are_the_same_when_unpacked():
    policies = files.load(examples=False)
    assert unpacked(packed(policies)) == policies


def test_the_second_start_parses_nothing(cache, reads):
    first = files.load(examples=False)
    assert len(reads) == len(first)
    reads.clear()
    assert files.load(examples=False) == first
    assert not reads
    assert cache.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in cache.parent.iterdir()] == [cache.name]


def test_with_examples_they_are_always_read(cache, reads):
    assert all(policy.examples for policy in files.load())
    assert reads
    assert not cache.exists()


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-10])


def _altered(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"privileged", b"privilegeD", 1))


def _no_policies(path: Path) -> None:
    path.write_bytes(path.read_bytes().partition(b"\n")[0] + b"\n[]")


def _writable_by_others(path: Path) -> None:
    path.chmod(0o666)


def _a_link(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    path.symlink_to(path.with_name("elsewhere"))


def _a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    "spoil", [_cut, _altered, _no_policies, _writable_by_others, _a_link, _a_pipe, _a_folder], ids=lambda f: f.__name__
)
def test_what_is_damaged_or_not_ours_alone_is_read_anew(cache, reads, spoil):
    policies = files.load(examples=False)
    spoil(cache)
    reads.clear()
    assert files.load(examples=False) == policies
    assert reads


def test_a_changed_policy_is_read_anew(cache, tmp_path, reads, monkeypatch):
    folder = tmp_path / "policies" / "pod-security"
    folder.mkdir(parents=True)
    source = files.built_in_folder() / "pod-security" / "host-pid.yaml"
    text = source.read_text()
    (folder / "host-pid.yaml").write_text(text)
    monkeypatch.setattr(files, "built_in_folder", lambda: folder.parent)
    before = files.load(examples=False)
    (folder / "host-pid.yaml").write_text(text.replace("severity: ", "severity:  "))
    reads.clear()
    assert files.load(examples=False) == before
    assert reads


def test_a_cache_folder_that_is_a_file_is_no_obstacle(tmp_path, monkeypatch):
    (tmp_path / "k8s-auto-fix").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert files.load(examples=False)
