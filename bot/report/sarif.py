"""A report as SARIF 2.1.0, for GitHub code scanning and editors.

Columns are UTF-16 code units, which is what viewers assume. Paths are relative to the root of the repository and
percent-encoded. GitHub's limits are kept: 25,000 results a run (the worst are kept, a notification counts the others)
and 20 tags a rule.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING
from urllib.parse import quote

from bot.manifest import Manifest
from bot.manifest.pointers import split
from bot.model import Change, Finding, Json, Origin, Report, Severity, Skip, Suppression, TextEdit, Verification
from bot.report.source import Sources, edits_of, place_of, source_of, within
from bot.report.tally import Offers, in_order

if TYPE_CHECKING:
    from bot.policy import Policy

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
MAX_RESULTS = 25_000
MAX_TAGS = 20
MAX_TEXT = 1_024
"""Characters of a rule's description that GitHub takes."""

FINGERPRINT = "k8sAutoFix/v1"
ROOT = "%SRCROOT%"

_LEVELS = {Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "note"}
# GitHub: over 9.0 is critical, from 7.0 high, from 4.0 medium.
_SCORES = {Severity.CRITICAL: "9.5", Severity.HIGH: "8.0", Severity.MEDIUM: "5.5", Severity.LOW: "2.0"}
_SECURITY = frozenset(
    ("container-hardening", "control-plane", "networking", "pod-security", "rbac", "secrets", "supply-chain")
)


