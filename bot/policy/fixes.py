"""The `fixes` of a policy file: guards, patches, created objects."""

from __future__ import annotations

from bot.model import Applicability
from bot.policy import templates
from bot.policy.leaves import path_of, value_of
from bot.policy.model import FixTemplate, Match, OperationTemplate, Target
from bot.policy.places import Place

OPERATIONS = ("add", "remove", "replace", "move", "copy", "test")
_APPLICABILITIES = {str(applicability): applicability for applicability in Applicability}

BASES = {
    Target.OBJECT: (Target.OBJECT,),
    Target.POD_SPEC: (Target.OBJECT, Target.POD_SPEC, Target.POD_METADATA),
    Target.CONTAINER: (Target.OBJECT, Target.POD_SPEC, Target.POD_METADATA, Target.CONTAINER),
}
"""What the operations of a policy with this target may start from."""


def fix_of(place: Place, match: Match) -> FixTemplate:
    """One of the alternatives."""
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
        value_of(members["create"])
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
    wildcards = path_of(members["path"]).count(templates.WILDCARD)
    if "from" in members:
        _source(members["from"], members["path"], wildcards, operation)
    return OperationTemplate(
        op=operation,
        path=members["path"].raw_text(),
        value=value_of(members["value"]) if "value" in members else None,
        source=members["from"].raw_text() if "from" in members else None,
        target=target,
        when=members["when"].text() if "when" in members else None,
    )


def _source(source: Place, path: Place, wildcards: int, operation: str) -> None:
    found = path_of(source).count(templates.WILDCARD)
    if wildcards > found:
        path.refuse(f"path has more '*' than from in a {operation}", "each '*' of path is the '*' of from in its place")
    if not path_of(source):
        source.refuse("from is empty", "it is a path below the target")
