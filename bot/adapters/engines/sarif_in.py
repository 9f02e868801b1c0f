"""SARIF 2.1.0 of any tool for Kubernetes files: which results count, and what each of them says of which lines.

Read as the specification says and as tools write it: Trivy and Checkov give the lines of the object or the container,
KICS and Kubescape one line, kube-linter line 1 and the object's name under `logicalLocations`, kube-score a
`contextRegion`. Results that a tool says are passed, accepted or gone do not count.
https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.adapters.engines.shape import NotAsDescribed, items, member, optional_text, text
from bot.detect.data.kics_queries import NAMES
from bot.model import Json, ResourceRef, Severity

_LABELS = {"trivy": "Trivy", "checkov": "Checkov", "kubescape": "Kubescape", "kics": "KICS"}
_LEVELS = {"error": Severity.HIGH, "warning": Severity.MEDIUM, "note": Severity.LOW, "none": Severity.LOW}
_SCORES = ((9.0, Severity.CRITICAL), (7.0, Severity.HIGH), (4.0, Severity.MEDIUM))
"""`security-severity` from which on GitHub calls something so."""

_CONTAINER = re.compile(r"\b[Cc]ontainer\s+(?P<quote>['\"`])(?P<name>[^'\"`\s]+)(?P=quote)")
_TRIVY_MESSAGE = re.compile(r"^Message: (.+)$", re.MULTILINE)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")


@dataclass(frozen=True, slots=True)
class Result:
    """One result that counts. `uri` is where its file is, with the base in front when the report gives one."""

    tool: str
    label: str
    check: str
    message: str
    uri: str
    severity: Severity
    lines: tuple[int, int] | None = None
    ref: ResourceRef | None = None
    container: str = ""


@dataclass(slots=True)
class Report:
    """What a file of SARIF says: results that count, how many are accepted or passed, how many cannot be read."""

    results: list[Result]
    left_out: int = 0
    unread: int = 0


def parse(written: str) -> Report:
    """The results of all runs; raises NotAsDescribed when the text is no SARIF 2.1.0."""
    try:
        document = json.loads(written.removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise NotAsDescribed(f"no JSON: {error}") from error
    if not isinstance(document, dict) or not isinstance(document.get("runs"), list):
        raise NotAsDescribed("no SARIF: it has no runs")
    version = document.get("version")
    if version != "2.1.0":
        raise NotAsDescribed(f"SARIF of version {str(version)[:20]}; 2.1.0 is read")
    report = Report([])
    for run in document["runs"]:
        _run(run, report)
    return report


def _run(run: Json, report: Report) -> None:
    try:
        driver = member(member(run, "tool"), "driver")
        label = text(driver, "name")
        results = items(run, "results")
        rules = items(driver, "rules")
    except NotAsDescribed:
        report.unread += 1
        return
    bases = run.get("originalUriBaseIds")
    for each in results:
        try:
            if _counts(each):
                report.results.append(_result(each, label, rules, bases if isinstance(bases, dict) else {}))
            else:
                report.left_out += 1
        except NotAsDescribed:
            report.unread += 1


def _counts(result: Json) -> bool:
    if not isinstance(result, dict):
        raise NotAsDescribed("a result is no object")
    accepted = any(
        isinstance(each, dict) and each.get("status", "accepted") == "accepted"
        for each in items(result, "suppressions")
    )
    gone = result.get("baselineState") == "absent"
    return result.get("kind", "fail") == "fail" and not accepted and not gone


def _result(result: Json, label: str, rules: list[Json], bases: Mapping[str, Json]) -> Result:
    tool = re.sub(r"[^a-z0-9]+", "-", label.lower()).strip("-")
    rule = _rule(result, rules)
    check = optional_text(result, "ruleId") or text(rule, "id")
    if tool == "kics" and _UUID.match(check.lower()):
        check = NAMES.get(check.lower(), check)
    said = _message(result, rule)
    places = items(result, "locations")
    place = member(places[0], "physicalLocation") if places else {}
    artifact = member(place, "artifactLocation")
    ref = _ref(places[0])
    lines = None if ref is not None else _lines(place)
    container = _CONTAINER.search(said)
    return Result(
        tool,
        _LABELS.get(tool, label),
        check,
        said,
        _uri(artifact, bases),
        _severity(result, rule),
        lines,
        ref,
        container["name"] if container else "",
    )


def _rule(result: Json, rules: list[Json]) -> dict[str, Json]:
    """The rule of a result, by its index or its id; empty when the report does not describe it."""
    said = result.get("rule")
    index = result.get("ruleIndex", said.get("index") if isinstance(said, dict) else None)
    if isinstance(index, int) and 0 <= index < len(rules) and isinstance(rules[index], dict):
        found: dict[str, Json] = rules[index]
        return found
    name = result.get("ruleId") or (said.get("id") if isinstance(said, dict) else None)
    return next((each for each in rules if isinstance(each, dict) and each.get("id") == name), {"id": name})


def _message(result: Json, rule: dict[str, Json]) -> str:
    """What is wrong, on one line: of Trivy's several lines the one that says it."""
    said = optional_text(member(result, "message"), "text") if "message" in result else ""
    telling = _TRIVY_MESSAGE.search(said)
    words = telling[1] if telling else said
    if not words.strip():
        described = rule.get("shortDescription")
        words = optional_text(described, "text") or optional_text(rule, "id") or "no message"
    return " ".join(words.split())[:1000]


