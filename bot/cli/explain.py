"""`explain POLICY`: what a policy is about, with an example and its fix."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import click

from bot.cli.options import colour, terminal_width, wants_color, write_output
from bot.errors import UsageError

if TYPE_CHECKING:
    from bot.policy import Policy


@click.command()
@click.argument("policy_id", metavar="POLICY")
@click.option("--policies", "folder", type=click.Path(), metavar="DIR", help="Your own policies, in addition.")
@colour
def command(policy_id: str, folder: str | None, color: str) -> int:
    """Explain POLICY: why it exists, how it is fixed, how to accept a finding."""
    from bot.cli.session import load_policies

    policies = {policy.id: policy for policy in load_policies(folder)}
    if policy_id not in policies:
        from difflib import get_close_matches

        near = get_close_matches(policy_id, policies, n=1)
        hint = f"did you mean {near[0]!r}?" if near else "`k8s-auto-fix policies` lists them"
        raise UsageError(f"unknown policy {policy_id!r}; {hint}")
    write_output(page(policies[policy_id], wants_color(color), terminal_width() or 80), None)
    return 0


def page(policy: Policy, color: bool, width: int) -> str:
    """The page of one policy for a terminal of `width` columns."""
    bold, dim, plain = ("\033[1m", "\033[2m", "\033[0m") if color else ("", "", "")
    fold = textwrap.TextWrapper(width=width, break_long_words=False, break_on_hyphens=False)
    lines = [f"{bold}{policy.title}{plain}", f"{dim}{policy.id} · {policy.severity} · {policy.category}{plain}", ""]
    lines += [*fold.wrap(policy.description), "", f"{bold}What to do{plain}", *fold.wrap(policy.remediation)]
    if policy.fixes:
        lines += ["", f"{bold}Fixes{plain}"]
        for fix in policy.fixes:
            lines.append(f"- {fix.title} ({fix.applicability})")
            if fix.why:
                lines += textwrap.wrap(fix.why, width, initial_indent="  ", subsequent_indent="  ")
    shown = next((each for each in policy.examples if each.fixed is not None), None)
    if shown is not None and shown.bad is not None and shown.fixed is not None:
        lines += ["", f"{bold}Example: {shown.name}{plain}", *_changes(shown.bad, shown.fixed, color)]
    state = "on" if policy.default else "off"
    lines += ["", f"{bold}Selection{plain}", f"{state} by default; --select {policy.id}, --ignore {policy.id}"]
    if policy.profiles:
        lines.append(f"profiles: {', '.join(policy.profiles)}")
    lines += ["", f"{bold}Accept a finding{plain}", f"# k8s-auto-fix: ignore[{policy.id}] why it is fine here"]
    if policy.twins:
        lines += ["", f"{bold}In other tools{plain}"]
        tools = dict.fromkeys(tool for tool, _ in policy.twins)
        for tool in tools:
            ids = ", ".join(name for each, name in policy.twins if each == tool)
            lines += textwrap.wrap(f"{tool}: {ids}", width, subsequent_indent="  ")
    if policy.references:
        lines += ["", f"{bold}Read more{plain}", *policy.references]
    return "\n".join(lines) + "\n"


def _changes(before: str, after: str, color: bool) -> list[str]:
    from difflib import ndiff

    paint = {"-": "\033[31m", "+": "\033[32m"} if color else {}
    plain = "\033[0m" if color else ""
    lines = []
    for line in ndiff(before.splitlines(), after.splitlines()):
        if not line.startswith("?"):
            start = paint.get(line[0], "")
            lines.append(f"  {start}{line}{plain if start else ''}".rstrip())
    return lines
