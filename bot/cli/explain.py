"""`explain POLICY`: what a policy is about, with an example and its fix."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from bot.cli.options import colour, policy_ids
from bot.cli.streams import terminal_width, wants_color, write_output
from bot.errors import UsageError

if TYPE_CHECKING:
    from bot.policy import Policy

_WIDTH = 80

Row = tuple[str, str]
"""A line, and the style of `bot.report.terminal` it has; empty for none."""


@click.command()
@click.argument("policy_id", metavar="POLICY", shell_complete=policy_ids)
@click.option("--policies", "folder", type=click.Path(), metavar="DIR", help="Your own policies, in addition.")
@colour
def command(policy_id: str, folder: str | None, color: str) -> int:
    """Explain POLICY (an id, another tool's too): why it exists, how it is fixed, how to accept a finding."""
    from bot.cli.session import load_policies
    from bot.policy.twins import Twins, Unclear
    from bot.report.terminal import painter, visible

    policies = {policy.id: policy for policy in load_policies(folder)}
    meant = Twins(policies.values()).meaning(policy_id)
    if isinstance(meant, Unclear):
        raise UsageError(
            meant.reason + ("" if "did you mean" in meant.reason else "; `k8s-auto-fix policies` lists them")
        )
    if len(meant) > 1:
        raise UsageError(f"{policy_id} stands for {len(meant)} policies, explain one of them: {', '.join(meant)}")
    paint = painter(wants_color(color))
    rows = page(policies[meant[0]], terminal_width() or _WIDTH)
    write_output("".join((paint(visible(line), style) if style else visible(line)) + "\n" for line, style in rows))
    return 0


def page(policy: Policy, width: int) -> Iterator[Row]:
    """The page of one policy for a terminal of `width` columns."""
    yield from _headed(policy.title, [f"{policy.id} · {policy.severity} · {policy.category}"], "dim")
    yield "", ""
    yield from ((line, "") for line in _fold(policy.description, width))
    yield from _section("What to do", _fold(policy.remediation, width))
    yield from _section("Fixes", list(_fixes(policy, width)))
    shown = next((each for each in policy.examples if each.fixed is not None), None)
    if shown is not None and shown.bad is not None and shown.fixed is not None:
        yield "", ""
        yield from _headed(f"Example: {shown.name}", [])
        yield from _changes(shown.bad, shown.fixed)
    state = "on" if policy.default else "off"
    selection = [f"{state} by default; --select {policy.id}, --ignore {policy.id}"]
    if policy.profiles:
        selection.append(f"profiles: {', '.join(policy.profiles)}")
    yield from _section("Selection", selection)
    yield from _section("Accept a finding", [f"# k8s-auto-fix: ignore[{policy.id}] why it is fine here"])
    yield from _section("In other tools", list(_twins(policy, width)))
    yield from _section("Read more", list(policy.references))


def _headed(title: str, lines: list[str], style: str = "") -> Iterator[Row]:
    yield title, "bold"
    yield from ((line, style) for line in lines)


def _section(title: str, lines: list[str]) -> Iterator[Row]:
    """A title and its lines; nothing when there are no lines."""
    if lines:
        yield "", ""
        yield from _headed(title, lines)


def _fold(text: str, width: int, first: str = "", rest: str = "") -> list[str]:
    return textwrap.wrap(
        text,
        width,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _fixes(policy: Policy, width: int) -> Iterator[str]:
    for fix in policy.fixes:
        yield f"- {fix.title} ({fix.applicability})"
        yield from _fold(fix.why, width, "  ", "  ")


def _twins(policy: Policy, width: int) -> Iterator[str]:
    for tool in dict.fromkeys(tool for tool, _ in policy.twins):
        ids = ", ".join(name for each, name in policy.twins if each == tool)
        yield from _fold(f"{tool}: {ids}", width, rest="  ")


def _changes(before: str, after: str) -> Iterator[Row]:
    from difflib import ndiff

    styles = {"-": "red", "+": "green"}
    for line in ndiff(before.splitlines(), after.splitlines()):
        if not line.startswith("?"):
            yield f"  {line}".rstrip(), styles.get(line[0], "")
