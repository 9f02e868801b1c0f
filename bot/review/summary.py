"""The summary of a review: one table, and what a person may want to know besides, folded.

It is the body of the first review of a pull request and is edited from then on; the summary of a workflow's step says
the same at greater length.
"""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from bot.model import Finding, Skip, Tier
from bot.review import comment, marker
from bot.review.markdown import code, fenced, folded, prose, size, visible
from bot.review.model import Review
from bot.review.patch import shown
from bot.review.rows import HEAD, About, place, rows
from bot.review.sections import Section, joined, text

LIMIT = 65_536
"""Characters of a review's body that GitHub takes."""

STEP_LIMIT = 1_000_000
"""Bytes of a step's summary; GitHub takes 1 MiB of it, or nothing."""

PATCH_FILE = "fixes.patch"
"""The file of a report that has the patch."""

ALL_WELL = "Nothing to suggest"

_ROWS_LEFT = "\u2026 and {left} more rows: the summary of the workflow's step has all."

_OPEN = 20
"""Rows that are in sight."""

_PATCH = 8_000
"""Characters of a patch that is shown; what is longer is applied, not read."""

_PATHS = 6
_POLICIES = 12


def body(review: Review, about: About, *, posted: Collection[str] = (), dismissed: Collection[str] = ()) -> str:
    """The summary as the body of a review, marker included, at most `LIMIT` characters.

    `posted` and `dismissed` are fingerprints for the marker, as `bot.review.reconcile` counts them.
    """
    mark = marker.write_summary(posted, dismissed, head=review.head, area=review.area)
    said = joined(_sections(review, about), LIMIT - size(mark) - 2, size)
    return f"{said}\n\n{mark}"


def step(review: Review, about: About, *, patch: str = "") -> str:
    """The summary of a workflow's step, at most `STEP_LIMIT` bytes: every finding has its row.

    `patch` is the patch of all offers when nothing could be posted beside the lines.
    """
    sections = _sections(review, about, everything=True, patch=patch)
    return joined(sections, STEP_LIMIT, lambda written: len(written.encode())) + "\n"


def nothing(review: Review, about: About, *, posted: Collection[str] = (), dismissed: Collection[str] = ()) -> str:
    """What an earlier summary becomes when nothing is left to say."""
    return body(
        replace(review, suggestions=(), patched=(), held=(), patch=""), about, posted=posted, dismissed=dismissed
    )


def later(count: int) -> str:
    """The body of a review that only brings further suggestions."""
    return f"{_counted(count, 'more suggestion')}. The summary above is up to date."


def title(review: Review) -> str:
    """What there is, counted."""
    suggestions, patched, held = len(review.suggestions), len(review.patched), len(review.held)
    parts = []
    if suggestions:
        parts.append(_counted(suggestions, "suggestion"))
    if patched:
        parts.append(f"{_counted(patched, 'more fix' if suggestions else 'fix', 'es')} in the patch")
    if held:
        parts.append(f"{_counted(held, 'finding')} without a fix")
    return ", ".join(parts) or ALL_WELL


def _counted(number: int, noun: str, ending: str = "s") -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}{ending}"


def _sections(review: Review, about: About, *, everything: bool = False, patch: str = "") -> Iterator[Section]:
    """All that there is to say, in its order; nothing for what is not there."""
    yield text("\n\n".join(filter(None, (f"### {title(review)}", _evidence(review)))))
    found = rows(review, about, commented=not patch, collapse=not everything)
    yield Section(found if everything else found[:_OPEN], HEAD, rest=_ROWS_LEFT, share=0.8 if everything else 0.35)
    if not everything and len(found) > _OPEN:
        head = f"<details><summary>{len(found) - _OPEN:,} more rows</summary>\n\n{HEAD}"
        yield Section(found[_OPEN:], head, "\n\n</details>", _ROWS_LEFT, share=0.2)
    yield _listed("Could not be read", map(_skipped, _errors(review)))
    yield _listed("Accepted by this pull request", (_accepted(each, about) for each in review.accepted))
    yield _listed("Counts once it is merged, not before", map(prose, review.unheeded))
    yield _patch(review, patch)
    yield from _apply_all(review, about)
    yield from _older(review, about)
    yield from _left_alone(review)
    yield Section(tuple(f"<sub>{prose(each)}</sub>" for each in review.notices), share=0.04)


def _evidence(review: Review) -> str:
    """Who vouches for the offers."""
    at = f"at `{marker.short(review.head)}`"
    if not review.offers:
        checked = _counted(review.checked, "changed manifest")
        return "" if review.held else f"{checked} looked at, {at}."
    vouched = sum(offer.verification.tier is Tier.SERVER for offer in review.offers)
    others = len(review.offers) - vouched
    why = f": {prose(review.no_server).removesuffix('.')}" if review.no_server else ""
    if not vouched:
        return f"✓ Valid by the schema of Kubernetes {at} · no dry run{why}"
    every = "" if others else "All accepted" if vouched > 1 else "Accepted"
    accepted = f"{every or f'{vouched:,} accepted'} in a dry run by {prose(review.server or 'an API server')}"
    return f"✓ {accepted}{f', {others:,} valid by the schema only,' if others else ''} {at}"


