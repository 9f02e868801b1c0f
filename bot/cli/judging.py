"""Proposals of a file before the gates: what `verify` does once, and `eval --gates` once for each gate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bot.cli import staging
from bot.errors import InputError
from bot.stages.detections import Detected
from bot.stages.patches import Proposed
from bot.stages.verified import Verdict
from bot.steps.verify import Judged, after_server, refused, verify_file


class Judging:
    """Proposals and the findings they are for; `where` and `source` are what errors call the two files.

    InputError for a proposal whose finding is not there. `wanted` are the proposals that propose something.
    """

    def __init__(self, given: Sequence[Proposed], found: Sequence[Detected], *, where: str, source: str) -> None:
        known = {record.id: record for record in found}
        for number, each in enumerate(given, 1):
            if each.id not in known:
                raise InputError(f"{where}: record {number} (id {each.id[:60]!r}): {source} has no finding of this id")
        self.wanted = [each for each in given if each.ways]
        self.records = [known[each.id] for each in self.wanted]

    def verdicts(
        self, selection: dict[str, Any], off: frozenset[str] = frozenset()
    ) -> tuple[list[Verdict], tuple[str, ...]]:
        """(a verdict for each proposal, notes for people); gates named in `off` are not asked."""
        wanted, records = self.wanted, self.records
        run = staging.begin(records, selection)
        session = run.session
        bot = replace(session.looking_for(run.policies(records, session.policies)), off=off)
        asked = session.settings.cluster != "none"

        def work(number: int) -> Judged:
            proposed = [wanted[each] for each in run.numbers[number]]
            judged = verify_file(bot, run.twins.meaning, run.units[number], proposed)
            judged.path = str(number)  # two records may carry different texts of one path
            if not asked:
                judged.verifications = []  # nobody looks at them, and they are much to send
            return judged

        def lost(number: int, why: str) -> Judged:
            verdicts = [refused(records[each], wanted[each], why) for each in run.numbers[number]]
            return Judged(str(number), verdicts=verdicts, places=[None] * len(verdicts))

        notes: tuple[str, ...] = ()
        if asked:
            results, notes = session.vouched(lambda: run.spread(work, lost), lambda path: run.units[int(path)].text)
        else:
            results = run.spread(work, lost)
        verdicts = {number: refused(records[number], wanted[number], why) for number, why in run.missing.items()}
        for numbers, judged in zip(run.numbers, results, strict=True):
            verdicts |= zip(numbers, after_server(judged) if asked else judged.verdicts, strict=True)
        return [verdicts[number] for number in range(len(wanted))], notes
