"""A run before a real API server: what the workers found and fixed is asked there, and what it refuses is taken back.

Workers know nothing of servers (a connection does not survive a fork). Here their results are put to the server in one
go; a fix that it refuses is vetoed and the file is repaired again without it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from bot.manifest import Manifest, Resource, pointers, read
from bot.model import GateStatus, Json, Verification
from bot.pipeline import FileResult, Veto, name_of
from bot.verify import dry_run
from bot.verify.dry_run import Pair
from bot.verify.server import Judgement, Server

Again = Callable[[str, str, Veto], FileResult]
"""Repairs a file once more: path, text, and the fixes that must not be made."""


@dataclass(frozen=True, slots=True)
class Voucher:
    """The server of a run, or why there is none. `notes` are said once, in the summary: they hold for every fix."""

    server: Server | None
    reason: str = ""
    notes: tuple[str, ...] = ()

    def offers(self, results: Sequence[FileResult], text_of: Callable[[str], str]) -> None:
        """Put each proposed fix to the server by itself; the verifications of `results` get its answer."""
        pairs: list[tuple[FileResult, int, Pair]] = []
        for result in results:
            proven = [place for place, each in enumerate(result.verifications) if each.results and each.passed]
            if not proven:
                continue
            if self.server is None:
                for place in proven:
                    result.verifications[place] = dry_run.unasked(result.verifications[place], self.reason)
                continue
            manifest = read(result.path, text_of(result.path))
            for place in proven:
                pair = dry_run.alone(manifest, result.verifications[place])
                if pair is not None:
                    pairs.append((result, place, pair))
        if self.server is None or not pairs:
            return
        judgements = dry_run.ask(self.server, [pair for _, _, pair in pairs])
        for (result, place, _), judgement in zip(pairs, judgements, strict=True):
            found = result.verifications[place]
            result.verifications[place] = dry_run.stamped(found, judgement, self.server.label)

    def repairs(self, results: Sequence[FileResult], again: Again) -> list[FileResult]:
        """Put each repaired object to the server; files with refused ones are repaired again without those fixes."""
        if self.server is None:
            for result in results:
                result.verifications = [_unasked(each, self.reason) for each in result.verifications]
            return list(results)
        judged = self._judge(results)
        final = []
        retried: list[FileResult] = []
        for result in results:
            veto = frozenset().union(*(self._to_blame(result, old) for old in judged.refused.get(result.path, ())))
            if veto and result.before is not None:
                retried.append(again(result.path, result.before, veto))
            final.append(retried[-1] if veto else result)
        if retried:
            second = self._judge(retried)
            for place, result in enumerate(final):
                if second.refused.get(result.path) and result.before is not None:
                    # What was left is refused, too: nothing of this file is changed.
                    everything = frozenset(name_of(each.fix) for each in result.verifications)
                    final[place] = again(result.path, result.before, everything)
            judged.answers.update(second.answers)
        for result in final:
            self._stamp(result, judged.answers)
        return final

    def _judge(self, results: Iterable[FileResult]) -> _Judged:
        assert self.server is not None
        places: list[tuple[str, Resource, Pair]] = []
        for result in results:
            if result.before is None or result.after is None:
                continue
            before, after = read(result.path, result.before), read(result.path, result.after)
            changed = dry_run.changed(before, after)
            places += [(result.path, old, Pair(None, old.body, new.body)) for old, new in changed]
            places += [(result.path, new, Pair(None, None, new.body)) for new in dry_run.new(before, after)]
        judgements = dry_run.ask(self.server, [pair for _, _, pair in places]) if places else []
        judged = _Judged({}, {})
        for (path, about, _), judgement in zip(places, judgements, strict=True):
            judged.answers[path, about.document, about.pointer] = judgement
            if judgement.status is GateStatus.FAILED:
                judged.refused.setdefault(path, []).append(about)
        return judged

    def _to_blame(self, result: FileResult, old: Resource) -> Veto:
        """The fixes of an object that the server refuses by themselves; all of them when it refuses none alone."""
        assert self.server is not None
        assert result.before is not None
        manifest = read(result.path, result.before)
        mine = [each for each in result.verifications if each.results and each.passed and _is_about(each, old)]
        pairs = [pair for each in mine if (pair := dry_run.alone(manifest, each)) is not None]
        judgements = dry_run.ask(self.server, pairs) if pairs else []
        bad = [
            pair.key
            for pair, judgement in zip(pairs, judgements, strict=True)
            if judgement.status is GateStatus.FAILED and isinstance(pair.key, Verification)
        ]
        return frozenset(name_of(each.fix) for each in bad or mine)

    def _stamp(self, result: FileResult, answers: dict[tuple[str, int, str], Judgement]) -> None:
        assert self.server is not None
        if result.before is None:
            return
        manifest = read(result.path, result.before)
        added = dry_run.new(manifest, read(result.path, result.after)) if result.after is not None else []
        for place, each in enumerate(result.verifications):
            if not each.results or not each.passed:
                continue
            key = _key(manifest, added, each)
            judgement = answers.get(key) if key is not None else None
            if judgement is not None:
                result.verifications[place] = dry_run.stamped(each, judgement, self.server.label)


@dataclass(slots=True)
class _Judged:
    """Answers by (path, document, pointer), and the objects that were refused, by path."""

    answers: dict[tuple[str, int, str], Judgement]
    refused: dict[str, list[Resource]]


def _unasked(verification: Verification, reason: str) -> Verification:
    return dry_run.unasked(verification, reason) if verification.results and verification.passed else verification


def _key(manifest: Manifest, added: Iterable[Resource], verification: Verification) -> tuple[str, int, str] | None:
    change = verification.fix.changes[0]
    if change.document is None:
        value = change.operations[0].value
        return next(((change.path, each.document, each.pointer) for each in added if each.body == value), None)
    pointer = dry_run.resource_at(manifest, change.document, change.operations[0].path)
    return (change.path, change.document, pointer) if pointer is not None else None


def _is_about(verification: Verification, resource: Resource) -> bool:
    change = verification.fix.changes[0]
    if change.document is None:
        return bool(change.operations[0].value == resource.body)
    return change.document == resource.document and pointers.is_within(change.operations[0].path, resource.pointer)


def bodies(results: Iterable[FileResult], text_of: Callable[[str], str]) -> list[dict[str, Json]]:
    """The objects of every file that has a proven fix: what a scratch server is prepared for."""
    return [
        resource.body
        for result in results
        if any(each.results and each.passed for each in result.verifications)
        for resource in read(
            result.path, result.before if result.before is not None else text_of(result.path)
        ).resources
    ]
