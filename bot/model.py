"""The nouns that cross folders: findings, fixes, edits, verdicts.

All are frozen, slotted dataclasses or enums, and collections in them are tuples, so that a record can be shared between
stages and processes. What one folder owns lives in that folder.

Invariant: nothing here imports another module of the bot, and nothing here does I/O.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from functools import cache
from operator import attrgetter
from typing import Any

Json = Any
"""A JSON value as `json.loads` would give it: None, bool, int, float, str, list, dict with str keys."""


class Severity(IntEnum):
    """How bad a finding is. Printed in lower case; SARIF levels are note, warning, error, error."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4

    def __str__(self) -> str:
        return self.name.lower()


class Applicability(IntEnum):
    """How freely a fix may be applied; ruff's names and order.

    SAFE cannot change what a running pod does. UNSAFE may. DISPLAY_ONLY is shown and never applied.
    """

    DISPLAY_ONLY = 1
    UNSAFE = 2
    SAFE = 3

    def __str__(self) -> str:
        return self.name.lower().replace("_", "-")


class Origin(StrEnum):
    """Who said it."""

    POLICY = "policy"
    ENGINE = "engine"
    MODEL = "model"


class State(StrEnum):
    """A finding against the base branch."""

    NEW = "new"
    EXISTING = "existing"
    UNKNOWN = "unknown"


class Tier(StrEnum):
    """Who vouches for a fix: nobody, the bundled schema, a real API server."""

    NONE = "none"
    SCHEMA = "schema"
    SERVER = "server"


class GateStatus(StrEnum):
    """The answer of one gate."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


class Record:
    """A base that makes a frozen dataclass quick to send to another process: its fields in order, made anew there.

    What `dataclasses` does by itself takes twice the time, and a run sends tens of thousands.
    """

    __slots__ = ()

    def __reduce__(self) -> tuple[type, tuple[Any, ...]]:
        kind: Any = self.__class__
        return kind, _fields_of(kind)(self)


@cache
def _fields_of(kind: Any) -> Callable[[Any], tuple[Any, ...]]:
    return attrgetter(*kind.__match_args__)


@dataclass(frozen=True, slots=True)
class Span(Record):
    """Half-open range of character offsets in `Manifest.text`, 0-based."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ResourceRef(Record):
    """The identity of a Kubernetes object. `namespace` is None when the manifest names none."""

    api_version: str
    kind: str
    namespace: str | None
    name: str

    def __str__(self) -> str:
        where = f"{self.namespace}/{self.name}" if self.namespace else self.name
        return f"{self.kind} {where}" if where else self.kind

    @property
    def group(self) -> str:
        """The API group; empty for the core group."""
        return self.api_version.rpartition("/")[0]


@dataclass(frozen=True, slots=True)
class Location(Record):
    """A place in a file: symbolic (document index and pointer from the document's root) and concrete (span and lines).

    Lines and the column are 1-based and count line feeds only, as GitHub does; the column counts characters.
    """

    path: str
    document: int
    pointer: str
    span: Span
    start_line: int
    end_line: int
    column: int


@dataclass(frozen=True, slots=True)
class Suppression:
    """An accepted finding. `kind` is `comment`, `annotation` or `config`; `reason` is never empty.

    `expires` is an ISO date or None; `location` is None when it is not in a manifest.
    """

    kind: str
    reason: str
    expires: str | None = None
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class Finding(Record):
    """One violation of one policy at one place.

    `target` is the pointer, from the document's root, of what the policy looked at (the object, its pod spec, a
    container, or an `each` item). `location` is what is shown. `fingerprint` identifies the finding across runs: it
    holds no line, path, apiVersion or index.
    """

    policy_id: str
    severity: Severity
    message: str
    resource: ResourceRef
    target: str
    location: Location
    origin: Origin = Origin.POLICY
    also: tuple[str, ...] = ()
    ordinal: int = 0
    fingerprint: str = ""
    state: State = State.UNKNOWN
    suppression: Suppression | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a value comes from, for people: `values: in .k8s-auto-fix.yaml`, or a file and line."""

    source: str
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """One step of a JSON Patch (RFC 6902). `path` and `source` (RFC's `from`) are pointers from the document's root."""

    op: str
    path: str
    value: Json = None
    source: str | None = None

    def as_json(self) -> dict[str, Json]:
        """The operation as RFC 6902 writes it."""
        if self.op in ("move", "copy"):
            return {"op": self.op, "from": self.source, "path": self.path}
        if self.op == "remove":
            return {"op": self.op, "path": self.path}
        return {"op": self.op, "path": self.path, "value": self.value}


@dataclass(frozen=True, slots=True)
class TextEdit:
    """Replacement of a span of the original text; an empty span inserts, an empty text deletes."""

    span: Span
    new_text: str


@dataclass(frozen=True, slots=True)
class Change:
    """What a fix does to one document. `document` None means a new document or file with `operations[0].value`."""

    path: str
    document: int | None
    operations: tuple[Operation, ...]
    edits: tuple[TextEdit, ...] = ()


@dataclass(frozen=True, slots=True)
class Fix(Record):
    """A proposed repair: a patch, who proposes it, and how freely it may be applied."""

    findings: tuple[Finding, ...]
    changes: tuple[Change, ...]
    title: str
    why: str
    applicability: Applicability
    origin: Origin = Origin.POLICY
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class GateResult:
    """The answer of one gate; `reason` is empty when it passed."""

    gate: str
    status: GateStatus
    reason: str = ""
    milliseconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Verification(Record):
    """All answers for one fix. `notes` name what the fix brings along and a person should know."""

    fix: Fix
    results: tuple[GateResult, ...]
    tier: Tier
    server: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """No gate failed (skipped gates do not count against the fix, they lower the tier)."""
        return all(result.status is not GateStatus.FAILED for result in self.results)


@dataclass(frozen=True, slots=True)
class Skip(Record):
    """Something a stage declined, with its reason: nothing vanishes.

    `code` is kebab-case; `line` is 1-based or None. `document` is the index in the file or None for the whole file.
    `error` marks an input that could not be read (exit code 2) in contrast to one left alone on purpose.
    """

    stage: str
    code: str
    reason: str
    path: str
    document: int | None = None
    line: int | None = None
    finding: Finding | None = None
    error: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """Everything one run has to say.

    `verifications` hold the fix of each finding that has one (empty unless fixes were proposed); `changed` maps a path
    to its text before and after, in file order. `counts` holds what was looked at: `files`, `documents`, `resources`.
    """

    findings: tuple[Finding, ...] = ()
    verifications: tuple[Verification, ...] = ()
    skips: tuple[Skip, ...] = ()
    notices: tuple[str, ...] = ()
    changed: tuple[tuple[str, str, str], ...] = ()
    counts: dict[str, int] = field(default_factory=dict)
