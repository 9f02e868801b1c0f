"""From a finding to the fixes its policy offers: guards evaluated, templates filled in, parents spelled out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.detect.detect import Detection
from bot.manifest import workloads
from bot.model import Applicability, Change, Evidence, Fix, Json, Operation, Skip
from bot.policy.cel import Activation, EvaluationError, activation
from bot.policy.expand import Bases, expand_create, expand_operations
from bot.policy.model import FixTemplate
from bot.policy.render import applies
from bot.propose import restart
from bot.propose.evidence import Known, configured_only, keys_of, known, wanted, written_keys

_APPLIES_TO_REJECTED = "schema-error"
"""Category of policies about objects that the API server rejects: nothing runs yet that could be disturbed."""


def proposals(detection: Detection) -> Iterator[Fix | Skip]:
    """The fixes of a finding in the order its policy prefers them, and a Skip for each that does not hold here."""
    for template in detection.policy.fixes:
        scope = _scope(detection, template)
        if scope.holds is True:
            yield _proposal(detection, template, scope)
        else:
            yield _guarded(detection, template, "" if scope.holds is False else scope.holds.reason, scope.known)


@dataclass(frozen=True, slots=True)
class _Scope:
    """The variables of a fix: those of the target, with the values that are known for it; whether its guard `holds`."""

    bindings: Mapping[str, Json]
    activation: Activation
    holds: bool | EvaluationError
    known: Known


def _scope(detection: Detection, template: FixTemplate) -> _Scope:
    """With the evidence around, or with the configuration alone where what the evidence says does not fit."""
    target = detection.target
    keys = keys_of(template)
    if not keys:
        return _Scope(target.bindings, target.activation, applies(template, target.activation), Known({}))
    configured: Mapping[str, Json] = target.bindings["values"]
    best = _with(detection, template, known(detection, configured, keys))
    if best.holds is not True:
        alone = _with(detection, template, configured_only(configured, keys))
        best = alone if alone.holds is True else best
    return best


def _with(detection: Detection, template: FixTemplate, values: Known) -> _Scope:
    bindings = {**detection.target.bindings, "values": values.values}
    made = activation(bindings)
    return _Scope(bindings, made, applies(template, made), values)


def _guarded(detection: Detection, template: FixTemplate, error: str, values: Known) -> Skip:
    """Why a fix whose guard does not hold is not offered."""
    if error:
        return _skip(detection, "undecided", f"{template.title}: its guard: {error}")
    keys = sorted(written_keys(template))
    for key in keys:
        if key in values.disputed:
            return _skip(detection, "needs-value", f"needs a value, and its sources differ: {values.disputed[key]}")
    if keys:
        there = [key for key in keys if key in values.sources and key != "images"]
        if there:
            shown = ", ".join(f"{key} {values.values[key]} ({values.sources[key]})" for key in there)
            return _skip(detection, "needs-value", f"needs a value that fits, and this one does not: {shown}")
        return _skip(detection, "needs-value", f"needs a value, from {wanted(keys)}")
    when = f"see k8s-auto-fix explain {detection.policy.id}"
    return _skip(detection, "guarded", f"{template.title}: not proposed here; {when}")


def _proposal(detection: Detection, template: FixTemplate, scope: _Scope) -> Fix | Skip:
    resource = detection.target.resource
    title, why, applicability = template.title, template.why, template.applicability
    if template.from_function:
        hit = detection.hit
        if hit is not None and hit.create is not None:
            return _creation(detection, hit.title or title, hit.why or why, applicability, dict(hit.create))
        if hit is None or hit.operations is None:
            reason = hit.unfixable if hit is not None and hit.unfixable else "none is known"
            return _skip(detection, "no-fix", reason)
        operations = tuple(_below(operation, resource.pointer) for operation in hit.operations)
        title, why = hit.title or title, hit.why or why
        applicability = hit.applicability if hit.applicability is not None else applicability
    elif template.create is not None:
        created = expand_create(template, resource.body, scope.bindings)
        if not isinstance(created, dict):
            reason = created.reason if created is not None else "nothing to add"
            return _skip(detection, "undecided", f"{template.title}: {reason}")
        return _creation(detection, title, why, applicability, created)
    else:
        target = detection.target
        pod = target.pod
        bases = Bases(
            target.pointer,
            pod.spec if pod is not None else None,
            pod.metadata if pod is not None else None,
            target.container.pointer if target.container is not None else None,
            resource.pointer,
        )
        expanded = expand_operations(template, resource.body, bases, scope.bindings, scope.activation)
        if not isinstance(expanded, tuple):
            return _skip(detection, "undecided", f"{template.title}: {expanded.reason}")
        operations = expanded
    if not operations:
        return _skip(detection, "no-fix", f"{template.title}: nothing to change here")
    pods = (detection.target.pod,) if detection.target.pod is not None else workloads.pods(resource)
    remark = restart.effect(resource, pods, operations)
    if remark:
        why = f"{why}; {remark}" if why else remark
        rejected = detection.policy.category == _APPLIES_TO_REJECTED
        if remark != restart.ROLLS and applicability is Applicability.SAFE and not rejected:
            applicability = Applicability.UNSAFE
    if detection.target.partial and template.when is not None and applicability is Applicability.UNSAFE:
        # The guard cannot see what a fragment leaves to its base.
        applicability = Applicability.DISPLAY_ONLY
    change = Change(resource.path, resource.document, operations)
    evidence = scope.known.evidence(written_keys(template))
    if template.from_function and detection.hit is not None and detection.hit.source:
        evidence = (Evidence(detection.hit.source),)
    return Fix((detection.finding,), (change,), title, why, applicability, evidence=evidence)


def _creation(
    detection: Detection, title: str, why: str, applicability: Applicability, created: dict[str, Json]
) -> Fix | Skip:
    """A fix that adds an object; a fragment is no place for one: whoever merges it takes nothing else from its file."""
    resource = detection.target.resource
    if resource.partial:
        return _skip(detection, "no-fix", f"{title}: this is a fragment; the object belongs beside its base")
    change = Change(resource.path, None, (Operation("add", "", created),))
    return Fix((detection.finding,), (change,), title, why, applicability)


def _below(operation: Operation, pointer: str) -> Operation:
    if not pointer:
        return operation
    source = pointer + operation.source if operation.source is not None else None
    return Operation(operation.op, pointer + operation.path, operation.value, source)


def _skip(detection: Detection, code: str, reason: str) -> Skip:
    place = detection.finding.location
    return Skip("propose", code, reason, place.path, place.document, place.start_line, detection.finding)
