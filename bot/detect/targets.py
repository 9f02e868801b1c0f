"""What a policy looks at: the object, its pod specs, its containers, or an item of one of these.

A target carries what CEL needs to know about it. The activation is made at first use and shared by all policies that
look at the same target; a changed object needs new targets.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from bot.manifest import Resource
from bot.manifest.workloads import ContainerPlace, Pod
from bot.model import Json
from bot.policy import cel
from bot.policy.model import Target as TargetKind
from bot.policy.render import items_of


@dataclass(slots=True)
class Target:
    """One place that policies look at; `pointer` counts from the object.

    `value` is the object, pod spec, container or item there, members that are null left out on built-in kinds. `item`
    and `key` are set for an item of `each`; `owner` is the pointer of the object, pod spec or container that holds it.
    """

    kind: TargetKind
    resource: Resource
    pointer: str
    owner: str
    value: Json
    bindings: dict[str, Json]
    pod: Pod | None = None
    container: ContainerPlace | None = None
    key: str | int | None = None
    _activation: cel.Activation | None = field(default=None, repr=False)
    _items: dict[str, list[Target]] = field(default_factory=dict, repr=False)

    @property
    def activation(self) -> cel.Activation:
        """The values of this target for CEL."""
        if self._activation is None:
            self._activation = cel.activation(self.bindings)
        return self._activation

    @property
    def partial(self) -> bool:
        """Whether an absent field says nothing here."""
        return self.resource.partial or (self.pod is not None and self.pod.partial)

    @property
    def windows(self) -> bool:
        """Whether the pod runs on Windows, where most Linux fields are forbidden."""
        return self.pod is not None and is_windows(self.pod)

    def seeing(self, inventory: Json) -> Target:
        """The same place with what CEL sees of the other objects."""
        return replace(self, bindings={**self.bindings, "inventory": inventory}, _activation=None, _items={})

    def items(self, each: str) -> list[Target]:
        """The targets that `each`, a path with wildcards from this target, names; shared by the policies that ask."""
        found = self._items.get(each)
        if found is None:
            found = self._items[each] = [
                Target(
                    self.kind,
                    self.resource,
                    self.pointer + pointer,
                    self.pointer,
                    value,
                    {**self.bindings, "item": value, "key": key},
                    self.pod,
                    self.container,
                    key,
                )
                for pointer, key, value in items_of(self.value, each)
            ]
        return found


def is_windows(pod: Pod) -> bool:
    """`os.name: windows`, or a node selector that says so (kubernetes.io/os)."""
    system = pod.spec_body.get("os")
    if isinstance(system, dict) and system.get("name") == "windows":
        return True
    selector = pod.spec_body.get("nodeSelector")
    if not isinstance(selector, dict):
        return False
    return "windows" in (selector.get("kubernetes.io/os"), selector.get("beta.kubernetes.io/os"))
