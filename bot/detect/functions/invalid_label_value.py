"""Values of labels and selectors that break the syntax of labels: the API server refuses them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.detect.functions import Context, Hit
from bot.detect.functions._text import is_placeholder
from bot.manifest import pointers, workloads
from bot.model import Json

_VALUE = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?\Z")
_LONGEST = 63


def check(context: Context) -> Iterator[Hit]:
    """Each wrong value: labels of the object and of its pods, and what selects by labels."""
    body = context.resource.body
    for place in _places(context):
        found, labels = pointers.resolve(body, place)
        if not found or not isinstance(labels, dict):
            continue
        for key, value in labels.items():
            if isinstance(value, str) and not is_placeholder(value) and not _VALUE.match(value):
                at = pointers.join(place, key)
                yield Hit(at=at, target=at, message=f"{key}: {_shown(value)} is no value of a label: {_why(value)}")


def _places(context: Context) -> Iterator[str]:
    yield "/metadata/labels"
    yield "/spec/selector/matchLabels"
    if (context.resource.ref.group, context.resource.ref.kind) in (("", "Service"), ("", "ReplicationController")):
        yield "/spec/selector"
    for pod in workloads.pods(context.resource):
        yield f"{pod.spec}/nodeSelector"
        if pod.metadata:
            yield f"{pod.metadata}/labels"


def _shown(value: Json) -> str:
    text = str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def _why(value: str) -> str:
    if len(value) > _LONGEST:
        return f"it has {len(value)} characters, {_LONGEST} are allowed"
    return "only letters, digits, '-', '_' and '.' are allowed, with a letter or digit at both ends"
