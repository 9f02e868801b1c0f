"""The exceptions of Kubescape.

    [{"name": "agents", "policyType": "postureExceptionPolicy", "actions": ["alertOnly"],
      "resources": [{"designatorType": "Attributes", "attributes": {"kind": "DaemonSet", "app": "agent"}}],
      "posturePolicies": [{"controlID": "C-0038"}]}]

`name`, `kind` and `namespace` are regular expressions, other attributes labels; those of one entry hold together, and
one of the entries is enough. A policy without a control id names what nobody can look up here, and a rule name asks for
less than a control: both void their exception. Which cluster it is, a manifest does not tell. Kubescape is told where
its exceptions are (`--exceptions`); they are found here under the names that people give them. Source:
https://github.com/kubescape/kubescape, examples/exceptions/README.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from bot.detect.marks import Known, void
from bot.detect.others.acceptance import Acceptance, Objects
from bot.detect.others.patterns import found, problem, whole
from bot.detect.others.reading import (
    NotUnderstoodError,
    day,
    document,
    each,
    malformed,
    members,
    of_pattern,
    suppression,
    texts,
)
from bot.manifest.configuration import Field
from bot.model import Skip

_TOOL = "kubescape"
_POLICY_TYPE = "postureExceptionPolicy"
_ATTRIBUTES = ("kind", "name", "namespace", "cluster")


def parse(path: str, text: str, names: Known, today: date) -> Iterator[Acceptance | Skip]:
    """What the file accepts; nothing when it is another file of that name."""
    if _POLICY_TYPE not in text:
        return
    root = document(path, text, "the exceptions of Kubescape")
    if not isinstance(root, Field):
        yield from [] if root is None else [root]
        return
    try:
        items = root.items()
    except NotUnderstoodError as error:
        yield malformed(path, error)
        return

    def exception(item: Field) -> Iterator[Acceptance | Skip]:
        said = members(item)
        if "policyType" not in said or said["policyType"].value != _POLICY_TYPE:
            item.refuse(f"it is no {_POLICY_TYPE}")
        name = said["name"].text() if "name" in said else ""
        if not {"alertOnly", "disable"} & set(texts(said.get("actions"))):
            item.refuse(f"the exception {name} has no action; the one there is, is alertOnly")
        resources, policies = (said[key].items() if key in said else [] for key in ("resources", "posturePolicies"))
        if not resources or not policies:
            item.refuse(f"the exception {name} needs at least one resource and one policy")
        objects = [each for each in map(_objects, resources) if each is not None]
        controls = frozenset().union(*(_controls(each, names) for each in policies))
        until = said["expirationDate"].text() if "expirationDate" in said else None
        ends = day(until) if until is not None else None
        if until is not None and ends is None:
            item.refuse(f"the exception {name} ends at {until!r}, which is no RFC 3339 time (2027-01-31T00:00:00Z)")
        if ends is not None and ends < today:
            yield void(f"the exception {name} does not hold: it expired on {ends.isoformat()}", item.location)
            return
        reason = said["reason"].text() if "reason" in said else ""
        held = suppression(item, f"Kubescape ({name})", reason, ends.isoformat() if ends is not None else None)
        yield Acceptance(controls, held, objects=tuple(objects))

    yield from each(items, exception)


def _objects(resource: Field) -> Objects | None:
    """The objects of a designator; None when it asks for a certain cluster."""
    said = members(resource)
    attributes = members(said["attributes"]) if "attributes" in said else {}
    if not attributes:
        resource.refuse("a resource names no attributes")
    patterns = {key: _whole(attributes[key]) for key in _ATTRIBUTES if key in attributes}
    cluster = patterns.pop("cluster", None)
    if cluster is not None and not found(cluster, "any cluster at all"):
        return None
    labels = tuple((key, value.text()) for key, value in attributes.items() if key not in _ATTRIBUTES)
    return Objects(**patterns, labels=labels)


def _controls(policy: Field, names: Known) -> frozenset[str]:
    said = members(policy)
    if "ruleName" in said:
        policy.refuse("a rule is only a part of a control")
    if "controlID" not in said:
        policy.refuse("a policy names no controlID")
    pattern = _whole(said["controlID"])
    return of_pattern(names, _TOOL, lambda control: found(pattern, control))


def _whole(field: Field) -> str:
    pattern = whole(field.text())
    wrong = problem(pattern)
    if wrong is not None:
        field.refuse(f"{field.name} {field.value!r}: {wrong}")
    return pattern
