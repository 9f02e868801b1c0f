"""A review in a workflow: the event says what of, the repository is fetched, the pull request gets the review.

Whatever happens, a person finds the findings: as a review, or as annotations and the summary of the step when the token
only reads, and as report files. Tokens leave the environment before anything is started.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Mapping, MutableMapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from bot.adapters.git.errors import NotGiven
from bot.adapters.git.fetch import fetch
from bot.adapters.git.remote import Moved, Wanted
from bot.adapters.github import connect, pulls_of
from bot.adapters.github.errors import RateLimited
from bot.adapters.github.patience import Patience
from bot.adapters.github.place import Place, locate
from bot.adapters.workflow import Notes, Quiet, check_folder
from bot.cli import publishing
from bot.cli.left import FOLDER, Left, leave
from bot.cli.post import CLUSTER_STATE
from bot.cli.publishing import Report
from bot.cli.remember import remember
from bot.cli.reviewing import NO_CLUSTER, Reviewing, Wish
from bot.cli.streams import tell
from bot.errors import BotError, InputError
from bot.pull.history import events as events_of
from bot.pull.post import Result, post
from bot.report.github import error_command
from bot.review import events
from bot.review.events import Annotate, Nothing, Publish, PullRequest
from bot.review.model import Review
from bot.review.reconcile import of_area, set_aside
from bot.review.rows import About

if TYPE_CHECKING:
    from bot.adapters.git import Repository
    from bot.adapters.github.pull_request import GitHubPullRequest

PATIENCE = "K8S_AUTO_FIX_PATIENCE"
"""Seconds that all rate limits of a run may cost."""
_PATIENCE = 180.0
_TOKENS = (
    "INPUT_TOKEN",
    "GITHUB_TOKEN",
    "GH_TOKEN",
    "ACTIONS_RUNTIME_TOKEN",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
    "ACTIONS_ID_TOKEN_REQUEST_URL",
)
_GONE = 2


@dataclass(frozen=True, slots=True)
class Said:
    """The options of a review that only count in a workflow."""

    token: str
    fail_on: str
    dry_run: bool = False
    form: str = "text"
    certificate: str | None = None
    report: str | None = None
    artifact: str | None = None


def review(wish: Wish, said: Said) -> int:
    """Do what the event asks for; the exit code."""
    environ = dict(os.environ)
    forget_tokens(os.environ)
    with Quiet(sys.stdout, sys.stderr) as quiet:
        try:
            if said.report:
                check_folder(said.report)
            return Run(wish, said, environ, quiet).of_event()
        except BotError as error:
            with quiet.speaking():
                sys.stdout.write(error_command(str(error)))
            tell(f"error: {error}")
            return error.exit_code


def forget_tokens(environ: MutableMapping[str, str]) -> None:
    """Take every token out of an environment: programs that are started inherit it."""
    for name in _TOKENS:
        environ.pop(name, None)


class Run:
    """One run of the action."""

    def __init__(self, wish: Wish, said: Said, environ: Mapping[str, str], quiet: Quiet) -> None:
        self.wish = wish
        self.said = said
        self.environ = environ
        self.quiet = quiet

    def of_event(self) -> int:
        """What the event asks for."""
        task = events.read(self._event(), self.environ)
        if isinstance(task, PullRequest):
            return self._pull_request(task)
        if isinstance(task, Annotate):
            return self._annotate(task)
        if isinstance(task, Publish):
            return self._publish(task)
        return _nothing(task)

    def _event(self) -> str:
        path = self.environ["GITHUB_EVENT_PATH"]
        try:
            return Path(path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"{path}: the event cannot be read: {error}") from error

    def _publish(self, task: Publish) -> int:
        """The review of a pull request whose own run could not post it, as far as that run reported the same."""
        owner = task.head_repository.partition("/")[0]
        place = self._place(task.repository)
        pull = events.published(task, pulls_of(place, owner, task.branch, self.said.token, self._patience()))
        if isinstance(pull, Nothing):
            return _nothing(pull)
        artifact = self.said.artifact or FOLDER
        self.said = replace(self.said, report=publishing.folder(self.said.report, artifact))
        report = publishing.report_of(task, artifact)
        self.wish = replace(self.wish, cluster=NO_CLUSTER)
        return self._pull_request(pull, report)

    def _pull_request(self, task: PullRequest, report: Report | None = None) -> int:
        """Review and post; with a report only what it has, too."""
        place = self._place(task.repository)
        github = self._connect(place, task.number)
        base = github.merge_base(task.base, task.head)
        wanted = Wanted(base, task.head, f"refs/pull/{task.number}/head", f"refs/heads/{task.base_ref}")
        with ExitStack() as stack:
            opened = self._fetch(stack, place, wanted)
            if opened is None:
                return self._moved(task)
            run = Reviewing(self.wish, opened, base, task.head)
            run.began = lambda name: Notes(self.environ).state({CLUSTER_STATE: name})
            if report is None:
                run.order.workspace = self._workspace()
            else:  # what lies in the workspace is a stranger's
                run.narrow = report.narrow
            about = About(
                pull=task.number,
                base_ref=task.base_ref,
                policies={policy.id: policy for policy in run.known_policies},
                blob=f"{place.server}/{task.repository}/blob/{task.head}",
            )
            page = f"{place.server}/{task.repository}/pull/{task.number}"
            result, left = self._reviewed(task, run, github, about, page)
            if result.moved:
                return self._moved(task)
        if report is not None:
            left = replace(left, annotate=False)  # beside the lines of another commit
            if unused := report.unused(result.review):
                tell(f"note: {unused}")
        return self._leave(result, about, left)

    def _reviewed(
        self, task: PullRequest, run: Reviewing, github: GitHubPullRequest, about: About, page: str
    ) -> tuple[Result, Left]:
        """The review, posted where that is wanted and allowed, and how else it is told."""
        if self.said.dry_run:
            return Result(run.run()), Left("a dry run: nothing is posted", annotate=False, dry_run=True)
        if task.draft:
            return Result(run.run()), Left("a draft: the review is posted once it is ready", annotate=False)
        if task.read_only:
            why = (
                f"a pull request from {'a fork' if task.read_only == 'fork' else task.read_only}: the token only reads"
            )
            return Result(run.run()), Left(why, annotate=True)
        try:
            posted, reviews = of_area(run.review.area, github.comments(), github.reviews())
            patches = github.patches(len(run.diffs))
        except BotError as error:  # of GitHub, or about an answer that cannot be used
            return Result(run.run()), _failed(error)
        found = run.run(patches, lambda names: set_aside(names, posted, reviews))
        try:
            result = post(github, found, about, posted, reviews)
        except BotError as error:
            return Result(found), _failed(error)
        if not result.moved:
            new = events_of(result, posted, reviews, run.order.history, pull=task.number)
            remember(new, run.settings.scheduler, workspace=self._workspace(), report=self.said.report)
        return result, Left(url=f"{page}#pullrequestreview-{result.summary}" if result.summary is not None else "")

    def _workspace(self) -> Path | None:
        named = self.environ.get("GITHUB_WORKSPACE", "")
        return Path(named) if named else None

    def _annotate(self, task: Annotate) -> int:
        place = self._place(task.repository)
        with ExitStack() as stack:
            found = self._compared(stack, place, task)
            if found is None:
                return 0
            base, opened = found
            run = Reviewing(self.wish, opened, base, task.head)
            run.order.workspace = self._workspace()
            about = About(
                base_ref=task.default_branch,
                policies={policy.id: policy for policy in run.known_policies},
                blob=f"{place.server}/{task.repository}/blob/{task.head}",
            )
            result = Result(run.run())
        return self._leave(result, about, Left("no pull request to comment on", annotate=True))

    def _compared(self, stack: ExitStack, place: Place, task: Annotate) -> tuple[str, Callable[[], Repository]] | None:
        """What the commit is compared with, and a repository that has both; None when there is nothing to compare.

        What was there before a forced push may be gone; then, as for a new branch, it is where the default branch was
        left.
        """
        base, why = task.base, "a new branch"
        while True:
            if base is None:
                if not task.default_branch:
                    tell(f"nothing to do: {why}, and nothing to compare it with")
                    return None
                base = self._connect(place, 0).merge_base(task.default_branch, task.head)
            try:
                opened = self._fetch(stack, place, Wanted(base, task.head, ""))
            except NotGiven:
                if base != task.base or not task.default_branch:
                    raise
                base, why = None, "what was there before is gone"
                continue
            if opened is None:
                tell("nothing to do: the commits are gone")
                return None
            return base, opened

    def _place(self, repository: str) -> Place:
        return locate(repository, self.environ, certificate=self.said.certificate)

    def _connect(self, place: Place, number: int) -> GitHubPullRequest:
        return connect(place, number, self.said.token, self._patience())

    def _patience(self) -> Patience:
        budget = self.environ.get(PATIENCE, "")
        return Patience(float(budget) if budget.replace(".", "", 1).isdigit() else _PATIENCE)

    def _fetch(self, stack: ExitStack, place: Place, wanted: Wanted) -> Callable[[], Repository] | None:
        """What opens a repository of our own that has both commits; None when the pull request has moved on."""
        temporary = self.environ.get("RUNNER_TEMP") or None
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="k8s-auto-fix-", dir=temporary))
        certificate = Path(self.said.certificate) if self.said.certificate else None
        found = fetch(
            f"{place.server}/{place.repository}.git",
            wanted,
            into=Path(folder, "repository"),
            token=self.said.token,
            ca_certificate=certificate,
            environ=self.environ,
        )
        if isinstance(found, Moved):
            return None
        repository = stack.enter_context(found.repository)
        return lambda: repository

    def _moved(self, task: PullRequest) -> int:
        tell(f"pull request {task.number} has a newer head than {task.head[:7]}: the run for that one posts")
        return 0

    def _leave(self, result: Result, about: About, left: Left) -> int:
        """Outputs, report files, summary of the step, annotations; the exit code."""
        review_ = result.review
        commands, wrong = leave(
            result,
            about,
            left,
            notes=Notes(self.environ),
            workspace=self.environ.get("GITHUB_WORKSPACE", ""),
            report=self.said.report,
        )
        if left.dry_run:
            self._print(review_, about)
        if left.why:
            tell(f"note: {left.why}")
        for each in filter(None, (left.error, wrong)):
            tell(f"error: {each}")
        if commands:
            with self.quiet.speaking():
                sys.stdout.write(commands)
        tell(_done(result) + (f": {left.url}" if left.url else ""))
        return max(left.code, _GONE if wrong else 0, self._code(review_))

    def _code(self, found: Review) -> int:
        """1 for a finding that `fail-on` names; 2 when nobody could look at a file. Never anything with `never`."""
        from bot.cli.review import exit_code
        from bot.cli.review_options import NEVER

        return 0 if self.said.fail_on == NEVER else exit_code(found, self.said.fail_on)

    def _print(self, found: Review, about: About) -> None:
        from bot.cli.review import printed

        printed(found, about, self.said.form)


def _nothing(task: Nothing) -> int:
    tell(f"nothing to do: {task.reason}")
    return 0


def _failed(error: BotError) -> Left:
    """What is told when GitHub did not let us read or post: everything, in other places."""
    if isinstance(error, RateLimited):
        return Left(str(error), annotate=True)
    return Left(annotate=True, error=str(error), code=_GONE)


def _done(result: Result) -> str:
    """One line for the log."""
    found = result.review
    parts = [
        f"{result.posted} posted",
        f"{len(found.suggestions)} suggested on lines",
        f"{len(found.patched)} in the patch",
        f"{len(found.held)} without a fix",
        f"{len(found.older)} older",
    ]
    return ", ".join(parts)
