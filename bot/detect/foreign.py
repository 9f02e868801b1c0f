"""Suppressions that other tools' users have written: honoured, so that a repository says a thing once.

| tool | form |
|---|---|
| kube-linter | annotation `ignore-check.kube-linter.io/<check>: reason`, `kube-linter.io/ignore-all` |
| Polaris | annotation `polaris.fairwinds.com/<check>-exempt: "true"`, `polaris.fairwinds.com/exempt` |
| Kubescape | annotation `kubescape.io/skip-controls: C-0016, C-0017`, with `skip-reason` and `skip-expiry` |
| Checkov | annotation `checkov.io/skip<N>: ID=reason`; also bridgecrew.io and cortex.io |
| kube-score | annotation `kube-score/ignore: check, check`, `kube-score/skip: "true"` |
| KICS | comment `kics-scan ignore`, `disable=`, `enable=`, `ignore-line`, `ignore-block` |

A check that no policy of ours mirrors suppresses nothing here and is nobody's mistake. "Everything" of a tool means the
policies it has a check for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime

from bot.detect import comments
from bot.detect.annotations import Annotated, as_text
from bot.detect.marks import Known, Mark, void
from bot.manifest import Manifest
from bot.model import Skip, Suppression

HINTS = ("kube-linter.io/", "polaris.fairwinds.com/", ".io/skip", "kube-score/", "kics-scan")
"""A file without any of these texts has no suppression of another tool."""

_KUBE_LINTER = "ignore-check.kube-linter.io/"
_KUBE_LINTER_ALL = "kube-linter.io/ignore-all"
_POLARIS = re.compile(r"polaris\.fairwinds\.com/(?:(?P<check>.+)-)?exempt\Z")
_CHECKOV = re.compile(r"(?:checkov|bridgecrew|cortex)\.io/skip\d*\Z")
_CONTROLS, _REASON, _EXPIRY = "kubescape.io/skip-controls", "kubescape.io/skip-reason", "kubescape.io/skip-expiry"
_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)\Z")
_KICS = re.compile(r"#[ \t]*kics-scan\b")
_KICS_COMMAND = re.compile(
    r"[:\s]*(?P<command>ignore-line|ignore-block|ignore|disable=|enable=)(?P<rest>.*)", re.DOTALL
)


def of_annotations(place: Annotated, names: Known, today: date) -> Iterator[Mark | Skip]:
    """The suppressions in the annotations of one object or pod template."""
    for key, value in place.entries.items():
        text = as_text(value)
        if key.startswith(_KUBE_LINTER):
            check = key.removeprefix(_KUBE_LINTER)
            yield from _mark(place, key, "kube-linter", names.twin("kube-linter", check), text, check)
        elif key == _KUBE_LINTER_ALL:
            yield from _mark(place, key, "kube-linter", names.all_of("kube-linter"), text)
        elif (match := _POLARIS.match(key)) and text.lower() == "true":
            check = match["check"] or ""
            ids = names.twin("polaris", check) if check else names.all_of("polaris")
            yield from _mark(place, key, "Polaris", ids, "", check)
        elif _CHECKOV.match(key):
            check, _, reason = text.partition("=")
            yield from _mark(place, key, "Checkov", names.twin("checkov", check.strip()), reason, check.strip())
        elif key == "kube-score/ignore":
            for check in _listed(text):
                ids = names.all_of("kube-score") if check == "*" else names.twin("kube-score", check)
                yield from _mark(place, key, "kube-score", ids, "", check)
        elif key == "kube-score/skip" and text.lower() == "true":
            yield from _mark(place, key, "kube-score", names.all_of("kube-score"), "")
        elif key == _CONTROLS:
            yield from _kubescape(place, text, names, today)


def _mark(
    place: Annotated,
    key: str,
    tool: str,
    policies: frozenset[str],
    reason: str,
    check: str = "",
    expires: str | None = None,
) -> Iterator[Mark]:
    if policies:
        said = reason.strip() or f"skipped for {tool}" + (f" ({check})" if check else "")
        suppression = Suppression("annotation", said, expires, place.locate(key))
        yield Mark(policies, suppression, place.document, (place.scope,))


def _listed(text: str) -> list[str]:
    return [entry.strip() for entry in text.split(",") if entry.strip()]


def _kubescape(place: Annotated, controls: str, names: Known, today: date) -> Iterator[Mark | Skip]:
    expiry = as_text(place.entries.get(_EXPIRY))
    expires = None
    if expiry:
        day = _rfc_3339_day(expiry)
        if day is None:
            why = f"{_EXPIRY} {expiry!r} is no RFC 3339 time (2027-01-31T00:00:00Z), so {_CONTROLS} does not hold"
            yield void(why, place.locate(_EXPIRY))
            return
        if day < today:
            yield void(f"{_CONTROLS} expired on {day.isoformat()}", place.locate(_EXPIRY))
            return
        expires = day.isoformat()
    reason = as_text(place.entries.get(_REASON))
    for control in _listed(controls):
        yield from _mark(place, _CONTROLS, "Kubescape", names.twin("kubescape", control), reason, control, expires)


def _rfc_3339_day(text: str) -> date | None:
    if not _RFC_3339.match(text):
        return None
    try:
        return datetime.fromisoformat(text).astimezone(UTC).date()
    except (ValueError, OverflowError):
        return None


def of_comments(manifest: Manifest, names: Known) -> Iterator[Mark]:
    """The suppressions in KICS comments; those for the whole file count before its first content only."""
    for comment in comments.find(manifest, _KICS):
        match = _KICS_COMMAND.match(comment.text)
        if match is None:
            continue
        command, rest = match["command"], match["rest"]
        at_start = comment.head and comment.location.document == 0
        document = comment.location.document
        every = names.all_of("kics")
        if command in ("ignore-line", "ignore-block"):
            suppression = Suppression("comment", _kics_reason(rest, command), None, comment.location)
            if command == "ignore-line":
                yield Mark(every, suppression, document, (), comment.line)
            elif comment.head:
                yield Mark(every, suppression, document)
            else:
                yield Mark(every, suppression, document, comment.pointers)
        elif at_start:
            queries, _, words = rest.strip().partition(" ")
            listed = frozenset().union(*(_kics_query(query, names) for query in _listed(queries)))
            ids = {"ignore": every, "disable=": listed, "enable=": every - listed}[command]
            reason = rest if command == "ignore" else words
            yield Mark(ids, Suppression("comment", _kics_reason(reason, command), None, comment.location), None)


def _kics_reason(text: str, command: str) -> str:
    return text.strip(" \t:-") or f"kics-scan {command.rstrip('=')}"


def _kics_query(query: str, names: Known) -> frozenset[str]:
    """The policies of a KICS query; people write its UUID, twins may hold its name."""
    from bot.detect.data.kics_queries import NAMES

    found = names.twin("kics", query)
    name = NAMES.get(query.lower())
    return found if name is None else found | names.twin("kics", name)
