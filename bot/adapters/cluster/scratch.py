"""A server of the bot's own, thrown away afterwards: what the manifests need is created on it for real.

Invariant: created are namespaces (names and labels alone) with their default service account, and CRDs (without
`spec.conversion`: the server never calls a URL from a repository). Everything else is only ever dry-run.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bot.adapters.cluster.answers import Answer
from bot.adapters.cluster.api import Failure, ScratchApi
from bot.adapters.cluster.discovery import Key, Place, listed
from bot.adapters.cluster.embedded import KIND as EMBEDDED
from bot.adapters.cluster.session import ENFORCE, Session, is_conflict, text_of
from bot.model import Json
from bot.verify.server import Body, Verdict

log = logging.getLogger(__name__)

_NAMESPACE = ("v1", "Namespace")
_CRD = ("apiextensions.k8s.io/v1", "CustomResourceDefinition")
_NAMESPACES = Place("/api/v1", "namespaces", namespaced=False)
_CRDS = Place("/apis/apiextensions.k8s.io/v1", "customresourcedefinitions", namespaced=False)
_ACCOUNTS = Place("/api/v1", "serviceaccounts", namespaced=True)
_ESTABLISH_LIMIT = 10.0
_POLL = 0.05
_FRESH = 3.0
"""Seconds in which a server lets creations of a new kind wait, for the sake of servers beside it; applying does not."""


class ScratchServer(Session):
    """A server that may be written to; `prepare` it with everything that will be asked about."""

    def __init__(self, api: ScratchApi) -> None:
        super().__init__(api)
        self._scratch = api
        self._enforcing: dict[str, bool] = {}
        self._fresh: dict[Key, float] = {}

    def prepare(self, bodies: Sequence[Body]) -> tuple[str, ...]:
        """Creates the namespaces and CRDs that the objects state or name; what could not be created, in words.

        Their own verdicts are had first, while they do not exist.
        """
        namespaces = [body for body in bodies if _key(body) == _NAMESPACE]
        crds = [body for body in bodies if _key(body) == _CRD]
        self._known.clear()
        self.ask([*namespaces, *crds])
        wanted = _with_labels(bodies, namespaces)
        problems = self._create_all(_NAMESPACES, wanted)
        self._accounts([text_of(namespace, "name") for namespace in wanted])
        refused = self._create_all(_CRDS, [_without_conversion(crd) for crd in crds])
        self._await(_served_by(crd for crd, problem in zip(crds, refused, strict=True) if not problem))
        return tuple(problem for problem in [*problems, *refused] if problem)

    def prove(self, body: Body, level: str) -> Verdict:
        """In a namespace made for it, which enforces the level."""
        name = f"k8s-auto-fix-{level}"
        if name not in self._enforcing:
            self._create_all(_NAMESPACES, [_namespace(name, {ENFORCE: level})])
            self._accounts([name])
        return self._pods_in(body, name)

    def _try(self, place: Place, body: Body) -> Verdict:
        if time.monotonic() < self._fresh.get(_key(body), 0.0):
            return self._create_or_apply(place, body)
        verdict = self._create(place, body)
        # Namespaces and CRDs exist here by now, as do the server's own objects.
        return self._apply(place, body) if is_conflict(verdict) and text_of(body, "name") else verdict

    def _asks_for_pods(self, namespace: str) -> bool:
        return self._enforcing.get(namespace, False)

    def _create_all(self, place: Place, bodies: Sequence[dict[str, Any]]) -> list[str]:
        """Why each could not be created; empty for those that were."""

        def make(body: dict[str, Any]) -> str:
            return self._make(place, body)

        late = "the time for questions to the server is over"
        answers = self._api.several(make, bodies, late=late)
        for body in bodies if place is _NAMESPACES else ():
            labels = body["metadata"].get("labels", {})
            self._enforcing[text_of(body, "name")] = labels.get(ENFORCE, "privileged") != "privileged"
        return answers

    def _accounts(self, namespaces: Sequence[str]) -> None:
        """What a controller makes in each namespace, soon; where service accounts are looked up, pods need it now."""

        def make(namespace: str) -> None:
            body = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default"}}
            self._scratch.create(_ACCOUNTS.collection(namespace), body)

        if self._api.connection.kind != EMBEDDED:
            names = [*namespaces, self._api.connection.namespace]
            self._api.several(make, names, late=None)

    def _make(self, place: Place, body: dict[str, Any]) -> str:
        """Creates, or updates what exists; why it did not work."""
        name = text_of(body, "name")
        result = self._scratch.create(place.collection(""), body)
        if isinstance(result, Answer) and result.code == 409:
            result = self._scratch.apply(place.item("", name), body)
        if isinstance(result, Failure):
            return f"{place.plural} {name}: {result.reason}"
        return "" if result.code in (200, 201) else f"{place.plural} {name}: {result.document().get('message', '')}"

    def _await(self, wanted: Iterable[Key]) -> None:
        """New kinds are served a tenth of a second after their CRD was created; not all that are stated ever are.

        Their group is asked, as the list of all groups takes seconds to know them.
        """
        end = time.monotonic() + min(_ESTABLISH_LIMIT, self._api.remaining())
        missing = set(wanted)
        self._fresh |= dict.fromkeys(missing, time.monotonic() + _FRESH)
        while missing and time.monotonic() < end:
            time.sleep(_POLL)
            for api_version in {version for version, _ in missing}:
                self._places.update(listed(self._api, api_version))
            missing -= self._places.keys()
        if missing:
            log.warning("not served after %g s: %s", _ESTABLISH_LIMIT, ", ".join(sorted(kind for _, kind in missing)))


def _key(body: Body) -> Key:
    return str(body.get("apiVersion")), str(body.get("kind"))


def _with_labels(bodies: Sequence[Body], stated: Sequence[Body]) -> list[dict[str, Any]]:
    """Every namespace that is stated, with its labels, or named by an object; the first statement of a name counts."""
    found: dict[str, dict[str, Any]] = {}
    for body in stated:
        metadata = body.get("metadata")
        labels = metadata.get("labels") if isinstance(metadata, Mapping) else None
        found.setdefault(text_of(body, "name"), _namespace(text_of(body, "name"), labels))
    for body in bodies:
        found.setdefault(text_of(body, "namespace"), _namespace(text_of(body, "namespace"), None))
    return [namespace for name, namespace in found.items() if name]


def _namespace(name: str, labels: Json) -> dict[str, Any]:
    metadata: dict[str, Any] = {"name": name}
    if isinstance(labels, dict) and labels:
        metadata["labels"] = labels
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}


def _without_conversion(crd: Body) -> dict[str, Any]:
    spec = crd.get("spec")
    kept = {key: value for key, value in spec.items() if key != "conversion"} if isinstance(spec, Mapping) else spec
    stated = crd.get("metadata")
    metadata = {key: stated[key] for key in ("name", "annotations") if key in stated} if stated else {}
    return {"apiVersion": crd.get("apiVersion"), "kind": crd.get("kind"), "metadata": metadata, "spec": kept}


def _served_by(crds: Iterable[Body]) -> set[Key]:
    """The kinds that CRDs state, in the versions they serve."""
    kinds = set()
    for crd in crds:
        spec = crd.get("spec")
        if not isinstance(spec, Mapping) or not isinstance(names := spec.get("names"), Mapping):
            continue
        versions = spec.get("versions")
        for version in versions if isinstance(versions, list) else ():
            if isinstance(version, Mapping) and version.get("served") is True:
                kinds.add((f"{spec.get('group')}/{version.get('name')}", str(names.get("kind"))))
    return kinds
