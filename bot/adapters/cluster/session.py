"""Servers as the gate sees them: objects in, verdicts out.

There are two types of them, because a server of the bot's own may be written to (`scratch`) and a user's may not.

Invariant: `UserCluster` holds an `Api`, which can only read and dry-run. Equal objects are sent once in a session.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Self
from urllib.parse import quote

from bot.adapters.cluster.answers import Answer, classify
from bot.adapters.cluster.api import Api, Failure
from bot.adapters.cluster.discovery import Place, discover, read
from bot.adapters.cluster.pods import MadePod, in_namespace, made_from
from bot.model import Json
from bot.verify.server import Body, Cause, Stage, Status, Verdict

ENFORCE = "pod-security.kubernetes.io/enforce"
_LENIENT = frozenset({"unknown", "duplicate"})
"""Reasons that a server told to ignore them does not stop at."""
_ABOUT_THE_OBJECT = (Status.ACCEPTED, Status.REJECTED)
"""Verdicts worth remembering; what a server lacks it may have the next time."""
_LATE = Verdict(Status.UNKNOWN, "the time for questions to the server is over")


class Session(ABC):
    """What both kinds of server share: finding the place of an object, asking several at once, remembering."""

    def __init__(self, api: Api) -> None:
        """Asks the server for its version and kinds. ClusterError when it cannot be asked."""
        self._api = api
        self._known: dict[bytes, Verdict] = {}
        try:
            self._version = str(read(api, "/version").get("gitVersion", "unknown"))
            self._places = discover(api)
        except BaseException:
            api.close()
            raise

    @property
    def version(self) -> str:
        """What the server runs, as it says: `v1.36.3`."""
        return self._version

    @property
    def label(self) -> str:
        """How the evidence names it: `server v1.36.3 (kind)`."""
        return f"server {self._version} ({self._api.connection.kind})"

    def close(self) -> None:
        """Drops the connections; the server goes on."""
        self._api.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def ask(self, bodies: Sequence[Body]) -> tuple[Verdict, ...]:
        """A dry run of each object, in order; equal objects are sent once."""
        keys = [sha256(json.dumps(body, sort_keys=True).encode()).digest() for body in bodies]
        new = {key: body for key, body in zip(keys, bodies, strict=True) if key not in self._known}
        found = dict(zip(new, self._spread(list(new.values())), strict=True))
        self._known |= {key: verdict for key, verdict in found.items() if verdict.status in _ABOUT_THE_OBJECT}
        return tuple(self._known.get(key) or found[key] for key in keys)

    @abstractmethod
    def prove(self, body: Body, level: str) -> Verdict:
        """Whether the object's pods are admitted where Pod Security enforces `level` (baseline, restricted)."""

    @abstractmethod
    def _try(self, place: Place, body: Body) -> Verdict:
        """One dry run of an object whose kind is served."""

    @abstractmethod
    def _asks_for_pods(self, namespace: str) -> bool:
        """Whether admission may say something about pods in this namespace that it does not say about workloads."""

    def _spread(self, bodies: Sequence[Body]) -> list[Verdict]:
        verdicts = self._api.several(self._answer, bodies, late=_LATE)
        return [replace(verdict, server=self.label) for verdict in verdicts]

    def _answer(self, body: Body) -> Verdict:
        verdict = self._question(body)
        namespace = self._namespace(body)
        if verdict.status is not Status.ACCEPTED or not self._asks_for_pods(namespace):
            return verdict
        for pod in made_from(body, namespace):
            verdict = _with_pod(verdict, pod, self._question(pod.body))
        return verdict

    def _pods_in(self, body: Body, namespace: str) -> Verdict:
        """The verdict on an object's pods in a namespace; on the object itself when it is a Pod."""
        bare = (body.get("apiVersion"), body.get("kind")) == ("v1", "Pod")
        pods = [in_namespace(body, namespace)] if bare else [pod.body for pod in made_from(body, namespace)]
        verdict = Verdict(Status.UNKNOWN, "the object holds no pod")
        for pod in pods:
            verdict = self._question(pod)
            if verdict.status is not Status.ACCEPTED:
                break
        return replace(verdict, server=self.label)

    def _question(self, body: Body) -> Verdict:
        api_version, kind = str(body.get("apiVersion", "")), str(body.get("kind", ""))
        place = self._places.get((api_version, kind))
        if place is None:
            return Verdict(Status.NOT_SERVED, f"the server does not serve {api_version} {kind}")
        if "create" not in place.verbs:
            return Verdict(Status.NOT_SERVED, f"the server does not let {kind} be created")
        if place.namespaced and not _is_segment(self._namespace(body)):
            return _not_a_name("metadata.namespace", self._namespace(body))
        return self._try(place, body)

    def _create(self, place: Place, body: Body) -> Verdict:
        """A strict dry run. Unknown and duplicate fields hide what validation would say: it is asked, too."""
        collection = place.collection(self._namespace(body))
        verdict = verdict_of(self._api.dry_run(collection, body))
        if verdict.status is not Status.REJECTED or not {cause.reason for cause in verdict.causes} <= _LENIENT:
            return verdict
        more = verdict_of(self._api.dry_run(collection, body, validation="Ignore"))
        if more.status is not Status.REJECTED or is_conflict(more):
            return verdict
        return replace(verdict, reason=f"{verdict.reason}; {more.reason}", causes=verdict.causes + more.causes)

    def _create_or_apply(self, place: Place, body: Body) -> Verdict:
        """One question, whether the object exists or not."""
        if not _is_segment(text_of(body, "name")):
            return self._create(place, body)
        verdict = self._apply(place, body)
        if verdict.status is not Status.REJECTED or any(cause.stage > Stage.DECODING for cause in verdict.causes):
            return verdict
        # Applying names the first unknown field alone; creating names them all, and decodes before it looks whether
        # the object exists.
        created = self._create(place, body)
        return created if created.status is Status.REJECTED and not is_conflict(created) else verdict

    def _apply(self, place: Place, body: Body) -> Verdict:
        """A dry run of an object that may exist."""
        return verdict_of(self._api.dry_apply(place.item(self._namespace(body), text_of(body, "name")), body))

    def _namespace(self, body: Body) -> str:
        return text_of(body, "namespace") or self._api.connection.namespace


