"""From options and two commits to a Review: settings and policies of the merge base, files of both, an API server.

What counts is the merge base's: settings, policies, accepted findings, recommendations, CustomResourceDefinitions. What
the pull request changes in them is named in the review and not obeyed.
"""

from __future__ import annotations

import datetime as dt
import gc
import posixpath
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bot.adapters.files.gitignore import Patterns
from bot.adapters.parallel import map_files
from bot.adapters.tree import Tree
from bot.cli import review_engines
from bot.cli.ordering import Ordering
from bot.cli.review_options import NEVER
from bot.cli.session import load_policies, meaning_of, select
from bot.detect.detect import Detector, Environment
from bot.detect.identity import number
from bot.errors import InputError, PolicyError
from bot.manifest import read
from bot.model import Json, Severity, Skip
from bot.pipeline import Bot, FileResult
from bot.policy import Policy
from bot.pull.brought import Brought, Changed, Task, bring, reprove
from bot.pull.review import assemble
from bot.pull.vouched import bodies, vouch
from bot.rank.candidates import around
from bot.review.hunks import FileDiff, Hunk, Status, common
from bot.review.introduced import Scope
from bot.review.marker import area_of
from bot.review.model import Offer, Review
from bot.settings import FILE_NAME, Options, Settings, load_text

if TYPE_CHECKING:
    from bot.adapters.cluster.launch import Launch
    from bot.adapters.git import Repository

NO_CLUSTER = "none"
_DEFINITION = "CustomResourceDefinition"
_KUBERNETES = ('"apiVersion"', '"kind"')
"""What a JSON file has to say to be looked at."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the options of a review said. `cluster` is what counts when neither options nor settings name one."""

    paths: tuple[str, ...] = ()
    scope: Scope = Scope.INTRODUCED
    severity: Severity = Severity.MEDIUM
    least: Severity = Severity.MEDIUM
    most: int = 10
    folder: str | None = None
    kubeconfig: str = ""
    context: str = ""
    jobs: int | None = None
    cluster: str = NO_CLUSTER
    sarif: tuple[str, ...] = ()
    options: Options = field(default_factory=Options)


def wished(
    *,
    workflow: bool,
    paths: tuple[str, ...],
    scope: str,
    min_severity: str,
    max_comments: int,
    fail_on: str,
    profile: str | None,
    select: tuple[str, ...] | None,
    ignore: tuple[str, ...] | None,
    exclude: tuple[str, ...] | None,
    kubernetes_version: str | None,
    folder: str | None,
    config: str | None,
    cluster: str | None,
    kubeconfig: str | None,
    context: str | None,
    jobs: int | None,
    engines: tuple[str, ...] | None = None,
    kyverno_policies: tuple[str, ...] | None = None,
    sarif: tuple[str, ...] | None = None,
    **_rest: object,
) -> Wish:
    """The wish that the options of `bot.cli.review_options` make, by their names."""
    severity = Severity[min_severity.upper()]
    review_engines.check(engines)
    return Wish(
        paths,
        Scope(scope),
        severity,
        severity if fail_on == NEVER else min(severity, Severity[fail_on.upper()]),
        max_comments,
        folder,
        kubeconfig or "",
        context or "",
        jobs,
        "kind" if workflow else NO_CLUSTER,
        sarif or (),
        Options(
            config,
            select,
            ignore,
            exclude,
            kubernetes_version,
            cluster=cluster,
            profile=profile,
            engines=engines,
            kyverno_policies=kyverno_policies,
        ),
    )


