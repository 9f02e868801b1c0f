"""Exported policies on a real server say what the bot says: the same policies, for the same containers.

Every example of every policy goes through all exported policies: as itself when the server serves and accepts it; else
completed with what it leaves out; and, since what validation rejects never reaches a policy, inside a custom resource
that keeps unknown fields. `pytest -rP` lists what is rejected however complete it is, and the numbers.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest
import yaml

from bot import schema
from bot.adapters.cluster import embedded
from bot.adapters.cluster.answers import Answer
from bot.adapters.cluster.api import ScratchApi
from bot.adapters.cluster.binaries import Binaries
from bot.adapters.cluster.embedded import EmbeddedServer
from bot.adapters.cluster.scratch import ScratchServer
from bot.detect.detect import Detector, Environment
from bot.manifest import Manifest, Resource, read, workloads
from bot.manifest.values import clone
from bot.policy import Target, load
from bot.policy.enforceable import Circumstances
from bot.policy.export import Action, Exported, export
from bot.policy.kinds import is_built_in
from bot.policy.served import as_served
from bot.policy.stored import as_stored
from bot.verify.server import Status, Verdict
from tests.cluster.objects import crd, obj

pytestmark = pytest.mark.cluster

AT_ONCE = 30
"""Policies that are loaded at a time: warnings stop at 4,096 characters in all."""
LONGEST = 4096
POLICIES = {policy.id: policy for policy in load()}
HERE = Circumstances(schema.OLDEST_SUPPORTED, {})
EXPORTED = export(list(POLICIES.values()), HERE)
ADMISSION = "/apis/admissionregistration.k8s.io/v1"
NAME = "tried"
WARNING = re.compile(rf"Validation failed for ValidatingAdmissionPolicy '{NAME}' with binding '{NAME}-warn': (.*)")

Pairs = set[tuple[str, str]]
"""(policy id, name of the container or nothing)."""


@dataclass(frozen=True, slots=True)
class Case:
    """An object of an example."""

    name: str
    manifest: Manifest
    resource: Resource


def cases() -> list[Case]:
    found = []
    for policy in POLICIES.values():
        for example in policy.examples:
            manifest = read(f"{policy.id}.yaml", example.bad or example.good or "")
            found += [Case(f"{policy.id}: {example.name}", manifest, each) for each in manifest.resources]
    return found


@pytest.fixture(scope="module")
def server(pair: Binaries) -> Iterator[EmbeddedServer]:
    """A server of this module's own: others would hear the warnings."""
    with embedded.start(pair) as running:
        yield running


@dataclass(frozen=True, slots=True)
class Answered:
    """The examples, and what a server without policies says about them."""

    cases: list[Case]
    verdicts: tuple[Verdict, ...]

    def of(self, *statuses: Status) -> list[Case]:
        return [case for case, verdict in zip(self.cases, self.verdicts, strict=True) if verdict.status in statuses]


@pytest.fixture(scope="module")
def answered(server: EmbeddedServer) -> Answered:
    with ScratchServer(ScratchApi(server.connection())) as scratch:
        every = cases()
        bodies = [case.resource.body for case in every]
        assert scratch.prepare([body for body in bodies if body.get("kind") != "Namespace"]) == ()
        return Answered(every, scratch.ask(bodies))


def of_bot(case: Case, detector: Detector) -> Pairs:
    detections, _ = detector.detect(case.manifest, case.resource)
    return {
        (each.policy.id, str(each.target.container.body.get("name", "")) if each.target.container else "")
        for each in detections
    }


def of_server(verdict: Verdict) -> Pairs:
    assert verdict.status is Status.ACCEPTED, verdict.reason
    assert sum(map(len, verdict.warnings)) <= LONGEST
    found: Pairs = set()
    for warning in verdict.warnings:
        said = WARNING.fullmatch(warning)
        if said is None:
            continue
        policy_id, _, rest = said[1].partition(": ")
        policy = POLICIES[policy_id]  # an error has no policy's id: it fails here
        assert rest.startswith(policy.title)
        names = rest[len(policy.title) + 2 :].split(",") if policy.match.target is Target.CONTAINER else [""]
        found |= {(policy_id, name.strip()) for name in names}
    return found


