"""The events that start a workflow, with the payload that the runner finds for them.

Payloads are made of the same shapes that the fake answers with, which are checked against GitHub's description. What is
odd in real ones is odd here: a fork that is gone has no `head.repo`, a new branch's `before` is all zeros.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.fakes.github import FakeGitHub, shapes
from tests.fakes.github.records import Pull

Payload = dict[str, Any]
NOTHING_BEFORE = "0" * 40


@dataclass(frozen=True)
class Event:
    """What `GITHUB_EVENT_*` and their siblings say. `sha` is what a checkout step would take."""

    name: str
    payload: Payload
    actor: str
    ref: str
    sha: str
    head_ref: str = ""
    base_ref: str = ""
    environment: dict[str, str] = field(default_factory=dict)
    """Further variables."""


def opened(fake: FakeGitHub, *, pull: Pull | None = None) -> Event:
    """A pull request was opened; it may be a draft, and from a fork."""
    return _pull_request(fake, pull, "opened")


def synchronize(fake: FakeGitHub, before: str, *, pull: Pull | None = None) -> Event:
    """Somebody pushed; `before` was the head."""
    return _pull_request(fake, pull, "synchronize", before=before, after=(pull or fake.newest).head)


def reopened(fake: FakeGitHub, *, pull: Pull | None = None) -> Event:
    """It was closed, and is open again."""
    return _pull_request(fake, pull, "reopened")


def ready_for_review(fake: FakeGitHub, *, pull: Pull | None = None) -> Event:
    """A draft no more."""
    return _pull_request(fake, pull, "ready_for_review")


def closed(fake: FakeGitHub, *, pull: Pull | None = None) -> Event:
    """It was closed, or merged."""
    return _pull_request(fake, pull, "closed")


def edited_title(fake: FakeGitHub, *, pull: Pull | None = None) -> Event:
    """Only words were changed."""
    return _pull_request(fake, pull, "edited", changes={"title": {"from": "Another title"}})


def edited_base(fake: FakeGitHub, old_ref: str, old_sha: str, *, pull: Pull | None = None) -> Event:
    """It is against another branch now."""
    changes = {"base": {"ref": {"from": old_ref}, "sha": {"from": old_sha}}}
    return _pull_request(fake, pull, "edited", changes=changes)


def dependabot(fake: FakeGitHub, *, pull: Pull | None = None) -> Event:
    """Dependabot pushed: whatever the workflow asks for, the token is read-only."""
    return _pull_request(fake, pull, "opened", actor="dependabot[bot]")


def pull_request_target(fake: FakeGitHub, *, pull: Pull | None = None) -> Event:
    """As `opened`, but the workflow is that of the base branch, with its permissions, and so is the checkout."""
    pull = pull or fake.newest
    found = _pull_request(fake, pull, "opened")
    return Event(
        "pull_request_target",
        found.payload,
        found.actor,
        f"refs/heads/{pull.base_ref}",
        pull.base,
        head_ref=pull.head_ref,
        base_ref=pull.base_ref,
    )


def workflow_call(fake: FakeGitHub, *, pull: Pull | None = None) -> Event:
    """A reusable workflow: event and payload are the caller's."""
    found = _pull_request(fake, pull, "opened")
    found.environment["GITHUB_WORKFLOW_REF"] = "acme/workflows/.github/workflows/review.yml@refs/heads/main"
    return found


def merge_group(fake: FakeGitHub, *, pull: Pull | None = None) -> Event:
    """A merge queue asks whether the pull request may go in."""
    pull = pull or fake.newest
    ref = f"refs/heads/gh-readonly-queue/{pull.base_ref}/pr-{pull.number}-{fake.tip(pull)}"
    head = fake.merge_commit(pull)
    fake.repository.point(ref, head)
    group = {
        "head_sha": head,
        "head_ref": ref,
        "base_sha": fake.tip(pull),
        "base_ref": f"refs/heads/{pull.base_ref}",
        "head_commit": _commit(fake, head),
    }
    payload = {"action": "checks_requested", "merge_group": group, **_about(fake, "github-merge-queue[bot]")}
    return Event("merge_group", payload, "github-merge-queue[bot]", ref, head)


def push(fake: FakeGitHub, before: str = NOTHING_BEFORE, *, branch: str = "main") -> Event:
    """A push to a branch; `before` is all zeros when the branch is new."""
    ref = f"refs/heads/{branch}"
    after = fake.repository.resolve(ref)
    payload = {
        "ref": ref,
        "before": before,
        "after": after,
        "created": before == NOTHING_BEFORE,
        "deleted": False,
        "forced": False,
        "base_ref": None,
        "compare": f"{fake.url}/{fake.full_name}/compare/{before[:12]}...{after[:12]}",
        "commits": [_commit(fake, after)],
        "head_commit": _commit(fake, after),
        "pusher": {"name": fake.author, "email": f"{fake.author}@users.noreply.github.com"},
        **_about(fake, fake.author),
    }
    return Event("push", payload, fake.author, ref, after)


def workflow_run(fake: FakeGitHub, run: int, *, pull: Pull | None = None, event: str = "pull_request") -> Event:
    """Another workflow has ended. Its `pull_requests` are empty for forks, as GitHub leaves them."""
    pull = pull or fake.newest
    found = {
        "id": run,
        "name": "Review",
        "event": event,
        "status": "completed",
        "conclusion": "success",
        "head_branch": pull.head_ref,
        "head_sha": pull.head,
        "head_repository": None if pull.fork_gone else shapes.repository(fake, pull.fork),
        "repository": shapes.repository(fake),
        "pull_requests": [],
    }
    payload = {"action": "completed", "workflow_run": found, "workflow": {}, **_about(fake, pull.author.login)}
    return Event("workflow_run", payload, pull.author.login, f"refs/heads/{pull.base_ref}", fake.tip(pull))


def _pull_request(fake: FakeGitHub, pull: Pull | None, action: str, *, actor: str = "", **more: Any) -> Event:
    pull = pull or fake.newest
    actor = actor or pull.author.login
    payload = {
        "action": action,
        "number": pull.number,
        "pull_request": shapes.pull(fake, pull, counts=True),
        **more,
        **_about(fake, actor),
    }
    return Event(
        "pull_request",
        payload,
        actor,
        f"refs/pull/{pull.number}/merge",
        fake.merge_commit(pull),
        head_ref=pull.head_ref,
        base_ref=pull.base_ref,
    )


def _about(fake: FakeGitHub, actor: str) -> Payload:
    return {"repository": shapes.repository(fake), "sender": shapes.user(fake, fake.account(actor))}


def _commit(fake: FakeGitHub, name: str) -> Payload:
    who = {"name": fake.author, "email": f"{fake.author}@users.noreply.github.com"}
    return {"id": name, "message": "A change", "timestamp": fake.now(), "author": who, "committer": who}
