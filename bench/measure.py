"""How time and memory are taken, and how they are shown."""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

COMMAND = Path(sys.executable).with_name("k8s-auto-fix")
FINE = (0, 1)  # nothing to say; findings


@dataclass(frozen=True, slots=True)
class Run:
    """One process from start to end; `peak` is the largest resident set of it or of a process it waited for."""

    seconds: float
    cpu: float
    peak_mib: float


def run(command: Sequence[str | Path], fine: Sequence[int] = FINE) -> Run:
    """Run a command with its output thrown away; an unexpected exit code ends the measurement."""
    nowhere = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_RDWR, 0) for fd in (0, 1, 2)]
    arguments = [os.fspath(part) for part in command]
    started = time.perf_counter()
    # As installed: compiled modules are kept from one run to the next.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    pid = os.posix_spawn(arguments[0], arguments, environment, file_actions=nowhere)
    _, status, usage = os.wait4(pid, 0)
    seconds = time.perf_counter() - started
    code = os.waitstatus_to_exitcode(status)
    if code not in fine:
        raise SystemExit(f"bench: exit code {code} from: {' '.join(arguments[:8])}")
    unit = 1024 if sys.platform == "linux" else 1024 * 1024
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / unit)


def in_turn(commands: Mapping[str, Sequence[str | Path]], rounds: int) -> dict[str, list[Run]]:
    """Run every command once a round, so that a busy moment meets them all; one round before is not counted."""
    runs: dict[str, list[Run]] = {name: [] for name in commands}
    for number in range(rounds + 1):
        for name, command in commands.items():
            taken = run(command)
            if number:
                runs[name].append(taken)
    return runs


def median(runs: Sequence[Run]) -> float:
    """The middle wall time in seconds."""
    return statistics.median(run.seconds for run in runs)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a Markdown table; the first column is text, the others are numbers."""
    widths = [max(len(line[column]) for line in (head, *rows)) for column in range(len(head))]

    def line(cells: Sequence[str]) -> str:
        first, *rest = (
            cell.ljust(width) if not column else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
        )
        return f"| {' | '.join((first, *rest))} |"

    print(line(head))
    print(
        "|"
        + "|".join("-" * (width + 2) if not column else "-" * (width + 1) + ":" for column, width in enumerate(widths))
        + "|"
    )
    for row in rows:
        print(line(row))
    sys.stdout.flush()