def compare(
    server: EmbeddedServer,
    examples: Sequence[Case],
    body: Callable[[Case], dict[str, Any]],
    change: Callable[[dict[str, Any]], None] = lambda _: None,
) -> tuple[int, list[tuple[str, Pairs, Pairs]]]:
    """The pairs in which bot and server agree, and (example, of the bot alone, of the server alone)."""
    agreed, apart = 0, []
    for start in range(0, len(EXPORTED.policy_ids), AT_ONCE):
        loaded = [POLICIES[policy_id] for policy_id in EXPORTED.policy_ids[start : start + AT_ONCE]]
        detector = Detector(loaded, Environment({}, schema.OLDEST_SUPPORTED, schema.NEWEST, schema))
        exported = export(loaded, HERE, name=NAME)
        change(exported.objects[0])
        with ScratchServer(enforce(server, exported, f"canary-{start}")) as scratch:
            verdicts = scratch.ask([body(case) for case in examples])
        for case, verdict in zip(examples, verdicts, strict=True):
            ours, theirs = of_bot(case, detector), of_server(verdict)
            agreed += len(ours & theirs)
            if ours != theirs:
                apart.append((case.name, ours - theirs, theirs - ours))
    return agreed, apart


def enforce(server: EmbeddedServer, exported: Exported, canary: str) -> ScratchApi:
    """Applies it and waits until it is asked, which takes a second."""
    api = ScratchApi(server.connection(), ended=server.ended)
    policy, *bindings = exported.objects
    policy["spec"]["validations"].append(
        {"expression": f'object.metadata.name != "{canary}"', "message": f"{canary}: sings"}
    )
    rule = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["configmaps"]}
    policy["spec"]["matchConstraints"]["resourceRules"].append(rule)
    paths = [f"{ADMISSION}/validatingadmissionpolicies/{policy['metadata']['name']}"]
    paths += [f"{ADMISSION}/validatingadmissionpolicybindings/{each['metadata']['name']}" for each in bindings]
    for path, each in zip(paths, exported.objects, strict=True):
        answer = api.apply(path, each)
        assert isinstance(answer, Answer)
        assert answer.code in (200, 201), answer.document().get("message")
    end = time.monotonic() + 15
    while time.monotonic() < end:
        heard = api.dry_run("/api/v1/namespaces/default/configmaps", obj("v1", "ConfigMap", canary))
        assert isinstance(heard, Answer)
        if f"{canary}: sings" in str(heard.warnings) + heard.body.decode():
            return api
        time.sleep(0.05)
    pytest.fail("the policy is not asked after 15 s")


def test_on_objects_that_the_server_accepts(server: EmbeddedServer, answered: Answered) -> None:
    accepted = answered.of(Status.ACCEPTED)
    assert len(accepted) > 300
    agreed, apart = compare(server, accepted, lambda case: case.resource.body)
    print(f"{len(accepted)} objects, {agreed} pairs")
    assert apart == []
    assert agreed > 2500


def completed(case: Case) -> Case:
    """The example with what it leaves out for brevity and a server asks for: names, images, selectors, labels."""
    body = clone(dict(case.resource.body))
    kind = body["kind"]
    pods = workloads.pods(replace(case.resource, body=body))
    for pod in pods:
        fill(pod.spec_body, containers=[{}])
    for pod in workloads.pods(replace(case.resource, body=body)):
        for number, place in enumerate(pod.containers):
            fill(place.body, name=f"c{number}", image="registry.example/app:1.2")
    metadata = body.get("metadata")
    if isinstance(metadata, dict):
        fill(metadata, name="completed")
    spec = body.get("spec")
    if isinstance(spec, dict) and pods and kind in ("DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"):
        template = spec["template"]
        fill(template, metadata={})
        fill(template["metadata"], labels={"app": "completed"})
        fill(spec, selector={"matchLabels": template["metadata"]["labels"]})
        if kind == "StatefulSet":
            fill(spec, serviceName="completed")
    if kind in ("Job", "CronJob") and pods:
        fill(pods[0].spec_body, restartPolicy="Never")
    if kind == "CronJob" and isinstance(spec, dict):
        fill(spec, schedule="0 3 * * *")
    manifest = read(case.manifest.path, yaml.safe_dump(body))
    return Case(case.name, manifest, next(iter(manifest.resources)))


