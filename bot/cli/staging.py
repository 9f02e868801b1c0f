"""What the stage commands share: their options, files of records, and the run over what records are about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from bot.adapters import files as disk
from bot.adapters.parallel import map_files
from bot.cli import session as runs
from bot.cli.streams import STDIN, read_stdin, tell, write_output
from bot.errors import InputError, UsageError
from bot.model import Skip
from bot.policy.twins import Twins
from bot.stages.detections import Detected
from bot.steps.look import Unit, policies_of

if TYPE_CHECKING:
    from bot.policy import Policy
    from bot.stages.verified import Verdict

Command = Callable[..., Any]
T = TypeVar("T")
R = TypeVar("R")

FOLDER = "data"
MAX_SIZE = 1_000_000_000
"""Bytes of a file of records; a hundred thousand records with their documents have some hundred million."""

_MOST_REASONS = 8


def source(name: str, file: str, *, of: str) -> Callable[[Command], Command]:
    """The option `--name` for a file of records that another stage wrote."""
    return click.option(
        f"--{name}",
        type=click.Path(),
        metavar="FILE",
        default=f"{FOLDER}/{file}",
        show_default=True,
        help=f"{of}; - is stdin.",
    )


def target(file: str) -> Callable[[Command], Command]:
    """The option `--out` for the file that the stage writes."""
    return click.option(
        "--out",
        "output",
        type=click.Path(),
        metavar="FILE",
        default=f"{FOLDER}/{file}",
        show_default=True,
        help="Where to write the records; - is stdout.",
    )


def read(path: str, load: Callable[[str, str], T], *, stage: str) -> T:
    """The records of a file; InputError names file, record and field. `stage` writes such files."""
    text = read_stdin(MAX_SIZE) if path == STDIN else disk.read_text(path, MAX_SIZE)
    name = "stdin" if path == STDIN else path
    if isinstance(text, Skip):
        hint = f"; `k8s-auto-fix {stage}` writes it" if text.code == "no-such-file" else ""
        raise InputError(f"{name}: {text.reason}{hint}")
    return load(text, name)


def check_stdin(*paths: str) -> None:
    """Refuse stdin for two files at once."""
    if paths.count(STDIN) > 1:
        raise UsageError("'-' reads from stdin, which can be one file only")


def read_accepted(path: str) -> list[Verdict]:
    """The accepted verdicts of a file, line by line where it is one of ours: it may be a large one."""
    from bot.stages import verified
    from bot.stages.reading import NotByLine

    if Path(path).is_file():
        try:
            with Path(path).open(encoding="utf-8", newline="\n") as lines:
                return list(verified.accepted(lines, path))
        except (NotByLine, UnicodeDecodeError, OSError):
            pass  # read as a whole it is taken, or what is wrong is said
    return [each for each in read(path, verified.load, stage="verify") if each.accepted]


def write(path: str, text: str | Iterable[str]) -> None:
    """Write a file of records: whole or not at all; `-` is stdout."""
    if path == STDIN:
        write_output(text if isinstance(text, str) else "".join(text))
        return
    problem = disk.put_atomic(path, text)
    if problem is not None:
        raise InputError(f"{problem.path}: {problem.reason}")


def counted(number: int, noun: str) -> str:
    """`1 finding`, `2 findings`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def told(stage: str, what: str, output: str, reasons: Iterable[tuple[str, str]] = ()) -> None:
    """Say on stderr what a stage did, and count the `reasons` of what came to nothing.

    They are given as (kind, text); the first text of each kind is shown.
    """
    where = "" if output == STDIN else f" -> {output}"
    tell(f"{stage}: {what}{where}")
    first: dict[str, str] = {}
    counts: Counter[str] = Counter()
    for code, reason in reasons:
        counts[code] += 1
        first.setdefault(code, reason)
    for code, count in counts.most_common(_MOST_REASONS):
        tell(f"  {count:>5,} {first[code]}")
    left = len(counts) - _MOST_REASONS
    if left > 0:
        tell(f"        and {counted(left, 'other reason')}")


@dataclass(slots=True)
class Run:
    """A run over the texts that records are about. `numbers` are the places of each unit's records in the file."""

    session: runs.Session
    twins: Twins
    units: list[Unit] = field(default_factory=list)
    numbers: list[list[int]] = field(default_factory=list)
    missing: dict[int, str] = field(default_factory=dict)

    def policies(self, records: Iterable[Detected], besides: Iterable[Policy] = ()) -> list[Policy]:
        """The policies that records name, and others `besides`."""
        wanted = {*policies_of(records, self.twins.meaning), *(policy.id for policy in besides)}
        return [policy for policy in self.session.known_policies if policy.id in wanted]

    def spread(self, work: Callable[[int], R], lost: Callable[[int, str], R]) -> list[R]:
        """The results of `work` for the index of each unit, in as many processes as there are cores."""
        sizes = [len(unit.text) for unit in self.units]
        return list(map_files(work, range(len(self.units)), self.session.request.jobs, sizes=sizes, lost=lost))


def begin(records: Sequence[Detected], selection: dict[str, Any]) -> Run:
    """Gather the texts of records: that of the file, or what they carry themselves where there is none."""
    paths = list(dict.fromkeys(record.manifest_path for record in records))
    there = [path for path in paths if Path(path).is_file()]
    session = runs.Session(runs.request(there, **selection))
    run = Run(session, Twins(session.known_policies))
    texts: dict[str, str | Skip] = {path: disk.read_text(path) for path in there}
    groups: dict[tuple[str, str], list[int]] = {}
    for number, record in enumerate(records):
        text = texts.get(record.manifest_path, record.manifest_yaml)
        if isinstance(text, str):
            groups.setdefault((record.manifest_path, text), []).append(number)
        else:
            run.missing[number] = _why_missing(record, text)
    for (path, text), numbers in groups.items():
        alone = path not in texts
        run.units.append(Unit(path, text, tuple(_alone(records[each], alone=alone) for each in numbers)))
        run.numbers.append(numbers)
    return run


def _alone(record: Detected, *, alone: bool) -> Detected:
    """A record whose text is its own document: its places in a file say nothing there."""
    from dataclasses import replace

    return replace(record, document=None, line=None, sha256=None) if alone else record


def _why_missing(record: Detected, found: Skip | None) -> str:
    if found is not None:
        return f"{record.manifest_path}: {found.reason}"
    return f"{record.manifest_path} is not there, and the record carries no manifest_yaml"
