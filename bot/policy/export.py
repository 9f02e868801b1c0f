"""Policies as one ValidatingAdmissionPolicy, so that a cluster enforces what the bot suggests in review.

The CEL of a check goes to the server as it stands; what it looks at is bound around it by `all`. Pod specs are those of
Kubernetes' own kinds: the pods that operators make of other templates meet the policy as Pods.

Invariant: the same policies give the same objects. A policy that would answer otherwise on the server is left out, with
the reason.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.manifest import pointers
from bot.model import Json
from bot.policy import kinds, templates
from bot.policy.enforceable import IS_WINDOWS, MAPS, Circumstances, obstacle, uses
from bot.policy.model import Policy, Target
from bot.schema.bundle import minor
from bot.schema.kinds import group_of, versions

API_VERSION = "admissionregistration.k8s.io/v1"
SYSTEM_NAMESPACES = ("kube-system", "kube-public", "kube-node-lease")
_ANY = kinds.ANY
_PODS = """\
(variables.kind == "Pod" ? [object]
: variables.kind == "PodTemplate" ? [object.?template.orValue({})]
: variables.kind == "batch/CronJob" ? [object.?spec.?jobTemplate.?spec.?template.orValue({})]
: variables.kind in ["ReplicationController", "apps/DaemonSet", "apps/Deployment", "apps/ReplicaSet",
  "apps/StatefulSet", "batch/Job"] ? [object.?spec.?template.orValue({})]
: []).filter(pod, has(pod.spec))"""
_ENTRIES = """\
variables.podSpecs.map(podSpec,
  podSpec.?containers.orValue([]).map(c, {"type": dyn("container"), "value": dyn(c)})
  + podSpec.?initContainers.orValue([]).map(c,
    {"type": dyn(c.?restartPolicy.orValue("") == "Always" ? "sidecar" : "init"), "value": dyn(c)})
  + podSpec.?ephemeralContainers.orValue([]).map(c, {"type": dyn("ephemeral"), "value": dyn(c)}))"""
_VARIABLES = (
    ("group", 'object.apiVersion.contains("/") ? object.apiVersion.split("/")[0] : ""'),
    ("kind", '(variables.group == "" ? "" : variables.group + "/") + object.kind'),
    ("pods", _PODS),
    ("podSpecs", "variables.pods.map(pod, pod.spec)"),
    ("podMetadata", "variables.pods.map(pod, pod.?metadata.orValue({}))"),
    ("linux", f"variables.podSpecs.filter(podSpec, !{IS_WINDOWS})"),
    ("windows", f"variables.podSpecs.filter(podSpec, {IS_WINDOWS})"),
    ("entries", _ENTRIES),
    ("containers", "variables.entries.map(list, list.map(entry, entry.value))"),
)
"""Evaluated when they are first used, once an object. All are lists of none or one, but for `group` and `kind`."""
_OWN_WORKLOADS = (
    *(("", kind) for kind in ("Pod", "PodTemplate", "ReplicationController")),
    *(("apps", kind) for kind in ("DaemonSet", "Deployment", "ReplicaSet", "StatefulSet")),
    *(("batch", kind) for kind in ("CronJob", "Job")),
)
_UNWATCHED = (
    ([""], ["bindings", "events"]),
    (["authentication.k8s.io", "authorization.k8s.io", "coordination.k8s.io", "events.k8s.io"], ["*"]),
)
"""What nobody writes by hand, and every cluster writes all the time."""


class Action(StrEnum):
    """What a binding makes of a finding."""

    WARN = "Warn"
    DENY = "Deny"
    AUDIT = "Audit"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A policy that does not run on the server, and why."""

    policy_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Exported:
    """The objects to apply, the ids of the policies in them, and the policies that are not."""

    objects: tuple[dict[str, Json], ...]
    policy_ids: tuple[str, ...]
    left_out: tuple[LeftOut, ...]


def export(
    policies: Sequence[Policy],
    circumstances: Circumstances,
    *,
    actions: Sequence[Action] = (Action.WARN,),
    name: str = "k8s-auto-fix",
) -> Exported:
    """The policy, and a binding for each action; no objects when no policy can run on a server."""
    # A server shows the first failure of a denial, and cuts warnings off: what matters most comes first.
    ordered = sorted(policies, key=lambda policy: (-policy.severity, policy.id))
    reasons = {policy.id: obstacle(policy, circumstances) or _unwatched(policy) for policy in ordered}
    taken = [policy for policy in ordered if not reasons[policy.id]]
    left_out = tuple(LeftOut(policy_id, reason) for policy_id, reason in sorted(reasons.items()) if reason)
    if not taken:
        return Exported((), (), left_out)
    bindings = [_binding(name, action) for action in sorted(set(actions))]
    return Exported((_policy(taken, circumstances, name), *bindings), tuple(policy.id for policy in taken), left_out)


