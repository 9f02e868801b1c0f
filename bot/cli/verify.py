"""`verify --patches FILE --detections FILE`: the third stage, a verdict on each proposal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from bot.cli import options, staging
from bot.cli.streams import tell
from bot.errors import InputError
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
    from bot.steps.verify import Judged, after_server, refused, verify_file

    staging.check_stdin(patches, detections)
    found = staging.read(detections, findings.load, stage="detect")
    given = staging.read(patches, proposals.load, stage="propose")
    known = {record.id: record for record in found}
    for number, each in enumerate(given, 1):
        if each.id not in known:
            raise InputError(
                f"{patches}: record {number} (id {each.id[:60]!r}): {detections} has no finding of this id"
            )
    wanted = [each for each in given if each.ways]
    records = [known[each.id] for each in wanted]
    run = staging.begin(records, selection)
    session = run.session
    bot = session.looking_for(run.policies(records, session.policies))
    asked = session.settings.cluster != "none"

    def work(number: int) -> Judged:
        judged = verify_file(bot, run.twins.meaning, run.units[number], [wanted[each] for each in run.numbers[number]])
        judged.path = str(number)  # two records may carry different texts of one path
        if not asked:
            judged.verifications = []  # nobody looks at them, and they are much to send
        return judged

    def lost(number: int, why: str) -> Judged:
        verdicts = [refused(records[each], wanted[each], why) for each in run.numbers[number]]
        return Judged(str(number), verdicts=verdicts, places=[None] * len(verdicts))

    if asked:
        results, notes = session.vouched(lambda: run.spread(work, lost), lambda path: run.units[int(path)].text)
    else:
        results, notes = run.spread(work, lost), ()
    verdicts = {number: refused(records[number], wanted[number], why) for number, why in run.missing.items()}
    for numbers, judged in zip(run.numbers, results, strict=True):
        verdicts |= zip(numbers, after_server(judged) if asked else judged.verdicts, strict=True)
    ordered = [verdicts[number] for number in range(len(wanted))]
    staging.write(output, verified.dump(ordered))
    for note in notes:
        tell(f"note: {note}")
    _tell(ordered, len(given) - len(wanted), patches, output)
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
