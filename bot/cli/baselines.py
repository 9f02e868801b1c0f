"""The baseline of a run: where it is, what it says, and which files a run has looked at."""

from __future__ import annotations

import posixpath
from pathlib import Path
from typing import TYPE_CHECKING

from bot.errors import InputError
from bot.model import Report, Severity, Skip
from bot.report.baseline import FILE_NAME, Baseline, Entry, parse, stale, without_known

if TYPE_CHECKING:
    from bot.cli.session import Session


def place(session: Session) -> str:
    """The baseline at the root of the repository, as people name it from here."""
    return posixpath.relpath(posixpath.join(session.root, FILE_NAME), Path.cwd().as_posix())


def from_root(session: Session, path: str) -> str:
    """The path of a file of the run from the root of the repository."""
    return posixpath.relpath(posixpath.join(Path.cwd().as_posix(), path), session.root)


def found(session: Session, named: str | None) -> Baseline | None:
    """The baseline that counts: the one that is named, else the one at the root when it is there."""
    from bot.adapters import files

    path = named or place(session)
    if named is None and not Path(path).is_file():
        return None
    text = files.read_text(path)
    if isinstance(text, Skip):
        raise InputError(f"{path}: {text.reason}; `k8s-auto-fix baseline` writes one")
    return parse(path, text)


def kept(session: Session, path: str) -> list[Entry]:
    """Of the baseline at `path` what this run cannot tell: entries of files that are there and were not looked at.

    Nor can it tell of policies that it did not use, or of findings below the severity that was asked for.
    """
    before = found(session, path) if Path(path).is_file() else None
    looked_at = {from_root(session, each) for each in session.paths}
    used = {policy.id for policy in session.policies} if session.bot.severity == Severity.LOW else frozenset()
    return [
        each
        for each in (before.entries.values() if before is not None else ())
        if not (each.path in looked_at and each.policy in used) and Path(session.root, each.path).exists()
    ]


def compared(session: Session, report: Report, baseline: Baseline) -> Report:
    """The report beside the baseline: known findings accepted, entries that are stale told."""
    known = without_known(report, baseline)
    if session.bot.severity > Severity.LOW:
        return known  # what is less severe was not looked for
    looked_at = {from_root(session, path) for path in session.paths}
    gone = {each.path for each in baseline.entries.values() if not Path(session.root, each.path).exists()}
    policies = {policy.id for policy in session.policies}
    skips = stale(report, baseline, looked_at=looked_at | gone, policies=policies)
    return Report(
        known.findings, known.verifications, (*known.skips, *skips), known.notices, known.changed, known.counts
    )