def _policy(policies: Sequence[Policy], circumstances: Circumstances, name: str) -> dict[str, Json]:
    return {
        "apiVersion": API_VERSION,
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": name},
        "spec": {
            # An expression that errs is no finding, there as here.
            "failurePolicy": "Ignore",
            "matchConstraints": _constraints(policies),
            "variables": [{"name": variable, "expression": expression} for variable, expression in _VARIABLES],
            "validations": [_validation(policy, circumstances) for policy in policies],
        },
    }


def _binding(name: str, action: Action) -> dict[str, Json]:
    spec: dict[str, Json] = {"policyName": name, "validationActions": [str(action)]}
    if action is Action.DENY:
        # What runs the cluster itself needs much of what is denied to others.
        system = {"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": list(SYSTEM_NAMESPACES)}
        spec["matchResources"] = {"namespaceSelector": {"matchExpressions": [system]}}
    return {
        "apiVersion": API_VERSION,
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": f"{name}-{action.lower()}"},
        "spec": spec,
    }


# What the policy is asked about


def _unwatched(policy: Policy) -> str:
    if any(True for _ in _watched(policy)):
        return ""
    if policy.match.target is Target.OBJECT:
        return "no supported Kubernetes serves what it looks at"
    return "it looks at pod templates of custom resources only"


def _watched(policy: Policy) -> Iterator[tuple[str, str, str]]:
    """Group, version and kind of everything that the policy looks at on a server; `*` is any."""
    for entry in policy.match.kinds:
        for group, version, kind in _named(entry):
            if policy.match.target is Target.OBJECT or (group, kind) in _OWN_WORKLOADS:
                yield group, version, kind


def _named(entry: str) -> Iterator[tuple[str, str, str]]:
    if entry == kinds.WORKLOAD:
        yield from ((group, _ANY, kind) for group, kind in _OWN_WORKLOADS)
        return
    *before, kind = entry.split("/")
    version = before.pop() if before and re.fullmatch(r"v[0-9]+((alpha|beta)[0-9]+)?", before[-1]) else _ANY
    if before or version != _ANY:
        yield "".join(before), version, kind
    elif kind == _ANY:
        yield _ANY, _ANY, _ANY
    else:
        yield from ((group, _ANY, kind) for group in _groups_of(kind))


def _groups_of(kind: str) -> list[str]:
    """The groups of Kubernetes' own that have or had a kind of this name."""
    known = {group_of(api_version) for one in versions() for api_version, name in minor(one).kinds if name == kind}
    return sorted(known)


def _constraints(policies: Sequence[Policy]) -> dict[str, Json]:
    watched: dict[tuple[str, str], set[str]] = {}
    for policy in policies:
        for group, version, kind in _watched(policy):
            watched.setdefault((group, version), set()).add(_plural(kind))
    if (_ANY, _ANY) in watched:
        watched = {(_ANY, _ANY): {_ANY}}
    rules: list[Json] = [
        {
            "apiGroups": [group],
            "apiVersions": [version],
            "operations": ["CREATE", "UPDATE"],
            "resources": [_ANY] if _ANY in resources else sorted(resources),
        }
        for (group, version), resources in sorted(watched.items())
    ]
    unwatched: list[Json] = [
        {"apiGroups": groups, "apiVersions": [_ANY], "operations": [_ANY], "resources": resources}
        for groups, resources in _UNWATCHED
    ]
    return {"resourceRules": rules} | ({"excludeResourceRules": unwatched} if (_ANY, _ANY) in watched else {})


def _plural(kind: str) -> str:
    """A kind as paths name it, by the convention that Kubernetes and the generators of CRDs keep."""
    word = kind.lower()
    if word in (_ANY, "endpoints") or word.endswith("constraints"):
        return word
    if re.search("(s|x|ch|sh)$", word):
        return f"{word}es"
    return f"{word[:-1]}ies" if re.search("[^aeiou]y$", word) else f"{word}s"


# How a check is asked