def fill(target: dict[str, Any], **members: Any) -> None:
    for name, value in members.items():
        if target.get(name) in (None, "", {}, []):
            target[name] = value


def test_on_objects_that_are_completed(server: EmbeddedServer, answered: Answered) -> None:
    """Most examples leave out what their policy does not look at; with it, the server's own defaults count, too."""
    whole = [completed(case) for case in answered.of(Status.REJECTED) if isinstance(case.resource.body, dict)]
    with ScratchServer(ScratchApi(server.connection())) as scratch:
        verdicts = scratch.ask([case.resource.body for case in whole])
    accepted = [case for case, verdict in zip(whole, verdicts, strict=True) if verdict.status is Status.ACCEPTED]
    for case, verdict in zip(whole, verdicts, strict=True):
        if verdict.status is Status.REJECTED:
            print(f"{case.name}: {verdict.reason}")  # pytest -rP lists them
    assert len(accepted) > 450
    agreed, apart = compare(server, accepted, lambda case: case.resource.body)
    print(f"{len(accepted)} completed objects, {agreed} pairs")
    assert apart == []
    assert agreed > 8000


MIRROR = crd(
    "Mirror",
    "mirrors.example.com",
    versions=[
        {
            "name": "v1",
            "served": True,
            "storage": True,
            "schema": {
                "openAPIV3Schema": {
                    "type": "object",
                    "properties": {"of": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}},
                }
            },
        }
    ],
)


def mirrored(case: Case) -> dict[str, Any]:
    """The object inside another one, as the server would have read it: quantities are texts there."""
    of = as_texts(as_served(case.resource.ref.api_version, case.resource.body))
    return obj("mirrors.example.com/v1", "Mirror", "mirror", of=of)


def as_texts(value: Any, *, quantities: bool = False) -> Any:
    if isinstance(value, dict):
        return {
            key: as_texts(child, quantities=quantities or key in ("limits", "requests")) for key, child in value.items()
        }
    if isinstance(value, list):
        return [as_texts(child) for child in value]
    return str(value) if quantities and type(value) in (int, float) else value


def look_inside(policy: dict[str, Any]) -> None:
    """The same expressions, about the object in the mirror."""
    spec = policy["spec"]
    rule = {"apiGroups": ["mirrors.example.com"], "apiVersions": ["v1"], "operations": ["CREATE"]}
    spec["matchConstraints"] = {"resourceRules": [{**rule, "resources": ["mirrors"]}]}
    spec["failurePolicy"] = "Fail"  # an evaluation that errs is to be heard
    for variable in spec["variables"]:
        variable["expression"] = f"[object.of].map(object, {variable['expression']})[0]"
    for validation in spec["validations"]:
        validation["expression"] = f"!has(object.of) || [object.of].all(object, {validation['expression']})"
        if "messageExpression" in validation:
            validation["messageExpression"] = f"[object.of].map(object, {validation['messageExpression']})[0]"


def test_on_objects_that_validation_rejects(server: EmbeddedServer, answered: Answered) -> None:
    rejected = answered.of(Status.REJECTED)
    assert 300 < len(rejected) < 700
    with ScratchServer(ScratchApi(server.connection())) as scratch:
        assert scratch.prepare([MIRROR]) == ()
    agreed, apart = compare(server, rejected, mirrored, look_inside)
    print(f"{len(rejected)} objects, {agreed} pairs")
    assert apart == []
    assert agreed > 10_000


