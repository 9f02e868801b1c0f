"""Whether a policy can run on an API server with the answers it gives to manifests, or why not.

A server fills in fields before it asks its policies. Whether that matters to a policy is tried on the policy's own
examples: as they are written, and as a server stores them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from bot.manifest import pointers, read
from bot.manifest.reader import Resource
from bot.manifest.workloads import Pod, pods
from bot.model import Json, ResourceRef
from bot.policy import cel, kinds, templates
from bot.policy.model import Policy, Target
from bot.policy.render import items_of
from bot.policy.served import as_served
from bot.policy.stored import as_stored

IS_WINDOWS = """\
(podSpec.?os.?name.orValue("") == "windows"
  || podSpec.?nodeSelector[?"kubernetes.io/os"].orValue("") == "windows"
  || podSpec.?nodeSelector[?"beta.kubernetes.io/os"].orValue("") == "windows")"""
"""`bot.detect.targets.is_windows` in CEL."""

_LITERAL = r"""(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|-?[0-9][0-9.]*|true|false|null)"""
_LIST = re.compile(rf"\[\s*({_LITERAL}(?:\s*,\s*{_LITERAL})+)\s*\]")

MAPS = frozenset(
    (
        *("annotations", "binaryData", "data", "labels", "limits", "matchLabels", "nodeSelector"),
        *("parameters", "requests", "selector", "stringData"),
    )
)
"""Members whose own members are what `each` names; elsewhere it names the items of a list."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What checks may know besides the object: it is written into the exported policy."""

    kubernetes: str
    values: Mapping[str, Json]


def obstacle(policy: Policy, circumstances: Circumstances) -> str:
    """Why the policy cannot run on a server; empty when it can."""
    expression = policy.check.expression
    if expression is None:
        return "its check is a function of k8s-auto-fix, not CEL"
    if uses(expression, "inventory"):
        return "it looks at several objects at once"
    if _is_mixed(expression):
        return "it holds a list of texts and numbers, which CEL on the server refuses"
    return _about_each(policy, expression) or _about_defaults(policy, circumstances)


def uses(expression: str, variable: str) -> bool:
    """Whether a variable is named in an expression; what stands in quotes does not count."""
    bare = re.sub(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'", '""', expression)
    return re.search(rf"(?<![.?\w]){variable}\b", bare) is not None


def failing(policy: Policy, body: Mapping[str, Json], circumstances: Circumstances) -> frozenset[str]:
    """Where in the object the check says no."""
    assert policy.check.expression is not None, "obstacle() comes first"
    program = cel.compiled(policy.check.expression)
    found = (
        pointer
        for pointer, bindings in _targets(policy, body, circumstances)
        if program.holds(cel.activation(bindings)) is False
    )
    return frozenset(found)


def _is_mixed(expression: str) -> bool:
    """Whether a list literal has items of several types; a server's CEL wants `dyn()` around them."""
    for literal in _LIST.finditer(expression):
        items = re.findall(_LITERAL, literal[1])
        if len({"text" if item[0] in "\"'" else "word" if item.isalpha() else "number" for item in items}) > 1:
            return True
    return False


def _about_each(policy: Policy, expression: str) -> str:
    tokens = pointers.split(policy.match.each) if policy.match.each is not None else []
    wildcards = [place for place, token in enumerate(tokens) if token == templates.WILDCARD]
    if any(later - earlier == 1 for earlier, later in pairwise(wildcards)):
        return f"each: {policy.match.each} names members of maps and items of lists alike"
    of_map = len(tokens) == 1 or (tokens and tokens[-2] in MAPS)
    if tokens and not of_map and uses(expression, "key"):
        return "`key` is the index of an item, which CEL on the server cannot tell"
    return ""


def _about_defaults(policy: Policy, circumstances: Circumstances) -> str:
    for example in policy.examples:
        here = Circumstances(
            example.kubernetes or circumstances.kubernetes,
            circumstances.values if example.values is None else example.values,
        )
        for resource in read("example.yaml", example.bad or example.good or "").resources:
            if failing(policy, resource.body, here) != failing(policy, as_stored(resource.body), here):
                return f"the server fills in fields before it asks, which changes the answer (example {example.name!r})"
    return ""


def _targets(
    policy: Policy, body: Mapping[str, Json], circumstances: Circumstances
) -> Iterator[tuple[str, dict[str, Json]]]:
    """The pointers of the targets in an object, and what is bound there."""
    each = policy.match.each
    for pointer, value, bindings in _owners(policy, body, circumstances):
        if each is None:
            yield pointer, bindings
            continue
        for place, key, item in items_of(value, each):
            yield pointer + place, {**bindings, "item": item, "key": key}


def _owners(
    policy: Policy, body: Mapping[str, Json], circumstances: Circumstances
) -> Iterator[tuple[str, Json, dict[str, Json]]]:
    ref = ResourceRef(str(body.get("apiVersion")), str(body.get("kind")), None, "")
    if not any(kinds.selects(entry, ref.api_version, ref.kind) for entry in policy.match.kinds):
        return
    value = as_served(ref.api_version, dict(body))
    base: dict[str, Json] = {"object": value, "values": circumstances.values, "kubernetes": circumstances.kubernetes}
    if policy.match.target is Target.OBJECT:
        yield "", value, base
        return
    for pod in pods(Resource(ref, "", 0, "", value)):
        if policy.match.os is None or _is_windows(pod) == (policy.match.os == "windows"):
            in_pod = {**base, "podSpec": pod.spec_body, "podMetadata": pod.metadata_body}
            if policy.match.target is Target.POD_SPEC:
                yield pod.spec, pod.spec_body, in_pod
                continue
            for place in pod.containers:
                yield place.pointer, place.body, {**in_pod, "container": place.body, "containerType": place.type}


def _is_windows(pod: Pod) -> bool:
    return cel.compiled(IS_WINDOWS).holds(cel.activation({"podSpec": pod.spec_body})) is True
