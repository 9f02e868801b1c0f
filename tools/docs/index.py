"""docs/policies/README.md: the table of all policies."""

from __future__ import annotations

from collections.abc import Sequence

from bot.model import Applicability
from bot.policy import Policy
from tools.docs.markdown import plain, section, table

_HEAD = """\
<!-- Written by `make docs` from policies/. -->

# Policies

{count} policies, {default} of them on by default (●). `--select` takes their ids, categories and profiles, `--profile`
a profile to start from; `k8s-auto-fix explain ID` shows a page in the terminal. [What is covered](../coverage.md) lists
what is left out.

Fixes: **safe** ones cannot change what a running pod does; **unsafe** ones may, and wait for `--unsafe`; **shown** ones
are to be applied by hand. Some need a value that only you know, and wait for it.
"""


def page(policies: Sequence[Policy]) -> str:
    """The table, by category, the most severe first."""
    text = _HEAD.format(count=len(policies), default=sum(each.default for each in policies))
    for category in sorted({each.category for each in policies}):
        there = [each for each in policies if each.category == category]
        rows = map(_row, sorted(there, key=lambda each: (-each.severity, each.id)))
        text += section(category, table(("policy", "on", "severity", "fix", "finding"), rows))
    return text


def _row(policy: Policy) -> tuple[str, ...]:
    link = f"[{policy.id}]({policy.id}.md)"
    return link, "●" if policy.default else "", str(policy.severity), _freest(policy), plain(policy.title)


def _freest(policy: Policy) -> str:
    if not policy.fixes:
        return ""
    best = max(each.applicability for each in policy.fixes)
    return "shown" if best is Applicability.DISPLAY_ONLY else str(best)
