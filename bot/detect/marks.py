"""What suppressions have in common: which findings one holds for, until when, and which ids mean which policies."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from bot.manifest import pointers
from bot.model import Finding, Location, Skip, Suppression
from bot.policy import Policy
from bot.policy.twins import Twins, Unclear


@dataclass(frozen=True, slots=True)
class Mark:
    """A suppression and what it holds for.

    `document` None is the whole file. `pointers` count from the document's root and hold for what lies below them too;
    `line` holds for the findings shown on that line, wherever they point.
    """

    policies: frozenset[str]
    suppression: Suppression
    document: int | None
    pointers: tuple[str, ...] = ("",)
    line: int | None = None


class Marks:
    """The marks of one file, to be asked for each finding; of several that hold the first counts."""

    def __init__(self, marks: Iterable[Mark]) -> None:
        # By policy, document, and a pointer or a line: a finding asks for the few places it lies in.
        self._places: dict[tuple[str, int | None, str | int], tuple[int, Suppression]] = {}
        for order, mark in enumerate(marks):
            places: list[str | int] = [*mark.pointers, *([] if mark.line is None else [mark.line])]
            for policy_id in mark.policies:
                for place in places:
                    self._places.setdefault((policy_id, mark.document, place), (order, mark.suppression))

    def accepting(self, finding: Finding) -> Suppression | None:
        """What accepts a finding: where it points or what it is about lies in a place of a mark."""
        if not self._places:
            return None
        where = finding.location
        inside: list[str | int] = [where.start_line, *_above(where.pointer), *_above(finding.target)]
        asked = [(finding.policy_id, document, place) for document in (where.document, None) for place in inside]
        found = [self._places[each] for each in asked if each in self._places]
        return min(found, key=lambda each: each[0])[1] if found else None


def _above(pointer: str) -> Iterator[str]:
    """A pointer and those of everything around it."""
    while pointer:
        yield pointer
        pointer = pointers.parent(pointer)
    yield ""


@dataclass(frozen=True, slots=True)
class Known:
    """The policies there are, with their categories, and which of them an id means, one of another tool included."""

    categories: Mapping[str, str]
    twins: Twins

    def meaning(self, name: str) -> frozenset[str] | Unclear:
        """The policies that a name in one of our own suppressions stands for, or why there are none.

        What only another tool looks for stands for itself: `kube-linter:no-such-policy`, as its findings are called.
        """
        found = self.twins.meaning(name)
        if isinstance(found, Unclear):
            return frozenset({name}) if self.twins.is_foreign(name) else found
        return frozenset(found)

    def twin(self, tool: str, check: str) -> frozenset[str]:
        """The policies that say what `check` of `tool` says; most checks have none."""
        return frozenset(self.twins.of_tool(tool, check))

    def all_of(self, tool: str) -> frozenset[str]:
        """Every policy that has a counterpart in `tool`."""
        return self.twins.all_of(tool)


def known(policies: Iterable[Policy]) -> Known:
    """The ids and categories of `policies`, and their twins. Made once a run, of all policies, not the selected."""
    everything = tuple(policies)
    return Known({policy.id: policy.category for policy in everything}, Twins(everything))


def void(why: str, location: Location) -> Skip:
    """A suppression that does not hold: said aloud, so that nobody counts on it."""
    return Skip("detect", "suppression-void", why, location.path, location.document, location.start_line)


_UNTIL = re.compile(r"(?:\A|(?<=\s))until=(\S*)\s*")
_DAY = re.compile(r"\d{4}-\d\d-\d\d\Z")


def reason_and_expiry(text: str, today: date) -> tuple[str, str | None] | str:
    """(reason, expiry or None) of what stands behind the ids: words with an `until=2027-01-31` among them.

    A text is what is wrong with it: no reason, a malformed date, a date that is past. It holds through its last day.
    """
    found = _UNTIL.search(text)
    reason = " ".join((text if found is None else text[: found.start()] + text[found.end() :]).split())
    expiry = None
    if found is not None:
        expiry = found.group(1)
        day = _day(expiry)
        if day is None:
            return f"until={expiry} is no date, write until=2027-01-31"
        if day < today:
            return f"it expired on {expiry}"
    if not reason:
        return "it gives no reason, write why"
    return reason, expiry


def _day(text: str) -> date | None:
    if not _DAY.match(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
