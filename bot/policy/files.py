"""Read and check policy files: one policy a file, YAML, everything known or refused.

`parse` and `check` are functions of their arguments; `load` reads a folder. The format is described in
docs/policy-format.md, for editors in `policy.schema.json` beside this file.

Invariant: what `parse` returns is whole: every key is known, every word is an allowed one, every path and template can
be taken apart. Whatever is wrong is a `PolicyError` that names file, line, what is wrong and what is allowed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import bot
from bot.errors import PolicyError
from bot.manifest import pointers, read
from bot.manifest.spans import locate
from bot.model import Applicability, Severity
from bot.policy import kinds, templates
from bot.policy.expressions import problems
from bot.policy.model import Check, Example, FixTemplate, Match, OperationTemplate, Policy, Target
from bot.policy.places import Place, listing, nearest

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
OPERATIONS = ("add", "remove", "replace", "move", "copy", "test")
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

_POLICY_KEYS = (
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
    "twins",
)
_POLICY_NEEDS = ("id", "title", "severity", "category", "description", "match", "check")
_SEVERITIES = {str(severity): severity for severity in Severity}
_APPLICABILITIES = {str(applicability): applicability for applicability in Applicability}
_TARGETS = (Target.OBJECT, Target.POD_SPEC, Target.CONTAINER)

BASES = {
    Target.OBJECT: (Target.OBJECT,),
    Target.POD_SPEC: (Target.OBJECT, Target.POD_SPEC, Target.POD_METADATA),
    Target.CONTAINER: (Target.OBJECT, Target.POD_SPEC, Target.POD_METADATA, Target.CONTAINER),
}
"""What the operations of a policy with this target may start from."""

_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")
_FUNCTION = re.compile(r"[a-z_][a-z0-9_]*\Z")
_MINOR = re.compile(r"1\.[0-9]+\Z")
_REFERENCE = re.compile(r"https://\S+\Z")
_SUFFIXES = (".yaml", ".yml")


def built_in_folder() -> Path:
    """Where the policies that come with the bot are: in the package of a wheel, else beside it in the checkout."""
    package = Path(bot.__file__).parent
    packed = package / "data" / "policies"
    return packed if packed.is_dir() else package.parent / "policies"


def load(folder: Path | None = None) -> tuple[Policy, ...]:
    """The policies below `folder` in order of their ids; without it those that come with the bot.

    The expressions of the latter are checked by the tests, not at each start: that would take longer than a scan.
    """
    root = built_in_folder() if folder is None else folder
    policies: dict[str, Policy] = {}
    for path in _files(root):
        text = _text(path)
        policy = parse(path, text)
        if folder is not None:
            check(policy, text)
        twin = policies.setdefault(policy.id, policy)
        if twin is not policy:
            raise PolicyError(f"{path}:1: {policy.id} is there already: {twin.source}; one file a policy")
    if not policies:
        raise PolicyError(f"{root}:1: no policy files here; a policy is a file named ID.yaml")
    return tuple(policies[key] for key in sorted(policies))


def parse(path: str, text: str) -> Policy:
    """The policy that `text` says; `path` is its file, whose name is the id."""
    manifest = read(path, text)
    if manifest.problem is not None:
        raise PolicyError(f"{path}:{manifest.problem.line or 1}: {manifest.problem.reason}")
    documents = [document for document in manifest.documents if document.value is not None]
    if len(documents) != 1:
        raise PolicyError(f"{path}:1: {len(documents)} policies in one file; one file a policy")
    return _policy(Place(manifest, documents[0].root, "the policy"), path)


def check(policy: Policy, text: str) -> None:
    """Raise a PolicyError for the first expression of a policy that is not well-formed; `text` is its file's."""
    for pointer, reason in problems(policy):
        manifest = read(policy.source, text)
        index = next(document.index for document in manifest.documents if document.value is not None)
        line = locate(manifest, index, pointer).start_line
        raise PolicyError(f"{policy.source}:{line}: {pointers.split(pointer)[-1]}: {reason}")


def _files(root: Path) -> Iterator[str]:
    if not root.is_dir():
        raise PolicyError(f"{root}:1: no such folder; policies are the *.yaml files of a folder")
    for folder, subfolders, names in os.walk(root):
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        for name in sorted(names):
            if name.endswith(_SUFFIXES) and not name.startswith("."):
                yield os.path.join(folder, name)  # noqa: PTH118 - a Path for each of hundreds of files takes longer


