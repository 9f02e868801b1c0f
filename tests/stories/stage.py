"""A pull request at a strict fake GitHub, and what may be said of it after every run of the action."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from bot.review import marker
from bot.review.comment import suggested
from tests.fakes import events
from tests.fakes.events import Event
from tests.fakes.github import FakeGitHub
from tests.fakes.github.records import Comment, Review
from tests.fakes.runner import Run, Runner

_POLICIES = re.compile(r"ignore\[([a-z0-9, -]+)\]")
_GIT = "git/"


@dataclass
class Stage:
    """The fake, a runner, and every run so far. After each run `review` checks what holds whatever happened."""

    github: FakeGitHub
    runner: Runner
    runs: list[Run] = field(default_factory=list)

    def review(self, event: Event | None = None, *, code: int = 0, **more: Any) -> Run:
        """Run the action, by default for the pull request as it was opened; `more` are inputs, or `interrupt`.

        Nobody else's words change, no finding is named by two open comments, one summary stands, and no message of ours
        is that of a defect.
        """
        others = self._of_others()
        run = self.runner.run(event or events.opened(self.github), **more)
        assert "internal error" not in run.stderr, run.stderr
        assert "Traceback" not in run.stderr, run.stderr
        assert run.code == code, f"{run.stdout}\n{run.stderr}"
        assert self._of_others() == others, "somebody else's words have changed"
        named = Counter(name for each in self.open for name in names(each))
        assert not [name for name, times in named.items() if times > 1], f"twice: {named}"
        areas = Counter(found.area for each in self.summaries if (found := marker.read_summary(each.body)) is not None)
        assert max(areas.values(), default=0) <= 1, "two summaries of runs over the same paths"
        self.runs.append(run)
        return run

    def pushed(self, before: str, **more: Any) -> Run:
        """A run after a push; `before` was the head."""
        return self.review(events.synchronize(self.github, before), **more)

    @property
    def comments(self) -> list[Comment]:
        """Our comments, the oldest first."""
        return self.github.bot_comments if self.github.pulls else []

    @property
    def open(self) -> list[Comment]:
        """Those that still suggest something."""
        found = [(each, marker.read(each.body)) for each in self.comments]
        return [
            each
            for each, mark in found
            if mark is not None and not mark.closed and each.thread.resolved_by is None and each.reply_to is None
        ]

    @property
    def suggested(self) -> list[str]:
        """The policies that open comments are about, sorted."""
        return sorted(policy for each in self.open for policy in policies(each))

    @property
    def summaries(self) -> list[Review]:
        """Our reviews that hold a summary."""
        reviews = self.github.newest.reviews if self.github.pulls else []
        return [each for each in reviews if each.author.bot and marker.read_summary(each.body) is not None]

    @property
    def summary(self) -> str:
        """The text of the summary that stands."""
        (found,) = self.summaries
        return found.body

    def one(self, policy: str) -> Comment:
        """The open comment about a policy."""
        (found,) = [each for each in self.open if policy in policies(each)]
        return found

    def operations(self) -> list[str]:
        """What GitHub's API was asked for since the last call."""
        found = [request.operation for request in self.github.requests if not request.operation.startswith(_GIT)]
        self.github.requests.clear()
        return found

    def head_text(self, path: str = "web.yaml") -> str:
        """A file as the head has it."""
        return self.github.repository.read(self.github.newest.head, path).decode()

    def _of_others(self) -> list[tuple[int, str]]:
        pulls = self.github.pulls.values()
        return [
            (each.id, each.body) for pull in pulls for each in (*pull.comments, *pull.reviews) if not each.author.bot
        ]


def policies(comment: Comment) -> list[str]:
    """The policies that a comment of ours names."""
    found = _POLICIES.search(comment.body)
    return found[1].split(", ") if found else []


def names(comment: Comment) -> tuple[str, ...]:
    """The fingerprints in a comment's marker."""
    found = marker.read(comment.body)
    return found.names if found is not None else ()


def suggestion(comment: Comment) -> str:
    """The lines that a comment offers."""
    found = suggested(comment.body)
    assert found is not None
    return found
