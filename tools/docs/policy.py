"""docs/policies/ID.md: one page a policy."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import unified_diff
from pathlib import Path

from bot.model import Applicability
from bot.policy import Policy
from bot.policy.data.misconfigurations import UNFIXED
from bot.policy.model import Example, FixTemplate
from tools.docs.markdown import fenced, plain, section, table

_APPLIED = {
    Applicability.SAFE: "**safe**: `k8s-auto-fix fix` applies it.",
    Applicability.UNSAFE: "**unsafe**: `k8s-auto-fix fix --unsafe` applies it.",
    Applicability.DISPLAY_ONLY: "**display-only**: it is shown, to be applied by hand.",
}
_WHOLE = 1_000_000
"""Lines of context in the diff of an example: all of them."""


def page(policy: Policy) -> str:
    """The page of one policy."""
    source = f"policies/{policy.category}/{Path(policy.source).name}"
    facts = [
        f"`{policy.id}`",
        f"severity **{policy.severity}**",
        f"[{policy.category}](README.md#{policy.category})",
        "on by default" if policy.default else "off by default",
        *([f"profiles: {', '.join(policy.profiles)}"] if policy.profiles else []),
    ]
    return "".join(
        (
            f"<!-- Written by `make docs` from {source}. -->\n\n",
            f"# {plain(policy.title)}\n\n",
            " · ".join(facts) + "\n\n",
            plain(policy.description) + "\n",
            section("What to do", plain(policy.remediation)),
            _example(policy.examples),
            section("Fixes" if len(policy.fixes) > 1 else "Fix", _fixes(policy)),
            section("Fine as it is", _good(policy.examples)),
            section("Accept a finding", _accept(policy)),
            section("In other tools", _twins(policy)),
            section("Read more", "".join(f"- <{each}>\n" for each in policy.references)),
            f"\nThe policy, with all its examples: [{source}](../../{source})\n",
        )
    )


def _example(examples: Sequence[Example]) -> str:
    """The first example that is fixed, as a diff; without one the first bad example."""
    for each in examples:
        if each.bad is not None and each.fixed is not None:
            lines = list(unified_diff(each.bad.splitlines(), each.fixed.splitlines(), n=_WHOLE, lineterm=""))
            return section(f"Example: {plain(each.name)}", fenced("diff", "\n".join(lines[3:])))
    bad = next((each for each in examples if each.bad is not None), None)
    return "" if bad is None else section(f"Example: {plain(bad.name)}", fenced("yaml", bad.bad or ""))


def _fixes(policy: Policy) -> str:
    if not policy.fixes:
        reason = UNFIXED.get(policy.id)
        return f"There is none: {plain(reason)}." if reason else "There is none; it is for a person to decide."
    text = "The first one whose condition holds is offered.\n\n" if len(policy.fixes) > 1 else ""
    text += "\n".join(map(_fix, policy.fixes))
    declined = [plain(each.name) for each in policy.examples if each.unfixed]
    if declined:
        text += "\nReported without a fix:\n\n" + "".join(f"- {each}\n" for each in declined)
    return text


def _fix(fix: FixTemplate) -> str:
    text = f"**{plain(fix.title)}** is {_APPLIED[fix.applicability]}\nLook first: {plain(fix.why)}.\n"
    if fix.from_function:
        text += "What it changes, and how freely it may be applied, depends on the finding; each says so.\n"
    if fix.when is not None:
        text += "\n<details><summary>Offered when</summary>\n\n" + fenced("cel", _broken(fix.when)) + "\n</details>\n"
    return text


def _broken(expression: str) -> str:
    """An expression on lines that fit."""
    return re.sub(r"\s+(&&|\|\|)\s+", r"\n\1 ", expression.strip())


def _good(examples: Sequence[Example]) -> str:
    return "".join(f"- {plain(each.name)}\n" for each in examples if each.good is not None)


def _accept(policy: Policy) -> str:
    comment = fenced("yaml", f"# k8s-auto-fix: ignore[{policy.id}] why it is fine here")
    return (
        f"At the end of its line, or above it:\n\n{comment}\n"
        f"or as an annotation of the object, `k8s-auto-fix.io/ignore.{policy.id}`, with the reason as its value.\n"
        "[Accepting a finding](../suppressions.md) tells more.\n"
    )


def _twins(policy: Policy) -> str:
    rows = list(_tools(policy))
    return table(("tool", "ids"), rows) if rows else ""


def _tools(policy: Policy) -> Iterator[tuple[str, str]]:
    for tool in dict.fromkeys(tool for tool, _ in policy.twins):
        yield tool, ", ".join(f"`{twin}`" for each, twin in policy.twins if each == tool)
