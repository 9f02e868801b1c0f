"""One root cause, one finding: what other tools report is put beside what our policies find.

- One of our findings says the same of the same place: it gets the tool in `also`, and keeps its fix.
- A policy that is not switched on says the same: it is looked at for that object alone, and brings its fix.
- No policy of ours says it there: the tool's own words are a finding without a fix, under our id where one policy
  stands for the check, else under the tool's (`kube-linter:no-such-policy`).

What a tool says of a fragment, or of what is filled in or set elsewhere, counts as little as what we would say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.detect.detect import Detection, Detector, Place, covers
from bot.detect.identity import Names, key_of
from bot.detect.reported import Placed, Reported, Reports, Settled
from bot.manifest import Manifest, Resource, pointers, spans
from bot.model import Finding, Origin, Severity, Skip
from bot.policy import Policy
from bot.policy.contradictions import contradict

NOT_PLACED = "reported-not-placed"
"""Code of the skip for what a tool reports and no object here answers to."""

FRAGMENT = "reported-fragment"
"""Code of the skip for what a tool misses in a fragment."""


@dataclass(slots=True)
class Joined:
    """Our findings with what other tools say of them; theirs that none of ours answers to; the policies added.

    `settled` is what was reported, for a look at the same file once fixes have changed it.
    """

    detections: list[Detection]
    findings: list[Finding] = field(default_factory=list)
    skips: list[Skip] = field(default_factory=list)
    settled: list[Reported] = field(default_factory=list)
    added: tuple[Policy, ...] = ()


def further(detector: Detector, placed: Iterable[Placed], reports: Reports) -> dict[Place, list[Policy]]:
    """By object, the policies that are not switched on and say what is reported of it.

    None that contradicts a policy that is switched on, or another one of these.
    """
    found: dict[Place, dict[str, Policy]] = {}
    for each in placed:
        here = found.setdefault((each.resource.document, each.resource.pointer), {})
        for policy_id in each.policies:
            policy = reports.known.get(policy_id)
            if policy is None or policy_id in detector.policies:
                continue
            if not any(contradict(policy, other) for other in (*detector.policies.values(), *here.values())):
                here[policy_id] = policy
    return {place: list(policies.values()) for place, policies in found.items()}


def join(
    detector: Detector,
    manifest: Manifest,
    everything: Sequence[Detection],
    placed: Sequence[Placed],
    reports: Reports,
    silent: Callable[[Resource, Finding], bool],
) -> Joined:
    """What is shown of a file: one finding a cause. `silent` says of a finding that it does not count where it is.

    `everything` are all findings of ours, those of the policies that `further` names included; `detector` knows those
    that are switched on.
    """
    loud = [each for each in everything if not silent(each.target.resource, each.finding)]
    by_object: dict[Place, list[Detection]] = {}
    for each in everything:
        by_object.setdefault(_place(each.target.resource), []).append(each)
    also: dict[int, dict[str, None]] = {}
    unmet: list[Placed] = []
    settled: list[Reported] = []
    for given in placed:
        here = by_object.get(_place(given.resource), [])
        report = _fitting(given, here)
        said = _saying(report, here)
        own = [each for each in said if each.policy.id in detector.policies]
        for each in own or said:
            also.setdefault(id(each), {})[report.reported.name] = None
        settled.append(_settled(report, alone=not said))
        if not said and (report.reported.settled is None or report.reported.settled.alone):
            unmet.append(report)
    kept = [each for each in loud if each.policy.id in detector.policies or id(each) in also]
    shown = detector.one_per_cause(kept)
    _pass_on(kept, shown, also)
    joined = Joined([_with(each, also.get(id(each), {})) for each in shown], settled=settled)
    added = {each.policy.id: each.policy for each in shown if each.policy.id not in detector.policies}
    joined.added = tuple(added.values())
    for report in unmet:
        _add(joined, manifest, report, reports, detector.environment.severities, silent)
    return joined


def lost(manifest: Manifest, reports: Iterable[tuple[Reported, str]]) -> list[Skip]:
    """A skip for each report that has no place."""
    return [
        Skip(
            "detect",
            NOT_PLACED,
            f"{reported.name}: {why}",
            manifest.path,
            line=reported.lines[0] if reported.lines is not None else None,
        )
        for reported, why in reports
    ]


def _place(resource: Resource) -> Place:
    return resource.document, resource.pointer


def _settled(report: Placed, *, alone: bool) -> Reported:
    if report.reported.settled is not None:
        return report.reported
    known = Settled(report.inside, report.shown, alone)
    return replace(report.reported, place=_place(report.resource), settled=known)


def _fitting(report: Placed, detections: Sequence[Detection]) -> Placed:
    """The report about the whole object where lines alone meant a part of it, and ours say the same of other parts."""
    wider = replace(report, inside="")
    if report.sure or _saying(report, detections) or not _saying(wider, detections):
        return report
    return wider


def _saying(report: Placed, detections: Iterable[Detection]) -> list[Detection]:
    """The findings on the same object that say what is reported, at the same place."""
    meant = report.resource.pointer + report.inside
    return [
        each
        for each in detections
        if each.policy.id in report.policies
        and (pointers.is_within(each.finding.target, meant) or pointers.is_within(meant, each.finding.target))
    ]


def _pass_on(kept: Iterable[Detection], shown: Sequence[Detection], also: dict[int, dict[str, None]]) -> None:
    """What is reported of a finding that another one stands for is reported of that one."""
    left = {id(each) for each in shown}
    for each in kept:
        if id(each) in also and id(each) not in left:
            for other in shown:
                if covers(other, each):
                    also.setdefault(id(other), {}).update(also[id(each)])


def _with(detection: Detection, also: Mapping[str, None]) -> Detection:
    return replace(detection, finding=replace(detection.finding, also=tuple(also))) if also else detection


def _add(
    joined: Joined,
    manifest: Manifest,
    report: Placed,
    reports: Reports,
    severities: Mapping[str, Severity],
    silent: Callable[[Resource, Finding], bool],
) -> None:
    """The finding of a tool alone, or the further tool on one that is there."""
    reported, resource = report.reported, report.resource
    if resource.partial and not _is_there(report):
        why = f"{reported.name}: says that something is missing in {resource.ref}, which is a fragment"
        joined.skips.append(Skip("detect", FRAGMENT, why, manifest.path, resource.document))
        return
    finding = _finding(manifest, report, reports, severities)
    if silent(resource, finding):
        return
    for index, other in enumerate(joined.findings):
        if (other.fingerprint, other.target) == (finding.fingerprint, finding.target):
            also = tuple(dict.fromkeys((*other.also, *finding.also)))
            joined.findings[index] = replace(other, also=also)
            return
    joined.findings.append(finding)


def _is_there(report: Placed) -> bool:
    """Whether the tool points at something that is written in the file, not at a whole object or container."""
    return (
        report.shown not in ("/metadata/name", f"{report.inside}/name", report.inside)
        and (pointers.resolve(report.resource.body, report.shown)[0])
    )


def _finding(manifest: Manifest, report: Placed, reports: Reports, severities: Mapping[str, Severity]) -> Finding:
    reported, resource = report.reported, report.resource
    policy = reports.known.get(report.policies[0]) if len(report.policies) == 1 else None
    policy_id = policy.id if policy is not None else f"{reported.tool}:{reported.check}"
    severity = severities.get(policy_id, policy.severity if policy is not None else reported.severity)
    ref = resource.ref
    named = Names(resource.body).of(report.shown if reported.at else report.inside)
    return Finding(
        policy_id,
        severity,
        reported.message,
        ref,
        resource.pointer + report.inside,
        spans.locate(manifest, resource.document, resource.pointer + report.shown),
        origin=Origin.ENGINE,
        also=(reported.name,) if policy is not None else (),
        fingerprint=key_of(policy_id, ref.group, ref.kind, ref.namespace, ref.name, named),
    )