class UserCluster(Session):
    """Somebody's cluster: read and dry-run, nothing else."""

    def prove(self, body: Body, level: str) -> Verdict:
        """In a namespace of the cluster that enforces the level, when there is one."""
        query = f"/api/v1/namespaces?labelSelector={quote(f'{ENFORCE}={level}')}&limit=1"
        answer = self._api.get(query)
        items = answer.document().get("items") if isinstance(answer, Answer) and answer.code == 200 else None
        if not items:
            lacks = f"namespace that enforces {level}"
            return Verdict(Status.LACKING, f"the server has no {lacks}", lacks=lacks, server=self.label)
        return self._pods_in(body, items[0]["metadata"]["name"])

    def _try(self, place: Place, body: Body) -> Verdict:
        return self._create_or_apply(place, body)

    def _asks_for_pods(self, namespace: str) -> bool:
        return bool(namespace)


def verdict_of(result: Answer | Failure) -> Verdict:
    """The verdict of an answer, or of there being none."""
    return classify(result) if isinstance(result, Answer) else Verdict(Status.UNKNOWN, result.reason)


def is_conflict(verdict: Verdict) -> bool:
    """Whether the object exists already, or another one has changed it."""
    return any(cause.reason == "Conflict" for cause in verdict.causes)


def text_of(body: Mapping[str, Json], key: str) -> str:
    """A text in the metadata of an object; empty when there is none."""
    metadata = body.get("metadata")
    value = metadata.get(key) if isinstance(metadata, Mapping) else None
    return value if isinstance(value, str) else ""


def _with_pod(verdict: Verdict, pod: MadePod, found: Verdict) -> Verdict:
    """A workload is rejected with its pods; what they lack is worth a warning, the workload itself is accepted."""
    if found.status is Status.REJECTED:
        causes = tuple(replace(cause, field=_in_workload(pod, cause.field)) for cause in found.causes)
        return Verdict(Status.REJECTED, f"its pods: {found.reason}", causes, warnings=verdict.warnings)
    said = (f"its pods: {found.reason}",) if found.status is not Status.ACCEPTED else ()
    new = tuple(warning for warning in (*found.warnings, *said) if warning not in verdict.warnings)
    return replace(verdict, warnings=verdict.warnings + new)


def _in_workload(pod: MadePod, field: str) -> str:
    return pod.field + field.removeprefix("spec") if field == "spec" or field.startswith("spec.") else field


def _is_segment(name: str) -> bool:
    """Whether a name can stand in a path, by Kubernetes' own test."""
    return bool(name) and name not in (".", "..") and "/" not in name and "%" not in name


def _not_a_name(field: str, value: str) -> Verdict:
    cause = Cause(Stage.VALIDATION, f"{value!r} is no name", field, "FieldValueInvalid")
    return Verdict(Status.REJECTED, str(cause), (cause,))