def test_on_custom_resources(server: EmbeddedServer, answered: Answered) -> None:
    """Their pod templates are left to the pods that are made of them; the policies on whole objects speak."""
    custom = [case for case in answered.of(Status.NOT_SERVED) if not is_built_in(case.resource.ref.group)]
    assert len(custom) > 20
    with ScratchServer(ScratchApi(server.connection())) as scratch:
        assert scratch.prepare([MIRROR]) == ()
    agreed, apart = compare(server, custom, mirrored, look_inside)
    assert {policy_id for _, ours, theirs in apart for policy_id, _ in ours | theirs} <= {
        policy.id for policy in POLICIES.values() if policy.match.target is not Target.OBJECT
    }
    assert all(not theirs for _, _, theirs in apart)
    assert agreed > 8


def test_deny_refuses_with_the_policy_and_the_container_but_not_in_system_namespaces(server: EmbeddedServer) -> None:
    exported = export([POLICIES["privileged-container"]], HERE, name="denied", actions=[Action.DENY])
    privileged = {"name": "c", "image": "nginx:1.27", "securityContext": {"privileged": True}}
    pod = obj("v1", "Pod", spec={"containers": [privileged]})
    with ScratchServer(enforce(server, exported, "canary-deny")) as scratch:
        refused, allowed = scratch.ask([pod, obj("v1", "Pod", namespace="kube-system", spec=pod["spec"])])
    assert refused.status is Status.REJECTED
    assert "privileged-container: Container runs privileged: c" in refused.reason
    assert allowed.status is Status.ACCEPTED


def test_what_the_team_configured_is_written_into_the_policy(server: EmbeddedServer) -> None:
    here = Circumstances("1.36", {"registries": ["registry.example.com"], "service-port-max": 9000, "images": {"a": 1}})
    ids = ["image-registry-untrusted", "service-port-range", "unsafe-sysctls"]
    exported = export([POLICIES[policy_id] for policy_id in ids], here, name=NAME)
    assert sorted(exported.policy_ids) == ids
    bodies = [
        obj("v1", "Pod", spec={"containers": [{"name": "ours", "image": "registry.example.com/web:1"}]}),
        obj("v1", "Pod", "web2", spec={"containers": [{"name": "other", "image": "nginx:1.27"}]}),
        obj("v1", "Service", spec={"ports": [{"port": 9443}]}),
        obj("v1", "Service", "web2", spec={"ports": [{"port": 8443}]}),
    ]
    with ScratchServer(enforce(server, exported, "canary-values")) as scratch:
        found = [of_server(verdict) for verdict in scratch.ask(bodies)]
    assert found == [set(), {("image-registry-untrusted", "other")}, {("service-port-range", "")}, set()]


def test_stored_is_what_the_server_stores(answered: Answered) -> None:
    """Fields that `as_stored` fills in have the values that the server gives them."""
    wrong = []
    for case, verdict in zip(answered.cases, answered.verdicts, strict=True):
        if verdict.status is Status.ACCEPTED and case.resource.ref.kind != "SelfSubjectAccessReview":  # never stored
            body = case.resource.body
            for pointer, value in added(body, as_stored(body)):
                found = at(verdict.object, pointer)
                if found != value and pointer[-1] not in OF_OTHERS:
                    wrong.append((case.name, pointer, value, found))
    assert wrong == []


OF_OTHERS = frozenset({"creationTimestamp", "uid", "generation", "serviceAccount", "serviceAccountName"})
"""Facts, and what an admission plugin adds that is switched off where no controller makes service accounts."""


def added(before: Any, after: Any, pointer: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    if isinstance(before, dict) and isinstance(after, dict):
        for name, child in after.items():
            if name in before:
                yield from added(before[name], child, (*pointer, name))
            else:
                yield (*pointer, name), child
    elif isinstance(before, list) and isinstance(after, list):
        for place, (left, right) in enumerate(zip(before, after, strict=True)):
            yield from added(left, right, (*pointer, place))


def at(value: Any, pointer: tuple[Any, ...]) -> Any:
    for token in pointer:
        try:
            value = value[token]
        except (KeyError, IndexError, TypeError):
            return None
    return value
