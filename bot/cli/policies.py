"""`policies`: the list of policies, and `policies test DIR` for one's own."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.streams import write_output
from bot.report.terminal import visible

if TYPE_CHECKING:
    from bot.policy import Policy
    from bot.policy.coverage import Coverage, LeftOut


@click.group(invoke_without_command=True)
@click.option(
    "--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True, help="How to list."
)
@click.option("--policies", "folder", type=click.Path(), metavar="DIR", help="Your own policies, in addition.")
@click.option("--coverage", "counted", is_flag=True, help="Count them against what the field knows; what is left out.")
@click.pass_context
def command(ctx: click.Context, form: str, folder: str | None, counted: bool) -> int:
    """List the policies: those marked with * are on by default."""
    if ctx.invoked_subcommand is not None:
        return 0
    from bot.cli.session import load_policies

    if counted:
        from bot.policy.coverage import coverage

        found = coverage(load_policies(folder))
        write_output(_coverage_json(found) if form == "json" else _coverage_text(found), None)
        return 0
    policies = sorted(load_policies(folder), key=lambda policy: (policy.category, -policy.severity, policy.id))
    write_output(_json(policies) if form == "json" else _text(policies), None)
    return 0


@command.command("test")
@click.argument("folder", type=click.Path(), metavar="DIR")
def test(folder: str) -> int:
    """Try the policies in DIR on their own examples."""
    from bot import schema
    from bot.cli.session import load_policies
    from bot.detect.detect import Environment
    from bot.errors import InputError
    from bot.policy import load
    from bot.trial import try_policy

    if not Path(folder).is_dir():
        raise InputError(f"{folder}: no folder; name a folder of policy files")
    own = load(Path(folder))
    environment = Environment({}, schema.OLDEST_SUPPORTED, schema.NEWEST, schema.with_crds(()))
    everything = load_policies(folder)
    failed = 0
    for policy in own:
        failures = list(try_policy(policy, everything, environment))
        failed += bool(failures)
        lines = [f"{'failed' if failures else 'ok    '} {policy.id} ({len(policy.examples)} examples)"]
        lines += [f"       {line}" for failure in failures for line in str(failure).split("\n")]
        write_output("".join(visible(line) + "\n" for line in lines))
    write_output(f"\n{len(own) - failed} passed, {failed} failed\n")
    return 1 if failed else 0


def _json(policies: list[Policy]) -> str:
    rows = [
        {
            "id": policy.id,
            "title": policy.title,
            "severity": str(policy.severity),
            "category": policy.category,
            "default": policy.default,
            "profiles": list(policy.profiles),
            "target": str(policy.match.target),
            "fixes": [{"title": fix.title, "applicability": str(fix.applicability)} for fix in policy.fixes],
            "references": list(policy.references),
        }
        for policy in policies
    ]
    return json.dumps(rows, indent=2, ensure_ascii=False) + "\n"


def _text(policies: list[Policy]) -> str:
    lines = []
    category = None
    width = max(len(policy.id) for policy in policies)
    for policy in policies:
        if policy.category != category:
            lines += ["", policy.category] if category is not None else [policy.category]
            category = policy.category
        fix = str(max(each.applicability for each in policy.fixes)) if policy.fixes else "no fix"
        mark = "*" if policy.default else " "
        lines.append(f"{mark} {policy.id:<{width}}  {policy.severity!s:<8}  {fix:<12}  {policy.title}")
    on = sum(policy.default for policy in policies)
    lines += ["", f"{len(policies)} policies, {on} on by default (*). `k8s-auto-fix explain ID` tells more."]
    return "".join(visible(line) + "\n" for line in lines)


def _coverage_text(found: Coverage) -> str:
    detected = f"{found.detected} of {found.known} known misconfigurations are detected"
    fixed = f"{found.fixed} of the {found.fixable} that have a fix defined are fixed"
    lines = [
        f"{detected}, {fixed}.",
        *_left_out("Not detected", found.undetected),
        *_left_out("Detected, without the fix that is defined", found.unfixed),
    ]
    if found.beyond:
        lines += ["", f"Beyond the list ({len(found.beyond)})", *(f"  {each}" for each in found.beyond)]
    return "".join(visible(line) + "\n" for line in lines)


def _left_out(title: str, rows: Sequence[LeftOut]) -> list[str]:
    """A title and a line for each; nothing when nothing is left out."""
    if not rows:
        return []
    width = max(len(each.id) for each in rows)
    return ["", f"{title} ({len(rows)})", *(f"  {each.id:<{width}}  {each.reason}" for each in rows)]


def _coverage_json(found: Coverage) -> str:
    members = {
        "known": found.known,
        "detected": found.detected,
        "fixable": found.fixable,
        "fixed": found.fixed,
        "undetected": [{"id": each.id, "fixable": each.fixable, "reason": each.reason} for each in found.undetected],
        "unfixed": [{"id": each.id, "reason": each.reason} for each in found.unfixed],
        "beyond": list(found.beyond),
    }
    return json.dumps(members, indent=2, ensure_ascii=False) + "\n"
