"""Reading a file: its text, or the reason why it has none; never a wait."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from bot.adapters.files import MAX_SIZE, read_text
from bot.adapters.files.text import decode
from bot.model import Skip
from tests.adapters.faults import as_nobody

pytestmark = pytest.mark.usefixtures("never_wait")


@pytest.mark.parametrize(
    "text",
    ["", "a: 1", "a: 1\n", "\ufeffa: 1\r\nb: 2\r\n", "a: é 😀\u2028\x85\n\n", "\r\r", "a: \x1b[31m\n", "b" * 300_000],
    ids=["empty", "no newline", "plain", "bom and crlf", "unicode", "cr", "control", "long"],
)
def test_every_character_is_kept(text: str, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(text.encode())
    assert read_text(str(tmp_path / "a.yaml")) == text


@pytest.mark.parametrize(
    ("data", "code", "line", "words"),
    [
        (b"a: 1\nb: caf\xe9\n", "not-utf-8", 2, "not UTF-8: byte 0xe9; save it as UTF-8"),
        (b"a: \xed\xa0\x80", "not-utf-8", 1, "not UTF-8: byte 0xed"),
        ("a: 1\n".encode("utf-16"), "not-utf-8", 1, "UTF-16, says its byte order mark"),
        (b"\xfe\xff" + "a: 1\n".encode("utf-16-be"), "not-utf-8", 1, "UTF-16, says its byte order mark"),
        ("a: 1\n".encode("utf-32"), "not-utf-8", 1, "UTF-32, says its byte order mark"),
        ("a: 1\nb".encode("utf-16-le"), "nul-byte", 1, "a NUL byte"),
        (b"a: 1\n\nb: \x00\n", "nul-byte", 3, "a NUL byte"),
        (b"\xff\x00", "nul-byte", 1, "a NUL byte"),
    ],
)
def test_not_utf_8(data: bytes, code: str, line: int, words: str, tmp_path: Path) -> None:
    path = str(tmp_path / "a.yaml")
    Path(path).write_bytes(data)
    skip = read_text(path)
    assert isinstance(skip, Skip)
    assert (skip.stage, skip.code, skip.line, skip.path, skip.error) == ("read", code, line, path, True)
    assert words in skip.reason
    assert decode(path, data) == skip


def test_size_limit(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"#" * MAX_SIZE)
    assert read_text(str(path)) == "#" * MAX_SIZE
    for size in (MAX_SIZE + 1, 50_000_000):
        os.truncate(path, size)
        skip = read_text(str(path))
        assert skip == Skip("read", "too-large", f"{size:,} bytes; at most 10,000,000 are read", str(path), error=True)
    found = decode("-", b"#" * (MAX_SIZE + 1))
    assert isinstance(found, Skip)
    assert found.code == "too-large"


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc")
def test_files_that_do_not_know_their_size() -> None:
    text = read_text("/proc/self/status")
    assert isinstance(text, str)
    assert f"Pid:\t{os.getpid()}\n" in text


def test_not_a_regular_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe")
    Path("folder").mkdir()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket")
        found = {name: read_text(name) for name in ("pipe", "folder", "socket", "/dev/null")}
    assert {name: (skip.code, skip.error) for name, skip in found.items() if isinstance(skip, Skip)} == dict.fromkeys(
        found, ("not-a-file", True)
    )
    reasons = {name: skip.reason.partition(",")[0] for name, skip in found.items() if isinstance(skip, Skip)}
    assert reasons == {"pipe": "a named pipe", "folder": "a folder", "socket": "a socket", "/dev/null": "a device"}


def test_missing_and_broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file").touch()
    Path("loop").symlink_to("loop")
    Path("broken").symlink_to("nowhere")
    codes = {}
    for name in ("missing", "file/below", "broken", "loop", "x" * 300):
        skip = read_text(name)
        assert isinstance(skip, Skip)
        assert skip.error
        assert skip.reason.startswith("cannot be read: ")
        codes[name[:10]] = skip.code
    assert codes == {
        "missing": "no-such-file",
        "file/below": "no-such-file",
        "broken": "no-such-file",
        "loop": "unreadable",
        "x" * 10: "unreadable",
    }


def test_without_permission(open_folder: Path) -> None:
    path = open_folder / "a.yaml"
    path.write_text("a: 1\n", encoding="utf-8")
    path.chmod(0)
    skip = as_nobody(lambda: read_text(str(path)))
    assert skip == Skip("read", "unreadable", "cannot be read: Permission denied", str(path), error=True)
