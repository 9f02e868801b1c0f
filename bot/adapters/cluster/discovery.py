"""Which kinds a server serves, and where: asked once, in two requests on any server since 1.27.

Invariant: a kind that is not in the table is not served; nothing is guessed from a kind's name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from bot.adapters.cluster.answers import Answer
from bot.adapters.cluster.api import Api, Failure
from bot.adapters.cluster.errors import ClusterError
from bot.model import Json

_AGGREGATED = ",".join(
    [
        "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
        "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList",
        "application/json",
    ]
)
Key = tuple[str, str]
"""apiVersion and kind."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the objects of a kind are: `/apis/apps/v1`, `deployments`."""

    root: str
    plural: str
    namespaced: bool
    verbs: frozenset[str] = frozenset({"create", "get", "patch"})

    def collection(self, namespace: str) -> str:
        """The path objects are created at."""
        within = f"/namespaces/{quote(namespace, safe='')}" if self.namespaced else ""
        return f"{self.root}{within}/{self.plural}"

    def item(self, namespace: str, name: str) -> str:
        """The path of one object."""
        return f"{self.collection(namespace)}/{quote(name, safe='')}"


def root(api_version: str) -> str:
    """The path of a group version."""
    return f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"


def discover(api: Api) -> dict[Key, Place]:
    """Every kind the server serves. ClusterError when the server cannot be asked."""
    places: dict[Key, Place] = {}
    for path in ("/api", "/apis"):
        document = read(api, path, _AGGREGATED)
        if document.get("kind") == "APIGroupDiscoveryList":
            places.update(_aggregated(document))
            continue
        for version in _group_versions(document):
            places.update(listed(api, version))
    return places


def listed(api: Api, api_version: str) -> dict[Key, Place]:
    """The kinds of one group version; none when it is not served, or its own server is down."""
    answer = api.get(root(api_version))
    if isinstance(answer, Failure) or answer.code != 200:
        return {}
    return dict(_listed(api_version, answer.document()))


def read(api: Api, path: str, accept: str = "application/json") -> Mapping[str, Json]:
    """The document at a path that every server has."""
    answer = api.get(path, accept)
    if isinstance(answer, Failure):
        raise ClusterError(f"the API server cannot be asked: {answer.reason}")
    document = answer.document()
    if answer.code != 200 or not document:
        raise ClusterError(f"the API server cannot be asked: {_why(answer)}")
    return document


def _why(answer: Answer) -> str:
    if answer.code == 401:
        return "it does not accept the credentials (401)"
    if answer.code == 403:
        return f"it does not let these credentials ask (403): {answer.document().get('message', '')}"
    return f"it answers {answer.code}" if answer.code != 200 else "it answers with something that is no Kubernetes API"


def _aggregated(document: Mapping[str, Json]) -> Iterator[tuple[Key, Place]]:
    for group in _maps(document.get("items")):
        for version in _maps(group.get("versions")):
            name = _mapping(group.get("metadata")).get("name")
            api_version = f"{name}/{version.get('version')}" if name else str(version.get("version"))
            for resource in _maps(version.get("resources")):
                kind = str(_mapping(resource.get("responseKind")).get("kind"))
                namespaced = resource.get("scope") == "Namespaced"
                yield (api_version, kind), _place(api_version, resource.get("resource"), namespaced, resource)


def _listed(api_version: str, document: Mapping[str, Json]) -> Iterator[tuple[Key, Place]]:
    for resource in _maps(document.get("resources")):
        name = str(resource.get("name"))
        if "/" not in name:
            place = _place(api_version, name, bool(resource.get("namespaced")), resource)
            yield (api_version, str(resource.get("kind"))), place


def _place(api_version: str, plural: Json, namespaced: bool, resource: Mapping[str, Json]) -> Place:
    verbs = resource.get("verbs")
    return Place(root(api_version), str(plural), namespaced, frozenset(verbs if isinstance(verbs, list) else ()))


def _group_versions(document: Mapping[str, Json]) -> list[str]:
    """The group versions of the old documents: `versions` of /api, `groups` of /apis."""
    plain = document.get("versions")
    versions = [str(version) for version in plain] if isinstance(plain, list) else []
    for group in _maps(document.get("groups")):
        versions += [str(version.get("groupVersion")) for version in _maps(group.get("versions"))]
    return versions


def _maps(value: Json) -> Iterable[Mapping[str, Json]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def _mapping(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else {}
