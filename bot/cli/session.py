"""From options to a run: settings, policies, schemas, surroundings, files; then the pipeline over all files.

What a person selected is checked here, where policies are known: an unknown name is refused with the nearest one.
"""

from __future__ import annotations

import datetime as dt
import gc
import posixpath
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from bot.adapters import files as disk
from bot.adapters.parallel import map_files
from bot.cli.streams import STDIN, STDIN_NAME, read_stdin, tell
from bot.detect.detect import Detector, Environment
from bot.errors import InputError, UsageError
from bot.manifest import Manifest, read
from bot.model import Applicability, Json, Report, Severity, Skip
from bot.pipeline import Bot, FileResult, Veto, gather, look, repair
from bot.policy import Policy
from bot.policy.contradictions import without_contradictions
from bot.policy.twins import Twins, Unclear
from bot.settings import Meaning, Options, Settings
from bot.settings.model import ALL, BROAD, DEFAULT

if TYPE_CHECKING:
    from bot.adapters.cluster.launch import Launch
    from bot.detect.reported import Reports
    from bot.vouch import Voucher

_NO_CLUSTER = "none"
_PROGRESS_AFTER = 1.0  # seconds

Work = Callable[[Bot, str, str], FileResult]
Result = TypeVar("Result", bound=FileResult)


@dataclass(frozen=True, slots=True)
class Request:
    """What the shared options of a command said."""

    paths: tuple[str, ...]
    severity: str = "low"
    folder: str | None = None
    jobs: int | None = None
    kubeconfig: str = ""
    context: str = ""
    options: Options = field(default_factory=Options)


def request(
    paths: Sequence[str],
    profile: str | None,
    select: tuple[str, ...] | None,
    ignore: tuple[str, ...] | None,
    severity: str,
    exclude: tuple[str, ...] | None,
    kubernetes_version: str | None,
    folder: str | None,
    config: str | None,
    jobs: int | None,
    cluster: str | None = None,
    kubeconfig: str | None = None,
    context: str | None = None,
    engines: tuple[str, ...] | None = None,
    kyverno_policies: tuple[str, ...] | None = None,
) -> Request:
    """The request that the options of `bot.cli.options.selection` make, by their names."""
    given = Options(
        config,
        select,
        ignore,
        exclude,
        kubernetes_version,
        cluster=cluster,
        profile=profile,
        engines=engines,
        kyverno_policies=kyverno_policies,
    )
    return Request(tuple(paths), severity, folder, jobs, kubeconfig or "", context or "", given)


