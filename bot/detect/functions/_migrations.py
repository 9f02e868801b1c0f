"""Moves of an object to the apiVersion that replaces its own, fields included.

A converter gets the body and yields the operations that the fields need; when a person has to decide it raises
`ByHand`, which `move` turns into a value. Operations name places in the object before the move.

Sources: https://kubernetes.io/docs/reference/using-api/deprecation-guide/ and the conversions of the API types.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bot.detect.data.api_migrations import Migration, Mode
from bot.manifest import Resource, pointers
from bot.model import Json, Operation

Body = dict[str, Json]


@dataclass(frozen=True, slots=True)
class Manual:
    """A move that takes a person; `reason` says why."""

    reason: str


class ByHand(Exception):
    """Raised inside a converter: nobody but a person can do this."""


def move(resource: Resource, migration: Migration) -> tuple[Operation, ...] | Manual:
    """The whole patch, apiVersion first."""
    rename = Operation("replace", "/apiVersion", migration.to)
    if migration.mode is Mode.RENAME:
        return (rename,)
    if migration.mode is Mode.MANUAL:
        return Manual(migration.note)
    if resource.partial:
        return Manual("a fragment does not show all the fields that the move touches")
    try:
        return (rename, *_CONVERTERS[migration.steps](resource.body))
    except ByHand as reason:
        return Manual(str(reason))


def _mapping(value: Json) -> Body:
    return value if isinstance(value, dict) else {}


def _items(value: Json) -> list[tuple[int, Body]]:
    """The mappings in a list, with their index."""
    entries = enumerate(value) if isinstance(value, list) else ()
    return [(place, item) for place, item in entries if isinstance(item, dict)]


def _spec(body: Body) -> Body:
    return _mapping(body.get("spec"))


# Workloads


def _selector(body: Body) -> Iterator[Operation]:
    """apps/v1 wants the selector that used to default to the labels of the template."""
    spec = _spec(body)
    if spec.get("selector"):
        return
    labels = _mapping(_mapping(spec.get("template")).get("metadata")).get("labels")
    if not isinstance(labels, dict) or not labels:
        raise ByHand("there is no selector, and the template has no labels to take it from")
    yield Operation("add", "/spec/selector", {"matchLabels": dict(labels)})


def _deployment(body: Body) -> Iterator[Operation]:
    yield from _selector(body)
    if "rollbackTo" in _spec(body):
        yield Operation("remove", "/spec/rollbackTo")


def _on_delete(body: Body) -> Iterator[Operation]:
    """The old default of updateStrategy, written out, keeps rollouts as they were."""
    yield from _selector(body)
    strategy = _mapping(_spec(body).get("updateStrategy"))
    if not strategy.get("type"):
        if strategy.get("rollingUpdate"):
            raise ByHand(
                "updateStrategy has rollingUpdate, and its type used to default to OnDelete: which one is meant?"
            )
        yield Operation("add", "/spec/updateStrategy/type", "OnDelete")


def _daemon_set(body: Body) -> Iterator[Operation]:
    yield from _on_delete(body)
    if "templateGeneration" in _spec(body):
        yield Operation("remove", "/spec/templateGeneration")


def _disruption_budget(body: Body) -> Iterator[Operation]:
    if _spec(body).get("selector") == {}:
        raise ByHand("its empty selector matched no pod and would match every pod of the namespace")
    yield from ()


# HorizontalPodAutoscaler autoscaling/v2beta1


def _autoscaler(body: Body) -> Iterator[Operation]:
    for place, metric in _items(_spec(body).get("metrics")):
        base = f"/spec/metrics/{place}"
        for source in ("resource", "containerResource"):
            if isinstance(metric.get(source), dict):
                members = ("targetAverageUtilization", "targetAverageValue")
                yield from _targets(metric[source], f"{base}/{source}", *members)
        if isinstance(metric.get("pods"), dict):
            yield from _metric(metric["pods"], f"{base}/pods", "selector")
            yield from _targets(metric["pods"], f"{base}/pods", "targetAverageValue")
        if isinstance(metric.get("external"), dict):
            yield from _metric(metric["external"], f"{base}/external", "metricSelector")
            yield from _targets(metric["external"], f"{base}/external", "targetValue", "targetAverageValue")
        if isinstance(metric.get("object"), dict):
            yield from _object_metric(metric["object"], f"{base}/object")


_TARGET_TYPES = {
    "targetAverageUtilization": ("Utilization", "averageUtilization"),
    "targetAverageValue": ("AverageValue", "averageValue"),
    "averageValue": ("AverageValue", "averageValue"),
    "targetValue": ("Value", "value"),
}


def _target(source: Body, *members: str) -> tuple[Body, str]:
    """The target as v2 writes it, and the member that says it now."""
    present = [member for member in members if source.get(member) is not None]
    if len(present) != 1:
        raise ByHand(f"a metric has {'none' if not present else 'more than one'} of {', '.join(members)}")
    type_, field = _TARGET_TYPES[present[0]]
    return {"type": type_, field: source[present[0]]}, present[0]


def _targets(source: Body, base: str, *members: str) -> Iterator[Operation]:
    target, member = _target(source, *members)
    yield Operation("add", f"{base}/target", target)
    yield Operation("remove", f"{base}/{member}")


def _metric(source: Body, base: str, selector: str) -> Iterator[Operation]:
    """`metricName` and the selector move into `metric`."""
    metric = {"name": source.get("metricName")}
    if not isinstance(metric["name"], str):
        raise ByHand("a metric has no metricName")
    yield Operation("remove", f"{base}/metricName")
    if source.get(selector) is not None:
        metric["selector"] = source[selector]
        yield Operation("remove", f"{base}/{selector}")
    yield Operation("add", f"{base}/metric", metric)


def _object_metric(source: Body, base: str) -> Iterator[Operation]:
    """`target` names the object in v2beta1 and the amount in v2."""
    members = ("averageValue",) if source.get("averageValue") is not None else ("targetValue",)
    target, member = _target(source, *members)
    if not isinstance(source.get("target"), dict):
        raise ByHand("an object metric names no object")
    yield Operation("add", f"{base}/describedObject", source["target"])
    yield Operation("replace", f"{base}/target", target)
    yield from _metric(source, base, "selector")
    for old in {member, "targetValue"} & source.keys():
        yield Operation("remove", f"{base}/{old}")


# Ingress


def _ingress(body: Body) -> Iterator[Operation]:
    spec = _spec(body)
    default = spec.get("backend")
    if isinstance(default, dict):
        yield Operation("add", "/spec/defaultBackend", _new_backend(default))
        yield Operation("remove", "/spec/backend")
    for place, rule in _items(spec.get("rules")):
        for index, path in _items(_mapping(rule.get("http")).get("paths")):
            yield from _path(path, f"/spec/rules/{place}/http/paths/{index}")


def _path(path: Body, base: str) -> Iterator[Operation]:
    if not path.get("pathType"):
        yield Operation("add", f"{base}/pathType", "ImplementationSpecific")
    elif not path.get("path") and path["pathType"] != "ImplementationSpecific":
        raise ByHand(f"a path of type {path['pathType']} has no path")
    backend = _mapping(path.get("backend"))
    new = _new_backend(backend)
    if "service" in new:
        yield Operation("add", f"{base}/backend/service", new["service"])
        for member in ("serviceName", "servicePort"):
            yield Operation("remove", f"{base}/backend/{member}")


def _new_backend(backend: Body) -> Body:
    """A backend as v1 writes it; a `resource` is the same in both."""
    if backend.get("resource") is not None:
        return backend
    name, port = backend.get("serviceName"), backend.get("servicePort")
    if not isinstance(name, str) or isinstance(port, bool) or not isinstance(port, int | str) or port in ("", 0):
        raise ByHand("a backend has no serviceName or no servicePort")
    # A port in quotes is still a number: v1 refuses names without a letter.
    numeric = isinstance(port, int) or port.isdecimal()
    return {"service": {"name": name, "port": {"number": int(port)} if numeric else {"name": port}}}


# The API server itself


def _webhooks(body: Body) -> Iterator[Operation]:
    """Old defaults are written out, so that a webhook is called as before."""
    webhooks = _items(body.get("webhooks"))
    names = [webhook.get("name") for _, webhook in webhooks]
    if len(names) != len({str(name) for name in names}):
        raise ByHand("two webhooks have the same name")
    for place, webhook in webhooks:
        if webhook.get("sideEffects") not in ("None", "NoneOnDryRun"):
            raise ByHand(f"webhook {webhook.get('name')} has to say whether it has side effects: None or NoneOnDryRun")
        defaults = {
            "admissionReviewVersions": ["v1beta1"],
            "failurePolicy": "Ignore",
            "matchPolicy": "Exact",
            "timeoutSeconds": 30,
        }
        for member, default in defaults.items():
            if not webhook.get(member):
                yield Operation("add", f"/webhooks/{place}/{member}", default)


def _admission_policy(body: Body) -> Iterator[Operation]:
    if body.get("kind") == "ValidatingAdmissionPolicyBinding" and not _spec(body).get("validationActions"):
        raise ByHand("the binding has to say what it does: validationActions Deny, Warn or Audit")
    yield from ()


def _priority_level(body: Body) -> Iterator[Operation]:
    limited = _mapping(_spec(body).get("limited"))
    for member in ("assuredConcurrencyShares", "nominalConcurrencyShares"):
        if limited.get(member) == 0:
            raise ByHand(f"{member} is 0, which meant 30 and means none now")
    if "assuredConcurrencyShares" in limited:
        place = "/spec/limited"
        yield Operation("move", f"{place}/nominalConcurrencyShares", source=f"{place}/assuredConcurrencyShares")


def _role_binding(body: Body) -> Iterator[Operation]:
    for place, subject in _items(body.get("subjects")):
        if subject.get("kind") == "User" and subject.get("name") == "*":
            raise ByHand('the user "*" meant everybody: the group system:authenticated, or system:unauthenticated too')
        if "apiVersion" not in subject:
            continue
        if subject.get("kind") in ("User", "Group"):
            yield Operation("add", f"/subjects/{place}/apiGroup", "rbac.authorization.k8s.io")
        yield Operation("remove", f"/subjects/{place}/apiVersion")


# cert-manager


def _certificate(body: Body) -> Iterator[Operation]:
    kind, spec = body.get("kind"), _spec(body)
    if kind in ("Issuer", "ClusterIssuer"):
        if any(member in _mapping(spec.get("acme")) for member in ("http01", "dns01")):
            raise ByHand("acme.http01 and acme.dns01 have to be written as acme.solvers")
    elif kind == "CertificateRequest":
        yield from _renames(spec, {"csr": "request"})
    else:
        yield from _renames(spec, {"emailSANs": "emailAddresses", "uriSANs": "uris"})
        yield from _private_key(spec)
        if "organization" in spec:
            yield Operation("add", "/spec/subject/organizations", spec["organization"])
            yield Operation("remove", "/spec/organization")


def _renames(spec: Body, names: dict[str, str]) -> Iterator[Operation]:
    for old, new in names.items():
        if old in spec:
            yield Operation("move", pointers.join("/spec", new), source=pointers.join("/spec", old))


def _private_key(spec: Body) -> Iterator[Operation]:
    for old, new in (("keyAlgorithm", "algorithm"), ("keyEncoding", "encoding"), ("keySize", "size")):
        if old in spec:
            value = spec[old]
            yield Operation("add", f"/spec/privateKey/{new}", value.upper() if isinstance(value, str) else value)
            yield Operation("remove", f"/spec/{old}")


_CONVERTERS: dict[str, Callable[[Body], Iterator[Operation]]] = {
    "admission_policy": _admission_policy,
    "autoscaler": _autoscaler,
    "certificate": _certificate,
    "daemon_set": _daemon_set,
    "deployment": _deployment,
    "disruption_budget": _disruption_budget,
    "ingress": _ingress,
    "priority_level": _priority_level,
    "role_binding": _role_binding,
    "selector": _selector,
    "stateful_set": _on_delete,
    "webhooks": _webhooks,
}
