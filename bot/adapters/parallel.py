"""One function over many files in forked processes, results in the order of the files.

Plain `os.fork` and pipes: two workers have done their first work after 5 ms, those of `multiprocessing.Pool` after 14
and an import of 10. The function and the files need no pickling (compiled policies have none), only results do; and
when a worker dies we know what it was working on, where a Pool waits for ever.

Work is dealt in small chunks, large files first and alone, two chunks to each worker. A chunk whose worker dies is
tried again file by file, so that only the file that kills is lost. Where forking is unsafe (other threads, macOS) or
not worth it, everything happens in this process, with the same results.

Invariant: one result for each file, in their order; those that wait for an earlier one are bounded, so that memory does
not grow with the number of files. The function must not write: its process may be killed at any time.
"""

from __future__ import annotations

import gc
import os
import pickle
import select
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, NoReturn, TypeVar

from bot.errors import InputError

Item = TypeVar("Item")
Result = TypeVar("Result")

_CHUNK = 8
"""Files dealt at a time."""

_AHEAD = 64
"""Files per worker that may be done before the one whose turn it is."""

_LEAST_FILES = 16
_LEAST_BYTES = 60_000
"""From which on workers earn the time they take to start; bytes where sizes are known."""

_ENDING = (signal.SIGINT, signal.SIGTERM)

_OUT_OF_MEMORY = 77
"""Exit code of a worker; one that Python does not use."""


