"""Hosts of an Ingress that none of its TLS entries names: they are served with a certificate of somebody else.

An Ingress without TLS, or with an entry that names no hosts and so stands for all, is left alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.detect.functions import Context, Hit
from bot.detect.functions._text import is_placeholder, listed
from bot.model import Json, Operation

_ISSUED = ("cert-manager.io/", "kubernetes.io/tls-acme", "acme.cert-manager.io/")


def check(context: Context) -> Iterator[Hit]:
    """One hit for all hosts of the rules that no certificate is for."""
    spec = context.resource.body.get("spec")
    if not isinstance(spec, dict) or context.resource.partial:  # a fragment shows some of the hosts only
        return
    entries = [_texts(entry.get("hosts")) for entry in _dicts(spec.get("tls"))]
    secured = [host for entry in entries for host in entry]
    places = {
        rule["host"]: f"/spec/rules/{place}/host"
        for place, rule in reversed(list(enumerate(_items(spec.get("rules")))))
        if isinstance(rule, dict) and isinstance(rule.get("host"), str) and rule["host"]
    }
    hosts = list(reversed(places))
    if not entries or not all(entries) or any(is_placeholder(host) for host in (*secured, *hosts)):
        return
    bare = [host for host in hosts if not any(_covers(pattern, host) for pattern in secured)]
    if not bare:
        return
    used = [pattern for pattern in secured if any(_covers(pattern, host) for host in hosts)]
    issued = _is_issued(context) and len(entries) == 1
    yield Hit(
        at=places[bare[0]],
        message=f"no TLS entry names {listed(bare)}, only {listed(secured)}",
        operations=(Operation("replace", "/spec/tls/0/hosts", [*used, *bare]),) if issued else None,
        unfixable="" if issued else "whether the certificate is for these hosts too only its owner knows",
    )


def _covers(pattern: str, host: str) -> bool:
    """Whether a certificate for `pattern` is good for `host`: the same, or a wildcard for its first label."""
    pattern, host = pattern.lower(), host.lower()
    return pattern == host or (pattern.startswith("*.") and pattern[1:] == host[host.find(".") :])


def _is_issued(context: Context) -> bool:
    """Whether cert-manager gets the certificate for whatever hosts there are."""
    metadata = context.resource.body.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
    return isinstance(annotations, dict) and any(str(key).startswith(_ISSUED) for key in annotations)


def _items(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _dicts(value: Json) -> list[dict[str, Json]]:
    return [item for item in _items(value) if isinstance(item, dict)]


def _texts(value: Json) -> list[str]:
    return [item for item in _items(value) if isinstance(item, str)]
