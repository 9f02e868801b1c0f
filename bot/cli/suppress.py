"""`suppress FINGERPRINT --reason TEXT [PATH...]`: accept a finding where it is, in the form the repository uses."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from bot.cli import options
from bot.cli.streams import tell, write_output
from bot.errors import InputError, UsageError

if TYPE_CHECKING:
    from bot.cli.session import Request, Session
    from bot.model import Finding

_LEAST = 6
"""Digits of a fingerprint that are enough, when only one finding begins with them."""


@click.command()
@click.argument("fingerprint")
@click.option("--reason", required=True, metavar="TEXT", help="Why it is fine here.")
@click.option("--expires", metavar="DATE", help="The last day on which it is, such as 2027-01-31.")
@options.selection_or_all
def command(fingerprint: str, reason: str, expires: str | None, **selection: Any) -> int:
    """Accept the finding with this FINGERPRINT, with a reason, beside what it is about.

    \b
    k8s-auto-fix scan . --format json              # every finding with its fingerprint
    k8s-auto-fix suppress 620825a2410fcb8f --reason "reads /proc of the node"

    It is written as a comment; where the object has annotations of kube-linter or Checkov that accept findings, in that
    form. The file is scanned once more before it is written: the finding is accepted then, and nothing else changes.
    """  # noqa: D301
    from bot.accept import Accepted, accept
    from bot.adapters import files
    from bot.cli import session as runs
    from bot.detect.marks import known
    from bot.model import Skip
    from bot.propose.acceptance import Wish

    wish = Wish(_reason(reason), _day(expires) if expires is not None else None)
    session, finding = _find(runs.request(**selection), fingerprint.strip().lower())
    place = f"{finding.location.path}:{finding.location.start_line}"
    if finding.suppression is not None:
        tell(f"{place}: {finding.policy_id} is accepted already: {finding.suppression.reason}")
        return 0
    path = finding.location.path
    text = files.read_text(path)
    if isinstance(text, Skip):
        raise InputError(f"{path}: {text.reason}")
    done = accept(session.bot, path, text, finding, known(session.known_policies), wish)
    if not isinstance(done, Accepted):
        tell(f"refused: {place}: {finding.policy_id}: {done.reason}")
        return 1
    problem = files.write_atomic(path, text, done.form.text)
    if problem is not None:
        raise InputError(f"{problem.path}: {problem.reason}")
    from bot.report.terminal import visible

    write_output(f"{visible(place)}: {visible(done.form.written)}\n")
    for other in done.others:
        tell(f"note: this accepts {other.policy_id} in line {other.location.start_line} as well")
    return 0


def _find(request: Request, fingerprint: str) -> tuple[Session, Finding]:
    """The finding, among those that the settings select, else among those of every policy."""
    from bot.cli import session as runs
    from bot.cli.streams import STDIN

    if STDIN in request.paths:
        raise UsageError("a finding is accepted in its file; stdin cannot be written")
    if len(fingerprint) < _LEAST:
        raise UsageError(f"{fingerprint!r} is no fingerprint; `k8s-auto-fix scan --format json` shows them")
    every = replace(request, severity="low", options=replace(request.options, select=("all",), profile=None))
    for each in (request, every):
        session = runs.Session(each)
        report = session.scan(verify=False)
        found = [finding for finding in report.findings if finding.fingerprint.startswith(fingerprint)]
        if len(found) > 1:
            raise UsageError(f"{fingerprint} is the beginning of {len(found)} fingerprints; write more of it")
        if found:
            return session, found[0]
    raise UsageError(f"no finding has the fingerprint {fingerprint}; `k8s-auto-fix scan --format json` shows them")


def _reason(text: str) -> str:
    said = " ".join(text.split())
    if not said:
        raise UsageError("--reason is empty; say why it is fine here")
    if not said.isprintable():
        raise UsageError("--reason has characters that cannot be printed")
    if any(word.startswith("until=") for word in said.split()) or "k8s-auto-fix:" in said:
        raise UsageError("--reason is plain words; the last day goes to --expires")
    return said


def _day(text: str) -> dt.date:
    try:
        day = dt.date.fromisoformat(text) if len(text) == len("2027-01-31") else None
    except ValueError:
        day = None
    if day is None:
        raise UsageError(f"--expires {text!r} is no date; write it like 2027-01-31")
    if day < dt.datetime.now(tz=dt.UTC).date():
        raise UsageError(f"--expires {text} is past")
    return day
