"""A report for programs: one JSON object, described by `report.schema.json` beside this module.

Members are never renamed or dropped within a version; new ones may come, with the schema. Lines and columns count from
1, columns in characters; `start` and `end` of an edit are character offsets into the file decoded as UTF-8, a byte
order mark counted. All is ASCII, so that it survives any terminal and any encoding.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from bot.manifest import Manifest
from bot.model import Applicability, Change, Finding, Json, Report, ResourceRef, Severity, Skip, TextEdit, Verification
from bot.report.source import Sources, edits_of, place_of, source_of
from bot.report.tally import Tally, tally

VERSION = 1


def render(report: Report, sources: Sources, *, show_fixes: bool = False) -> str:
    """The report as JSON. Fixes carry their patch, edits and verification only with `show_fixes`."""
    totals = tally(report)
    members = {
        "version": json.dumps(VERSION),
        "findings": _list(_finding(each, totals, sources, show_fixes) for each in report.findings),
        "skips": _list(_skip(each) for each in report.skips),
        "summary": json.dumps(_summary(totals), indent=2).replace("\n", "\n  "),
    }
    return "{\n" + ",\n".join(f'  "{name}": {text}' for name, text in members.items()) + "\n}\n"


def _list(items: Iterable[dict[str, Json]]) -> str:
    """A list as `json.dumps` indents it, one item after the other: thousands of findings take no room as objects."""
    written = ["    " + json.dumps(item, indent=2).replace("\n", "\n    ") for item in items]
    return "[\n" + ",\n".join(written) + "\n  ]" if written else "[]"


def _finding(finding: Finding, totals: Tally, sources: Sources, show_fixes: bool) -> dict[str, Json]:
    place = finding.location
    suppression = finding.suppression
    return {
        "policy": finding.policy_id,
        "severity": str(finding.severity),
        "message": finding.message,
        "path": place.path,
        "line": place.start_line,
        "end_line": place.end_line,
        "column": place.column,
        "document": place.document,
        "pointer": place.pointer,
        "resource": _resource(finding.resource),
        "fingerprint": finding.fingerprint,
        "origin": str(finding.origin),
        "also": list(finding.also),
        "suppressed": None if suppression is None else {"kind": suppression.kind, "reason": suppression.reason},
        "fix": _fix(totals.offers.fix(finding), finding, sources, show_fixes),
    }


def _resource(resource: ResourceRef) -> dict[str, Json]:
    return {
        "apiVersion": resource.api_version,
        "kind": resource.kind,
        "namespace": resource.namespace,
        "name": resource.name,
    }


def _fix(offered: Verification | None, finding: Finding, sources: Sources, show_fixes: bool) -> dict[str, Json] | None:
    if offered is None:
        return None
    fix = offered.fix
    brief: dict[str, Json] = {"title": fix.title, "applicability": str(fix.applicability), "why": fix.why}
    brief["evidence"] = [each.source for each in fix.evidence]
    if not show_fixes:
        return brief
    home = (finding.location.path, finding.location.document)
    here = [each for each in fix.changes if (each.path, each.document) == home]
    elsewhere = [each for each in fix.changes if (each.path, each.document) != home]
    return {
        **brief,
        "patch": [operation.as_json() for each in here for operation in each.operations],
        "edits": [edit for each in fix.changes for edit in _edits(each, sources)],
        "elsewhere": [_elsewhere(each) for each in elsewhere],
        "verification": _verification(offered),
    }


def _elsewhere(change: Change) -> dict[str, Json]:
    """What the fix does to another document; `document` null: a new one."""
    patch = [operation.as_json() for operation in change.operations]
    return {"path": change.path, "document": change.document, "patch": patch}


def _edits(change: Change, sources: Sources) -> list[dict[str, Json]]:
    source = source_of(sources, change.path)
    edits = change.edits if source is None else edits_of(source, change)
    return [_edit(change.path, each, source) for each in edits]


def _edit(path: str, edit: TextEdit, source: Manifest | None) -> dict[str, Json]:
    start = None if source is None else place_of(source, edit.span.start)
    end = None if source is None else place_of(source, edit.span.end)
    return {
        "path": path,
        "start": edit.span.start,
        "end": edit.span.end,
        "text": edit.new_text,
        "line": start and start.line,
        "column": start and start.column,
        "end_line": end and end.line,
        "end_column": end and end.column,
    }


def _verification(offered: Verification) -> dict[str, Json] | None:
    """The answers of the gates; null when none was asked."""
    if not offered.results:
        return None
    return {
        "tier": str(offered.tier),
        "server": offered.server,
        "passed": offered.passed,
        "notes": list(offered.notes),
        "gates": [{"gate": each.gate, "status": str(each.status), "reason": each.reason} for each in offered.results],
    }


def _skip(skip: Skip) -> dict[str, Json]:
    finding = skip.finding
    return {
        "stage": skip.stage,
        "code": skip.code,
        "reason": skip.reason,
        "path": skip.path,
        "document": skip.document,
        "line": skip.line,
        "policy": None if finding is None else finding.policy_id,
        "fingerprint": None if finding is None else finding.fingerprint,
        "error": skip.error,
    }


def _summary(totals: Tally) -> dict[str, Json]:
    fixable: dict[str, Json] = {str(each): totals.fixable.get(each, 0) for each in sorted(Applicability, reverse=True)}
    counts = totals.report.counts
    return {
        "files": counts.get("files", 0),
        "documents": counts.get("documents", 0),
        "resources": counts.get("resources", 0),
        "findings": len(totals.open),
        "suppressed": totals.suppressed,
        "severities": {str(each): totals.severities.get(each, 0) for each in sorted(Severity, reverse=True)},
        "fixable": fixable,
        "skipped": len(totals.report.skips) - len(totals.errors),
        "errors": len(totals.errors),
        "notices": list(totals.report.notices),
    }