def _validation(policy: Policy, circumstances: Circumstances) -> dict[str, Json]:
    said = f"{policy.id}: {policy.title}"
    check = _bound(policy, circumstances)
    if policy.match.target is Target.OBJECT:
        return {"expression": _guarded(policy, check), "message": said}
    pods = f"variables.{policy.match.os or 'podSpecs'}"
    if policy.match.target is Target.POD_SPEC:
        return {"expression": _guarded(policy, f"{pods}.all(podSpec, {check})"), "message": said}
    typed = uses(policy.check.expression or "", "containerType")
    if typed:
        over = "variables.entries[0]"
        check = f"[entry.type].all(containerType, [entry.value].all(container, {check}))"
    else:
        over = "variables.containers[0]"
    variable, name = ("entry", "entry.value") if typed else ("container", "container")
    names = f'{over}.filter({variable}, !{check}).map({variable}, string({name}.?name.orValue(""))).join(", ")'
    return {
        "expression": _guarded(policy, f"{pods}.all(podSpec, {over}.all({variable}, {check}))"),
        "message": said,
        "messageExpression": f"{_literal(said + ': ')} + {pods}.map(podSpec, {names})[0]",
    }


def _bound(policy: Policy, circumstances: Circumstances) -> str:
    """The check of one target, in parentheses; everything but `object`, pod specs and containers is bound."""
    expression = policy.check.expression or ""
    check = f"(\n{expression.strip()}\n)" if "\n" in expression.strip() else f"({expression.strip()})"
    if policy.match.each is not None:
        base = {Target.OBJECT: "object", Target.POD_SPEC: "podSpec"}.get(policy.match.target, "container")
        check = f"({_each(base, pointers.split(policy.match.each), check)})"
    if uses(expression, "podMetadata"):
        check = f"variables.podMetadata.all(podMetadata, {check})"
    if uses(expression, "kubernetes"):
        check = f"[{_literal(circumstances.kubernetes)}].all(kubernetes, {check})"
    if uses(expression, "values"):
        named = set(re.findall(r'values\[\??"([^"]*)"\]', expression))
        values = {key: value for key, value in sorted(circumstances.values.items()) if key in named}
        check = f"[{_literal(values)}].all(values, {check})"
    return check


def _each(base: str, tokens: list[str], check: str, depth: int = 0) -> str:
    """The check for every place below `base` that a path with wildcards names."""
    if not tokens:
        return f"[{base}].all(item, {check})"
    place = tokens.index(templates.WILDCARD)
    rest = tokens[place + 1 :]
    of_map = place == 0 or tokens[place - 1] in MAPS
    holder = base + "".join(_step(token) for token in tokens[:place])
    if place:
        holder += ".orValue({})" if of_map else ".orValue([])"
    variable = "item" if not rest else f"item{depth}"
    inner = check if not rest else _each(variable, rest, check, depth + 1)
    if of_map:
        return f"{holder}.all(key, [{holder}[key]].all({variable}, {inner}))"
    return f"{holder}.all({variable}, {inner})"


def _step(token: str) -> str:
    return f".?{token}" if re.fullmatch("[A-Za-z_][A-Za-z0-9_]*", token) else f"[?{_literal(token)}]"


def _guarded(policy: Policy, check: str) -> str:
    """The check, for the kinds that the policy names alone."""
    if kinds.WORKLOAD in policy.match.kinds or (_ANY, _ANY, _ANY) in _watched(policy):
        return check
    watched = list(_watched(policy))
    of_group = sorted({f"{group}/{kind}".lstrip("/") for group, version, kind in watched if version == _ANY})
    of_version = sorted(
        {f"{group}/{version}/{kind}".lstrip("/") for group, version, kind in watched if version != _ANY}
    )
    guards = [f"variables.kind in {_literal(of_group)}"] if of_group else []
    if of_version:
        guards.append(f'object.apiVersion + "/" + object.kind in {_literal(of_version)}')
    return f"!({' || '.join(guards)}) || {check}"


def _literal(value: Json) -> str:
    """A value in CEL. On the server the members of a map literal have one type: `dyn`."""
    if isinstance(value, dict):
        members = (f"{_literal(name)}: dyn({_literal(child)})" for name, child in value.items())
        return f"dyn({{{', '.join(members)}}})"
    if isinstance(value, list):
        plain = all(isinstance(child, str) for child in value)
        return f"[{', '.join(_literal(child) if plain else f'dyn({_literal(child)})' for child in value)}]"
    return json.dumps(value, ensure_ascii=False)
