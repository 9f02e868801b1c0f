"""A finding is accepted, and that is proven: the new text is looked at once more, as the next run will.

Invariant: with the text that is handed back the finding is accepted with the reason that was given; the file says the
same as before, a new annotation aside; no finding comes or goes.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from bot.detect.marks import Known
from bot.manifest import read
from bot.model import Finding
from bot.pipeline import Bot, FileResult, look
from bot.propose.acceptance import Form, Wish, forms


@dataclass(frozen=True, slots=True)
class Accepted:
    """The form that holds; `others` are the findings that it accepts as well."""

    form: Form
    others: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class NoForm:
    """Why a finding cannot be accepted by an edit of its file."""

    reason: str


def accept(bot: Bot, path: str, text: str, finding: Finding, names: Known, wish: Wish) -> Accepted | NoForm:
    """Accept one finding of a file, in the first form that holds."""
    before = look(bot, path, text, propose=False)
    if _name(finding) not in {_name(each) for each in before.findings}:
        return NoForm("it is not there any more; scan again")
    for form in forms(read(path, text), finding, names, wish):
        after = look(bot, path, form.text, propose=False)
        if _holds(before, after, finding, wish):
            old = Counter(_name(each) for each in before.findings if each.suppression is not None)
            others = [each for each in after.findings if each.suppression is not None]
            others = [each for each in others if _name(each) != _name(finding) and not old[_name(each)]]
            return Accepted(form, tuple(others))
    return NoForm("neither a comment nor an annotation holds at its place; `ignore` in the settings does")


def _holds(before: FileResult, after: FileResult, finding: Finding, wish: Wish) -> bool:
    if Counter(map(_name, before.findings)) != Counter(map(_name, after.findings)):
        return False
    said = [each.suppression for each in after.findings if _name(each) == _name(finding)]
    expires = wish.expires.isoformat() if wish.expires is not None else None
    return all(each is not None and (each.reason, each.expires) == (wish.reason, expires) for each in said) and (
        len(before.skips) == len(after.skips)
    )


def _name(finding: Finding) -> tuple[str, int, str, str, str]:
    """What names a finding within a file, whatever its line."""
    place = finding.location
    return finding.policy_id, place.document, place.pointer, finding.target, finding.message
