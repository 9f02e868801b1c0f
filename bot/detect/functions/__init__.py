"""The few checks that CEL cannot say: schemas, quoting, migrations, what depends on the order of a list.

`check: {function: name}` of a policy names the module `name` of this folder; its `check` gets a `Context` and yields a
`Hit` for each place that is not compliant, with the operations of a fix where there is one. Adding the file is all
there is to do. Modules that start with an underscore are helpers.

Invariant: a function of its `Context`; it reads the raw body, in which nulls are kept.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib import import_module
from typing import Any, Protocol

from bot.detect.inventory import Inventory, alone
from bot.manifest import Manifest, Resource, pointers
from bot.manifest.workloads import ContainerPlace, Pod
from bot.model import Applicability, Json, Operation, Severity
from bot.policy.plan import Plan
from bot.policy.render import Stop


class SchemaError(Protocol):
    """One way in which an object is not what its schema says, in words as its `str`.

    `pointer` counts from the object; for a missing field it names the place where it belongs.
    """

    @property
    def pointer(self) -> str:
        """The place."""

    @property
    def keyword(self) -> str:
        """The keyword of JSON Schema that it breaks, or `duplicate`."""

    @property
    def expected(self) -> str:
        """The type wanted, for `type`."""

    @property
    def hint(self) -> str:
        """The known name or value that was probably meant, if there is one."""


class Schemas(Protocol):
    """Kubernetes' schemas by minor version, with those of custom resources in the scanned tree."""

    def check(self, body: dict[str, Json], version: str) -> tuple[SchemaError, ...] | None:
        """What is wrong with an object; None when its kind is unknown."""

    def served(self, api_version: str, kind: str, version: str) -> bool | None:
        """Whether a release serves it; None when the group is not Kubernetes' own."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a function may look at.

    `target` is the pointer from the object to what the policy looks at; `pod` and `container` are set for the targets
    pod-spec and container. `oldest` and `newest` are Kubernetes minors: a replacement has to be served by the oldest, a
    removal counts when the newest has it. `inventory` is for modules that say `LOOKS_AROUND = True`: what such a
    policy finds is asked again when another object of the file has changed. `shared` keeps what several functions make
    of the same context.
    """

    resource: Resource
    manifest: Manifest
    oldest: str
    newest: str
    schemas: Schemas
    target: str = ""
    pod: Pod | None = None
    container: ContainerPlace | None = None
    values: Mapping[str, Json] = field(default_factory=dict)
    inventory: Inventory = field(default_factory=lambda: alone(()))
    shared: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Hit:
    """One place that is not compliant.

    `at` is where the finding points, `target` what it is about (None: the target of the context); both are pointers
    from the object. `operations` name places in the object before the fix; None means that there is no fix, and
    `unfixable` says why. `create` is an object to add instead.
    `source` says where the value that the operations write comes from, when it is not the object itself.
    `title`, `why` and `applicability` override those of the policy's fix, `severity` that of the policy.
    """

    at: str
    message: str
    operations: tuple[Operation, ...] | None = None
    applicability: Applicability | None = None
    why: str = ""
    title: str = ""
    target: str | None = None
    unfixable: str = ""
    severity: Severity | None = None
    create: Mapping[str, Json] | None = None
    source: str = ""


CONFIGURATION = "values: in .k8s-auto-fix.yaml"
"""The source of a value that the team's configuration gives."""

Function = Callable[[Context], Iterable[Hit]]


def planned(body: Json, hit: Hit) -> Hit:
    """`hit` with a patch that any RFC 6902 library can apply: parents spelled out, removals last."""
    if hit.operations is None:
        return hit
    plan = Plan(body, "")
    try:
        for operation in hit.operations:
            _add_to(plan, operation)
        return replace(hit, operations=plan.operations())
    except Stop as stop:
        return replace(hit, operations=None, unfixable=str(stop))


def _add_to(plan: Plan, operation: Operation) -> None:
    path = tuple(pointers.split(operation.path))
    if operation.op == "remove":
        plan.remove(path)
    elif operation.source is not None:
        {"move": plan.move, "copy": plan.copy}[operation.op](tuple(pointers.split(operation.source)), path)
    else:
        {"add": plan.add, "replace": plan.replace, "test": plan.test}[operation.op](path, operation.value)


@lru_cache(maxsize=1)
def names() -> tuple[str, ...]:
    """The functions there are."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_")))


@lru_cache(maxsize=64)
def find(name: str) -> Function:
    """The function of that name, its patches planned; KeyError says which there are."""
    if name not in names():
        raise KeyError(f"there is no function {name!r}; there are: {', '.join(names())}")
    function: Function = import_module(f"{__name__}.{name}").check
    return lambda context: (planned(context.resource.body, hit) for hit in function(context))


@lru_cache(maxsize=64)
def looks_around(name: str) -> bool:
    """Whether the function of that name looks at other objects too."""
    return name in names() and bool(getattr(import_module(f"{__name__}.{name}"), "LOOKS_AROUND", False))