class Session:
    """One run over the paths of a request."""

    def __init__(self, wanted: Request) -> None:
        from bot import settings

        self.request = wanted
        self.known_policies = load_policies(wanted.folder, examples=False)
        meaning = meaning_of(self.known_policies)
        self.settings: Settings = settings.load(wanted.paths, wanted.options, meaning=meaning)
        self.policies = select(self.known_policies, self.settings)
        self.stdin: str | None = None
        self.paths: list[str] = []
        self.sizes: list[int] = []
        self.skips: list[Skip] = []
        self._find_files()
        self.notices: tuple[str, ...] = ()
        self.bot = self._bot()

    @property
    def names(self) -> list[str]:
        """What the run calls its files, standard input included."""
        return self.paths if self.stdin is None else [STDIN_NAME]

    def hear(self, reports: Reports, notices: Sequence[str], errors: Sequence[Skip]) -> None:
        """Put what other tools say beside what is found; see `bot.cli.engines`."""
        self.bot = replace(self.bot, reports=reports)
        self.notices = tuple(notices)
        self.skips += errors

    def _find_files(self) -> None:
        named = [path for path in self.request.paths if path != STDIN]
        if len(named) != len(self.request.paths):
            if named:
                raise UsageError("'-' reads from stdin and goes with no other path")
            self.stdin = self._read_stdin()
            return
        found = disk.discover(named, exclude=self.settings.exclude, exclude_root=self.settings.exclude_root)
        self.paths = [file.path for file in found.files]
        self.sizes = [file.size for file in found.files]
        self.skips = list(found.skips)

    def _read_stdin(self) -> str:
        text = read_stdin()
        if isinstance(text, Skip):
            self.skips.append(text)
            return ""
        return text

    def _bot(self) -> Bot:
        from bot import schema
        from bot.detect.context import look_around
        from bot.detect.marks import known
        from bot.detect.recommendations.gather import gather as gather_recommended

        settings = self.settings
        self.crds = list(self._crds())
        schemas = schema.with_crds(self.crds)
        environment = Environment(
            settings.values,
            settings.oldest or schema.OLDEST_SUPPORTED,
            settings.newest or schema.NEWEST,
            schemas,
            settings.severities,
        )
        everything = self.paths if self.stdin is None else []
        here = str(Path.cwd())
        shown = posixpath.relpath(self.root, here)
        recommended = gather_recommended(
            _text_or_none, settings.reports, root=self.root, shown="" if shown == "." else shown
        )
        surroundings = look_around(
            everything,
            _text_or_none,
            known(self.known_policies),
            today=dt.datetime.now(tz=dt.UTC).date(),
            root=self.root,
            here=here,
            listing=disk.manifests_in,
            recommended=recommended,
        )
        self.skips += [*surroundings.accepted.skips, *recommended.skips]
        severity = Severity[self.request.severity.upper()]
        return Bot(Detector(self.policies, environment), surroundings, severity, time.perf_counter)

    def looking_for(self, policies: Sequence[Policy]) -> Bot:
        """The bot of this run with other policies."""
        return replace(self.bot, detector=Detector(policies, self.bot.detector.environment))

    @property
    def root(self) -> str:
        """The root of the repository that the files are in, else the current folder; absolute."""
        from bot.settings import repository_root

        return str(repository_root(self.paths[0] if self.paths else ".") or Path.cwd())

    def _crds(self) -> Iterator[Mapping[str, Json]]:
        """The CustomResourceDefinitions among the files: a first look without parsing what has none."""
        for path in self.paths:
            text = disk.read_text(path)
            if isinstance(text, str) and "CustomResourceDefinition" in text:
                resources = read(path, text).resources
                yield from (each.body for each in resources if each.ref.kind == "CustomResourceDefinition")

    def scan(self, *, verify: bool) -> Report:
        """Findings and which have a fix; `verify` proves the fixes, before an API server where one is wanted."""
        work = partial(_look_at, verify=verify)
        if not verify or self.settings.cluster == _NO_CLUSTER:
            return gather(self.run(work), self.skips, self.notices)
        results, notes = self.vouched(lambda: self.run(work), self.text_of)
        return gather(results, self.skips, (*self.notices, *notes))

    def vouched(
        self, work: Callable[[], list[Result]], text_of: Callable[[str], str]
    ) -> tuple[list[Result], tuple[str, ...]]:
        """(results of `work`, their proven fixes put to the API server that is wanted, and what is to say of it)."""
        with self._launch() as launch:
            results = work()
            voucher = self._voucher(launch, results, text_of)
            voucher.offers(results, text_of)
        return results, voucher.notes

    def repair(self, *, least: Applicability) -> Report:
        """The fixes of at least this applicability, made in memory; what an API server refuses is left out."""
        work = partial(_repair_it, least=least)
        if self.settings.cluster == _NO_CLUSTER:
            return gather(self.run(work), self.skips, self.notices)
        with self._launch() as launch:
            results = self.run(work)
            voucher = self._voucher(launch, results, self.text_of)
            results = voucher.repairs(results, partial(_again, self.bot, least=least))
        return gather(results, self.skips, (*self.notices, *voucher.notes))

    def run(self, work: Work) -> list[FileResult]:
        """The results of `work` over all files, in as many processes as there are cores."""
        if self.stdin is not None:
            return [] if self.skips else [work(self.bot, STDIN_NAME, self.stdin)]
        return list(self._results(work))

    def _launch(self) -> Launch:
        """The API server that is wanted, begun in the background while files are looked at."""
        from bot.adapters.cluster.launch import Choice, Launch, Wanted

        minor = self.settings.newest or ""
        choice = Choice(self.settings.cluster)
        return Launch(Wanted(choice, minor, kubeconfig=self.request.kubeconfig, context=self.request.context))

    def _voucher(self, launch: Launch, results: Sequence[FileResult], text_of: Callable[[str], str]) -> Voucher:
        from bot.adapters.cluster.scratch import ScratchServer
        from bot.vouch import Voucher, bodies

        opened = launch.open()
        notes = list(opened.notes)
        if isinstance(opened.server, ScratchServer):
            notes += opened.server.prepare([*bodies(results, text_of), *self.crds])
        return Voucher(opened.server, opened.reason, tuple(notes))

    def text_of(self, path: str) -> str:
        """The text of a file of the run; empty when it cannot be read."""
        if self.stdin is not None:
            return self.stdin
        text = disk.read_text(path)
        return text if isinstance(text, str) else ""

    def _spread(self, work: Work) -> Iterator[FileResult]:
        function = partial(_work, self.bot, work)
        return map_files(function, self.paths, self.request.jobs, sizes=self.sizes, lost=_lost)

    def _results(self, work: Work) -> Iterator[FileResult]:
        gc.freeze()  # workers then share the pages of what is there already
        started = time.monotonic()
        shown = False
        total = len(self.paths)
        for done, result in enumerate(self._spread(work), 1):
            if sys.stderr.isatty() and time.monotonic() - started > _PROGRESS_AFTER:
                click.echo(f"\r{done} of {total} files", nl=False, err=True)
                shown = True
            yield result
        if shown:
            click.echo("\r\033[K", nl=False, err=True)


