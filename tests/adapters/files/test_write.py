"""Writing a file: the old text or the new one, whatever happens; the faults are real ones."""

from __future__ import annotations

import os
import resource
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

import pytest

from bot.adapters.files import read_text, write, write_atomic
from bot.model import Skip
from tests.adapters.faults import NOBODY, as_nobody, in_child
from tests.material import ROOT

OLD = "a: 1  # old\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "a.yaml"
    file.write_bytes(OLD.encode())
    return file


def alone(path: Path) -> bool:
    """Whether the folder holds nothing but the file."""
    return list(path.parent.iterdir()) == [path]


def refused(skip: Skip | None) -> str:
    assert isinstance(skip, Skip)
    assert (skip.stage, skip.error) == ("write", True)
    return skip.code


@pytest.mark.parametrize("text", ["", "a: 2", "\ufeffa: é\r\nb: \u2028\r", "b" * 3_000_000])
def test_bytes_are_those_of_the_text(path: Path, text: str) -> None:
    assert write_atomic(str(path), OLD, text) is None
    assert path.read_bytes() == text.encode()
    assert alone(path)


def test_read_and_write_fit_together(path: Path) -> None:
    path.write_bytes(b"\xef\xbb\xbfa: 1\r\n")
    text = read_text(str(path))
    assert isinstance(text, str)
    assert write_atomic(str(path), text, text.replace("1", "2")) is None
    assert path.read_bytes() == b"\xef\xbb\xbfa: 2\r\n"


@pytest.mark.parametrize("mode", [0o644, 0o600, 0o755, 0o664, 0o4755])
def test_mode_is_kept(path: Path, mode: int) -> None:
    path.chmod(mode)
    assert write_atomic(str(path), OLD, "new") is None
    assert stat.S_IMODE(path.stat().st_mode) == mode


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_owner_is_kept(path: Path) -> None:
    os.chown(path, NOBODY, NOBODY)
    path.chmod(0o4750)
    assert write_atomic(str(path), OLD, "new") is None
    assert (path.stat().st_uid, path.stat().st_gid, stat.S_IMODE(path.stat().st_mode)) == (NOBODY, NOBODY, 0o4750)


def test_a_link_stays_a_link(path: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "links" / "deep"
    elsewhere.mkdir(parents=True)
    (elsewhere / "b.yaml").symlink_to("../a-link.yaml")
    (elsewhere / "../a-link.yaml").symlink_to("../a.yaml")
    assert write_atomic(str(elsewhere / "b.yaml"), OLD, "new") is None
    assert path.read_text() == "new"
    assert str((elsewhere / "b.yaml").readlink()) == "../a-link.yaml"
    assert alone(elsewhere / "b.yaml")


def test_changed_meanwhile(path: Path) -> None:
    path.write_text("somebody else was here")
    assert refused(write_atomic(str(path), OLD, "new")) == "changed-meanwhile"
    assert path.read_text() == "somebody else was here"
    path.unlink()
    assert refused(write_atomic(str(path), OLD, "new")) == "changed-meanwhile"
    assert not any(path.parent.iterdir())


def test_line_ends_are_a_change(path: Path) -> None:
    path.write_bytes(OLD.replace("\n", "\r\n").encode())
    assert refused(write_atomic(str(path), OLD, "new")) == "changed-meanwhile"


def test_changed_between_check_and_replacement(path: Path) -> None:
    """Another process writes while the new text goes to its temporary file."""

    def intrude() -> None:
        path.write_text("somebody else was here")

    assert refused(traced(lambda: write_atomic(str(path), OLD, "new"), at="file.flush()", act=intrude)) == (
        "changed-meanwhile"
    )
    assert path.read_text() == "somebody else was here"
    assert alone(path)


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo, lambda path: path.symlink_to(path.name)])
def test_what_is_no_file(path: Path, make: Callable[[Path], None]) -> None:
    path.unlink()
    make(path)
    assert refused(write_atomic(str(path), OLD, "new")) in ("not-a-file", "not-written")
    assert alone(path)


