"""The other objects in scope, looked through once: Services, routes to them, role bindings, privileged pods."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bot.model import Json
from bot.rank import powers
from bot.rank.facts import Fact, is_privileged, of_service, routed
from bot.rank.model import Body
from bot.rank.objects import entries, mapping, may_meet, ref_of, text

KINDS = (
    "Service",
    "networking.k8s.io/Ingress",
    "extensions/Ingress",
    "gateway.networking.k8s.io/HTTPRoute",
    "gateway.networking.k8s.io/GRPCRoute",
    "gateway.networking.k8s.io/TLSRoute",
    "gateway.networking.k8s.io/TCPRoute",
    "gateway.networking.k8s.io/UDPRoute",
    "route.openshift.io/Route",
    "rbac.authorization.k8s.io/RoleBinding",
    "rbac.authorization.k8s.io/ClusterRoleBinding",
    "rbac.authorization.k8s.io/Role",
    "rbac.authorization.k8s.io/ClusterRole",
    "Namespace",
    "workload",
)
"""What to hand in as neighbours, as `match.kinds` of a policy writes kinds; anything else is not looked at."""

_ROUTES = {name.rpartition("/")[2] for name in KINDS if "Route" in name or "Ingress" in name}
_ROLES = ("Role", "ClusterRole")
_BINDINGS = ("RoleBinding", "ClusterRoleBinding")
_EVERYONE = frozenset({"system:serviceaccounts", "system:authenticated"})
_ENFORCE = "pod-security.kubernetes.io/enforce"


class Around:
    """The neighbours of a scope, ready to be asked."""

    def __init__(self, neighbours: Sequence[Body]) -> None:
        self.loose: set[str] = set()
        """Namespaces that allow privileged pods by name."""
        self._services: list[tuple[str | None, str, dict[str, Json], tuple[Fact, ...]]] = []
        self._routes: list[tuple[str | None, str, Fact]] = []
        self._bindings: list[Body] = []
        self._roles: dict[tuple[str, str], Body] = {}
        self._privileged: list[tuple[str | None, str]] = []
        for body in neighbours:
            self._take(body)

    def _take(self, body: Body) -> None:
        ref = ref_of(body)
        if ref.kind == "Service" and not ref.group:
            selector = mapping(body, "spec", "selector")
            self._services.append((ref.namespace, ref.name, selector, tuple(of_service(body))))
        elif is_route(body):
            self._routes += [(ref.namespace, name, routed(ref.kind)) for name in backends(body)]
        elif ref.kind in _BINDINGS:
            self._bindings.append(body)
        elif ref.kind in _ROLES:
            self._roles[ref.kind, ref.name] = body
        elif ref.kind == "Namespace":
            if mapping(body, "metadata", "labels").get(_ENFORCE) == "privileged":
                self.loose.add(ref.name)
        elif is_privileged(body):
            self._privileged.append((ref.namespace, ref.name))

    def reached(self, namespace: str | None, labels: Mapping[str, Json]) -> Iterator[Fact]:
        """Who reaches pods with these labels: through Services that select them, and routes to those."""
        for place, name, selector, facts in self._services:
            if selector and may_meet(place, namespace) and selector.items() <= labels.items():
                yield from facts
                yield from self.routes_to(place or namespace, name)

    def routes_to(self, namespace: str | None, service: str) -> Iterator[Fact]:
        """The routes that lead to a Service."""
        for place, name, fact in self._routes:
            if name == service and may_meet(place, namespace):
                yield fact

    def rights(self, namespace: str | None, account: str) -> Iterator[powers.Power]:
        """What a service account may do."""
        for binding in self._bindings:
            if any(_is_subject(each, namespace, account) for each in entries(binding, "subjects")):
                yield from powers.bound(binding, self.role)

    def role(self, kind: str, name: str) -> Body | None:
        """A role by its kind and name; None when it is not in scope."""
        return self._roles.get((kind, name))

    def has_privileged_beside(self, namespace: str | None, name: str) -> bool:
        """Whether another object runs privileged pods that may be in the same namespace."""
        return any(other != name and may_meet(place, namespace) for place, other in self._privileged)


def is_route(body: Body) -> bool:
    """Whether an object leads from outside to Services."""
    ref = ref_of(body)
    return ref.kind in _ROUTES and any(f"{ref.group}/{ref.kind}" == kind for kind in KINDS)


def backends(route: Body) -> Iterator[str]:
    """The names of the Services that a route leads to."""
    spec = mapping(route, "spec")
    if route.get("kind") == "Route":
        yield text(spec, "to", "name")
    paths = [path for rule in entries(spec, "rules") for path in entries(rule, "http", "paths")]
    for holder in (*paths, {"backend": spec.get("defaultBackend")}, {"backend": spec.get("backend")}):
        yield text(holder, "backend", "service", "name") or text(holder, "backend", "serviceName")
    for rule in entries(spec, "rules"):
        for backend in entries(rule, "backendRefs"):
            if backend.get("kind", "Service") == "Service":
                yield text(backend, "name")


def _is_subject(subject: Body, namespace: str | None, account: str) -> bool:
    if subject.get("kind") == "Group":
        return subject.get("name") in _EVERYONE
    if subject.get("kind") != "ServiceAccount" or subject.get("name") != account:
        return False
    return may_meet(text(subject, "namespace") or None, namespace)
