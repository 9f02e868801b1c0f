"""The file or the object as a whole."""

from __future__ import annotations

from collections.abc import Sequence

from bot.detect.targets import is_windows
from bot.model import Json
from tools.compare.cause import CONTEXT, DOCS, OURS, THEIRS, Cause, Right, ckv, graph
from tools.compare.disagree import Disagreement
from tools.compare.reading import at, items, rules

_ROLES = frozenset({"Role", "ClusterRole"})
# The checks that complain about what is not there.
_ABSENT = ckv(8, 9, 10, 11, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31, 37, 38, 40, 43) | graph(6)


def _names(value: Json) -> list[str]:
    """Every text that stands under a key `name`, at any depth."""
    if isinstance(value, list):
        return [name for each in value for name in _names(each)]
    if not isinstance(value, dict):
        return []
    own = [each for key, each in value.items() if key == "name" and isinstance(each, str)]
    return own + [name for each in value.values() for name in _names(each)]


def _has_braces(case: Disagreement) -> bool:
    return any(set("#{}") & set(name) for name in _names(case.body))


CAUSES: Sequence[Cause] = (
    Cause(
        "generated-file",
        THEIRS,
        Right.BOTH,
        "The file says that it is generated: a change to it is lost, so it is left alone and named as skipped.",
        lambda case: case.left == "generated",
    ),
    Cause(
        "expected-by-a-test",
        THEIRS,
        Right.OURS,
        "A KUTTL test expects to find these objects; nobody applies the file.",
        lambda case: case.left == "expectation",
    ),
    Cause(
        "fragment",
        THEIRS,
        Right.OURS,
        "The object is a patch that names only what it changes; what is absent stands in the object it is laid over.",
        lambda case: case.resource.partial,
        _ABSENT,
    ),
    Cause(
        "set-elsewhere",
        THEIRS,
        Right.OURS,
        "A kustomization, Skaffold or Tilt sets or builds this image; what the file says is not what runs.",
        lambda case: bool(case.silenced),
        ckv(14, 15, 43),
    ),
    Cause(
        "windows",
        THEIRS,
        Right.OURS,
        "The API server refuses these fields in a pod for Windows, or Windows has no such thing.",
        lambda case: case.pod is not None and is_windows(case.pod),
        ckv(20, 22, 25, 28, 31, 37, 39, 40),
        CONTEXT,
    ),
    Cause(
        "role-without-a-binding",
        OURS,
        Right.OURS,
        "Checkov judges a role only where it is bound to a ServiceAccount or a node in the same files; the role is "
        "what to change, whoever binds it.",
        lambda case: case.silent and case.kind in _ROLES,
        graph(1, 2, 3, 4, 5),
    ),
    Cause(
        "more-rules-than-one",
        OURS,
        Right.OURS,
        "Checkov passes every role of more than one rule in the checks that start from bindings.",
        lambda case: len(rules(case)) > 1,
        graph(1, 2, 3, 4, 5),
    ),
    Cause(
        "get-is-enough",
        OURS,
        Right.OURS,
        "Checkov asks for create; get is enough to run commands in pods and to reach the kubelet, by a WebSocket.",
        lambda case: all({"create", "*"}.isdisjoint(map(str, items(at(rule, "verbs")))) for rule in rules(case)),
        graph(2),
        DOCS + "concepts/security/rbac-good-practices/#access-to-proxy-subresource-of-nodes",
    ),
    Cause(
        "pods-under-the-account",
        OURS,
        Right.BOTH,
        "Checkov looks at the ServiceAccount called default, if it is in the files; we look at the pods that run under "
        "it because they name no other.",
        lambda case: case.pod is not None,
        ckv(41),
        DOCS + "concepts/security/service-accounts/#default-service-accounts",
    ),
    Cause(
        "ending-not-read",
        OURS,
        Right.OURS,
        "Checkov reads files that end in .yaml, .yml or .json; this one was named.",
        lambda case: case.unread and not case.sample.file.endswith((".yaml", ".yml", ".json")),
    ),
    Cause(
        "list-of-a-kind",
        OURS,
        Right.OURS,
        "Checkov opens objects of kind List, not RoleList and its like; kubectl applies the items of both.",
        lambda case: case.unread and case.resource.pointer.startswith("/items/"),
    ),
    Cause(
        "kind-not-read",
        OURS,
        Right.OURS,
        "Checkov's check does not look at this kind; it holds a pod template, or the same setting, all the same.",
        lambda case: case.silent and case.kind not in case.twin.kinds,
    ),
    Cause(
        "no-name",
        OURS,
        Right.OURS,
        "Checkov says nothing of objects without a name; with generateName the server gives one.",
        lambda case: case.unread and not at(case.body, "metadata", "name"),
        source=DOCS + "reference/using-api/api-concepts/#generated-values",
    ),
    Cause(
        "name-with-braces",
        OURS,
        Right.OURS,
        "Checkov takes an object in which some name holds #, { or } for no object; what it says holds all the same.",
        lambda case: case.unread and _has_braces(case),
    ),
    Cause(
        "template-without-labels",
        OURS,
        Right.OURS,
        "For this check Checkov makes a pod of a template only when the template has a name or labels.",
        lambda case: case.silent and case.pod is not None and not at(case.pod.metadata_body, "labels"),
        graph(6),
    ),
    Cause(
        "template-misplaced",
        THEIRS,
        Right.OURS,
        "There is no pod template where the kind keeps it: that is the finding (cronjob-template-misnested).",
        lambda case: case.kind == "CronJob" and case.pod is None,
        ckv(23, 29, 31, 38, 40),
    ),
)
