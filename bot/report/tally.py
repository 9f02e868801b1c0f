"""What a report adds up to: which finding can be fixed and how, how many there are of each kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from bot.model import Applicability, Finding, GateResult, GateStatus, Report, Severity, Skip, Verification


class Offers:
    """What there is for each finding: a fix that may be applied, one that did not pass, or the reason for none.

    A verification without results is a fix that was proposed and not yet verified: it counts as an offer.
    """

    def __init__(self, report: Report) -> None:
        self._verifications: dict[Finding, Verification] = {}
        for each in report.verifications:
            for finding in each.fix.findings:
                known = self._verifications.get(finding)
                if known is None or (each.passed and not known.passed):
                    self._verifications[finding] = each
        self._skips = {skip.finding: skip for skip in report.skips if skip.finding is not None}

    def __bool__(self) -> bool:
        """Whether fixes were looked for at all."""
        return bool(self._verifications or self._skips)

    def fix(self, finding: Finding) -> Verification | None:
        """The fix that is offered: the first that passed."""
        known = self._verifications.get(finding)
        return known if known is not None and known.passed else None

    def rejected(self, finding: Finding) -> Verification | None:
        """The fix that did not pass, when none did."""
        known = self._verifications.get(finding)
        return known if known is not None and not known.passed else None

    def skip(self, finding: Finding) -> Skip | None:
        """Why there is no fix, when a stage said so."""
        return self._skips.get(finding)


def failure(verification: Verification) -> GateResult:
    """The gate that a rejected fix did not pass."""
    return next(result for result in verification.results if result.status is GateStatus.FAILED)


def doubt(verification: Verification) -> str:
    """Why nobody vouches for a fix that passed; empty when somebody does."""
    for result in verification.results:
        if result.status is GateStatus.SKIPPED and result.reason:
            return result.reason.removeprefix("not validated: ")
    return ""


def reporters(also: Iterable[str]) -> str:
    """The tools that report a finding, each once: `Checkov (CKV_K8S_37, CKV_K8S_28), kube-linter (host-pid)`."""
    tools: dict[str, list[str]] = {}
    for each in also:
        tool, _, check = each.partition(": ")
        tools.setdefault(tool, []).append(check)
    return ", ".join(f"{tool} ({', '.join(checks)})" for tool, checks in tools.items())


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Findings file by file in the order of the files, then by place, the worst first at one place."""
    found = list(findings)
    files: dict[str, int] = {}
    for each in found:
        files.setdefault(each.location.path, len(files))

    def key(finding: Finding) -> tuple[int, int, int, int, str, str]:
        place = finding.location
        return (
            files[place.path],
            place.start_line,
            place.column,
            -finding.severity,
            finding.policy_id,
            finding.message,
        )

    return sorted(found, key=key)


@dataclass(frozen=True)
class Tally:
    """The numbers of a report."""

    report: Report
    offers: Offers

    @cached_property
    def open(self) -> tuple[Finding, ...]:
        """The findings that nobody accepted."""
        return tuple(finding for finding in self.report.findings if finding.suppression is None)

    @property
    def suppressed(self) -> int:
        """How many findings are accepted."""
        return len(self.report.findings) - len(self.open)

    @cached_property
    def severities(self) -> Mapping[Severity, int]:
        """Open findings of each severity."""
        return Counter(finding.severity for finding in self.open)

    @cached_property
    def fixable(self) -> Mapping[Applicability, int]:
        """Open findings that have a fix, by how freely it may be applied."""
        offered = (self.offers.fix(finding) for finding in self.open)
        return Counter(each.fix.applicability for each in offered if each is not None)

    @cached_property
    def errors(self) -> tuple[Skip, ...]:
        """Inputs that could not be read."""
        return tuple(skip for skip in self.report.skips if skip.error)

    @cached_property
    def left_alone(self) -> tuple[Skip, ...]:
        """What was skipped on purpose, fixes of findings left out."""
        return tuple(skip for skip in self.report.skips if not skip.error and skip.finding is None)


def tally(report: Report) -> Tally:
    """Add up a report."""
    return Tally(report, Offers(report))


def by_code(skips: Iterable[Skip]) -> list[tuple[str, list[Skip]]]:
    """Skips grouped by their code, the largest group first."""
    groups: dict[str, list[Skip]] = {}
    for skip in skips:
        groups.setdefault(skip.code, []).append(skip)
    return sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