def _lines(place: Json) -> tuple[int, int] | None:
    for name in ("region", "contextRegion"):
        region = place.get(name)
        start = region.get("startLine") if isinstance(region, dict) else None
        if isinstance(start, int) and not isinstance(start, bool) and start > 0:
            end = region.get("endLine", start)
            good = isinstance(end, int) and not isinstance(end, bool)
            return start, max(start, end if good else start)
    return None


def _ref(location: Json) -> ResourceRef | None:
    """The object that is named; kube-linter says its name and kind so, and no line that means anything."""
    found: dict[str, str] = {}
    for each in items(location, "logicalLocations"):
        if isinstance(each, dict) and isinstance(each.get("kind"), str) and isinstance(each.get("name"), str):
            found[each["kind"]] = each["name"]
    kind, name = found.get("GVK/Kind", ""), found.get("Object Name", "")
    if not kind or not name:
        return None
    group, version = found.get("GVK/Group", ""), found.get("GVK/Version", "")
    api_version = f"{group}/{version}" if group else version
    return ResourceRef(api_version, kind, found.get("Object Namespace") or None, name)


def _uri(artifact: dict[str, Json], bases: Mapping[str, Json]) -> str:
    """The address of a file: relative to its base where the report says what the base is."""
    uri = text(artifact, "uri")
    base_id = artifact.get("uriBaseId")
    base = bases.get(base_id) if isinstance(base_id, str) else None
    above = optional_text(base, "uri") if isinstance(base, dict) else ""
    if not above or "://" in uri or uri.startswith("/"):
        return uri
    return above.rstrip("/") + "/" + uri


def _severity(result: Json, rule: dict[str, Json]) -> Severity:
    """GitHub's score where there is one, else the level."""
    for holder in (result, rule):
        properties = holder.get("properties")
        score = _number(properties.get("security-severity")) if isinstance(properties, dict) else None
        if score is not None:
            return next((severity for least, severity in _SCORES if score >= least), Severity.LOW)
    default = rule.get("defaultConfiguration")
    level = result.get("level") or (default.get("level") if isinstance(default, dict) else None)
    return _LEVELS.get(level, Severity.MEDIUM) if isinstance(level, str) else Severity.MEDIUM


def _number(value: Json) -> float | None:
    try:
        return float(value) if isinstance(value, (str, int, float)) and not isinstance(value, bool) else None
    except ValueError:
        return None
