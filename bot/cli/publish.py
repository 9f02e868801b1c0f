"""`publish`: the review of a pull request whose own run has a token that only reads, posted by a second workflow."""

from __future__ import annotations

import os
from typing import Any

import click

from bot.cli import review_options
from bot.errors import UsageError

_EVENT = "workflow_run"


@click.command()
@review_options.publishing_options
def command(
    dry_run: bool,
    form: str,
    fail_on: str,
    token: str,
    ca_certificate: str | None,
    report: str | None,
    artifact: str | None,
    **said: Any,
) -> int:
    """Post the review of a pull request from a fork, after a workflow that could not.

    In a workflow that starts when another one has ended (`workflow_run`). The pull request is found by the commit that
    GitHub names and reviewed anew; of the suggestions those are posted that the report of the other run has, too.
    `review` does the same at this event.
    """
    from bot.cli import workflow
    from bot.cli.reviewing import wished

    name = os.environ.get("GITHUB_EVENT_NAME")
    if not os.environ.get("GITHUB_EVENT_PATH") or name != _EVENT:
        found = f"this one is for {name}" if name else "there is none here"
        raise UsageError(f"publish is for a workflow on the event {_EVENT}, and {found}; `review` is for all others")
    wish = wished(fail_on=fail_on, workflow=True, **said)
    return workflow.review(wish, workflow.Said(token, fail_on, dry_run, form, ca_certificate, report, artifact))
