"""`verify --patches FILE --detections FILE`: the third stage, a verdict on each proposal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from bot.cli import options, staging
from bot.cli.judging import Judging
from bot.cli.streams import tell
from bot.model import GateStatus
from bot.stages import detections as findings
from bot.stages import patches as proposals
from bot.stages import verified
from bot.steps.verify import PATCH


@click.command()
@staging.source("patches", proposals.FILE, of="The proposals")
@staging.source("detections", findings.FILE, of="The findings that they are for")
@options.with_policies
@staging.target(verified.FILE)
def command(patches: str, detections: str, output: str, **selection: Any) -> int:
    """Write a verdict on each proposal, with the text that it makes of its document: the third of four stages.

    A patch may come from anybody: what is no JSON Patch, or names what is not there, is refused like what fails a gate,
    in a record with its reason. With --cluster an API server is asked as well.
    """
    staging.check_stdin(patches, detections)
    found = staging.read(detections, findings.load, stage="detect")
    given = staging.read(patches, proposals.load, stage="propose")
    judging = Judging(given, found, where=patches, source=detections)
    ordered, notes = judging.verdicts(selection)
    staging.write(output, verified.dump(ordered))
    for note in notes:
        tell(f"note: {note}")
    _tell(ordered, len(given) - len(judging.wanted), patches, output)
    return 0


def _tell(verdicts: Sequence[verified.Verdict], without: int, patches: str, output: str) -> None:
    no = [each for each in verdicts if not each.accepted]
    what = f"{len(verdicts) - len(no):,} of {staging.counted(len(verdicts), 'proposal')} accepted"
    if not verdicts:
        what = f"nothing to verify: {patches} has no proposal"
    elif len(no) == len(verdicts):
        what = f"none accepted of {staging.counted(len(verdicts), 'proposal')}"
    if without:
        what += f"; {staging.counted(without, 'finding')} without one"
    staging.told("verify", what, output, [(_kind(each), each.reason) for each in no])


def _kind(verdict: verified.Verdict) -> str:
    """What a refusal is counted as: the gate, and what comes before the colon of a patch that is none."""
    gate = next((each.gate for each in verdict.gates if each.status is GateStatus.FAILED), "")
    return gate if gate != PATCH else verdict.reason.partition(":")[0]
