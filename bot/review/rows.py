"""The rows of the summary's table: what was found where, and what became of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bot.model import Finding
from bot.policy.model import Policy
from bot.review import comment
from bot.review.markdown import code, link, prose
from bot.review.model import Held, Offer, Review

HEAD = "| # | Where | Finding | Fix |\n|--:|---|---|---|\n"
SUGGESTED = "suggested"
PATCH = "patch{why}"

_ALIKE = 3
"""Findings of one policy and one outcome that have rows of their own; more share one."""

_NAMED = 2
_NOT_HERE = re.compile(r", since not .*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class About:
    """What a summary says of its surroundings.

    `pull` is the number of the pull request and `base_ref` the branch that it is for; on a checkout there is no number,
    and `base_ref` is what the review was compared with. `policies` are by id. `blob` is where files of the head are
    shown (`https://github.com/o/r/blob/<head>`), empty without.
    """

    pull: int | None = None
    base_ref: str = ""
    policies: Mapping[str, Policy] = field(default_factory=dict)
    blob: str = ""


@dataclass(frozen=True, slots=True)
class _Entry:
    """A finding and what became of it; `number` and `note` are those of its offer."""

    number: int | None
    findings: tuple[Finding, ...]
    fix: str
    apart: bool = False
    note: str = ""

    @property
    def lead(self) -> Finding:
        return self.findings[0]


def rows(review: Review, about: About, *, commented: bool = True, collapse: bool = True) -> tuple[str, ...]:
    """The rows, offers first. Not `commented`: nothing was posted beside the lines.

    `collapse`: where one policy has many findings with the same outcome, they share a row.
    """
    entries = [*_offered(review, commented), *map(_held, review.held)]
    return tuple(_row(group, about) for group in (_groups(entries) if collapse else ([each] for each in entries)))


def _offered(review: Review, commented: bool) -> Iterator[_Entry]:
    suggested = len(review.suggestions) if commented else 0
    for number, offer in enumerate(review.offers, 1):
        beside = number <= suggested
        yield _Entry(number, offer.findings, SUGGESTED if beside else _patched(offer), beside, offer.note)


def _patched(offer: Offer) -> str:
    return PATCH.format(why=f": {prose(offer.reason)}" if offer.reason else "")


def _held(held: Held) -> _Entry:
    reason = _NOT_HERE.sub("", held.reason)
    if held.finding.resource.kind == "Secret":
        # What a server says of a value may quote it.
        reason = reason.partition(": ")[0]
    return _Entry(None, (held.finding,), prose(reason, limit=160))


def _groups(entries: Sequence[_Entry]) -> Iterator[list[_Entry]]:
    """Entries that share a row, in the order of their first."""
    groups: dict[object, list[_Entry]] = {}
    for place, each in enumerate(entries):
        groups.setdefault(place if each.apart else (each.lead.policy_id, each.fix), []).append(each)
    for group in groups.values():
        if len(group) > _ALIKE:
            yield group
        else:
            yield from ([each] for each in group)


def _row(group: Sequence[_Entry], about: About) -> str:
    first = group[0]
    numbers = _numbers(each.number for each in group if each.number is not None)
    note = f"<br><sub>{_note(first.note)}</sub>" if first.note and len(group) == 1 else ""
    return f"| {numbers} | {_where(group, about)} | {_finding(group, about)} | {first.fix}{note} |"


def _note(note: str) -> str:
    return " · ".join(map(prose, note.split(" · ")))


def _numbers(numbers: Iterable[int]) -> str:
    """`3`, `3-5`, `3, 7`: with dashes as people write them."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    said = [str(run[0]) if len(run) == 1 else f"{run[0]}\u2013{run[-1]}" for run in runs]
    return ", ".join(said[:3]) + (", \u2026" if len(said) > 3 else "")


def _where(group: Sequence[_Entry], about: About) -> str:
    if len(group) == 1:
        finding = group[0].lead
        return f"{comment.where(finding)}<br>{place(finding, about)}"
    objects = list(dict.fromkeys(comment.where(each.lead) for each in group))
    left = len(group) - min(_NAMED, len(objects))
    return ", ".join(objects[:_NAMED]) + (f" and {left} more" if left else "")


def place(finding: Finding, about: About) -> str:
    """File and line of a finding, as a link where files can be seen."""
    at = finding.location
    label = code(f"{at.path}:{at.start_line}", limit=120)
    if not about.blob or any(0xD800 <= ord(character) < 0xE000 for character in at.path):
        return label
    return link(label, f"{about.blob}/{_escaped(at.path)}#L{at.start_line}")


def _escaped(path: str) -> str:
    """A path whose `?`, `#` and `%` are its own."""
    return path.replace("%", "%25").replace("#", "%23").replace("?", "%3F").replace("&", "%26")


def _finding(group: Sequence[_Entry], about: About) -> str:
    lead = group[0].lead
    severity = max(each.lead.severity for each in group)
    if len(group) == 1:
        others = list(dict.fromkeys(each.policy_id for each in group[0].findings[1:]))
        more = f"<br>with {', '.join(map(code, others))}" if others else ""
        return f"{comment.name(lead)} ·\u00a0{severity}{more}"
    policy = about.policies.get(lead.policy_id)
    title = prose(policy.title) if policy is not None else code(lead.policy_id)
    return f"{title} ·\u00a0{severity}"
