"""From a policy file's YAML to a Policy.

Invariant: what comes out is whole: every key is known, every word is an allowed one, every path and template can be
taken apart. Whatever is wrong is a `PolicyError` that names file, line, what is wrong and what is allowed.
"""

from __future__ import annotations

import re
from pathlib import Path

from bot.model import Severity
from bot.policy import kinds, templates
from bot.policy.fixes import fix_of
from bot.policy.leaves import path_of, template_of
from bot.policy.model import Check, Example, Match, Policy, Target
from bot.policy.places import Place, nearest

CATEGORIES = (
    "best-practice",
    "container-hardening",
    "control-plane",
    "custom",
    "deprecated-api",
    "networking",
    "pod-security",
    "rbac",
    "reliability",
    "resources",
    "schema-error",
    "secrets",
    "supply-chain",
)
PROFILES = ("baseline", "restricted", "cis", "nsa", "reliability")
TOOLS = (
    "checkov",
    "datree",
    "gatekeeper",
    "kics",
    "kube-linter",
    "kube-score",
    "kubeaudit",
    "kubesec",
    "kubescape",
    "kyverno",
    "pluto",
    "pod-security-admission",
    "polaris",
    "trivy",
)

POLICY_KEYS = (
    "id",
    "title",
    "severity",
    "category",
    "default",
    "profiles",
    "description",
    "remediation",
    "references",
    "match",
    "check",
    "fixes",
    "examples",
    "supersedes",
    "contradicts",
    "twins",
)
_POLICY_NEEDS = ("id", "title", "severity", "category", "description", "match", "check")
_SEVERITIES = {str(severity): severity for severity in Severity}
_TARGETS = (Target.OBJECT, Target.POD_SPEC, Target.CONTAINER)

_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")
_FUNCTION = re.compile(r"[a-z_][a-z0-9_]*\Z")
_MINOR = re.compile(r"1\.[0-9]+\Z")
_REFERENCE = re.compile(r"https://\S+\Z")


def policy_of(place: Place, path: str) -> Policy:
    """The policy of a file; its name is the id."""
    members = place.members(POLICY_KEYS, _POLICY_NEEDS)
    match = _match(members["match"])
    fixes = tuple(fix_of(item, match) for item in members["fixes"].items()) if "fixes" in members else ()
    examples = members["examples"].items() if "examples" in members else []
    check = _check(members["check"])
    if check.function is None and any(fix.from_function for fix in fixes):
        members["fixes"].refuse("a patch is from function and the check has none", "needed: check.function, or a list")
    return Policy(
        id=_policy_id(members["id"], path),
        title=members["title"].text(),
        severity=_SEVERITIES[members["severity"].choice(_SEVERITIES)],
        category=members["category"].choice(CATEGORIES),
        default=members["default"].flag() if "default" in members else True,
        profiles=_words(members.get("profiles"), PROFILES),
        description=members["description"].text(),
        remediation=members["remediation"].text() if "remediation" in members else "",
        references=_references(members.get("references")),
        match=match,
        check=check,
        fixes=fixes,
        examples=tuple(_example(item, fixable=bool(fixes)) for item in examples),
        supersedes=_ids(members.get("supersedes")),
        contradicts=_ids(members.get("contradicts")),
        twins=_twins(members.get("twins")),
        source=path,
    )


def _policy_id(place: Place, path: str) -> str:
    found = _id(place)
    expected = Path(path).stem
    if found != expected:
        place.refuse(f"the id is {found!r} and the file is {expected!r}", "the id equals the name of the file")
    return found


def _id(place: Place) -> str:
    found = place.text()
    if not _ID.match(found):
        place.refuse(f"{found!r} is no policy id", "lower-case words and digits, joined by single hyphens")
    return found


def _ids(place: Place | None) -> tuple[str, ...]:
    if place is None:
        return ()
    for item in place.items():
        _id(item)
    return place.texts()


def _words(place: Place | None, allowed: tuple[str, ...]) -> tuple[str, ...]:
    if place is None:
        return ()
    for item in place.items():
        item.choice(allowed)
    return place.texts()


