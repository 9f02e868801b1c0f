"""Findings that were there already: written down once, so that only new ones count.

    {
      "version": 1,
      "findings": [
        {"fingerprint": "0f1e2d3c4b5a6978", "policy": "host-pid", "path": "apps/web.yaml", "object": "Deployment web"}
      ]
    }

A finding is known by its fingerprint alone, which moves with it; the other members are for people who read the file,
sorted by them and one finding a line, so that a change of one finding is a change of one line.

Invariant: functions of their arguments; paths are from the root of the repository.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from bot.errors import SettingsError
from bot.manifest.configuration import Field, read_one
from bot.model import Finding, Location, Report, Skip, Suppression

FILE_NAME = ".k8s-auto-fix-baseline.json"
"""Where `scan` finds it: at the root of the repository."""

VERSION = 1

_FINGERPRINT = re.compile(r"[0-9a-f]{16}\Z")
_MEMBERS = ("fingerprint", "policy", "path", "object")


@dataclass(frozen=True, slots=True)
class Entry:
    """A finding that is known; `location` is its place in the file of the baseline."""

    fingerprint: str
    policy: str
    path: str
    object: str
    location: Location


@dataclass(frozen=True, slots=True)
class Baseline:
    """The known findings of a file, by fingerprint."""

    path: str
    entries: Mapping[str, Entry]


def render(report: Report, from_root: Callable[[str], str], kept: Iterable[Entry] = ()) -> str:
    """The baseline of a report: its open findings, and the entries that are `kept`.

    `from_root` gives the path of a file from the root.
    """
    rows = {
        each.fingerprint: (from_root(each.location.path), each.policy_id, str(each.resource))
        for each in report.findings
        if each.suppression is None
    }
    rows = {each.fingerprint: (each.path, each.policy, each.object) for each in kept} | rows
    lines = [
        json.dumps(dict(zip(_MEMBERS, (fingerprint, policy, path, resource), strict=True)))
        for fingerprint, (path, policy, resource) in sorted(rows.items(), key=lambda row: (row[1], row[0]))
    ]
    listed = "[\n    " + ",\n    ".join(lines) + "\n  ]" if lines else "[]"
    return f'{{\n  "version": {VERSION},\n  "findings": {listed}\n}}\n'


def parse(path: str, text: str) -> Baseline:
    """The baseline that `text` is; raises a SettingsError with file and line."""
    root = read_one(path, text, "the baseline", SettingsError)
    if root is None:
        return Baseline(path, {})
    members = root.members(("version", "findings"))
    version = members["version"].natural(1) if "version" in members else None
    if version != VERSION:
        root.refuse(f"the baseline is of version {version}", f"this program writes version {VERSION}")
    entries = [_entry(item) for item in members["findings"].items()] if "findings" in members else []
    return Baseline(path, {each.fingerprint: each for each in entries})


def _entry(item: Field) -> Entry:
    members = item.members(_MEMBERS)
    for key in ("fingerprint", "policy", "path"):
        if key not in members:
            item.refuse(f"a finding has no {key}", "`k8s-auto-fix baseline` writes the file anew")
    fingerprint = members["fingerprint"].written(
        "it is 16 hexadecimal digits", lambda text: bool(_FINGERPRINT.match(text))
    )
    named = members["object"].text() if "object" in members else ""
    return Entry(fingerprint, members["policy"].text(), members["path"].text(), named, item.location)


def without_known(report: Report, baseline: Baseline) -> Report:
    """The report with every finding of the baseline accepted; what was said about fixes for them is left out."""
    known: set[Finding] = set()
    findings = []
    for each in report.findings:
        entry = baseline.entries.get(each.fingerprint)
        if entry is None or each.suppression is not None:
            findings.append(each)
            continue
        known.add(each)
        reason = f"known: it is in {baseline.path}"
        findings.append(replace(each, suppression=Suppression("config", reason, None, entry.location)))
    return replace(
        report,
        findings=tuple(findings),
        verifications=tuple(each for each in report.verifications if not known.issuperset(each.fix.findings)),
        skips=tuple(each for each in report.skips if each.finding not in known),
    )


def stale(report: Report, baseline: Baseline, *, looked_at: Collection[str], policies: Collection[str]) -> list[Skip]:
    """One skip for each entry whose finding is gone although its file was looked at, with its policy."""
    there = {each.fingerprint for each in report.findings}
    return [
        Skip(
            "report",
            "baseline-stale",
            f"{each.policy} in {each.path} is gone; `k8s-auto-fix baseline` writes the file anew",
            baseline.path,
            line=each.location.start_line,
        )
        for each in baseline.entries.values()
        if each.fingerprint not in there and each.path in looked_at and each.policy in policies
    ]