class Reviewing:
    """One review of the commits `base` (the merge base) and `head`; `opened` opens the repository, once a process."""

    def __init__(self, wish: Wish, opened: Callable[[], Repository], base: str, head: str) -> None:
        self.wish = wish
        self.base = Tree(base, opened)
        self.head = Tree(head, opened)
        self.diffs = opened().diff(base, head)
        self.known_policies = self._policies()
        self.settings = self._settings()
        self.order = Ordering(self.settings.scheduler, self.base, self.head, opened)
        self.policies = select(self.known_policies, self.settings)
        self.skips: list[Skip] = []
        self.crds = list(self._crds(opened()))
        self.changed = [each for diff in self.diffs if (each := self._changed(diff)) is not None]
        self.heard: tuple[str, ...] = ()
        self.task = self._listening(self._task())
        self.found: list[Brought] = []
        self.began: Callable[[str], None] = lambda _: None
        """Told the name of a kind cluster as soon as it is begun, so that somebody else can remove it if need be."""
        self.narrow: Callable[[Offer], Offer] = lambda offer: offer
        """Turns a proven offer that may not be suggested into one for the patch."""
        self.review = Review(base, head, area=area_of(wish.paths))

    def run(
        self,
        patches: Mapping[str, tuple[Hunk, ...]] | None = None,
        set_aside: Callable[[frozenset[str]], frozenset[str]] = lambda _: frozenset(),
    ) -> Review:
        """The review. `patches` are the hunks that GitHub knows, by path; None: nobody asked.

        `set_aside` says which of the fingerprints found people do not want to hear of again.
        """
        with self._launch() as launch:
            if launch.cluster:
                self.began(launch.cluster)
            self.found = self._bring([_shown_by(patches, each) for each in self.changed])
            self._leave_out(set_aside)
            self._vouch(launch)
        for each in self.found:
            each.offers = [self.narrow(offer) for offer in each.offers]
        lines = tuple(self._unheeded())
        review = replace(self.review, unheeded=lines, skips=tuple(self.skips))
        sort = self.order.sort(self.found, lambda manifest: around(self.task.head.surroundings.inventory(manifest)))
        done = assemble(review, self.found, most=self.wish.most, severity=self.wish.severity, sort=sort)
        return replace(done, notices=(*done.notices, *self.heard, *self.order.notes))

    def _policies(self) -> tuple[Policy, ...]:
        """The built-in policies and a team's own: of the merge base when their folder is in the repository.

        A folder that the pull request brings is not there yet.
        """
        folder = self.wish.folder
        if folder is None or Path(folder).is_absolute():
            return load_policies(folder, examples=False)
        inside = posixpath.normpath(folder)
        files = _policy_files(self.base, inside)
        if not files and _policy_files(self.head, inside):
            return load_policies(None, examples=False)
        if not files:
            raise InputError(f"{folder}: no policies there in the merge base; an absolute path names a folder outside")
        with tempfile.TemporaryDirectory(prefix="k8s-auto-fix-policies-") as copy:
            for path in files:
                place = Path(copy, posixpath.relpath(path, inside))
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(self.base.data(path) or b"")
            try:
                return load_policies(copy, examples=False)
            except PolicyError as error:
                # The file is named as the repository has it.
                raise PolicyError(str(error).replace(copy, inside)) from None

    def _settings(self) -> Settings:
        options = self.wish.options
        name = options.config or FILE_NAME
        text: str | Skip | None
        if Path(name).is_absolute():
            from bot.adapters.files import read_text

            text = read_text(name)
        else:
            text = self.base.text(name)
        if isinstance(text, Skip):
            raise InputError(f"{name}: {text.reason}")
        if text is None and options.config and (Path(name).is_absolute() or self.head.data(name) is None):
            raise InputError(f"{name}: not in the merge base; settings count as they are there")
        settings = load_text(name, text, options, meaning=meaning_of(self.known_policies))
        if ("cluster", "") in settings.places:
            return settings
        return replace(settings, cluster=self.wish.cluster)

    def _crds(self, repository: Repository) -> Iterator[Mapping[str, Json]]:
        """The CustomResourceDefinitions of the merge base."""
        for path in repository.grep(self.base.commit, _DEFINITION, (".yaml", ".yml", ".json")):
            text = self.base.read(path)
            if text is not None:
                yield from (each.body for each in read(path, text).resources if each.ref.kind == _DEFINITION)

    def _changed(self, diff: FileDiff) -> Changed | None:
        """A changed manifest with its texts; None for what is not looked at, with the reason where there is one."""
        if diff.status is Status.REMOVED or not diff.path.lower().endswith((".yaml", ".yml", ".json")):
            return None
        if not _is_wanted(diff.path, self.wish.paths) or _is_left_out(Patterns(self.settings.exclude), diff.path):
            return None
        text = self.head.text(diff.path)
        if text is None:
            self.skips.append(Skip("read", "not-a-file", "a link or a submodule; not followed", diff.path))
            return None
        if isinstance(text, Skip):
            self.skips.append(text)
            return None
        if diff.path.lower().endswith(".json") and not all(word in text for word in _KUBERNETES):
            return None
        before = self.base.read(diff.old_path) if diff.old_path is not None else None
        return Changed(diff, text, before)

    def _task(self) -> Task:
        from bot import schema
        from bot.detect.context import look_around
        from bot.detect.marks import known
        from bot.detect.others.gather import gather as gather_accepted
        from bot.detect.recommendations.gather import gather as gather_recommended

        settings = self.settings
        environment = Environment(
            settings.values,
            settings.oldest or schema.OLDEST_SUPPORTED,
            settings.newest or schema.NEWEST,
            schema.with_crds(self.crds),
            settings.severities,
        )
        detector = Detector(self.policies, environment)
        paths = [each.diff.path for each in self.changed]
        before = [each.diff.old_path for each in self.changed if each.diff.old_path is not None]
        names, today = known(self.known_policies), dt.datetime.now(tz=dt.UTC).date()
        accepted = gather_accepted(self.base.read, names, today=today)
        recommended = gather_recommended(self.base.read, settings.reports)
        self.skips += [*accepted.skips, *recommended.skips]
        around = partial(look_around, names=names, today=today, accepted=accepted, recommended=recommended)
        there, here = (
            around(of, tree.read, listing=tree.manifests_in) for of, tree in ((before, self.base), (paths, self.head))
        )
        head = Bot(detector, here, self.wish.least, time.perf_counter)
        base = Bot(detector, there, self.wish.least, time.perf_counter)
        return Task(head, base, self.wish.scope, self.wish.severity)

    def _listening(self, task: Task) -> Task:
        """The same with what other tools say of the head."""
        said = review_engines.listen(
            self.settings,
            self.known_policies,
            self.wish.sarif,
            paths=[each.diff.path for each in self.changed],
            base=self.base,
            head=self.head,
            surroundings=task.head.surroundings,
        )
        if said is None:
            return task
        reports, outcome = said
        self.skips += outcome.errors
        self.heard = tuple(outcome.notices)
        return replace(task, head=replace(task.head, reports=reports))

    def _bring(self, changed: Sequence[Changed]) -> list[Brought]:
        gc.freeze()  # workers then share the pages of what is there already
        sizes = [len(each.text) for each in changed]
        results = map_files(partial(_bring, self.task), changed, self.wish.jobs, sizes=sizes, lost=_lost)
        return [_with_texts(found, each) for found, each in zip(results, changed, strict=True)]

    def _leave_out(self, set_aside: Callable[[frozenset[str]], frozenset[str]]) -> None:
        """Look once more at files with findings that people set aside, without those."""
        ordered = [(each, finding) for each in self.found for finding in each.result.findings]
        numbered = number(finding for _, finding in ordered)
        names = {
            final.fingerprint: (id(each), old.fingerprint) for (each, old), final in zip(ordered, numbered, strict=True)
        }
        keys: dict[int, set[str]] = {}
        for name in set_aside(frozenset(names)):
            if name in names:
                file, key = names[name]
                keys.setdefault(file, set()).add(key)
        self.found = [
            bring(self.task, each.changed, frozenset(keys[id(each)])) if id(each) in keys else each
            for each in self.found
        ]

    def _launch(self) -> Launch:
        """The API server that is wanted, begun in the background while files are looked at."""
        from bot.adapters.cluster.launch import Choice, Launch, Wanted

        choice = Choice(self.settings.cluster) if self.changed else Choice.NONE
        wanted = Wanted(choice, self.settings.newest or "", self.wish.kubeconfig, self.wish.context)
        return Launch(wanted)

    def _vouch(self, launch: Launch) -> None:
        from bot.adapters.cluster.scratch import ScratchServer

        again = partial(reprove, self.task)
        if self.settings.cluster == NO_CLUSTER or not any(each.offers for each in self.found):
            vouch(None, "", self.found, again)
            return
        opened = launch.open()
        notes = list(opened.notes)
        if isinstance(opened.server, ScratchServer):
            notes += opened.server.prepare([*bodies(self.found), *self.crds])
        vouch(opened.server, opened.reason, self.found, again)
        server = _name_of(opened.server.label) if opened.server is not None else ""
        self.review = replace(self.review, server=server, no_server=opened.reason, notices=tuple(notes))

    def _unheeded(self) -> Iterator[str]:
        """What the pull request changes in what counts from the merge base only."""
        from bot.detect.others.gather import FILES
        from bot.detect.recommendations.gather import USUAL

        reports = {*self.settings.recommendations, *USUAL}
        settings = self.wish.options.config or FILE_NAME
        folder = posixpath.normpath(self.wish.folder) + "/" if self.wish.folder else None
        kyverno = review_engines.folders(self.settings, self.base) if self.settings.engines else []
        for diff in self.diffs:
            names = {diff.path, diff.old_path or diff.path}
            if settings in names:
                yield f"{settings}: settings count as they are in the merge base"
            elif others := sorted(names & FILES):
                yield f"{others[0]}: what it accepts counts as it is in the merge base"
            elif others := sorted(names & reports):
                yield f"{others[0]}: what it recommends counts as it is in the merge base"
            elif folder is not None and any(name.startswith(folder) for name in names):
                yield f"{diff.path}: policies count as they are in the merge base"
            elif any(_is_wanted(name, kyverno) for name in names if kyverno):
                yield f"{diff.path}: Kyverno policies count as they are in the merge base"
        for each in self.changed:
            if _DEFINITION in each.text and each.before != each.text:
                kinds = {resource.ref.kind for resource in read(each.diff.path, each.text).resources}
                if _DEFINITION in kinds:
                    yield f"{each.diff.path}: CustomResourceDefinitions count as they are in the merge base"


