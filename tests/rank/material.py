"""Candidates to put in order."""

from __future__ import annotations

from typing import Any

from bot.model import Applicability, ResourceRef, Severity
from bot.rank import Candidate, Ranked, rank
from bot.rank.history import Event, Outcome


def workload(name: str = "web", *, image: str = "nginx:1.27", namespace: str | None = "shop", **spec: Any) -> dict:
    """A Deployment with one container."""
    container = {"name": "app", "image": image} | spec.pop("container", {})
    metadata = {"name": name} | ({"namespace": namespace} if namespace else {})
    template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [container], **spec}}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": {"template": template}}


def thing(kind: str, name: str = "web", *, api: str = "v1", namespace: str | None = "shop", **members: Any) -> dict:
    """Any object."""
    metadata = {"name": name} | ({"namespace": namespace} if namespace else {})
    return {"apiVersion": api, "kind": kind, "metadata": metadata, **members}


def service(kind: str = "ClusterIP", *, app: str = "web", namespace: str | None = "shop") -> dict:
    return thing("Service", app, namespace=namespace, spec={"type": kind, "selector": {"app": app}})


def ingress(to: str = "web") -> dict:
    backend = {"service": {"name": to, "port": {"number": 80}}}
    rules = [{"http": {"paths": [{"path": "/", "backend": backend}]}}]
    return thing("Ingress", api="networking.k8s.io/v1", spec={"rules": rules})


def binding(role: str, *, account: str = "default", kind: str = "ClusterRoleBinding") -> dict:
    subject = {"kind": "ServiceAccount", "name": account, "namespace": "shop"}
    ref = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role}
    return thing(kind, api="rbac.authorization.k8s.io/v1", roleRef=ref, subjects=[subject])


PLAIN = workload()


def candidate(
    name: str = "a",
    *,
    policy: str = "host-pid",
    severity: Severity = Severity.MEDIUM,
    applicability: Applicability = Applicability.UNSAFE,
    lines: int = 1,
    ms: float | None = None,
    body: dict = PLAIN,
    neighbours: tuple[dict, ...] = (),
    age: float | None = 0.0,
) -> Candidate:
    metadata = body["metadata"]
    ref = ResourceRef(body["apiVersion"], body["kind"], metadata.get("namespace"), metadata["name"])
    return Candidate(name, policy, name * 8, severity, applicability, lines, ms, ref, body, neighbours, age)


def event(outcome: str, number: int, policy: str = "host-pid") -> Event:
    return Event(Outcome(outcome), f"{number:016x}", policy, 7, "4f2c9e1")


def order(*candidates: Candidate, **given: Any) -> list[str]:
    """The ids, best first."""
    return [each.candidate.id for each in rank(candidates, **given)]


def only(one: Candidate, **given: Any) -> Ranked:
    """A candidate ranked by itself."""
    return rank([one], **given)[0]
