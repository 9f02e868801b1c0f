"""`review`: what a pull request brings, posted as suggestions; on a checkout the same, printed."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import click

from bot.cli import review_options
from bot.cli.streams import terminal_width, wants_color, write_output
from bot.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.cli.reviewing import Wish
    from bot.policy.model import Policy
    from bot.review.model import Review
    from bot.review.rows import About


@click.command()
@review_options.options
def command(
    dry_run: bool,
    form: str,
    base: str | None,
    head: str | None,
    fail_on: str,
    token: str,
    ca_certificate: str | None,
    report: str | None,
    artifact: str | None,
    **said: Any,
) -> int:
    """Review the manifests that a pull request changes.

    In a workflow the event says which pull request, and the review is posted there. On a checkout, --base and --dry-run
    print what would be posted, without a token:

    \b
    k8s-auto-fix review --base origin/main --dry-run
    """  # noqa: D301
    from bot.cli.reviewing import wished
    from bot.review.rows import About

    workflow = bool(os.environ.get("GITHUB_EVENT_PATH")) and base is None
    wish = wished(fail_on=fail_on, workflow=workflow, **said)
    if workflow:
        from bot.cli import workflow as workflows

        return workflows.review(wish, workflows.Said(token, fail_on, dry_run, form, ca_certificate, report, artifact))
    if base is None:
        raise UsageError("nothing to compare with: --base REF on a checkout; a workflow's event says it by itself")
    if not dry_run:
        raise UsageError("--dry-run prints the review; it is posted from a workflow only")
    review, policies = _review(wish, base, head or "HEAD")
    printed(review, About(base_ref=base, policies=policies), form)
    return exit_code(review, fail_on)


def _review(wish: Wish, base: str, head: str) -> tuple[Review, Mapping[str, Policy]]:
    from bot.cli import checkout

    with checkout.repository() as found:
        run = checkout.reviewing(wish, found, base, head)
        return run.run(), {policy.id: policy for policy in run.known_policies}


def printed(review: Review, about: About, form: str) -> None:
    """Print what would be posted, as text or as the body of the request."""
    from bot.pull import payload, text

    if form == "payload":
        write_output(json.dumps(payload.first(review, about), indent=2, ensure_ascii=False) + "\n")
    else:
        write_output(text.render(review, about.policies, color=wants_color("auto"), width=terminal_width()))


def exit_code(review: Review, fail_on: str) -> int:
    """1 when the pull request brings a finding that `fail_on` names or a worse one; 2 for a file that is no YAML."""
    from bot.model import Severity
    from bot.pull.text import worst

    if any(skip.error for skip in review.skips):
        return 2
    highest = worst(review)
    if fail_on == review_options.NEVER or highest is None:
        return 0
    return int(highest >= Severity[fail_on.upper()])
