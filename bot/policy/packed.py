"""Policies as JSON and back, for the file in which a start finds them read already.

Examples are left out: a scan needs none. Invariant: `unpacked(packed(policies))` are the same policies, examples left
out. What is no such JSON raises ValueError, KeyError, TypeError or IndexError.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from bot.model import Applicability, Json, Severity
from bot.policy.model import Check, FixTemplate, Match, OperationTemplate, Policy, Target


def packed(policies: Iterable[Policy]) -> str:
    """The text that `unpacked` reads."""
    return json.dumps([_policy(each) for each in policies], separators=(",", ":"))


def unpacked(text: str) -> tuple[Policy, ...]:
    """The policies of a text that `packed` made."""
    return tuple(map(_read_policy, json.loads(text)))


def _policy(policy: Policy) -> Json:
    match, check = policy.match, policy.check
    return {
        "id": policy.id,
        "title": policy.title,
        "severity": int(policy.severity),
        "category": policy.category,
        "default": policy.default,
        "profiles": policy.profiles,
        "description": policy.description,
        "remediation": policy.remediation,
        "references": policy.references,
        "match": [match.kinds, match.target, match.each, match.os],
        "check": [check.expression, check.function, check.message, check.at],
        "fixes": [_fix(each) for each in policy.fixes],
        "supersedes": policy.supersedes,
        "contradicts": policy.contradicts,
        "twins": policy.twins,
        "source": policy.source,
        "asks": policy.asks,
        "relates": policy.relates,
    }


def _fix(fix: FixTemplate) -> Json:
    steps = [[each.op, each.path, each.value, each.source, each.target, each.when] for each in fix.operations]
    return [fix.title, int(fix.applicability), fix.why, fix.when, steps, fix.create, fix.from_function]


def _read_policy(found: Json) -> Policy:
    kinds, target, each, system = found["match"]
    expression, function, message, at = found["check"]
    return Policy(
        id=found["id"],
        title=found["title"],
        severity=Severity(found["severity"]),
        category=found["category"],
        default=found["default"],
        profiles=tuple(found["profiles"]),
        description=found["description"],
        remediation=found["remediation"],
        references=tuple(found["references"]),
        match=Match(tuple(kinds), Target(target), each, system),
        check=Check(expression, function, message, at),
        fixes=tuple(map(_read_fix, found["fixes"])),
        supersedes=tuple(found["supersedes"]),
        contradicts=tuple(found["contradicts"]),
        twins=tuple((tool, twin) for tool, twin in found["twins"]),
        source=found["source"],
        asks=tuple(found["asks"]) if found["asks"] is not None else None,
        relates=found["relates"],
    )


def _read_fix(found: Json) -> FixTemplate:
    title, applicability, why, when, steps, create, from_function = found
    return FixTemplate(
        title=title,
        applicability=Applicability(applicability),
        why=why,
        when=when,
        operations=tuple(_read_operation(*each) for each in steps),
        create=create,
        from_function=from_function,
    )


def _read_operation(
    op: str, path: str, value: Json, source: str | None, target: str | None, when: str | None
) -> OperationTemplate:
    return OperationTemplate(op, path, value, source, Target(target) if target is not None else None, when)
