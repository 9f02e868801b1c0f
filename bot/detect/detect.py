"""Policies against resources: findings.

A `Detector` is made once for a set of policies; which of them look at a kind is worked out when the kind is first seen.

Invariant: a function of its arguments. What a policy cannot say about an object is a Skip with its reason, never an
error.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.detect import functions
from bot.detect.identity import Names, key_of
from bot.detect.inventory import MAX_FILES, Inventory, alone
from bot.detect.targets import Target
from bot.manifest import Manifest, Resource, pointers, spans, workloads
from bot.model import Finding, Json, Location, Severity, Skip
from bot.policy import Policy, cel, kinds
from bot.policy.model import Target as TargetKind
from bot.policy.render import render_message, render_place
from bot.policy.served import as_served

Place = tuple[int, str]
"""An object of a file: the index of its document, and its pointer there."""

TOO_LARGE = "too-many-files"
"""Code of the skip for a scope that is not looked at as a whole."""


@dataclass(frozen=True, slots=True)
class Environment:
    """What policies may know besides the object.

    `values` are the team's own numbers; `oldest` and `newest` the Kubernetes minors ("1.36") that replacements and
    removals are judged by; `severities` overrides a policy's severity.
    """

    values: Mapping[str, Json]
    oldest: str
    newest: str
    schemas: functions.Schemas
    severities: Mapping[str, Severity] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Detection:
    """A finding with what a fix for it needs: its policy, its target, the objects around, what a function hit.

    `finding.fingerprint` holds the unhashed key until `bot.detect.identity.number` has seen all findings of a run.
    """

    finding: Finding
    policy: Policy
    target: Target
    hit: functions.Hit | None = None
    inventory: Inventory = field(default_factory=lambda: alone(()), compare=False, repr=False)


@dataclass(slots=True)
class _Plan:
    """The policies for one kind by what they look at.

    `single` need nothing but the object, `relating` the inventory as well; `asks` are the kinds that the expressions of
    these want to see.
    """

    single: dict[TargetKind, list[Policy]] = field(default_factory=dict)
    relating: dict[TargetKind, list[Policy]] = field(default_factory=dict)
    asks: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        return not (self.single or self.relating)

    def wants(self, kind: TargetKind) -> bool:
        return kind in self.single or kind in self.relating


class Detector:
    """Looks at resources with a set of policies."""

    def __init__(self, policies: Sequence[Policy], environment: Environment) -> None:
        self.policies = {policy.id: policy for policy in policies}
        self.environment = environment
        self._plans: dict[tuple[str, str], _Plan] = {}
        self._wider: dict[Place, Detector] = {}

    def beside(self, more: Mapping[Place, Sequence[Policy]]) -> Detector:
        """The same, with further policies for single objects of one file, by their places in it."""
        if not any(more.values()):
            return self
        made: dict[tuple[str, ...], Detector] = {}
        found = Detector(tuple(self.policies.values()), self.environment)
        found._plans = self._plans
        for place, policies in more.items():
            names = tuple(policy.id for policy in policies)
            if names not in made:
                made[names] = Detector((*self.policies.values(), *policies), self.environment)
            found._wider[place] = made[names]
        return found

    def plan(self, api_version: str, kind: str) -> _Plan:
        """The policies that look at a kind, by what they look at."""
        found = self._plans.get((api_version, kind))
        if found is None:
            found = self._plans[api_version, kind] = _Plan()
            asks: dict[str, None] = {}
            selected: dict[tuple[str, ...], bool] = {}  # many policies say `workload` and nothing else
            for policy in self.policies.values():
                entries = policy.match.kinds
                if entries not in selected:
                    selected[entries] = any(kinds.selects(entry, api_version, kind) for entry in entries)
                if selected[entries]:
                    relating = is_relating(policy)
                    side = found.relating if relating else found.single
                    side.setdefault(policy.match.target, []).append(policy)
                    asks.update(dict.fromkeys(policy.asks or () if relating else ()))
            found.asks = tuple(asks)
        return found

    def detect(
        self, manifest: Manifest, resource: Resource, inventory: Inventory | None = None
    ) -> tuple[list[Detection], list[Skip]]:
        """All findings about one resource, in policy order; `one_per_cause` thins them out.

        `inventory` are the objects in scope; without it those of the manifest.
        """
        return self._detect(manifest, resource, inventory, self._plan_for(resource))

    def relate(self, manifest: Manifest, resource: Resource, inventory: Inventory | None = None) -> list[Detection]:
        """The findings of those policies only that look at other objects too."""
        plan = self._plan_for(resource)
        if not plan.relating:
            return []
        return self._detect(manifest, resource, inventory, replace(plan, single={}))[0]

    def _plan_for(self, resource: Resource) -> _Plan:
        wider = self._wider.get((resource.document, resource.pointer), self) if self._wider else self
        return wider.plan(resource.ref.api_version, resource.ref.kind)

    def _detect(
        self, manifest: Manifest, resource: Resource, inventory: Inventory | None, plan: _Plan
    ) -> tuple[list[Detection], list[Skip]]:
        skips: list[Skip] = []
        if plan.empty:
            return [], skips
        if inventory is None:
            inventory = alone(manifest.resources)
        if plan.relating and inventory.scope.problem:
            reason = f"{inventory.scope.problem}: policies about several objects look at {MAX_FILES:,} at most"
            skips.append(Skip("detect", TOO_LARGE, reason, manifest.path))
            plan = replace(plan, relating={})
        look = _Look(self.environment, manifest, resource, inventory)
        for target, policies in self._targets(resource, plan, inventory):
            look.at(target, policies)
        return look.detections, [*skips, *look.skips]

    def _targets(
        self, resource: Resource, plan: _Plan, inventory: Inventory
    ) -> Iterator[tuple[Target, Sequence[Policy]]]:
        view: Json = None
        for target in self._places(resource, plan):
            yield target, plan.single.get(target.kind, ())
            relating = plan.relating.get(target.kind)
            if relating:
                if view is None and any(policy.relates for policy in relating):
                    view = inventory.view(resource, plan.asks)
                yield target if view is None else target.seeing(view), relating

    def _places(self, resource: Resource, plan: _Plan) -> Iterator[Target]:
        cleaned = resource
        body = as_served(resource.ref.api_version, resource.body)
        if body is not resource.body:
            cleaned = replace(resource, body=body)
        base: dict[str, Json] = {
            "object": cleaned.body,
            "values": self.environment.values,
            "kubernetes": self.environment.oldest,
        }
        if plan.wants(TargetKind.OBJECT):
            yield Target(TargetKind.OBJECT, resource, "", "", cleaned.body, base)
        of_pods, of_containers = plan.wants(TargetKind.POD_SPEC), plan.wants(TargetKind.CONTAINER)
        if not of_pods and not of_containers:
            return
        for pod in workloads.pods(cleaned):
            in_pod = {**base, "podSpec": pod.spec_body, "podMetadata": pod.metadata_body}
            if of_pods:
                yield Target(TargetKind.POD_SPEC, resource, pod.spec, pod.spec, pod.spec_body, in_pod, pod)
            if not of_containers:
                continue
            for place in pod.containers:
                bindings = {**in_pod, "container": place.body, "containerType": place.type}
                pointer = place.pointer
                yield Target(TargetKind.CONTAINER, resource, pointer, pointer, place.body, bindings, pod, place)

    def one_per_cause(self, detections: Sequence[Detection]) -> list[Detection]:
        """Leave out what a finding of a policy that supersedes says already, on the same target or one around it.

        An object's finding supersedes only those about the object as a whole.
        """
        over: dict[int, list[Detection]] = {}
        for each in detections:
            if each.policy.supersedes:
                over.setdefault(id(each.target.resource), []).append(each)
        return [
            each
            for each in detections
            if not any(covers(other, each) for other in over.get(id(each.target.resource), ()))
        ]


def covers(over: Detection, detection: Detection) -> bool:
    """Whether one finding says what another one says about the same object; see `Detector.one_per_cause`."""
    if detection.policy.id not in over.policy.supersedes or over.target.resource is not detection.target.resource:
        return False
    outer, inner = over.finding.target, detection.finding.target
    if outer == inner:
        return True
    return outer != over.target.resource.pointer and pointers.is_within(inner, outer)


class _Look:
    """One resource, looked at target by target; what policies say of it gathers in `detections` and `skips`."""

    def __init__(self, environment: Environment, manifest: Manifest, resource: Resource, inventory: Inventory) -> None:
        self.environment = environment
        self.manifest = manifest
        self.resource = resource
        self.inventory = inventory
        self.names = Names(resource.body)
        self.detections: list[Detection] = []
        self.skips: list[Skip] = []

    def at(self, target: Target, policies: Sequence[Policy]) -> None:
        """What these policies say of a target."""
        context: functions.Context | None = None
        for policy in policies:
            system = policy.match.os
            if system is not None and target.pod is not None and target.windows != (system == "windows"):
                continue
            function = policy.check.function
            if function is None:
                self._evaluate(policy, target)
                continue
            context = context or self._context(target)
            for hit in functions.find(function)(context):
                said = self._of_hit(policy, target, hit)
                if said is not None:
                    self.detections.append(said)

    def _evaluate(self, policy: Policy, target: Target) -> None:
        assert policy.check.expression is not None
        program = cel.compiled(policy.check.expression)
        each = policy.match.each
        for place in target.items(each) if each is not None else (target,):
            holds = program.holds(place.activation)
            if holds is True:
                continue
            if holds is not False:
                self.skips.append(self._skip(policy, place, holds.reason))
                continue
            said = self._of_expression(policy, place)
            if isinstance(said, Detection):
                if policy.asks is not None and not policy.relates and not self.inventory.scope.problem:
                    # Its fixes want to know; without the view their guards are undecided.
                    view = self.inventory.view(target.resource, policy.asks)
                    said = replace(said, target=place.seeing(view))
                self.detections.append(said)
            elif said is not None:
                self.skips.append(said)

    def _context(self, target: Target) -> functions.Context:
        pod, container = target.pod, target.container
        if pod is not None and target.bindings["object"] is not target.resource.body:
            # Functions read the body as it was written, nulls included.
            raw = {each.spec: each for each in workloads.pods(target.resource)}
            pod = raw.get(pod.spec, pod)
            if container is not None:
                places = {each.pointer: each for each in pod.containers}
                container = places.get(container.pointer, container)
        environment = self.environment
        return functions.Context(
            resource=target.resource,
            manifest=self.manifest,
            target=target.pointer,
            pod=pod,
            container=container,
            values=environment.values,
            oldest=environment.oldest,
            newest=environment.newest,
            schemas=environment.schemas,
            inventory=self.inventory,
        )

    def _of_expression(self, policy: Policy, target: Target) -> Detection | Skip | None:
        place = render_place(policy, target.activation)
        if not isinstance(place, str):
            return self._skip(policy, target, place.reason)
        at = target.pointer + place
        if _is_unsaid(policy, target, at):
            return None
        message = render_message(policy, target.activation)
        if not isinstance(message, str):  # it names what is not there, such as the name of a container
            message = policy.title
        return Detection(self._finding(policy, target.pointer, at, message), policy, target, None, self.inventory)

    def _of_hit(self, policy: Policy, target: Target, hit: functions.Hit) -> Detection | None:
        if _is_unsaid(policy, target, hit.at):
            return None
        pointer = hit.target if hit.target is not None else target.pointer
        return Detection(
            self._finding(policy, pointer, hit.at, hit.message, hit.severity), policy, target, hit, self.inventory
        )

    def _finding(
        self, policy: Policy, pointer: str, at: str, message: str, severity: Severity | None = None
    ) -> Finding:
        resource = self.resource
        ref = resource.ref
        return Finding(
            policy.id,
            self.environment.severities.get(policy.id, severity or policy.severity),
            message,
            ref,
            resource.pointer + pointer,
            spans.locate(self.manifest, resource.document, resource.pointer + at),
            fingerprint=key_of(policy.id, ref.group, ref.kind, ref.namespace, ref.name, self.names.of(at)),
        )

    def _skip(self, policy: Policy, target: Target, reason: str) -> Skip:
        resource = target.resource
        place: Location = spans.locate(self.manifest, resource.document, resource.pointer + target.pointer)
        reason = f"{policy.id} cannot be decided for {resource.ref}: {reason}"
        return Skip("detect", "undecided", reason, resource.path, resource.document, place.start_line)


def _is_unsaid(policy: Policy, target: Target, at: str) -> bool:
    """Whether a place says nothing because somebody else adds to the object.

    That is a field that is absent, or another object that is missing beside a fragment: it belongs beside the base.
    """
    if target.partial and not pointers.resolve(target.resource.body, at)[0]:
        return True
    whole = at == "" or (target.kind is TargetKind.POD_SPEC and at == target.pointer)
    return whole and target.resource.partial and is_relating(policy)


def detect_all(
    detector: Detector, manifest: Manifest, resources: Iterable[Resource], inventory: Inventory | None = None
) -> tuple[list[Detection], list[Skip]]:
    """The findings of several resources of one file, sorted by place, then policy; none left out.

    `inventory` are the objects in scope of the file; without it those of the file are.
    """
    if inventory is None:
        inventory = alone(manifest.resources)
    detections: list[Detection] = []
    skips: list[Skip] = []
    for resource in resources:
        found, skipped = detector.detect(manifest, resource, inventory)
        detections += found
        # What holds for the file is said once.
        skips += [each for each in skipped if each.code != TOO_LARGE or each not in skips]
    detections.sort(key=lambda each: (each.finding.location.span.start, each.policy.id, each.finding.location.pointer))
    return detections, skips


def is_relating(policy: Policy) -> bool:
    """Whether a policy looks at other objects than the one that it is about."""
    function = policy.check.function
    return policy.relates or (function is not None and functions.looks_around(function))