def render(
    report: Report,
    sources: Sources,
    policies: Iterable[Policy],
    *,
    version: str,
    root: str | None = None,
    uri: str | None = None,
) -> str:
    """The report as SARIF; `version` is the bot's, `root` the file URI of the repository, `uri` the home of the bot."""
    kept = _kept(report.findings)
    run = {
        "tool": {"driver": _driver(kept, policies, version, uri)},
        "columnKind": "utf16CodeUnits",
        "originalUriBaseIds": {ROOT: _root(root)},
        "invocations": [_invocation(report, len(report.findings) - len(kept))],
        "results": list(_results(report, kept, sources)),
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _kept(findings: tuple[Finding, ...]) -> list[Finding]:
    """The findings in order; the worst `MAX_RESULTS` when there are more."""
    ordered = in_order(findings)
    if len(ordered) <= MAX_RESULTS:
        return ordered
    return in_order(sorted(ordered, key=lambda each: -each.severity)[:MAX_RESULTS])


def _root(root: str | None) -> dict[str, Json]:
    described: dict[str, Json] = {"description": {"text": "The root of the repository."}}
    return described if root is None else {"uri": root.rstrip("/") + "/", **described}


def _driver(kept: list[Finding], policies: Iterable[Policy], version: str, uri: str | None) -> dict[str, Json]:
    known = {policy.id: policy for policy in policies}
    driver: dict[str, Json] = {"name": "k8s-auto-fix", "version": version, "semanticVersion": version}
    if uri is not None:
        driver["informationUri"] = uri
    return {**driver, "rules": [_rule(name, known.get(name)) for name in _rule_ids(kept)]}


def _rule_ids(findings: Iterable[Finding]) -> list[str]:
    return sorted({each.policy_id for each in findings})


def _rule(name: str, policy: Policy | None) -> dict[str, Json]:
    """A policy as a rule; of one that is not known (an engine's) the id is all there is to say."""
    if policy is None:
        said = {"text": name}
        return {"id": name, "shortDescription": said, "fullDescription": said, "help": said}
    rule: dict[str, Json] = {
        "id": name,
        "shortDescription": {"text": _short(policy.title)},
        "fullDescription": {"text": _short(policy.description)},
        "help": {"text": _help(policy), "markdown": _help_markdown(policy)},
        "defaultConfiguration": {"level": _LEVELS[policy.severity]},
        "properties": _rule_properties(policy),
    }
    if policy.references:
        rule["helpUri"] = policy.references[0]
    return rule


def _short(text: str) -> str:
    joined = " ".join(text.split())
    return joined if len(joined) <= MAX_TEXT else joined[: MAX_TEXT - 1] + "…"


def _help(policy: Policy) -> str:
    parts = [policy.description.strip(), policy.remediation.strip(), *policy.references]
    return "\n\n".join(part for part in parts if part)


def _help_markdown(policy: Policy) -> str:
    parts = [f"**{policy.title}**", policy.description.strip()]
    if policy.remediation:
        parts.append(f"**What to do.** {policy.remediation.strip()}")
    parts.append(f"To accept a finding, give the reason on its line: `# k8s-auto-fix: ignore[{policy.id}] reason`.")
    if policy.references:
        parts.append("\n".join(f"- <{reference}>" for reference in policy.references))
    return "\n\n".join(parts)


def _rule_properties(policy: Policy) -> dict[str, Json]:
    """Severity as GitHub knows it: a score for what is about security, a word for the rest."""
    secure = policy.category in _SECURITY
    tags = ["kubernetes", *(["security"] if secure else []), policy.category, *policy.profiles]
    words = {"error": "error", "warning": "warning", "note": "recommendation"}
    properties: dict[str, Json] = {
        "tags": list(dict.fromkeys(tags))[:MAX_TAGS],
        "precision": "high",
        "problem.severity": words[_LEVELS[policy.severity]],
    }
    return {**properties, "security-severity": _SCORES[policy.severity]} if secure else properties


def _results(report: Report, kept: list[Finding], sources: Sources) -> Iterator[dict[str, Json]]:
    offers = Offers(report)
    places = {name: place for place, name in enumerate(_rule_ids(kept))}
    # A run gives suppressions for every result, or for none.
    accepted = any(each.suppression is not None for each in kept)
    path, source = None, None
    for each in kept:
        if each.location.path != path:
            path = each.location.path
            source = source_of(sources, path)
        result: dict[str, Json] = {
            "ruleId": each.policy_id,
            "ruleIndex": places[each.policy_id],
            "level": _LEVELS[each.severity],
            "message": {"text": _plain(each.message)},
            "locations": [_location(each, source)],
        }
        if each.fingerprint:
            result["partialFingerprints"] = {FINGERPRINT: each.fingerprint}
        if each.also or each.origin is Origin.ENGINE:
            result["properties"] = {"origin": str(each.origin), "reportedBy": list(each.also)}
        if accepted:
            result["suppressions"] = [] if each.suppression is None else [_suppression(each.suppression)]
        offered = offers.fix(each)
        if offered is not None and (fix := _fix(offered, sources)) is not None:
            result["fixes"] = [fix]
        yield result


_LINK = re.compile(r"\[(?=[^\]]*\]\()")


def _plain(text: str) -> str:
    """A message without the embedded links that SARIF would read into brackets; never empty."""
    return _LINK.sub(r"\\[", text) or "(no message)"


def _suppression(suppression: Suppression) -> dict[str, Json]:
    kind = "external" if suppression.kind == "config" else "inSource"
    return {"kind": kind, "status": "accepted", "justification": suppression.reason}


def artifact(path: str) -> dict[str, Json]:
    """A path as a URI: relative to the root of the repository, or a file URI when it is absolute."""
    encoded = quote(path.removeprefix("./"), safe="/~!$&'()*+,;=@", errors="surrogateescape")
    if path.startswith("/"):
        return {"uri": f"file://{encoded}"}
    return {"uri": encoded, "uriBaseId": ROOT}


def _location(finding: Finding, source: Manifest | None) -> dict[str, Json]:
    resource = finding.resource
    logical: list[dict[str, Json]] = [
        {"name": resource.name, "kind": "resource", "fullyQualifiedName": f"{resource.api_version} {resource}"}
    ]
    tokens = split(finding.location.pointer)
    if tokens:
        pointer = finding.location.pointer
        logical.append({"name": tokens[-1], "kind": "property", "fullyQualifiedName": pointer})
    return {
        "physicalLocation": {"artifactLocation": artifact(finding.location.path), "region": _region(finding, source)},
        "logicalLocations": logical,
    }


def _region(finding: Finding, source: Manifest | None) -> dict[str, Json]:
    place = finding.location
    if source is None or not within(source, place.span):
        return {"startLine": place.start_line, "startColumn": place.column, "endLine": place.end_line}
    return _span(source, place.span.start, place.span.end)


def _span(source: Manifest, start: int, end: int) -> dict[str, Json]:
    first, last = place_of(source, start), place_of(source, end)
    return {
        "startLine": first.line,
        "startColumn": first.utf16,
        "endLine": last.line,
        "endColumn": last.utf16,
    }


def _fix(offered: Verification, sources: Sources) -> dict[str, Json] | None:
    """The fix as replacements; None when a text that it changes is not at hand or the fix makes a new document."""
    files: dict[str, list[Json]] = {}
    for change in offered.fix.changes:
        replacements = _replacements(change, sources)
        if not replacements:
            return None
        files.setdefault(change.path, []).extend(replacements)
    fix = offered.fix
    why = f": {fix.why}" if fix.why else ""
    why += "".join(f"; value from {each.source}" for each in fix.evidence)
    return {
        "description": {"text": _plain(f"{fix.title} ({fix.applicability}{why})")},
        "artifactChanges": [
            {"artifactLocation": artifact(path), "replacements": replacements} for path, replacements in files.items()
        ],
    }


def _replacements(change: Change, sources: Sources) -> list[Json]:
    source = source_of(sources, change.path)
    edits = () if source is None else edits_of(source, change)
    return [] if source is None else [_replacement(source, each) for each in edits]


def _replacement(source: Manifest, edit: TextEdit) -> dict[str, Json]:
    region = _span(source, edit.span.start, edit.span.end)
    if not edit.new_text:
        return {"deletedRegion": region}
    return {"deletedRegion": region, "insertedContent": {"text": edit.new_text}}


def _invocation(report: Report, left_out: int) -> dict[str, Json]:
    notifications = [_notification(skip) for skip in report.skips]
    notifications += [{"level": "note", "message": {"text": _plain(notice)}} for notice in report.notices]
    if left_out:
        text = f"{left_out} results are left out, the least severe: {MAX_RESULTS} are taken of one run."
        notifications.append({"level": "warning", "message": {"text": text}})
    invocation: dict[str, Json] = {"executionSuccessful": not any(skip.error for skip in report.skips)}
    return {**invocation, "toolExecutionNotifications": notifications} if notifications else invocation


def _notification(skip: Skip) -> dict[str, Json]:
    place: dict[str, Json] = {"artifactLocation": artifact(skip.path)}
    if skip.line is not None:
        place["region"] = {"startLine": skip.line}
    notification: dict[str, Json] = {
        "descriptor": {"id": skip.code},
        "level": "error" if skip.error else "note",
        "message": {"text": _plain(skip.reason)},
        "locations": [{"physicalLocation": place}],
    }
    if skip.finding is None:
        return notification
    return {**notification, "associatedRule": {"id": skip.finding.policy_id}}
