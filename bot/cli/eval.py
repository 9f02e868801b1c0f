"""`eval`: what the stages did, in numbers, from their files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from bot.cli import options, staging
from bot.cli.streams import write_output
from bot.stages import detections as findings
from bot.stages import patches as proposals
from bot.stages import verified as verdicts

if TYPE_CHECKING:
    from bot.steps.evaluate import Numbers, Without


@click.command()
@staging.source("detections", findings.FILE, of="The findings")
@staging.source("patches", proposals.FILE, of="The proposals")
@staging.source("verified", verdicts.FILE, of="The verdicts")
@click.option("--gates", is_flag=True, help="Ask all gates again, each once switched off, to see what it catches.")
@click.option(
    "--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True, help="How to write."
)
@options.with_policies
def command(detections: str, patches: str, verified: str, gates: bool, form: str, **selection: Any) -> int:
    """Measure what the stages did: how much was fixed, what the gates refused, and how well the texts were kept."""
    from bot.cli.judging import Judging
    from bot.steps.evaluate import numbers, without
    from bot.verify.verify import GATES

    staging.check_stdin(detections, patches, verified)
    found = staging.read(detections, findings.load, stage="detect")
    given = staging.read(patches, proposals.load, stage="propose")
    said = staging.read(verified, verdicts.load, stage="verify")
    ablation: list[Without] = []
    if gates:
        judging = Judging(given, found, where=patches, source=detections)
        whole, _ = judging.verdicts(selection)
        for gate in GATES:
            again, _ = judging.verdicts(selection, frozenset({gate}))
            ablation.append(without(gate, whole, again))
    result = numbers(found, given, said)
    write_output(as_json(result, ablation) if form == "json" else as_text(result, ablation))
    return 0


def as_json(result: Numbers, ablation: list[Without]) -> str:
    """The numbers for programs."""
    found: dict[str, Any] = {
        "findings": result.findings,
        "proposals": result.proposals,
        "accepted": result.accepted,
        "fix_rate": round(result.fixed, 4),
        "skipped": dict(result.skipped),
        "refused": dict(result.refused),
        "gates": {
            name: {"passed": passed, "failed": failed, "skipped": skipped}
            for name, (passed, failed, skipped) in result.gates.items()
        },
        "new_findings": result.brought,
        "files": result.files,
        "measured": result.measured,
        "changed_lines": result.changed,
        "ideal_lines": result.ideal,
        "comments": result.comments,
        "comments_kept": result.kept,
        "milliseconds": {f"p{name}": round(value, 3) for name, value in result.latency.items()},
    }
    if ablation:
        found["without"] = {each.gate: {"refused": each.refused, "passed": each.passed} for each in ablation}
    return json.dumps(found, indent=2) + "\n"


def as_text(result: Numbers, ablation: list[Without]) -> str:
    """The numbers for people."""
    rows = [
        ("findings", f"{result.findings:,}"),
        ("proposals", f"{result.proposals:,}"),
        ("accepted", f"{result.accepted:,}, {result.fixed:.1%} of the findings"),
        ("new findings", f"{_a_file(result)}"),
        ("changed lines", f"{result.changed:,}, the fewest are {result.ideal:,}"),
        ("comments kept", f"{result.kept:,} of {result.comments:,}"),
        ("time of a fix", ", ".join(f"{value:.2f} ms ({name} %)" for name, value in result.latency.items())),
    ]
    lines = [f"{name:<14} {value}" for name, value in rows]
    for title, counts in (("without a proposal", result.skipped), ("refused", result.refused)):
        if counts:
            lines += ["", title, *(f"{count:>7,}  {name}" for name, count in counts.items())]
    lines += ["", f"{'gate':<16} {'passed':>8} {'failed':>8} {'skipped':>8}"]
    lines += [f"{name:<16} {a:>8,} {b:>8,} {c:>8,}" for name, (a, b, c) in result.gates.items()]
    if ablation:
        lines += ["", f"{'switched off':<16} {'refused':>8} {'pass without it':>16}"]
        lines += [f"{each.gate:<16} {each.refused:>8,} {each.passed:>16,}" for each in ablation]
    return "\n".join(lines) + "\n"


def _a_file(result: Numbers) -> str:
    share = result.brought / result.files if result.files else 0.0
    return f"{result.brought:,} brought along, {share:.3f} a file"
