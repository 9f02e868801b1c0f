"""`propose --detections FILE`: the second stage, a patch for each finding."""

from __future__ import annotations

from typing import Any

import click

from bot.cli import options, staging
from bot.stages import detections, patches


@click.command()
@staging.source("detections", detections.FILE, of="The findings")
@options.with_policies
@staging.target(patches.FILE)
def command(detections: str, output: str, **selection: Any) -> int:
    """Write a JSON Patch for each finding, or the reason why there is none: the second of four stages.

    The manifests are read again; a record whose file is not there is looked at as its own manifest_yaml. Policies that
    records name are used whether or not they are switched on.
    """
    from bot.stages.detections import load
    from bot.stages.patches import Declined, Proposed, Source, dump
    from bot.steps.propose import propose_file

    records = staging.read(detections, load, stage="detect")
    run = staging.begin(records, selection)
    bot = run.session.looking_for(run.policies(records))

    def work(number: int) -> list[Proposed]:
        return propose_file(bot, run.twins.meaning, run.units[number])

    def without(number: int, code: str, why: str) -> Proposed:
        record = records[number]
        return Proposed(record.id, record.policy_id, Source.RULES, skipped=Declined(code, why), sha256=record.sha256)

    def lost(number: int, why: str) -> list[Proposed]:
        return [without(each, "lost", why) for each in run.numbers[number]]

    found = {number: without(number, "no-manifest", why) for number, why in run.missing.items()}
    for numbers, made in zip(run.numbers, run.spread(work, lost), strict=True):
        found |= dict(zip(numbers, made, strict=True))
    ordered = [found[number] for number in range(len(records))]
    staging.write(output, dump(ordered))
    skipped = [each.skipped for each in ordered if each.skipped is not None]
    count = staging.counted(len(ordered) - len(skipped), "proposal")
    what = f"{count} for {staging.counted(len(ordered), 'finding')}"
    if not ordered:
        what = f"nothing to propose: {detections} has no finding"
    staging.told("propose", what, output, [(each.code, f"{each.code}: {each.reason}") for each in skipped])
    return 0