def cores() -> int:
    """The processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def map_files(
    function: Callable[[Item], Result],
    items: Sequence[Item],
    jobs: int | None = None,
    *,
    sizes: Sequence[int] | None = None,
    lost: Callable[[Item, str], Result] | None = None,
) -> Iterator[Result]:
    """`function` of each item, in their order, in `jobs` processes (None: one for each core).

    `sizes` in bytes balance the work. `lost` gives the result for an item whose process died over it, and is told why;
    without it that is an InputError. What `function` raises is raised here, as if there were no processes.
    """
    count = min(jobs if jobs is not None else cores(), len(items))
    worth = sum(sizes) >= _LEAST_BYTES if sizes is not None else len(items) >= _LEAST_FILES
    if count > 1 and worth and _may_fork():
        return _Team(function, items, sizes or [1] * len(items), count, lost or _refuse).run()
    return _alone(function, items, lost or _refuse)


def _refuse(item: object, why: str) -> NoReturn:
    raise InputError(f"{item}: {why} while it was looked at; leave it out with --exclude")


def _alone(
    function: Callable[[Item], Result], items: Sequence[Item], lost: Callable[[Item, str], Result]
) -> Iterator[Result]:
    for item in items:
        try:
            result = function(item)
        except MemoryError:
            result = lost(item, _cause(_OUT_OF_MEMORY))
        yield result


def _may_fork() -> bool:
    """Whether a copy of this process works: threads are not copied, their locks are; macOS has threads of its own."""
    if not hasattr(os, "fork") or sys.platform == "darwin" or threading.active_count() > 1:
        return False
    tasks = Path("/proc/self/task")  # counts the threads of libraries too
    return not tasks.is_dir() or len(list(tasks.iterdir())) == 1


@dataclass(eq=False, slots=True)
class _Worker:
    """A process, our ends of its pipes, and the chunks dealt to it, the first of which it is working on."""

    pid: int
    tasks: int
    results: IO[bytes]
    dealt: deque[range] = field(default_factory=deque)

    def deal(self, chunk: range) -> None:
        """Hand over one more chunk; should the process be dead, its results tell."""
        self.dealt.append(chunk)
        try:
            os.write(self.tasks, chunk.start.to_bytes(4, "big") + chunk.stop.to_bytes(4, "big"))
        except BrokenPipeError:
            return

    def close(self) -> None:
        """Close our ends of the pipes."""
        os.close(self.tasks)
        self.results.close()


class _Team:
    """The workers of one call, what is still to be dealt, and the results whose turn it is not yet."""

    def __init__(
        self,
        function: Callable[[Any], Any],
        items: Sequence[Any],
        sizes: Sequence[int],
        jobs: int,
        lost: Callable[[Any, str], Any],
    ) -> None:
        self.function = function
        self.items = items
        self.lost = lost
        self.queue, self.exempt = _chunks(sizes, jobs)
        self.jobs = min(jobs, len(self.queue))
        self.workers: list[_Worker] = []
        self.done: dict[int, list[Any] | BaseException] = {}
        self.next = 0

    def run(self) -> Iterator[Any]:
        """Yield the results."""
        gc.freeze()  # what is there now stays shared with the workers, as no collection touches it
        try:
            for _ in range(self.jobs):
                self._hire()
            while self.next < len(self.items):
                self._deal()
                self._collect()
                while self.next in self.done:
                    results = self.done.pop(self.next)
                    if isinstance(results, BaseException):
                        raise results
                    self.next += len(results)
                    yield from results
        finally:
            for worker in self.workers:
                os.kill(worker.pid, signal.SIGKILL)
            for worker in self.workers:
                worker.close()
                os.waitpid(worker.pid, 0)
            gc.unfreeze()

    def _hire(self) -> None:
        """One more worker, unless the system has no room for one."""
        # What ends us waits: in the new process it would run our handlers, here it would leave a worker unknown.
        held = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
        task_reader, task_writer = os.pipe()
        result_reader, result_writer = os.pipe()
        try:
            pid = os.fork()
        except OSError:
            for descriptor in (task_reader, task_writer, result_reader, result_writer):
                os.close(descriptor)
            signal.pthread_sigmask(signal.SIG_SETMASK, held)
            return
        if not pid:
            # Ends left open in a sibling would keep a worker from noticing that the other side is gone.
            for worker in self.workers:
                worker.close()
            os.close(task_writer)
            os.close(result_reader)
            _work(self.function, self.items, task_reader, result_writer, held)
        os.close(task_reader)
        os.close(result_writer)
        self.workers.append(_Worker(pid, task_writer, os.fdopen(result_reader, "rb", buffering=0)))
        signal.pthread_sigmask(signal.SIG_SETMASK, held)

    def _deal(self) -> None:
        """Two chunks to each worker, but none too far ahead of the results that can be given out.

        The first `exempt` of the queue may be ahead: large files, and what a dead worker left.
        """
        limit = self.next + _AHEAD * self.jobs
        for _ in range(2):
            for worker in self.workers:
                if len(worker.dealt) < 2 and self.queue and (self.exempt or self.queue[0].start < limit):
                    self.exempt -= self.exempt > 0
                    worker.deal(self.queue.popleft())

    def _collect(self) -> None:
        """Wait for results and keep them."""
        if not self.workers:  # the system had no room for even one
            chunk = self.queue.popleft()
            here = [self.items[place] for place in chunk]
            self.done[chunk.start] = list(_alone(self.function, here, self.lost))
            return
        poll = select.poll()
        by_descriptor = {worker.results.fileno(): worker for worker in self.workers}
        for descriptor in by_descriptor:
            poll.register(descriptor, select.POLLIN)
        for descriptor, _ in poll.poll():
            worker = by_descriptor[descriptor]
            results = _receive(worker.results)
            if results is None:
                self._bury(worker)
            else:
                self.done[worker.dealt.popleft().start] = results

    def _bury(self, worker: _Worker) -> None:
        """Put back what a dead worker leaves, the chunk it died over file by file, and hire another one."""
        self.workers.remove(worker)
        worker.close()
        why = _cause(os.waitstatus_to_exitcode(os.waitpid(worker.pid, 0)[1]))
        left = worker.dealt
        if left and len(left[0]) == 1:
            place = left.popleft().start
            self.done[place] = [self.lost(self.items[place], why)]
        elif left:
            left.extendleft(range(place, place + 1) for place in reversed(left.popleft()))
        self.queue.extendleft(reversed(left))
        self.exempt += len(left)
        if self.queue:
            self._hire()


def _chunks(sizes: Sequence[int], jobs: int) -> tuple[deque[range], int]:
    """What to deal in which order, and how many of the first are large files, each alone."""
    share = sum(sizes) // (jobs * 8) + 1
    large = [range(place, place + 1) for place, size in enumerate(sizes) if size >= share]
    small = []
    ends = [*(chunk.start for chunk in large), len(sizes)]
    starts = [0, *(chunk.stop for chunk in large)]
    for start, end in zip(starts, ends, strict=True):
        small += [range(place, min(place + _CHUNK, end)) for place in range(start, end, _CHUNK)]
    return deque([*sorted(large, key=lambda chunk: -sizes[chunk.start]), *small]), len(large)


def _cause(code: int) -> str:
    """Why a worker ended, for people."""
    if code == _OUT_OF_MEMORY:
        return "memory ran out"
    if code == -signal.SIGKILL:
        return "the process was killed (the system does so when memory runs out)"
    return f"the process died ({signal.Signals(-code).name if code < 0 else f'exit code {code}'})"


def _receive(pipe: IO[bytes]) -> Any:
    """The results of a chunk, or what was raised over it; None when the worker is dead."""
    head = _read(pipe, 8)
    data = _read(pipe, int.from_bytes(head, "big")) if head is not None else None
    return pickle.loads(data) if data is not None else None  # noqa: S301 - written by our own copy


def _read(pipe: IO[bytes], size: int) -> bytes | None:
    data = bytearray()
    while len(data) < size:
        more = pipe.read(size - len(data))
        if not more:
            return None
        data += more
    return bytes(data)


def _work(
    function: Callable[[Any], Any],
    items: Sequence[Any],
    tasks: int,
    results: int,
    held: Iterable[int | signal.Signals],
) -> NoReturn:
    """The life of a worker; it never returns into the code that it is a copy of. `held`: signals that stay blocked."""
    code = 1
    try:
        for number in _ENDING:
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, held)
        while chunk := os.read(tasks, 8):
            places = range(int.from_bytes(chunk[:4], "big"), int.from_bytes(chunk[4:], "big"))
            try:
                data = pickle.dumps([function(items[place]) for place in places], pickle.HIGHEST_PROTOCOL)
            except MemoryError:
                code = _OUT_OF_MEMORY
                break
            except Exception as error:  # noqa: BLE001 - raised again by the parent
                data = _packed(error)
            message = memoryview(len(data).to_bytes(8, "big") + data)
            while message:
                message = message[os.write(results, message) :]
        else:
            code = 0
    finally:
        os._exit(code)


def _packed(error: Exception) -> bytes:
    """An exception with its traceback as a note, in a form that can be sent."""
    import traceback

    text = "".join(traceback.format_exception(error))
    error.add_note(f"In a worker:\n{text}")
    try:
        data = pickle.dumps(error)
        pickle.loads(data)  # noqa: S301 - our own; some exceptions can be packed but not unpacked
    except Exception:  # noqa: BLE001 - whatever keeps it from being sent, its text can be
        data = pickle.dumps(RuntimeError(text))
    return data