def _text(path: str) -> str:
    try:
        return Path(path).read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise PolicyError(f"{path}:1: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise PolicyError(f"{path}:{line}: not UTF-8; policy files are UTF-8 text") from error


def _policy(place: Place, path: str) -> Policy:
    members = place.members(_POLICY_KEYS, _POLICY_NEEDS)
    match = _match(members["match"])
    fixes = tuple(_fix(item, match) for item in members["fixes"].items()) if "fixes" in members else ()
    examples = members["examples"].items() if "examples" in members else []
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
        check=_check(members["check"]),
        fixes=fixes,
        examples=tuple(_example(item, fixable=bool(fixes)) for item in examples),
        supersedes=_ids(members.get("supersedes")),
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
    tokens = _path(place)
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
    if at is not None and templates.WILDCARD in _path(at):
        at.refuse(f"at is {at.value!r}", "one place: a path without '*'")
    return Check(
        expression=expression.text() if expression is not None else None,
        function=function.text() if function is not None else None,
        message=_template(members["message"]) if "message" in members else "",
        at=at.raw_text() if at is not None else "",
    )


def _fix(place: Place, match: Match) -> FixTemplate:
    keys = ("title", "applicability", "why", "when", "patch", "create")
    members = place.members(keys, ("title",))
    if "patch" not in members and "create" not in members:
        place.refuse("the fix does nothing", "needed: patch (a list of operations) or create (an object), or both")
    word = members["applicability"].choice(_APPLICABILITIES) if "applicability" in members else "unsafe"
    applicability = _APPLICABILITIES[word]
    if applicability is not Applicability.SAFE and "why" not in members:
        place.refuse(f"the fix is {word} and has no why", "needed: why it can change what runs, unless it is safe")
    from_function = "patch" in members and isinstance(members["patch"].value, dict)
    if from_function:
        members["patch"].members(("from",), ("from",))["from"].choice(("function",))
    in_file = "patch" in members and not from_function
    operations = tuple(_operation(item, match) for item in members["patch"].items()) if in_file else ()
    if in_file and not operations:
        members["patch"].refuse("patch is an empty list", "it is a list of operations")
    create = members["create"].mapping() if "create" in members else None
    if create is not None:
        _value(members["create"])
        for key in ("apiVersion", "kind"):
            if not isinstance(create.get(key), str):
                members["create"].refuse(f"the object to create has no {key}", "needed: apiVersion, kind")
    return FixTemplate(
        title=members["title"].text(),
        applicability=applicability,
        why=members["why"].text() if "why" in members else "",
        when=members["when"].text() if "when" in members else None,
        operations=operations,
        create=create,
        from_function=from_function,
    )


def _operation(place: Place, match: Match) -> OperationTemplate:
    members = place.members(("op", "target", "path", "value", "from", "when"), ("op", "path"))
    operation = members["op"].choice(OPERATIONS)
    needs, refuses = {
        "add": ("value", ("from",)),
        "replace": ("value", ("from",)),
        "test": ("value", ("from",)),
        "move": ("from", ("value",)),
        "copy": ("from", ("value",)),
        "remove": ("path", ("from", "value")),
    }[operation]
    if needs not in members:
        place.refuse(f"{operation} has no {needs}", "null is absent" if needs == "value" else f"needed: path, {needs}")
    for key in refuses:
        if key in members:
            members[key].refuse(f"{operation} has a {key}", "needed: path" + (f", {needs}" if needs != "path" else ""))
    target = Target(members["target"].choice(BASES[match.target])) if "target" in members else None
    wildcards = _path(members["path"]).count(templates.WILDCARD)
    if "from" in members:
        _source(members["from"], members["path"], wildcards, operation)
    return OperationTemplate(
        op=operation,
        path=members["path"].raw_text(),
        value=_value(members["value"]) if "value" in members else None,
        source=members["from"].raw_text() if "from" in members else None,
        target=target,
        when=members["when"].text() if "when" in members else None,
    )


def _source(source: Place, path: Place, wildcards: int, operation: str) -> None:
    found = _path(source).count(templates.WILDCARD)
    if wildcards > found:
        path.refuse(f"path has more '*' than from in a {operation}", "each '*' of path is the '*' of from in its place")
    if not _path(source):
        source.refuse("from is empty", "it is a path below the target")


def _path(place: Place) -> tuple[templates.PathToken, ...]:
    try:
        return templates.parse_path(place.raw_text())
    except templates.TemplateError as error:
        place.refuse(f"{place.name}: {error}", "a JSON Pointer such as /spec/replicas, with ${CEL} and '*' in it")


def _template(place: Place) -> str:
    text = place.text()
    try:
        templates.parse(text)
    except templates.TemplateError as error:
        place.refuse(f"{place.name}: {error}", "a text with ${CEL}; $${ is a literal ${")
    return text


def _value(place: Place) -> object:
    """The value of an operation or of `create`, with its templates and copies checked."""
    value = place.json()
    pending = [value]
    try:
        while pending:
            current = pending.pop()
            source = templates.copied_from(current)
            if source is not None:
                if templates.has_wildcard(source):
                    place.refuse(f"a copy from {source!r}", "one place: a path without '*'")
            elif isinstance(current, dict):
                pending += current.values()
            elif isinstance(current, list):
                pending += current
            elif isinstance(current, str):
                templates.parse(current)
    except templates.TemplateError as error:
        place.refuse(f"{place.name}: {error}", "a value with ${CEL} in its leaves; $${ is a literal ${")
    return value


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


def allowed_keys() -> str:
    """The keys of a policy, for people."""
    return listing(_POLICY_KEYS)
