"""What makes a finding the same finding in the next run.

The fingerprint holds no line, path, apiVersion, index or fix text: a rename, a rebase or a sibling's fix changes
nothing. Items of lists are named by what names them (`name`, else another key that Kubernetes merges lists by), not by
index; container ports by their number and protocol.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable

from bot.manifest import pointers
from bot.model import Finding, Json

# Keys of x-kubernetes-list-map-keys, in the order in which they are asked.
# A container port may be given a name later: its number comes first.
_NAMING = ("containerPort", "name", "mountPath", "devicePath", "ip", "key", "port", "host", "type", "topologyKey")


class Names:
    """Pointers from one body with indices replaced by the names of items, so that an order does not count.

    What has been named is kept: findings about one object share the upper part of their pointers. The body stays as it
    is.
    """

    def __init__(self, body: Json) -> None:
        self._known: dict[str, tuple[Json, str]] = {"": (body, "")}

    def of(self, pointer: str) -> str:
        """The named pointer; tokens that name nothing stay as they are."""
        return self._at(pointer)[1]

    def _at(self, pointer: str) -> tuple[Json, str]:
        """(the value at `pointer` or None, the named pointer)."""
        found = self._known.get(pointer)
        if found is None:
            above, _, last = pointer.rpartition("/")
            value, named = self._at(above)
            token = pointers.unescape(last)
            if isinstance(value, list):
                place = pointers.index(token, len(value))
                value = value[place] if place is not None else None
                last = _name_of(value, token)
            else:
                value = value.get(token) if isinstance(value, dict) else None
            found = self._known[pointer] = (value, f"{named}/{last}")
        return found


def named_pointer(body: Json, pointer: str) -> str:
    """`Names` for one pointer."""
    return Names(body).of(pointer)


def _name_of(item: Json, token: str) -> str:
    if isinstance(item, dict):
        for key in _NAMING:
            name = item.get(key)
            if isinstance(name, (str, int)) and not isinstance(name, bool):
                protocol = item.get("protocol") if key == "containerPort" else None
                name = f"{name}/{protocol}" if isinstance(protocol, str) and protocol != "TCP" else name
                return f"{key}={pointers.escape(str(name))}"
    return token


def key_of(policy_id: str, group: str, kind: str, namespace: str | None, name: str, place: str) -> str:
    """The text that a fingerprint hashes, ordinal left out; `place` is a `named_pointer`."""
    return "\0".join((policy_id, group, kind, namespace or "", name, place))


def fingerprint(key: str, ordinal: int) -> str:
    """16 hexadecimal digits for a key and its ordinal among equals."""
    return hashlib.sha256(f"{key}\0{ordinal}".encode()).hexdigest()[:16]


def number(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings with ordinals and fingerprints set, counted in the order given.

    `Finding.fingerprint` holds the key on the way in.
    """
    seen: Counter[str] = Counter()
    numbered = []
    for finding in findings:
        key = finding.fingerprint
        ordinal = seen[key]
        seen[key] += 1
        numbered.append(_numbered(finding, ordinal, fingerprint(key, ordinal)))
    return tuple(numbered)


def _numbered(finding: Finding, ordinal: int, digits: str) -> Finding:
    """`dataclasses.replace`, which takes twice the time: this happens to every finding after the workers are done."""
    return Finding(
        finding.policy_id,
        finding.severity,
        finding.message,
        finding.resource,
        finding.target,
        finding.location,
        finding.origin,
        finding.also,
        ordinal,
        digits,
        finding.state,
        finding.suppression,
    )
