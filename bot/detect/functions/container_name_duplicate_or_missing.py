"""Containers without a name, with the name of another, or with one that is no DNS label: none can be created."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.detect.functions import Context, Hit
from bot.detect.functions._text import is_placeholder

_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\Z")
_WORDS = {"container": "container", "init": "init container", "sidecar": "sidecar", "ephemeral": "ephemeral container"}


def check(context: Context) -> Iterator[Hit]:
    """Each name that is wrong; all containers of a pod share one space of names."""
    assert context.pod is not None, "the policy looks at pod specs"
    seen: set[str] = set()
    for place in context.pod.containers:
        name, at = place.body.get("name"), f"{place.pointer}/name"
        what = _WORDS[place.type]
        if name is None or name == "":
            yield Hit(at=at, target=at, message=f"{what} without a name")
        elif isinstance(name, str) and not is_placeholder(name):
            if name in seen:
                yield Hit(at=at, target=at, message=f"two containers of the pod have the name {name}")
            elif not _LABEL.match(name):
                yield Hit(at=at, target=at, message=f"{name!r} is no name for a container")
            seen.add(name)
