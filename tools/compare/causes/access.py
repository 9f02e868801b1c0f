"""Roles, network policies, PodSecurityPolicies."""

from __future__ import annotations

from collections.abc import Sequence

from bot.model import Json
from tools.compare.cause import DOCS, OURS, RBAC, THEIRS, Cause, Right, ckv, graph
from tools.compare.reading import at, items, rules

_ROLES = frozenset({"Role", "ClusterRole"})
_ROLE_RESOURCES = frozenset({"roles", "clusterroles", "*"})
_OWN_GROUPS = frozenset({"", "*", "apps", "autoscaling", "batch", "policy", "rbac.authorization.k8s.io"})
_POD_SECURITY_POLICY = ckv(1, 2, 3, 4, 5, 6, 7, 24, 32, 36)


def _is_limited(rule: Json) -> bool:
    if at(rule, "resourceNames") or at(rule, "nonResourceURLs"):
        return True
    return _OWN_GROUPS.isdisjoint(str(each) for each in items(at(rule, "apiGroups")))


CAUSES: Sequence[Cause] = (
    # Roles.
    Cause(
        "later-rule",
        OURS,
        Right.OURS,
        "Checkov looks at the first rule of a role; the star is in a later one.",
        lambda case: not any("*" in str(at(rule, key)) for rule in rules(case)[:1] for key in ("resources", "verbs")),
        ckv(49),
        RBAC,
    ),
    Cause(
        "part-of-a-name",
        THEIRS,
        Right.OURS,
        "A star within a name is one subresource (`*/scale`), or nothing at all (`pods/*`): RBAC knows no patterns.",
        lambda case: all("*" not in items(at(rule, key)) for rule in rules(case) for key in ("resources", "verbs")),
        ckv(49),
        RBAC + "#referring-to-resources",
    ),
    Cause(
        "star-within-limits",
        THEIRS,
        Right.OURS,
        "The star is limited: to resources by name, to addresses, or to a group that is not one of Kubernetes' own.",
        lambda case: all(_is_limited(rule) for rule in rules(case)),
        ckv(49),
        RBAC,
    ),
    Cause(
        "own-by-name",
        THEIRS,
        Right.OURS,
        "resourceNames limits the rule to the operator's own configuration.",
        lambda case: all(at(rule, "resourceNames") for rule in rules(case)),
        ckv(155),
        RBAC + "#referring-to-resources",
    ),
    Cause(
        "bind-is-for-roles",
        THEIRS,
        Right.OURS,
        "The verb bind is asked of roles, never of bindings, so a star on bindings does not include it.",
        lambda case: all(_ROLE_RESOURCES.isdisjoint(items(at(rule, "resources"))) for rule in rules(case)),
        ckv(157),
        RBAC + "#restrictions-on-role-binding-creation-or-update",
    ),
    Cause(
        "one-of-two-verbs",
        OURS,
        Right.OURS,
        "Two checks of Checkov, for bind and for escalate, are one policy of ours.",
        lambda case: case.kind in _ROLES,
        ckv(157, 158),
        RBAC + "#privilege-escalation-prevention-and-bootstrapping",
    ),
    # Network policies.
    Cause(
        "other-network-policies",
        THEIRS,
        Right.OURS,
        "A policy of Cilium or Calico in scope selects the pods.",
        lambda case: case.pod is not None,
        graph(6),
    ),
    Cause(
        "selects-by-expression",
        OURS,
        Right.OURS,
        "Checkov does not read matchExpressions and takes a policy that selects other pods for one that selects these.",
        lambda case: not case.silent,
        graph(6),
        DOCS + "concepts/overview/working-with-objects/labels/#label-selectors",
    ),
    # PodSecurityPolicy.
    Cause(
        "one-of-ten",
        OURS,
        Right.BOTH,
        "Ten checks of Checkov are one policy of ours, which finds something else in this object.",
        lambda case: case.kind == "PodSecurityPolicy",
        _POD_SECURITY_POLICY,
    ),
    Cause(
        "default-profile-annotation",
        THEIRS,
        Right.BOTH,
        "Checkov asks for an annotation; we report what the policy allows. No server serves the kind since 1.25.",
        lambda case: case.kind == "PodSecurityPolicy",
        ckv(32),
        DOCS + "concepts/security/pod-security-policy/",
    ),
)