def _lost(path: str, why: str) -> FileResult:
    """The result of a file whose worker died over it."""
    return FileResult(path, skips=[Skip("read", "lost", why, path, error=True)])


def _work(bot: Bot, work: Work, path: str) -> FileResult:
    """One file, in a worker; what cannot be read is a skip."""
    text = disk.read_text(path)
    if isinstance(text, Skip):
        return FileResult(path, skips=[text])
    return work(bot, path, text)


def _look_at(bot: Bot, path: str, text: str, *, verify: bool) -> FileResult:
    return look(bot, path, text, verify=verify)


def _repair_it(bot: Bot, path: str, text: str, *, least: Applicability) -> FileResult:
    return repair(bot, path, text, least=least)


def _again(bot: Bot, path: str, text: str, veto: Veto, *, least: Applicability) -> FileResult:
    return repair(bot, path, text, least=least, veto=veto)


def _text_or_none(path: str) -> str | None:
    text = disk.read_text(path) if "\0" not in path else None
    return text if isinstance(text, str) else None


def load_policies(folder: str | None, *, examples: bool = True) -> tuple[Policy, ...]:
    """The built-in policies and those of a folder of one's own, which win over built-in ones of the same id."""
    from bot.policy import load

    built_in = load(examples=examples)
    if folder is None:
        return built_in
    if not Path(folder).is_dir():
        raise InputError(f"{folder}: no folder; --policies takes a folder of policy files")
    own = load(Path(folder))
    taken = {policy.id for policy in own}
    return (*(policy for policy in built_in if policy.id not in taken), *own)


def meaning_of(policies: Sequence[Policy]) -> Meaning:
    """What the names that `select` and `ignore` take stand for: own ids and groups, ids of other tools."""
    groups = {policy.category for policy in policies} | {name for policy in policies for name in policy.profiles}
    twins = Twins(policies, groups | {ALL, DEFAULT})

    def meaning(name: str) -> tuple[str, ...] | str:
        found = twins.meaning(name)
        return found.reason if isinstance(found, Unclear) else found

    return meaning


def select(policies: Sequence[Policy], settings: Settings) -> tuple[Policy, ...]:
    """The policies that the settings switch on, no two that contradict; SettingsError for a name that is none."""
    settings.check_policies({policy.id for policy in policies})
    if not settings.rules_enabled:
        return ()
    closeness = {
        each.id: settings.closeness(each.id, category=each.category, profiles=each.profiles, default=each.default)
        for each in policies
    }
    chosen, left_out = without_contradictions([each for each in policies if closeness[each.id]], closeness)
    for policy_id, other in left_out.items():
        if closeness[policy_id] > BROAD:  # `all` asks for no policy in particular
            tell(f"note: {policy_id} is left out: it contradicts {other}; select one of the two")
    return chosen


class Sources(Mapping[str, Manifest]):
    """The files that a report shows, read when they are asked for; `known` are texts that differ from the disk."""

    def __init__(self, known: Mapping[str, str]) -> None:
        self._known = {path: read(path, text) for path, text in known.items()}

    def __getitem__(self, path: str) -> Manifest:
        if path not in self._known:
            text = disk.read_text(path)
            if isinstance(text, Skip):
                raise KeyError(path)
            self._known[path] = read(path, text)
        return self._known[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)


def sources_of(session: Session, report: Report) -> Sources:
    """What the places of a report point into: the new text of a changed file, else the file."""
    texts = {path: after for path, _, after in report.changed}
    if session.stdin is not None:
        texts.setdefault(STDIN_NAME, session.stdin)
    return Sources(texts)


def unreadable(report: Report) -> bool:
    """Whether an input could not be read: exit code 2 whatever else was found."""
    return any(skip.error for skip in report.skips)


def tell_errors(report: Report) -> None:
    """Inputs that could not be read, one line each on stderr, for commands whose stdout is a result."""
    for skip in report.skips:
        if skip.error:
            place = f"{skip.path}:{skip.line}" if skip.line is not None else skip.path
            tell(f"error: {place}: {skip.reason}")


def exit_code(report: Report, *, changed: bool = False) -> int:
    """0 nothing to say, 1 findings or changes, 2 an input that could not be read."""
    if unreadable(report):
        return 2
    return 1 if changed or any(finding.suppression is None for finding in report.findings) else 0