def _policy_files(tree: Tree, folder: str) -> list[str]:
    return [path for path in tree.below(folder) if path.endswith((".yaml", ".yml"))]


def _bring(task: Task, changed: Changed) -> Brought:
    """One file, in a worker; texts do not travel back."""
    found = bring(task, changed)
    found.changed = replace(changed, text="", before=None)
    return found


def _with_texts(found: Brought, changed: Changed) -> Brought:
    """What a worker gave, with the texts that it was given."""
    found.changed = changed
    return found


def _lost(changed: Changed, why: str) -> Brought:
    """The result of a file whose worker died over it."""
    path = changed.diff.path
    return Brought(changed, FileResult(path, skips=[Skip("read", "lost", why, path, error=True)]))


def _shown_by(patches: Mapping[str, tuple[Hunk, ...]] | None, changed: Changed) -> Changed:
    """A file with the lines that both diffs show; of a file that GitHub sends no patch for, ours count."""
    theirs = patches.get(changed.diff.path) if patches is not None else None
    if theirs is None:
        return changed
    return replace(changed, diff=replace(changed.diff, hunks=common(changed.diff.hunks, theirs)))


def _is_wanted(path: str, wanted: Iterable[str]) -> bool:
    """Whether a path is one of those asked for, or below one; without any all are."""
    names = [posixpath.normpath(name) for name in wanted]
    return not names or any(name in (".", path) or path.startswith(name + "/") for name in names)


def _is_left_out(patterns: Patterns, path: str) -> bool:
    """Whether patterns leave out a path or a folder that it lies in."""
    parts = path.split("/")
    folders = ["/".join(parts[:end]) for end in range(1, len(parts))]
    return any(patterns.verdict(each, folder=True) for each in folders) or bool(patterns.verdict(path, folder=False))


def _name_of(label: str) -> str:
    """`server v1.36.3 (kind)` as people say it: `Kubernetes 1.36.3 (kind)`."""
    return label.replace("server v", "Kubernetes ", 1)
