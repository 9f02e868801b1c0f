"""docs/compare-checkov.md: the checks, where the two differ, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from bench.peers import CHECKOV
from tools.compare.cause import Cause, Right
from tools.compare.causes import CAUSES
from tools.compare.disagree import Disagreement, Side
from tools.compare.run import Outcome
from tools.docs.markdown import plain, section, table

_HEAD = """\
<!-- Written by `make compare` from tools/compare. -->

# Compared with Checkov

[Checkov](https://www.checkov.io) {version} is an independent witness: {files:,} manifests of real repositories and
{examples:,} texts of the policies' examples were shown to it and to our policies. {checks} of its checks say what
{policies} policies say. Every place where only one side complains is explained below.

{totals}
Compared is check by check and object by object, and for checks of containers container by container up to the first one
that fails, the only one that Checkov names; what it says of a binding counts for the role that is bound. Findings count
as they are detected: every policy is on, no finding covers another, and nothing is accepted by comments or annotations.
Where Checkov was right the policies were mended, so that such rows are gone, or the cause says why not. Charts and
kustomizations are not part of this: both sides were given plain manifests, folder by folder.

Examples are small on purpose: most disagreements about them are that they name no image, namespace, user or probe.
"""


def page(outcome: Outcome) -> str:
    """The page of an outcome without unexplained disagreements."""
    files = sum(each.real for each in outcome.samples)
    head = _HEAD.format(
        version=CHECKOV,
        files=files,
        examples=len(outcome.samples) - files,
        checks=len(outcome.twins),
        policies=len({policy for twin in outcome.twins for policy in twin.policies}),
        totals=table(
            ("", "both complain", "both content", "one alone", "we are right", "both", "Checkov"), _totals(outcome)
        ),
    )
    causes = table(("cause", "alone", "right", "why"), map(_cause, CAUSES))
    places = table(("check", "alone", "cause", "corpus", "examples", "one place"), _places(outcome))
    checks = table(("check", "our policies", "both complain", "both content", "we alone", "it alone"), _checks(outcome))
    return head + section("Causes", causes) + section("Where they differ", places) + section("All checks", checks)


def _totals(outcome: Outcome) -> Iterator[tuple[str, ...]]:
    """One row for the corpus, one for the examples: agreements, disagreements, and who is right about these."""
    pairs = list(zip(outcome.compared.disagreements, outcome.causes, strict=True))
    for real, what in ((True, "corpus"), (False, "examples")):
        agreed = [sum(n for (_, of), n in counts.items() if of is real) for counts in _agreements(outcome)]
        rights = Counter(cause.right for case, cause in pairs if cause is not None and case.sample.real is real)
        numbers = (*agreed, rights.total(), *(rights[right] for right in (Right.OURS, Right.BOTH, Right.THEIRS)))
        yield (what, *(f"{number:,}" for number in numbers))


def _agreements(outcome: Outcome) -> tuple[Counter[tuple[str, bool]], ...]:
    return outcome.compared.complaints, outcome.compared.contents


def _cause(cause: Cause) -> tuple[str, ...]:
    source = f" ([source]({cause.source}))" if cause.source else ""
    return f'<a id="{cause.id}"></a>{cause.id}', cause.side, cause.right, plain(cause.why) + source


def _places(outcome: Outcome) -> Iterator[tuple[str, ...]]:
    """One row for each check and cause: how often in the corpus and in examples, and where for example."""
    groups: dict[tuple[str, Side, str], list[Disagreement]] = {}
    for case, cause in zip(outcome.compared.disagreements, outcome.causes, strict=True):
        if cause is not None:
            groups.setdefault((case.check, case.side, cause.id), []).append(case)
    order = {twin.check: place for place, twin in enumerate(outcome.twins)}
    for (check, side, cause_id), cases in sorted(groups.items(), key=lambda each: (order[each[0][0]], each[0][1:])):
        real = [case for case in cases if case.sample.real]
        counts = (len(real), len(cases) - len(real))
        yield (check, side, f"[{cause_id}](#{cause_id})", *map(str, counts), _place(min(real or cases, key=str)))


def _place(case: Disagreement) -> str:
    if case.sample.real:
        return f"`{case.sample.name}`, {case.kind}"
    policy, _, example = case.sample.name.partition(": ")
    return f"[{policy.partition('/')[2]}](../policies/{policy}.yaml), {plain(example)}: {case.kind}"


def _checks(outcome: Outcome) -> Iterator[tuple[str, ...]]:
    alone = Counter((case.check, case.side) for case in outcome.compared.disagreements)
    for twin in outcome.twins:
        agreed = [counts[twin.check, True] + counts[twin.check, False] for counts in _agreements(outcome)]
        counts = (*agreed, alone[twin.check, Side.OURS], alone[twin.check, Side.THEIRS])
        policies = ", ".join(f"[{each}](policies/{each}.md)" for each in twin.policies)
        yield (twin.check, policies, *map(str, counts))
