"""What a role lets its subjects do, as far as that makes whoever holds it worth reaching.

Sources: https://kubernetes.io/docs/concepts/security/rbac-good-practices/ and, for the roles that every cluster has,
https://kubernetes.io/docs/reference/access-authn-authz/rbac/#user-facing-roles
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bot.rank.model import Body
from bot.rank.objects import entries, words

EVERYTHING = (0.6, "do everything")
MORE_RIGHTS = (0.5, "take more rights")
READ_SECRETS = (0.35, "read Secrets")
START_PODS = (0.35, "start pods or enter them")
IN_ONE_NAMESPACE = 0.6
"""What is left of a share when the right ends at a namespace."""

Power = tuple[float, str]
"""A share of exposure, and words that follow "may"."""

_ALL = "*"
_BUILT_IN = {"cluster-admin": EVERYTHING, "admin": READ_SECRETS, "edit": READ_SECRETS}
_ESCALATING = frozenset({"bind", "escalate", "impersonate"})
_READING = frozenset({"get", "list", "watch", _ALL})
_MAKING = frozenset({"create", "update", "patch", _ALL})
_STARTED = frozenset(
    {"pods", "pods/exec", "pods/attach", "deployments", "daemonsets", "statefulsets", "replicasets", "jobs", "cronjobs"}
)


def of_role(name: str, role: Body | None) -> Iterator[Power]:
    """What a role allows: one that is not at hand (None) is known when every cluster has it."""
    if role is None:
        if name in _BUILT_IN:
            yield _BUILT_IN[name]
        return
    for rule in entries(role, "rules"):
        verbs, resources = words(rule, "verbs"), words(rule, "resources")
        if _ALL in verbs and _ALL in resources:
            yield EVERYTHING
            continue
        if verbs & _ESCALATING or (resources & {"rolebindings", "clusterrolebindings"} and verbs & _MAKING):
            yield MORE_RIGHTS
        if resources & {"secrets", _ALL} and verbs & _READING:
            yield READ_SECRETS
        if resources & (_STARTED | {_ALL}) and verbs & _MAKING:
            yield START_PODS


def bound(binding: Body, role: Callable[[str, str], Body | None]) -> Iterator[Power]:
    """What a binding lets its subjects do; `role` finds a role by kind and name."""
    ref = binding.get("roleRef")
    if not isinstance(ref, dict) or not isinstance(ref.get("name"), str):
        return
    share = 1.0 if binding.get("kind") == "ClusterRoleBinding" else IN_ONE_NAMESPACE
    for weight, what in of_role(ref["name"], role(str(ref.get("kind")), ref["name"])):
        yield weight * share, what