def _listed(head: str, lines: Iterator[str]) -> Section:
    return Section(tuple(f"- {line}" for line in lines), f"**{head}**\n\n", share=0.07)


def _errors(review: Review) -> Iterator[Skip]:
    return (skip for skip in review.skips if skip.error)


def _skipped(skip: Skip) -> str:
    at = f"{skip.path}:{skip.line}" if skip.line is not None else skip.path
    return f"{code(at)}: {prose(skip.reason)}"


def _accepted(finding: Finding, about: About) -> str:
    reason, until = "", ""
    if finding.suppression is not None:
        reason = f": {prose(finding.suppression.reason)}"
        until = f" (until {prose(finding.suppression.expires)})" if finding.suppression.expires else ""
    return f"{code(finding.policy_id)} in {comment.where(finding)}, {place(finding, about)}{reason}{until}"


def _patch(review: Review, whole: str) -> Section:
    """The patch itself when it is short, else where it is."""
    offers = review.offers if whole else review.patched
    if not offers:
        return Section(())
    paths = sorted({offer.path for offer in offers})
    seen = shown(whole or review.patch, paths, review.texts)
    there = (
        f"{'All fixes are' if whole else 'What is not suggested beside its line is'} in `{PATCH_FILE}` of this run's "
    )
    there += f"report; `git apply {PATCH_FILE}` takes it."
    if not seen.text or size(seen.text) > _PATCH:
        return text(there)
    recipe = f"Save it as `{PATCH_FILE}` at the root of the repository, then `git apply {PATCH_FILE}`."
    if seen.kept_back:
        names = ", ".join(code(path) for path in seen.kept_back[:_PATHS])
        recipe += f" Not shown, for the values beside it: {names}; `{PATCH_FILE}` of this run's report is complete."
    return text(folded("Patch", f"{recipe}\n\n{fenced(seen.text, 'diff')}"))


def _apply_all(review: Review, about: About) -> Iterator[Section]:
    if not review.offers or not about.base_ref:
        return
    base = about.base_ref if about.pull is None else f"origin/{about.base_ref}"
    command = f"k8s-auto-fix fix --base {shlex.quote(base)}"
    if about.pull is not None:
        command = f"gh pr checkout {about.pull} && {command}"
    yield text(folded("Apply all", fenced(visible(command) + "\n", "sh")))


def _older(review: Review, about: About) -> Iterator[Section]:
    if not review.older:
        return
    count = len(review.older)
    paths = sorted({finding.location.path for finding in review.older})
    command = "k8s-auto-fix scan " + (" ".join(map(_argument, paths)) if len(paths) <= _PATHS else ".")
    policies = Counter(finding.policy_id for finding in review.older)
    listed = [f"- {_titled(policy_id, about)}: {number:,}" for policy_id, number in policies.most_common(_POLICIES)]
    others = sum(number for _, number in policies.most_common()[_POLICIES:])
    if others:
        listed.append(f"- others: {others:,}")
    head = f"{_counted(count, 'older finding')} in these files, not from this pull request"
    yield text(folded(head, "\n".join((fenced(visible(command) + "\n", "sh"), "", *listed))))


def _argument(path: str) -> str:
    """A path as a shell takes it, and no option."""
    return shlex.quote(f"./{path}" if path.startswith("-") else path)


def _titled(policy_id: str, about: About) -> str:
    policy = about.policies.get(policy_id)
    return prose(policy.title) if policy is not None else code(policy_id)


def _left_alone(review: Review) -> Iterator[Section]:
    """Files that were not looked at, each with its reason; what is only about a finding is said in its row."""
    groups: dict[str, list[Skip]] = {}
    for skip in review.skips:
        if not skip.error and skip.finding is None:
            groups.setdefault(skip.code, []).append(skip)
    lines = [f"- {line}" for code_, group in sorted(groups.items()) for line in _group(code_, group)]
    if lines:
        count = len({skip.path for group in groups.values() for skip in group})
        head = f"<details><summary>Left alone in {_counted(count, 'file')}</summary>\n\n"
        yield Section(tuple(lines), head, "\n\n</details>", share=0.05)


def _group(name: str, group: Sequence[Skip]) -> Iterator[str]:
    """One line for skips with the same reason, else one each."""
    if len(group) > 1 and len({skip.reason for skip in group}) == 1:
        named = ", ".join(code(path) for path in dict.fromkeys(skip.path for skip in group[:_PATHS]))
        left = len(group) - _PATHS
        yield f"{prose(name)}: {prose(group[0].reason)}: {named}{f' and {left:,} more' if left > 0 else ''}"
        return
    yield from map(_skipped, group)
