"""What an event of GitHub Actions asks for: a review, annotations only, publishing, or nothing.

The payload comes from outside and has odd shapes: a fork that is gone has no `head.repo`, a new branch's `before` is
all zeros, an old run that is started again says what was true back then.
https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows

In a workflow that another one calls (`workflow_call`) event and payload are those of the caller.

Invariant: a function of its arguments. Whatever the payload holds, there is a value or one clear line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.errors import InputError
from bot.model import Json
from bot.review.fields import Field

_PULL_REQUESTS = ("pull_request", "pull_request_target")
_DEPENDABOT = "dependabot[bot]"
_NAME = re.compile(r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+"), "OWNER/NAME"
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}"), "the name of a commit"
_BRANCH = re.compile(r"(?!-)[^\x00-\x20\x7f~^:?*\[\\\ud800-\udfff]+"), "the name of a branch"
"""https://git-scm.com/docs/git-check-ref-format"""
_ALONE = {
    "issue_comment": "a comment says nothing about commits",
    "pull_request_review": "a review changes no file",
    "pull_request_review_comment": "a comment changes no file",
    "schedule": "there is no pull request to look at",
    "workflow_dispatch": "there is no pull request to look at",
}


@dataclass(frozen=True, slots=True)
class PullRequest:
    """Review this pull request.

    `head` and `base` are full object names as of the event: the pull request may have moved since. `fork` is true also
    when the fork is gone. `read_only` says why the workflow's token may not be able to write ("fork", "Dependabot"),
    empty when nothing speaks against it.
    """

    repository: str
    number: int
    head: str
    base: str
    base_ref: str
    draft: bool = False
    fork: bool = False
    read_only: str = ""


@dataclass(frozen=True, slots=True)
class Annotate:
    """Show what is between two commits as annotations: there is no pull request to comment on.

    `base` is None when there was nothing before (a new branch): then the merge base with `default_branch` counts.
    """

    repository: str
    head: str
    base: str | None
    default_branch: str = ""


@dataclass(frozen=True, slots=True)
class Publish:
    """A workflow has ended that ran for a pull request, perhaps with a token that only reads: post its review.

    `run` is the number of that run and `head` the commit it ran for, `branch` of the repository `head_repository`
    (OWNER/NAME, a fork perhaps). All of it is GitHub's word; which pull request it was is not said for forks.
    """

    repository: str
    run: int
    head: str
    head_repository: str
    branch: str


@dataclass(frozen=True, slots=True)
class Nothing:
    """Nothing to do, and why (for people)."""

    reason: str


Task = PullRequest | Annotate | Publish | Nothing


def read(text: str, environment: Mapping[str, str]) -> Task:
    """What the event in `text` asks for. `environment` has GITHUB_EVENT_NAME, GITHUB_REPOSITORY and GITHUB_ACTOR.

    An InputError says what the event lacks.
    """
    name = environment.get("GITHUB_EVENT_NAME", "")
    if not name:
        raise InputError("GITHUB_EVENT_NAME is not set: outside of a workflow, name two commits with --base and --head")
    if name in _ALONE:
        return Nothing(f"the event is {name}: {_ALONE[name]}")
    reader = _READERS.get(name)
    if reader is None:
        return Nothing(f"the event is {name}, which brings no changes to look at")
    try:
        payload = Field("", json.loads(text))
    except (ValueError, RecursionError):
        raise InputError(f"the event {name} is no JSON; GITHUB_EVENT_PATH has to name the file of the runner") from None
    return reader(payload, environment)


def _pull_request(event: Field, environment: Mapping[str, str]) -> Task:
    action = event["action"].text()
    if action == "edited" and event["changes"]["base"].absent:
        return Nothing("only the title or the description was edited")
    pull = event["pull_request"]
    if action == "closed" or pull["state"].text() == "closed":
        return Nothing("the pull request is closed")
    base = pull["base"]
    fork = _is_fork(pull["head"]["repo"], base["repo"])
    return PullRequest(
        repository=_repository(base["repo"], environment),
        number=pull["number"].natural(),
        head=pull["head"]["sha"].matching(*_COMMIT),
        base=base["sha"].matching(*_COMMIT),
        base_ref=base["ref"].matching(*_BRANCH),
        draft=pull["draft"].flag(),
        fork=fork,
        read_only=_read_only(event, environment, fork=fork),
    )


def _is_fork(head: Field, base: Field) -> bool:
    """`head.repo.fork` is no answer: it says whether that repository is a fork of anything."""
    return head.absent or head["full_name"].text().lower() != base["full_name"].text().lower()


