"""Many processes give what one gives: the same results in the same order, and no hang when one of them dies."""

from __future__ import annotations

import contextlib
import os
import random
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.adapters import parallel
from bot.adapters.parallel import cores, map_files
from bot.errors import InputError, SettingsError
from tests.material import ROOT

pytestmark = [
    pytest.mark.skipif(
        sys.platform == "darwin" or not hasattr(os, "fork"), reason="everything happens in one process here"
    ),
    pytest.mark.usefixtures("never_wait"),
]


def tasks() -> int:
    return len(list(Path("/proc/self/task").iterdir()))


def children() -> set[str]:
    return {pid for task in Path("/proc/self/task").iterdir() for pid in (task / "children").read_text().split()}


@pytest.fixture(autouse=True)
def as_in_a_process_of_its_own(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Threads and children that other tests left here do not count; every worker has been waited for."""
    idle, known = tasks(), children()
    monkeypatch.setattr(parallel, "_may_fork", lambda: tasks() <= idle)
    yield
    assert children() <= known


def pids(count: int, jobs: int | None, **more: object) -> list[int]:
    return list(map_files(lambda _: os.getpid(), range(count), jobs, **more))  # type: ignore[arg-type]


# The same results in the same order


@pytest.mark.parametrize("jobs", [1, 2, 3, 7])
@pytest.mark.parametrize("count", [0, 1, 2, 15, 16, 17, 100, 1000])
def test_results_in_order(jobs: int, count: int) -> None:
    assert list(map_files(lambda item: item * item, range(count), jobs)) == [item * item for item in range(count)]


@pytest.mark.parametrize("seed", range(6))
def test_results_in_order_whatever_the_sizes(seed: int) -> None:
    draw = random.Random(seed)
    sizes = [draw.choice([0, 1, 10, 1000, 100_000, 1_000_000]) for _ in range(draw.randint(2, 200))]
    jobs = draw.randint(2, 5)

    def work(item: int) -> tuple[int, str]:
        time.sleep(draw.random() * 0.002)
        return item, "x" * (sizes[item] // 10)

    expected = [(item, "x" * (size // 10)) for item, size in enumerate(sizes)]
    assert list(map_files(work, range(len(sizes)), jobs, sizes=sizes)) == expected


def test_one_slow_file_does_not_let_the_others_run_away() -> None:
    def work(item: int) -> float:
        if item == 0:
            time.sleep(0.5)
        return time.monotonic()

    finished = list(map_files(work, range(2000), 2))
    ahead = sum(moment < finished[0] for moment in finished[1:])
    assert 20 < ahead <= 2 * parallel._AHEAD + 2 * parallel._CHUNK


def test_work_is_spread_and_workers_are_used() -> None:
    def work(_: int) -> int:
        time.sleep(0.002)
        return os.getpid()

    found = list(map_files(work, range(200), 2))
    assert os.getpid() not in found
    assert len(set(found)) == 2
    assert min(found.count(pid) for pid in set(found)) > 20


def test_a_large_file_comes_first() -> None:
    """Last in order, first to start: else one worker ends long after the other."""

    def work(_: int) -> float:
        time.sleep(0.001)
        return time.monotonic()

    finished = list(map_files(work, range(300), 2, sizes=[1000] * 299 + [1_000_000]))
    assert finished[-1] < sorted(finished)[150]


def test_in_this_process_when_workers_are_not_worth_it() -> None:
    here = {os.getpid()}
    assert set(pids(100, 1)) == here
    assert set(pids(15, 4)) == here
    assert set(pids(1, 4)) == here
    assert set(pids(100, 4, sizes=[500] * 100)) == here
    assert not set(pids(100, 2)) & here
    assert not set(pids(2, 2, sizes=[50_000] * 2)) & here
    assert (len(set(pids(500, None))) == 1) is (cores() == 1)


def test_in_this_process_when_there_are_threads() -> None:
    release = threading.Event()
    other = threading.Thread(target=release.wait)
    other.start()
    try:
        assert set(pids(100, 2)) == {os.getpid()}
    finally:
        release.set()
        other.join()


def test_in_this_process_when_there_is_no_room_for_others() -> None:
    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
        os.setgid(65534)
        os.setuid(65534)
        found = pids(100, 2)
        os._exit(0 if found == [os.getpid()] * 100 else 3)

    if os.geteuid():
        pytest.skip("a limit of no processes takes root to become a user without any")
    child = os.fork()
    if not child:
        with contextlib.suppress(BaseException):
            limited()
        os._exit(4)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


# What goes wrong


def test_errors_are_raised_here_in_their_turn() -> None:
    def work(item: int) -> int:
        if item == 70:
            raise SettingsError("a.yaml:3: wrong")
        return item

    found = []
    results = map_files(work, range(200), 2)
    with pytest.raises(SettingsError) as caught:
        found.extend(results)
    assert str(caught.value) == "a.yaml:3: wrong"
    assert found == list(range(len(found)))
    assert 62 <= len(found) <= 70, "those before its chunk have been given out"
    assert "in work" in caught.value.__notes__[0]


class Unsendable(Exception):
    def __init__(self, one: int, two: int) -> None:
        super().__init__(f"{one}{two}")


def test_errors_that_cannot_be_sent() -> None:
    def work(item: int) -> object:
        if item == 3:
            raise Unsendable(1, 2)
        return item

    with pytest.raises(RuntimeError, match="Unsendable: 12"):
        list(map_files(work, range(50), 2))


def test_results_that_cannot_be_sent() -> None:
    with pytest.raises(Exception, match="pickle"):
        list(map_files(lambda _: lambda: None, range(50), 2))


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def use_up_memory() -> None:
    raise MemoryError


def crash() -> None:
    signal.signal(signal.SIGSEGV, signal.SIG_DFL)  # whatever pytest does with it
    os.kill(os.getpid(), signal.SIGSEGV)


def leave() -> None:
    raise SystemExit(0)


@pytest.mark.parametrize(
    ("die", "why"),
    [
        (kill, "the process was killed (the system does so when memory runs out)"),
        (use_up_memory, "memory ran out"),
        (crash, "the process died (SIGSEGV)"),
        (lambda: os._exit(5), "the process died (exit code 5)"),
        (leave, "the process died (exit code 1)"),
    ],
)
@pytest.mark.parametrize("deadly", [[37], [0], [99], [8, 9], [5, 20, 21, 22, 60, 99], list(range(100))])
def test_only_what_kills_is_lost(die: Callable[[], None], why: str, deadly: list[int]) -> None:
    def work(item: int) -> object:
        if item in deadly:
            die()
        return item

    found = list(map_files(work, range(100), 2, lost=lambda item, said: (item, said)))
    assert found == [(item, why) if item in deadly else item for item in range(100)]


def test_death_in_the_middle_of_large_files() -> None:
    def work(item: int) -> object:
        if item in (3, 150, 199):
            kill()
        return item, "x" * 200_000

    sizes = [1_000_000 if item in (150, 151, 199) else 1000 for item in range(200)]
    found = list(map_files(work, range(200), 3, sizes=sizes, lost=lambda item, _: (item, "lost")))
    assert found == [(item, "lost" if item in (3, 150, 199) else "x" * 200_000) for item in range(200)]


def test_death_over_one_of_many_large_files_far_behind() -> None:
    """What is left of the large ones must not block the small ones whose turn it is."""

    def work(item: int) -> object:
        if item == 990:
            kill()
        return item

    sizes = [1] * 990 + [1_000_000] * 10
    found = list(map_files(work, range(1000), 2, sizes=sizes, lost=lambda item, _: -item))
    assert found == [*range(990), -990, *range(991, 1000)]


def test_without_a_substitute_a_death_is_an_error() -> None:
    with pytest.raises(InputError, match=r"^file-7: the process was killed .* while it was looked at; leave it out"):
        list(map_files(lambda item: kill() if item == "file-7" else item, [f"file-{n}" for n in range(50)], 2))


def test_out_of_memory_in_one_process() -> None:
    def work(item: int) -> object:
        if item == 1:
            use_up_memory()
        return item

    assert list(map_files(work, range(3), 1, lost=lambda item, why: (item, why))) == [0, (1, "memory ran out"), 2]


def test_out_of_memory_for_real() -> None:
    def work(item: int) -> object:
        limit = 2_000_000_000
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        return len(bytearray(3_000_000_000)) if item == 30 else item

    found = list(map_files(work, range(50), 2, lost=lambda item, why: (item, why)))
    assert found == [(30, "memory ran out") if item == 30 else item for item in range(50)]


def test_a_consumer_that_stops_ends_the_workers(tmp_path: Path) -> None:
    def work(item: int) -> int:
        (tmp_path / str(os.getpid())).touch()
        time.sleep(0.01)
        return item

    results = map_files(work, range(1000), 3)
    assert next(results) == 0
    results.close()  # type: ignore[attr-defined]
    for pid in tmp_path.iterdir():
        with pytest.raises(ProcessLookupError):
            os.kill(int(pid.name), 0)


SCRIPT = """
import os, sys, time
from bot.adapters.parallel import map_files
def work(item):
    os.write(1, b"%d\\n" % os.getpid())
    time.sleep(30)
list(map_files(work, range(100), 2))
"""


@pytest.mark.parametrize(
    ("number", "whole_group", "code"),
    [
        (signal.SIGINT, True, -signal.SIGINT),  # Ctrl-C
        (signal.SIGINT, False, -signal.SIGINT),
        (signal.SIGTERM, True, -signal.SIGTERM),
    ],
)
def test_signals_end_everything_at_once(number: int, whole_group: bool, code: int) -> None:
    command = [sys.executable, "-c", SCRIPT]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True, text=True
    ) as parent:
        assert parent.stdout is not None
        children = [int(parent.stdout.readline()) for _ in range(2)]
        started = time.monotonic()
        (os.killpg if whole_group else os.kill)(parent.pid, number)
        _, errors = parent.communicate(timeout=20)
    assert parent.returncode == code
    assert time.monotonic() - started < 5
    assert errors.count("Traceback") == (number == signal.SIGINT), "the workers say nothing"
    for child in children:
        assert gone(child)


def test_signals_that_the_parent_handles_are_not_handled_by_the_workers() -> None:
    script = """
import signal, sys
def handle(*_):
    print("handled", file=sys.stderr)
    sys.exit(9)
signal.signal(signal.SIGTERM, handle)
"""
    with subprocess.Popen(
        [sys.executable, "-c", script + SCRIPT],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        children = [int(parent.stdout.readline()) for _ in range(2)]
        os.killpg(parent.pid, signal.SIGTERM)
        _, errors = parent.communicate(timeout=20)
    assert (parent.returncode, errors) == (9, "handled\n")
    assert all(gone(child) for child in children)


def test_a_worker_does_not_wait_for_its_sibling_when_the_parent_is_gone() -> None:
    script = SCRIPT.replace("time.sleep(30)", "time.sleep(0.02 if item // 8 % 2 == 0 else 0.5)")
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        children: set[int] = set()
        while len(children) < 2:
            children.add(int(parent.stdout.readline()))
        parent.kill()
        parent.wait()
        time.sleep(1)
        assert sorted(gone(child, after=0) for child in children) == [False, True]
        assert all(gone(child, after=20) for child in children)


def test_workers_end_with_a_parent_that_was_killed() -> None:
    script = SCRIPT.replace("time.sleep(30)", "time.sleep(0.2)")
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        children = [int(parent.stdout.readline()) for _ in range(2)]
        parent.kill()
        _, errors = parent.communicate(timeout=20)
    assert errors == ""
    assert all(gone(child) for child in children)


def gone(pid: int, *, after: float = 5) -> bool:
    """Whether a process ends within some seconds; one that nobody waits for any more counts as ended."""
    for _ in range(1 + int(after * 40)):
        try:
            if Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] == "Z":
                return True
            os.kill(pid, 0)
        except (ProcessLookupError, FileNotFoundError):
            return True
        time.sleep(0.025)
    return False


def test_memory_does_not_grow_with_the_number_of_files() -> None:
    script = """
import resource, sys
from bot.adapters.parallel import map_files
count = int(sys.argv[1])
for item in map_files(lambda item: [item] * 20_000, range(count), 2):
    pass
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
    peaks = [
        int(
            subprocess.run([sys.executable, "-c", script, str(count)], cwd=ROOT, capture_output=True, check=True).stdout
        )
        for count in (300, 2500)
    ]
    assert peaks[1] < peaks[0] * 1.3