def _references(place: Place | None) -> tuple[str, ...]:
    if place is None:
        return ()
    for item in place.items():
        if not _REFERENCE.match(item.text()):
            item.refuse(f"{item.text()!r} is no reference", "an address that starts with https://")
    return place.texts()


def _twins(place: Place | None) -> tuple[tuple[str, str], ...]:
    if place is None:
        return ()
    return tuple((tool, twin) for tool, ids in place.members(TOOLS).items() for twin in ids.texts())


def _match(place: Place) -> Match:
    members = place.members(("kinds", "target", "os", "each"), ("kinds", "target"))
    target = Target(members["target"].choice(_TARGETS))
    entries = members["kinds"].texts()
    if not entries:
        members["kinds"].refuse("kinds is an empty list", f"each entry is {kinds.ALLOWED}")
    for entry, item in zip(entries, members["kinds"].items(), strict=True):
        if not kinds.is_valid(entry):
            item.refuse(f"{entry!r} names no kind{nearest(entry, (kinds.WORKLOAD,))}", f"allowed: {kinds.ALLOWED}")
        if target is not Target.OBJECT and not kinds.has_pod_spec(entry):
            item.refuse(f"{entry!r} has no pod spec, and the target is {target}", "allowed: workload and its kinds")
    system = members["os"].choice(("linux", "windows")) if "os" in members else None
    if system is not None and target is Target.OBJECT:
        members["os"].refuse("os goes with pods, and the target is object", "allowed with: pod-spec, container")
    return Match(entries, target, _each(members.get("each")), system)


def _each(place: Place | None) -> str | None:
    if place is None:
        return None
    tokens = path_of(place)
    if not tokens or tokens[-1] != templates.WILDCARD:
        place.refuse(f"each is {place.value!r}", "it is a path that ends with /*, such as /env/*")
    if any(isinstance(part, templates.Expression) for token in tokens for part in token):
        place.refuse("each has a ${}", "it is a plain path with wildcards")
    return place.raw_text()


def _check(place: Place) -> Check:
    members = place.members(("expression", "function", "message", "at"))
    expression, function = members.get("expression"), members.get("function")
    if (expression is None) is (function is None):
        place.refuse("a check has either an expression or a function", "needed: one of expression, function")
    if function is not None and not _FUNCTION.match(function.text()):
        function.refuse(f"{function.text()!r} is no function", "the name of a function of bot/detect/functions.py")
    if expression is not None and "message" not in members:
        place.refuse("the check has no message", "needed: message, a text with ${CEL}")
    at = members.get("at")
    if at is not None and templates.WILDCARD in path_of(at):
        at.refuse(f"at is {at.value!r}", "one place: a path without '*'")
    return Check(
        expression=expression.text() if expression is not None else None,
        function=function.text() if function is not None else None,
        message=template_of(members["message"]) if "message" in members else "",
        at=at.raw_text() if at is not None else "",
    )


def _example(place: Place, *, fixable: bool) -> Example:
    members = place.members(("name", "bad", "fixed", "good", "unfixed", "given"), ("name",))
    bad, good = "bad" in members, "good" in members
    fixed, unfixed = "fixed" in members, "unfixed" in members and members["unfixed"].flag()
    if bad is good:
        place.refuse("an example is either bad or good", "needed: one of bad, good")
    if good and (fixed or unfixed):
        place.refuse("a good example has nothing to fix", "allowed with good: name, given")
    if bad and fixable and fixed is unfixed:
        place.refuse("the bad example says nothing about its fix", "needed: one of fixed, unfixed: true")
    if bad and not fixable and (fixed or unfixed):
        place.refuse("the policy has no fixes", "allowed with bad: name, given")
    given = members["given"].members(("values", "kubernetes")) if "given" in members else {}
    version = given["kubernetes"].text() if "kubernetes" in given else None
    if version is not None and not _MINOR.match(version):
        given["kubernetes"].refuse(f"{version!r} is no version", 'a minor version in quotes, such as "1.31"')
    return Example(
        name=members["name"].text(),
        bad=members["bad"].raw_text() if bad else None,
        fixed=members["fixed"].raw_text() if fixed else None,
        good=members["good"].raw_text() if good else None,
        unfixed=unfixed,
        values=given["values"].mapping() if "values" in given else None,
        kubernetes=version,
    )