def test_read_only_file(open_folder: Path) -> None:
    path = open_folder / "a.yaml"
    path.write_text(OLD)
    path.chmod(0o444)
    assert refused(as_nobody(lambda: write_atomic(str(path), OLD, "new"))) == "read-only"
    assert path.read_text() == OLD
    assert alone(path)


def test_read_only_folder(open_folder: Path) -> None:
    path = open_folder / "a.yaml"
    path.write_text(OLD)
    path.chmod(0o666)
    open_folder.chmod(0o555)
    skip = as_nobody(lambda: write_atomic(str(path), OLD, "new"))
    open_folder.chmod(0o777)
    assert refused(skip) == "not-written"
    assert skip is not None
    assert skip.reason == "cannot be written: Permission denied"
    assert path.read_text() == OLD
    assert alone(path)


def test_limit_on_the_size_of_files(path: Path) -> None:
    def limited() -> Skip | None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        return write_atomic(str(path), OLD, "b" * 1_000_000)

    skip = in_child(limited)
    assert refused(skip) == "not-written"
    assert skip is not None
    assert skip.reason == "cannot be written: File too large"
    assert path.read_text() == OLD
    assert alone(path)


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 kB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("mounting a small file system takes root")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_full_disk(full_disk: Path) -> None:
    path = full_disk / "a.yaml"
    path.write_text(OLD)
    skip = write_atomic(str(path), OLD, "b" * 1_000_000)
    assert refused(skip) == "not-written"
    assert skip is not None
    assert skip.reason == "cannot be written: No space left on device"
    assert path.read_text() == OLD
    assert alone(path)
    assert write_atomic(str(path), OLD, "new") is None


def traced(function: Callable[[], Skip | None], *, at: str | int, act: Callable[[], None]) -> Skip | None:
    """Call `function`; do `act` at a line of the writing module, named by its text or the number of its turn."""
    source = Path(write.__file__).read_text().split("\n")
    turns = 0

    def tracer(frame: FrameType, event: str, argument: object) -> object:
        nonlocal turns
        if frame.f_code.co_filename != write.__file__:
            return None
        if event in ("line", "return"):
            line = source[frame.f_lineno - 1].strip()
            turns += 1
            if at in (turns, line):
                sys.settrace(None)
                act()
                return None
        return tracer

    sys.settrace(tracer)
    try:
        return function()
    finally:
        sys.settrace(None)


def interrupt() -> None:
    raise KeyboardInterrupt


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # interrupted between the opening and the `with`
def test_interrupted_at_every_line(path: Path) -> None:
    """Ctrl-C wherever it falls: the file is the old or the new one, and nothing else is left."""
    interrupted = []
    for turn in range(1, 200):
        path.write_text(OLD)
        try:
            traced(lambda: write_atomic(str(path), OLD, "new"), at=turn, act=interrupt)
        except KeyboardInterrupt:
            interrupted.append(path.read_text())
        else:
            break
        assert alone(path), turn
    assert set(interrupted) == {OLD, "new"}
    assert interrupted == sorted(interrupted), "old until the replacement, new from then on"
    assert len(interrupted) > 15


LOOP = """
import sys
from bot.adapters.files import write_atomic
path, old, new = sys.argv[1], "a" * 4_000_000, "b" * 4_000_000
print("ready", flush=True)
while True:
    assert write_atomic(path, old, new) is None
    old, new = new, old
"""


def test_interrupted_from_outside(path: Path) -> None:
    for number in range(12):
        path.write_text("a" * 4_000_000)
        command = [sys.executable, "-c", LOOP, str(path)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
            assert child.stdout is not None
            child.stdout.readline()
            time.sleep(0.001 * number)
            child.send_signal(signal.SIGINT)
            child.communicate(timeout=20)
        assert child.returncode == -signal.SIGINT
        assert set(path.read_text()) in ({"a"}, {"b"})
        assert path.stat().st_size == 4_000_000
        assert alone(path)
