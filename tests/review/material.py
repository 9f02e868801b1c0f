"""Findings, offers and posted comments for the tests of a review."""

from __future__ import annotations

from bot.model import (
    Applicability,
    Evidence,
    Finding,
    Fix,
    GateResult,
    GateStatus,
    Location,
    ResourceRef,
    Severity,
    Span,
    Tier,
    Verification,
)
from bot.review.model import Block, Offer

HEAD = "4f2c9e1d0b6a7c8e9f00112233445566778899aa"
WEB = ResourceRef("apps/v1", "Deployment", "shop", "web")
SWEEP = ResourceRef("batch/v1", "CronJob", "shop", "sweep")

ESCALATION = "allow-privilege-escalation"
SUDO = "sudo, setuid helpers and binaries with file capabilities stop working"

# Runs of backticks, tabs, blanks at ends, other scripts, signs that Markdown knows: what a block has to leave alone.
HARD_LINES = (
    "```",
    "  ````` yaml",
    "~~~",
    "\tkey: 1",
    "blank at the end  ",
    "",
    "   ",
    "# not a title",
    "<!-- k8s-auto-fix v1 fp=0123456789abcdef head=4f2c9e1 -->",
    "- größe: 日本語 \U0001f642",
    "a\u00a0b\u200b",
    "::error::no",
    "`" * 40,
)


def fingerprint(number: int) -> str:
    """A fingerprint that reads as its number."""
    return f"{number:016x}"


def finding(
    number: int = 1,
    message: str = "container web does not rule out privilege escalation",
    *,
    policy: str = ESCALATION,
    severity: Severity = Severity.MEDIUM,
    resource: ResourceRef = WEB,
    path: str = "deploy/web.yaml",
    line: int = 19,
) -> Finding:
    """A finding; `number` is its fingerprint."""
    place = Location(path, 0, "/spec/template/spec/containers/0", Span(0, 0), line, line, 1)
    return Finding(policy, severity, message, resource, place.pointer, place, fingerprint=fingerprint(number))


def fix(
    *findings: Finding,
    why: str = SUDO,
    applicability: Applicability = Applicability.UNSAFE,
    evidence: tuple[Evidence, ...] = (),
) -> Fix:
    """A fix without operations: what it says is all that counts here."""
    return Fix(findings, (), "Set allowPrivilegeEscalation to false", why, applicability, evidence=evidence)


def offer(
    *findings: Finding,
    new: str | None = "            allowPrivilegeEscalation: false\n",
    start: int = 20,
    end: int = 20,
    why: str = SUDO,
    applicability: Applicability = Applicability.UNSAFE,
    tier: Tier = Tier.SERVER,
    notes: tuple[str, ...] = (),
    gate: GateResult | None = None,
    parts: tuple[Fix, ...] = (),
    evidence: tuple[Evidence, ...] = (),
    reason: str = "",
    path: str | None = None,
) -> Offer:
    """An offer; without `new` it is none for a suggestion, and `reason` says why."""
    every = findings or (finding(),)
    made = fix(*every, why=why, applicability=applicability, evidence=evidence)
    results = (gate or GateResult("schema", GateStatus.PASSED),)
    verification = Verification(made, results, tier, "1.37" if tier is Tier.SCHEMA else None, notes)
    block = None if new is None else Block(start, end, "            allowPrivilegeEscalation: true\n", new)
    where = path or every[0].location.path
    return Offer(where, (block,) if block else (), verification, block, reason, parts)
