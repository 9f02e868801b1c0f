"""`schedule --verified FILE`: the fourth stage, the order of the accepted fixes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.adapters import files as disk
from bot.cli import staging
from bot.cli.streams import STDIN, tell, write_output
from bot.errors import UsageError
from bot.stages import schedule, verified

if TYPE_CHECKING:
    from bot.cli.session import Session
    from bot.rank import Feeds, History, Ranked, Weights

_SHOWN = 50
"""Fixes that --explain shows."""


@click.command()
@staging.source("verified", verified.FILE, of="The verdicts")
@click.option("--config", type=click.Path(), metavar="FILE", help="Settings, in place of .k8s-auto-fix.yaml.")
@click.option("--explain", is_flag=True, help="Show what each term adds, on stdout, and what the order lacks.")
@staging.target(schedule.FILE)
def command(verified: str, config: str | None, explain: bool, output: str) -> int:
    """Write the accepted fixes in the order in which they do the most good: the last of four stages.

    docs/scheduler.md has the formula, its units and its weights. Manifests that are still there tell what is exposed,
    git how long findings have been there, and `scheduler:` in the settings names feeds and history.
    """
    from bot.cli import session as runs
    from bot.cli.waiting import age_of
    from bot.rank import rank
    from bot.settings import Options
    from bot.stages.schedule import chunks
    from bot.steps.schedule import Sites, candidates, scheduled

    if explain and output == STDIN:
        raise UsageError("--explain prints to stdout, and so does '--out -'")
    verdicts = staging.read_accepted(verified)
    there = [path for path in dict.fromkeys(each.manifest_path for each in verdicts) if path and Path(path).is_file()]
    session = runs.Session(runs.Request(tuple(there), options=Options(config=config)))
    severities = {policy.id: policy.severity for policy in session.known_policies}
    age = age_of(((each.manifest_path or "", each.line) for each in verdicts), there)
    found = candidates(verdicts, Sites(session.bot, _text), age, severities)
    known = _known(session)
    ranked = rank(found, weights=known.weights, history=known.history, feeds=known.feeds)
    staging.write(output, chunks(scheduled(ranked, {each.id: each for each in verdicts})))
    what = f"{len(ranked):,} {'fix' if len(ranked) == 1 else 'fixes'} in order"
    staging.told("schedule", what if ranked else f"nothing to put in order: {verified} has no accepted fix", output)
    for note in known.notes:
        tell(f"note: {note}")
    if explain:
        write_output(page(ranked, known))
    return 0


def _text(path: str) -> str | None:
    text = disk.read_text(path) if Path(path).is_file() else None
    return text if isinstance(text, str) else None


@dataclass(frozen=True, slots=True)
class Known:
    """What the order knows besides the records; `notes` are for people."""

    weights: Weights
    history: History
    feeds: Feeds
    notes: tuple[str, ...] = ()


def _known(session: Session) -> Known:
    """Weights, history and feeds as the settings name them; InputError for a file that cannot be used."""
    from bot.adapters import feeds as stored
    from bot.adapters import history as histories
    from bot.cli.ordering import HISTORY
    from bot.rank import Weights

    settings, root = session.settings.scheduler, Path(session.root)
    history = histories.read(root / (settings.history or HISTORY))
    today = dt.datetime.now(tz=dt.UTC).date()
    loaded = stored.load(settings, root=root, folder=stored.cache_folder(), today=today)
    return Known(Weights(**settings.weights), history, loaded.feeds, loaded.notes)


def page(ranked: Sequence[Ranked], known: Known) -> str:
    """The order for people: what each term adds to the score of the first fixes, and what the order lacks."""
    from bot.rank.explain import remarks, terms
    from bot.report.terminal import prose

    lines = []
    for place, each in enumerate(ranked[:_SHOWN], 1):
        one = each.candidate
        adds = "   ".join(f"{name} {value:.2f}" for name, value in terms(each, known.weights) if value)
        lines.append(f"{place:>4}. {each.score:>8.2f}  {prose(one.policy_id)}  {prose(str(one.resource))}")
        lines.append(
            f"      R {each.R:.1f}   p {each.p:.2f}   E[t] {each.Et:.1f} min   wait {_hours(each)}   kev {each.kev:.0f}"
        )
        lines.append(f"      adds {adds}")
        lines.append(f"      {prose(each.why)}")
    if len(ranked) > _SHOWN:
        lines.append(f"      and {len(ranked) - _SHOWN:,} more")
    lines += ["", *(f"note: {each}" for each in remarks(ranked, history=known.history, feeds=known.feeds))]
    return "\n".join(lines).strip("\n") + "\n"


def _hours(each: Ranked) -> str:
    return "unknown" if each.candidate.age_hours is None else f"{each.wait:.0f} h"
