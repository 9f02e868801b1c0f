"""The history file: added to, never changed, by several runs at a time."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.adapters import history
from bot.errors import InputError
from bot.rank.history import Event, History, Outcome, line


def event(number: int, outcome: Outcome = Outcome.POSTED) -> Event:
    return Event(outcome, f"{number:016x}", "host-pid", 7, "4f2c9e1")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history.jsonl"


def test_no_file_is_an_empty_history(path: Path) -> None:
    assert history.read(path) == History()


def test_what_is_new_is_added_and_what_is_there_is_not(path: Path) -> None:
    assert history.append(path, [event(1), event(2)]) == 2
    before = path.read_bytes()
    assert history.append(path, [event(2), event(3), event(3)]) == 1
    assert path.read_bytes() == before + line(event(3)).encode()
    assert history.append(path, [event(1)]) == 0
    assert history.read(path).events == (event(1), event(2), event(3))


def test_a_torn_end_costs_itself_alone(path: Path) -> None:
    path.write_text(line(event(1)) + line(event(2))[:30])
    history.append(path, [event(3)])
    assert history.read(path) == History((event(1), event(3)), torn=1)
    assert path.read_text().startswith(line(event(1)) + line(event(2))[:30] + "\n")


def test_bytes_that_are_no_text_are_a_torn_line(path: Path) -> None:
    path.write_bytes(b"\xff\xfe\x00\n" + line(event(1)).encode())
    assert history.read(path) == History((event(1),), torn=1)


def test_another_version_is_refused_and_nothing_written(path: Path) -> None:
    path.write_text('{"v":2}\n')
    for act in (lambda: history.append(path, [event(1)]), lambda: history.read(path)):
        with pytest.raises(InputError, match=r"history\.jsonl:1: version 2 of the history; .* move the file away"):
            act()
    assert path.read_text() == '{"v":2}\n'


def test_a_link_is_not_followed(path: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"
    path.symlink_to(target)
    with pytest.raises(InputError, match="a link is not followed"):
        history.append(path, [event(1)])
    assert not target.exists()


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_what_is_no_file_is_refused(path: Path, make: object) -> None:
    make(path)  # type: ignore[operator]
    for act in (lambda: history.append(path, [event(1)]), lambda: history.read(path)):
        with pytest.raises(InputError, match="the history"):
            act()


def test_too_large_a_file_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    history.append(path, [event(1)])
    monkeypatch.setattr(history, "LARGEST", 10)
    with pytest.raises(InputError, match="more than 10 bytes"):
        history.read(path)


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none/h: the history cannot be written: No such file"):
        history.append(tmp_path / "none" / "h", [event(1)])


def test_relative_to_an_open_folder(tmp_path: Path) -> None:
    descriptor = os.open(tmp_path, os.O_RDONLY)
    try:
        history.append("h", [event(1)], folder=descriptor)
    finally:
        os.close(descriptor)
    assert history.read(tmp_path / "h").events == (event(1),)


WRITER = """
import sys
from pathlib import Path
from tests.adapters.test_history import event, history
for number in range(25):
    history.append(Path(sys.argv[1]), [event(int(sys.argv[2]) * 100 + each) for each in range(number, number + 3)])
"""


def test_runs_at_the_same_time_lose_nothing(path: Path) -> None:
    command = [sys.executable, "-c", WRITER, str(path)]
    root = Path(__file__).parents[2]
    runs = [subprocess.Popen([*command, str(each)], cwd=root) for each in range(4)]
    assert [run.wait(timeout=60) for run in runs] == [0] * 4
    found = history.read(path)
    expected = {event(run * 100 + each) for run in range(4) for each in range(27)}
    assert (set(found.events), len(found.events), found.torn) == (expected, len(expected), 0)