def _read_only(event: Field, environment: Mapping[str, str], *, fork: bool) -> str:
    """Who started the run counts, not whose pull request it is: a person's push to Dependabot's branch may write."""
    actor = environment.get("GITHUB_ACTOR") or event["sender"]["login"].text()
    if actor == _DEPENDABOT:
        return "Dependabot"
    return "fork" if fork and environment["GITHUB_EVENT_NAME"] == "pull_request" else ""


def _merge_group(event: Field, environment: Mapping[str, str]) -> Task:
    if event["action"].text() == "destroyed":
        return Nothing("the merge group is gone")
    group = event["merge_group"]
    return Annotate(
        repository=_repository(event["repository"], environment),
        head=group["head_sha"].matching(*_COMMIT),
        base=group["base_sha"].matching(*_COMMIT),
    )


def _push(event: Field, environment: Mapping[str, str]) -> Task:
    if event["ref"].text().startswith("refs/tags/"):
        return Nothing("a tag was pushed, which changes no branch")
    before, after = (event[name].matching(*_COMMIT) for name in ("before", "after"))
    if not after.strip("0"):
        return Nothing("a branch was deleted")
    repository = event["repository"]
    default = repository["default_branch"]
    return Annotate(
        repository=_repository(repository, environment),
        head=after,
        base=before if before.strip("0") else None,
        default_branch="" if default.absent else default.matching(*_BRANCH),
    )


def _workflow_run(event: Field, environment: Mapping[str, str]) -> Task:
    run = event["workflow_run"]
    if event["action"].text() != "completed":
        return Nothing("the workflow that was waited for has not ended")
    number, started_by = run["id"].natural(), run["event"].text()
    if started_by != "pull_request":
        return Nothing(f"the workflow that has ended ran for {started_by[:40]}, not for pull_request")
    source = run["head_repository"]
    if source.absent:
        return Nothing("the fork is gone, so that nobody could take a suggestion")
    return Publish(
        repository=_repository(event["repository"], environment),
        run=number,
        head=run["head_sha"].matching(*_COMMIT),
        head_repository=source["full_name"].matching(*_NAME),
        branch=run["head_branch"].matching(*_BRANCH),
    )


def published(task: Publish, pulls: Iterable[Json]) -> PullRequest | Nothing:
    """The pull request that a workflow has ended for, of the open ones that GitHub lists for its head branch.

    It counts only when its head is still the commit of that run, and when it is the only one: for which of several a
    run was, nobody says that could be trusted. An InputError says what an entry of the list lacks.
    """
    listed = [Field("", pull, "GitHub's list of pull requests cannot be used") for pull in pulls]
    of_branch = [each for each in listed if _is_from(each["head"], task)]
    found = [each for each in of_branch if each["head"]["sha"].text() == task.head]
    if len(found) > 1:
        names = ", ".join(f"#{each['number'].natural()}" for each in found)
        return Nothing(f"the pull requests {names} have the same head: for which one the run was is not known")
    if not found:
        moved = f"; a newer run posts for #{of_branch[0]['number'].natural()}" if of_branch else ""
        return Nothing(f"no open pull request has the head {task.head[:7]} any more{moved}")
    (pull,) = found
    return PullRequest(
        repository=task.repository,
        number=pull["number"].natural(),
        head=task.head,
        base=pull["base"]["sha"].matching(*_COMMIT),
        base_ref=pull["base"]["ref"].matching(*_BRANCH),
        draft=pull["draft"].flag(),
        fork=task.head_repository.lower() != task.repository.lower(),
    )


def _is_from(head: Field, task: Publish) -> bool:
    """Whether an open pull request comes from the branch that the run was for."""
    repository = head["repo"]
    name = "" if repository.absent else repository["full_name"].text()
    return name.lower() == task.head_repository.lower() and head["ref"].text() == task.branch


def _repository(payload: Field, environment: Mapping[str, str]) -> str:
    """The runner's word counts: the payload of an old run may have the name from before a rename."""
    name = environment.get("GITHUB_REPOSITORY", "")
    if not name:
        return payload["full_name"].matching(*_NAME)
    if not _NAME[0].fullmatch(name):
        raise InputError(f"GITHUB_REPOSITORY is {name[:80]!r}; it is OWNER/NAME")
    return name


_READERS = {
    **dict.fromkeys(_PULL_REQUESTS, _pull_request),
    "merge_group": _merge_group,
    "push": _push,
    "workflow_run": _workflow_run,
}
