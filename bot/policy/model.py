"""What a policy file says, as data: a policy, what it looks at, what must hold, and how it is repaired.

Expressions and templates are kept as they are written; `bot.policy.cel` compiles them when they are first needed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.model import Applicability, Json, Severity


class Target(StrEnum):
    """What a policy looks at, or what the paths of an operation start from.

    POD_METADATA is a base for operations only: the metadata beside the pod spec.
    """

    OBJECT = "object"
    POD_SPEC = "pod-spec"
    CONTAINER = "container"
    POD_METADATA = "pod-metadata"


@dataclass(frozen=True, slots=True)
class Match:
    """Which targets a policy looks at.

    `kinds` as `bot.policy.kinds` reads them. `os`: pods of the other system are left out. `each` is a path with
    wildcards from the target: every item or member it names is a target of its own, bound as `item`, with its `key`.
    """

    kinds: tuple[str, ...]
    target: Target
    each: str | None = None
    os: str | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """What must hold: a CEL expression (true means compliant) or the name of a function of `bot.detect.functions`.

    Exactly one of the two is set. `message` is a template; `at` is a path from the target, without wildcards, that says
    where the finding points.
    """

    expression: str | None
    function: str | None
    message: str
    at: str = ""


@dataclass(frozen=True, slots=True)
class OperationTemplate:
    """One step of a patch before it meets an object; paths are relative to `target` (None: the policy's own target)."""

    op: str
    path: str
    value: Json = None
    source: str | None = None
    target: Target | None = None
    when: str | None = None


@dataclass(frozen=True, slots=True)
class FixTemplate:
    """One way to repair a finding; `when` is a CEL guard. `create` is an object to add as a document of its own.

    `from_function`: the operations are those that the check's function found (`patch: {from: function}`).
    """

    title: str
    applicability: Applicability
    why: str
    when: str | None
    operations: tuple[OperationTemplate, ...]
    create: Mapping[str, Json] | None = None
    from_function: bool = False


@dataclass(frozen=True, slots=True)
class Example:
    """A manifest that shows the policy: exactly one of `bad` and `good` is set.

    `fixed` is what the fix makes of `bad`; `unfixed` says that no fix holds there. `values` (evidence and
    configuration) and `kubernetes` (a minor version such as "1.31") are the circumstances.
    """

    name: str
    bad: str | None = None
    fixed: str | None = None
    good: str | None = None
    unfixed: bool = False
    values: Mapping[str, Json] | None = None
    kubernetes: str | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy file. `fixes` are alternatives, preferred first.

    `supersedes`: ids of policies whose finding on the same target is dropped when this one fires (one finding per
    cause). `contradicts`: ids of policies that want the opposite and are never on together with it. `twins`: (tool, id)
    of the checks of other tools that mean the same. `source` is the path of the file. `asks`: the kinds that its
    expressions want from the inventory, as in `match.kinds`; None when they look at nothing but the object. `relates`:
    its check does so, not its fixes alone.
    """

    id: str
    title: str
    severity: Severity
    category: str
    default: bool
    profiles: tuple[str, ...]
    description: str
    remediation: str
    references: tuple[str, ...]
    match: Match
    check: Check
    fixes: tuple[FixTemplate, ...] = ()
    examples: tuple[Example, ...] = ()
    supersedes: tuple[str, ...] = ()
    contradicts: tuple[str, ...] = ()
    twins: tuple[tuple[str, str], ...] = ()
    source: str = ""
    asks: tuple[str, ...] | None = None
    relates: bool = False
