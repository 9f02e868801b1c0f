"""The markers in what we post: which findings a comment is about, and what the summary has seen posted.

    <!-- k8s-auto-fix v1 fp=0123456789abcdef,fedcba9876543210 head=4f2c9e1 -->
    <!-- k8s-auto-fix summary v1 head=4f2c9e1 posted=0123456789abcdef dismissed=fedcba9876543210 -->

With `area=1a2b3c4d` they belong to a run over some paths only: runs over others leave them alone.

Anyone can write such a line: only `bot.review.reconcile`, which knows whose text it is, may act on what is read here.

Invariant: the marker of a comment is shorter than 300 bytes, however many findings it names.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

VERSION = 1
"""Of the markers that are written. Those of later versions are read for the members that are known here."""

LONGEST = 299
"""Bytes of a comment's marker."""

_SHORT = 7
_WHOLE = 16
_LEAST = 6
_MARKER = re.compile(
    r"^[ \t]*<!--[ \t]+k8s-auto-fix(?P<summary>[ \t]+summary)?[ \t]+v(?P<version>\d{1,4})"
    r"(?P<rest>[^<>\r\n]*)-->[ \t]*\r?$",
    re.MULTILINE,
)
_MEMBER = re.compile(r"(?P<name>[a-z]+)=(?P<value>[0-9a-f,]*)")
_HEX = re.compile(rf"[0-9a-f]{{{_LEAST},{_WHOLE}}}")


@dataclass(frozen=True, slots=True)
class Mark:
    """What the marker of a comment says.

    `names` are fingerprints, or the first digits of them where there were many; `head` is the short name of the commit
    that it was written for. `closed`: the comment has said that its findings are gone. `area`: see `area_of`.
    """

    names: tuple[str, ...]
    head: str = ""
    closed: bool = False
    version: int = VERSION
    area: str = ""

    def among(self, known: Collection[str]) -> frozenset[str]:
        """The fingerprints of `known` that are named, and the names that no known fingerprint has."""
        found: set[str] = set()
        for name in self.names:
            found |= {each for each in known if each.startswith(name)} or {name}
        return frozenset(found)


@dataclass(frozen=True, slots=True)
class SummaryMark:
    """What the marker of the summary says: fingerprints that stand as comments, and those that people set aside."""

    posted: frozenset[str] = frozenset()
    dismissed: frozenset[str] = frozenset()
    head: str = ""
    version: int = VERSION
    area: str = ""


def area_of(paths: Iterable[str]) -> str:
    """What tells runs over some paths from runs over others, eight hexadecimal digits; empty for all paths."""
    every = sorted(set(paths))
    return hashlib.sha256("\0".join(every).encode("utf-8", "surrogateescape")).hexdigest()[:8] if every else ""


def short(commit: str) -> str:
    """The first digits of a commit's name, as people know them."""
    return commit[:_SHORT]


def write(fingerprints: Iterable[str], *, head: str, closed: bool = False, area: str = "") -> str:
    """The marker of a comment. `head` is a full object name; many fingerprints are named by their first digits."""
    every = list(dict.fromkeys(fingerprints))
    end = f" head={short(head)}{f' area={area}' if area else ''}{' closed' if closed else ''} -->"
    start = f"<!-- k8s-auto-fix v{VERSION} fp="
    room = LONGEST - len(start) - len(end)
    digits = max(_LEAST, min(_WHOLE, room // max(1, len(every)) - 1))
    names = [each[:digits] for each in every[: (room + 1) // (digits + 1)]]
    return f"{start}{','.join(names)}{end}"


def read(body: str) -> Mark | None:
    """The marker of a comment, the last one when there are several; None without one."""
    found = _last(body, summary=False)
    if found is None:
        return None
    members, words, version = found
    names = tuple(each for each in members.get("fp", ()) if _HEX.fullmatch(each))
    head, area = ("".join(members.get(name, ())) for name in ("head", "area"))
    return Mark(names, head, "closed" in words, version, area) if names else None


def write_summary(posted: Iterable[str], dismissed: Iterable[str], *, head: str, area: str = "") -> str:
    """The marker of the summary."""
    members = [f"head={short(head)}", f"area={area}"]
    members += [
        f"{name}={','.join(sorted(set(each)))}" for name, each in (("posted", posted), ("dismissed", dismissed))
    ]
    return f"<!-- k8s-auto-fix summary v{VERSION} {' '.join(each for each in members if not each.endswith('='))} -->"


def read_summary(body: str) -> SummaryMark | None:
    """The marker of the summary, the last one when there are several; None without one."""
    found = _last(body, summary=True)
    if found is None:
        return None
    members, _, version = found
    posted, dismissed = (
        frozenset(each for each in members.get(name, ()) if _HEX.fullmatch(each)) for name in ("posted", "dismissed")
    )
    head, area = ("".join(members.get(name, ())) for name in ("head", "area"))
    return SummaryMark(posted, dismissed, head, version, area)


def _last(body: str, *, summary: bool) -> tuple[dict[str, list[str]], set[str], int] | None:
    """(lists by their names, further words, version) of the last marker of a kind."""
    found = [match for match in _MARKER.finditer(body) if (match["summary"] is not None) == summary]
    if not found:
        return None
    words = found[-1]["rest"].split()
    members = {
        match["name"]: [each for each in match["value"].split(",") if each]
        for match in map(_MEMBER.fullmatch, words)
        if match is not None
    }
    return members, {word for word in words if "=" not in word}, int(found[-1]["version"])
