"""ConfigMaps and Secrets, and keys of them, that a pod needs and that are not in scope."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.detect.functions import Context, Hit
from bot.detect.functions._objects import any_in_scope, at, items, mapping, missing, text
from bot.detect.functions._text import is_placeholder
from bot.manifest.workloads import Pod
from bot.model import Json

LOOKS_AROUND = True

_MADE_BY_CLUSTER = frozenset({"kube-root-ca.crt", "openshift-service-ca.crt"})
_MAKERS = (
    "bitnami.com/SealedSecret",
    "external-secrets.io/ExternalSecret",
    "kubernetes-client.io/ExternalSecret",
    "cert-manager.io/Certificate",
    "onepassword.com/OnePasswordItem",
    "secrets-store.csi.x-k8s.io/SecretProviderClass",
    "isindir.github.com/SopsSecret",
    "secrets.hashicorp.com/*",
)
"""Objects of which a controller makes Secrets; under which name is theirs to say."""


@dataclass(frozen=True, slots=True)
class _Need:
    pointer: str
    kind: str
    name: str
    keys: tuple[str, ...]


def check(context: Context) -> Iterator[Hit]:
    """Each reference that is not optional."""
    pod = context.pod
    assert pod is not None, "the policy looks at pod specs"
    makers = None
    for need in _needs(pod):
        if not need.name or is_placeholder(need.name) or need.name in _MADE_BY_CLUSTER:
            continue
        found = list(context.inventory.beside(context.resource, f"v1/{need.kind}"))
        named = [each for each in found if each.ref.name == need.name]
        made = (need.kind, need.name) in context.inventory.scope.made
        if named and not made and not any(each.partial for each in named):
            for key in need.keys:
                if not any(key in mapping(each.body, part) for each in named for part in _PARTS):
                    yield Hit(
                        at=need.pointer,
                        target=need.pointer,
                        message=f"the pods need the key {key} of {need.kind} {need.name}, which has no such key",
                    )
            continue
        if named or made or not any_in_scope(context, f"v1/{need.kind}"):
            continue
        if makers is None:
            makers = any(True for _ in context.inventory.beside(context.resource, *_MAKERS))
        if need.kind == "Secret" and makers:
            continue
        yield missing(
            context, f"the pods need {need.kind} {need.name}, which is not", need.pointer, target=need.pointer
        )


_PARTS = ("data", "stringData", "binaryData")


def _needs(pod: Pod) -> Iterator[_Need]:
    for container in pod.containers:
        for place, env in enumerate(items(container.body, "env")):
            for member, kind in (("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")):
                value = at(env, "valueFrom", member)
                if value is not None and at(value, "optional") is not True:
                    pointer = f"{container.pointer}/env/{place}/valueFrom/{member}"
                    yield _Need(pointer, kind, text(value, "name"), tuple(filter(None, (text(value, "key"),))))
        for place, source in enumerate(items(container.body, "envFrom")):
            for member, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
                value = at(source, member)
                if value is not None and at(value, "optional") is not True:
                    yield _Need(f"{container.pointer}/envFrom/{place}/{member}", kind, text(value, "name"), ())
    for place, volume in enumerate(items(pod.spec_body, "volumes")):
        base = f"{pod.spec}/volumes/{place}"
        yield from _of_volume(base, volume, "configMap", "secret", "secretName")
        for number, source in enumerate(items(volume, "projected", "sources")):
            yield from _of_volume(f"{base}/projected/sources/{number}", source, "configMap", "secret", "name")


def _of_volume(base: str, volume: Json, config: str, secret: str, secret_name: str) -> Iterator[_Need]:
    for member, kind, name in ((config, "ConfigMap", "name"), (secret, "Secret", secret_name)):
        value = at(volume, member)
        if value is not None and at(value, "optional") is not True:
            keys = tuple(filter(None, (text(each, "key") for each in items(value, "items"))))
            yield _Need(f"{base}/{member}", kind, text(value, name), keys)
