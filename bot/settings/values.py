"""`values:` of the settings: what a team says where a fix needs a name or a number that no manifest tells.

Invariant: a function of its arguments. What comes out is what policies read: quantities as text, counts as numbers.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from bot.manifest import quantity
from bot.manifest.configuration import Field
from bot.model import Json

CPU = r"[0-9]+(?:\.[0-9]+)?(?:[munk]|[KMGTPE]i|[MGTPE]|[eE][+-]?[0-9]{1,3})?"
MEMORY = r"[0-9]+(?:\.[0-9]+)?(?:k|[KMGTPE]i|[MGTPE]|[eE][+-]?[0-9]{1,3})?"
REPOSITORY = r"(?:[A-Za-z0-9.-]+(?::[0-9]+)?/)?[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*"
TAG = r"(?!latest$)[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}|sha256:[0-9a-f]{64}"
OBJECT = r"(?=.{1,253}$)[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*"
REGISTRY = r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]+)?"
FOLDER = REGISTRY + r"(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*"
LABEL = r"(?:(?=[^/]{1,253}/)[a-z0-9][-a-z0-9.]*/)?(?=[^/]{1,63}$)[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?"
LISTED = r"!?(?:[A-Za-z0-9*](?:[-A-Za-z0-9_./*]*[A-Za-z0-9*])?)"
LABEL_VALUE = r"(?=.{0,63}$)(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?)?"

LARGEST_ID = 2**31 - 1
"""Of users and groups, as the API server has it."""
WHOLE = {
    # Zero is root as a user or group, and no time at all: no fix would come of it.
    "run-as-user": (1, LARGEST_ID),
    "run-as-group": (1, LARGEST_ID),
    "fs-group": (1, LARGEST_ID),
    "pre-stop-seconds": (1, 86_400),
    "termination-grace-period": (1, LARGEST_ID),
    "hpa-max-replicas": (2, 10_000),
    "service-port-min": (1, 65_535),
    "service-port-max": (1, 65_535),
}
"""(least, most) of the whole numbers."""

_A_CPU = 'a quantity above zero such as 250m or "0.5"'
_BYTES = "a whole quantity of bytes above zero such as 128Mi or 1Gi"
_A_REPOSITORY = "the image without tag or digest, such as nginx"
_A_TAG = 'a tag other than latest, such as "1.27.3", or a digest (sha256: and 64 hexadecimal digits)'
_AN_OBJECT = "the name of an object: lower-case letters, digits, dashes and dots"
_A_REGISTRY = "a host, with its port where it has one, such as registry.example.com:5000"
_A_FOLDER = "a registry or a folder of one, without https:// or a last slash, such as registry.example.com/shop"
_A_LABEL = "letters, digits, dashes, underscores and dots, with a prefix where it has one, such as example.com/team"
_A_LISTED = "a name, in which * stands for any characters, with a ! before it where it is allowed after all"
_A_LABEL_VALUE = "at most 63 letters, digits, dashes, underscores and dots, or empty where any value will do"


def read_values(member: Field) -> dict[str, Json]:
    """The values by their keys; null is absent."""
    members = member.members(VALUES)
    found = {key: _READERS[key](child) for key, child in members.items()}
    for resource in ("cpu", "memory"):
        request, limit = (quantity.parse(found.get(f"{resource}-{kind}")) for kind in ("request", "limit"))
        if request is not None and limit is not None and request > limit:
            key = f"{resource}-request"
            members[key].refuse(f"{key} is above {resource}-limit", "Kubernetes refuses a request above its limit")
    least, most = found.get("service-port-min"), found.get("service-port-max")
    if isinstance(least, int) and isinstance(most, int) and least > most:
        members["service-port-min"].refuse("service-port-min is above service-port-max", "no port is in that range")
    return found


def _cpu(field: Field) -> Json:
    return field.written(f"it is {_A_CPU}", _is_cpu)


def _bytes(field: Field) -> Json:
    return field.written(f"it is {_BYTES}", _is_bytes)


def _whole(least: int, most: int, field: Field) -> Json:
    return field.natural(least, most)


def _object(field: Field) -> Json:
    return _matching(OBJECT, _AN_OBJECT, field)


def _matching(pattern: str, allowed: str, field: Field) -> str:
    text = field.text(f"it is {allowed}")
    if not re.fullmatch(pattern, text):
        field.refuse(f"{field.name} is the text {text[:40]!r}", f"it is {allowed}")
    return text


def _images(field: Field) -> Json:
    images = _named(field, REPOSITORY, "repositories to tags, such as {nginx: 1.27.3}", "repository", _A_REPOSITORY)
    return {key: tag.written(f"it is {_A_TAG}", _is_tag) for key, tag in images.items() if tag.value is not None}


def _balancer(field: Field) -> Json:
    members = field.members(("annotation", "value"))
    for key in ("annotation", "value"):
        if key not in members:
            field.refuse(f"{field.name} has no {key}", "it is {annotation: NAME, value: TEXT}")
    annotation = _matching(LABEL, f"the name of an annotation: {_A_LABEL}", members["annotation"])
    return {"annotation": annotation, "value": members["value"].text()}


def _registries(field: Field) -> Json:
    items = field.items("it is a list of registries, such as [registry.example.com, ghcr.io/shop]")
    found: list[Json] = [_matching(FOLDER, _A_FOLDER, item) for item in items]
    if not found:
        field.refuse("registries is an empty list", "it names at least one; leave it out to allow all")
    return found


def _mirrors(field: Field) -> Json:
    example = "registries to mirrors, such as {docker.io: registry.example.com/hub}"
    mirrors = _named(field, REGISTRY, example, "registry", _A_REGISTRY)
    return {key: _matching(FOLDER, _A_FOLDER, to) for key, to in mirrors.items() if to.value is not None}


def _pull_secrets(field: Field) -> Json:
    example = "registries to names of Secrets, such as {registry.example.com: pull}"
    secrets = _named(field, REGISTRY, example, "registry", _A_REGISTRY)
    return {key: _object(secret) for key, secret in secrets.items() if secret.value is not None}


def _labels(field: Field) -> Json:
    labels = _named(field, LABEL, "labels to values, or to nothing where any will do", "label", _A_LABEL)
    return {
        key: "" if value.value in (None, "") else _matching(LABEL_VALUE, _A_LABEL_VALUE, value)
        for key, value in labels.items()
    }


def _listed(field: Field) -> Json:
    items = field.items('it is a list of names, such as ["fluxcd.io/*", "!fluxcd.io/reconcile"]')
    return [_matching(LISTED, _A_LISTED, item) for item in items]


def _annotations(field: Field) -> Json:
    annotations = _named(field, LABEL, "annotations to values, or to nothing where any will do", "annotation", _A_LABEL)
    return {key: "" if value.value in (None, "") else value.text() for key, value in annotations.items()}


def _named(field: Field, pattern: str, what: str, word: str, allowed: str) -> dict[str, Field]:
    """The members of a mapping of `what`, whose keys match."""
    found = {}
    for key, (key_field, child) in field.entries(f"it is a mapping of {what}").items():
        if not re.fullmatch(pattern, key):
            key_field.refuse(f"{key!r} is no {word}", allowed)
        found[key] = child
    return found


def _is_cpu(text: str) -> bool:
    amount = quantity.parse(text) if re.fullmatch(CPU, text) else None
    return amount is not None and amount > 0


def _is_bytes(text: str) -> bool:
    """No fraction either: `0.5` bytes, like `512m`, is a slip."""
    amount = quantity.parse(text) if re.fullmatch(MEMORY, text) else None
    return amount is not None and amount > 0 and amount.denominator == 1


def _is_tag(text: str) -> bool:
    return bool(re.fullmatch(TAG, text))


_READERS: dict[str, Callable[[Field], Json]] = {
    "cpu-request": _cpu,
    "memory-request": _bytes,
    "cpu-limit": _cpu,
    "memory-limit": _bytes,
    "storage-request": _bytes,
    "ephemeral-storage-limit": _bytes,
    "empty-dir-size-limit": _bytes,
    **{key: partial(_whole, least, most) for key, (least, most) in WHOLE.items()},
    **dict.fromkeys(("priority-class", "storage-class", "ingress-class", "runtime-class"), _object),
    "internal-load-balancer": _balancer,
    "images": _images,
    "registries": _registries,
    "mirrors": _mirrors,
    "pull-secrets": _pull_secrets,
    "required-labels": _labels,
    "required-annotations": _annotations,
    "disallowed-labels": _listed,
    "disallowed-annotations": _listed,
}
VALUES = tuple(_READERS)
