"""Accepted findings: comments and annotations beside what they are about.

    hostPID: true  # k8s-auto-fix: ignore[host-pid] the agent reads /proc of the node
    # k8s-auto-fix: ignore[host-pid, host-network] until=2027-01-31 moves to a sidecar

    metadata:
      annotations:
        k8s-auto-fix.io/ignore.host-pid: the agent reads /proc of the node

A comment holds for the line it stands on or directly above, and for all that lies below the keys and list items which
begin there; before the first content of a document it holds for the document. An annotation holds for its object, on a
pod template for the template. A reason is required; `until=` is the last day. docs/suppressions.md is for users.

Invariant: a suppressed finding is kept, with its suppression; a suppression that does not hold is a Skip.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from bot.detect import comments, foreign
from bot.detect.annotations import Annotated, annotated, as_text
from bot.detect.comments import Comment
from bot.detect.marks import Known, Mark, Marks, known, reason_and_expiry, void
from bot.manifest import Manifest
from bot.model import Finding, Skip, Suppression
from bot.policy.twins import Unclear

__all__ = ["Known", "Suppressed", "known", "suppress"]

ANNOTATION = "k8s-auto-fix.io/ignore."
"""What our annotations start with; a policy's id follows, or another tool's."""

_HINT = "k8s-auto-fix"
_OURS = re.compile(r"#[ \t]*k8s-auto-fix:")
_IGNORE = re.compile(r"ignore\s*\[(?P<ids>[^\]]*)\]\s*:?(?P<rest>.*)", re.DOTALL)
_EXAMPLE = "write `# k8s-auto-fix: ignore[policy-id] reason`"


class Suppressed(NamedTuple):
    """For each finding, in their order, what accepts it or None; and the suppressions that do not hold."""

    suppressions: tuple[Suppression | None, ...]
    skips: tuple[Skip, ...] = ()


def suppress(manifest: Manifest, findings: Sequence[Finding], names: Known, *, today: date) -> Suppressed:
    """Find what accepts each finding of one file. Of several suppressions the first counts, our own before others'."""
    if not any(hint in manifest.text for hint in (_HINT, *foreign.HINTS)):
        return Suppressed((None,) * len(findings))
    said = list(_all(manifest, names, today))
    marks = Marks(each for each in said if isinstance(each, Mark))
    skips = tuple(each for each in said if isinstance(each, Skip))
    return Suppressed(tuple(map(marks.accepting, findings)), skips)


def _all(manifest: Manifest, names: Known, today: date) -> Iterator[Mark | Skip]:
    for comment in comments.find(manifest, _OURS):
        yield from _of_comment(comment, names, today)
    places = [place for resource in manifest.resources for place in annotated(manifest, resource)]
    for place in places:
        yield from _of_annotations(place, names, today)
    for place in places:
        yield from foreign.of_annotations(place, names, today)
    yield from foreign.of_comments(manifest, names)


def _of_comment(comment: Comment, names: Known, today: date) -> Iterator[Mark | Skip]:
    match = _IGNORE.match(comment.text)
    ids = tuple(filter(None, (each.strip() for each in match["ids"].split(",")))) if match is not None else ()
    if match is None or not ids:
        yield void(f"not understood: `{comment.text[:60]}`; {_EXAMPLE}", comment.location)
        return
    what = f"ignore[{', '.join(ids)}]"
    if not comment.head and comment.line is None:
        why = f"{what} is about nothing: a suppression stands at the end of its line or directly above it"
        yield void(why, comment.location)
        return
    policies: frozenset[str] = frozenset()
    for name in ids:
        meant = names.meaning(name)
        if isinstance(meant, Unclear):
            yield void(f"{what}: {meant.reason}", comment.location)
        else:
            policies |= meant
    said = reason_and_expiry(match["rest"], today)
    if isinstance(said, str):
        yield void(f"{what} does not hold: {said}", comment.location)
        return
    if policies:
        suppression = Suppression("comment", *said, comment.location)
        where = ("",) if comment.head else comment.pointers
        yield Mark(policies, suppression, comment.location.document, where, None if comment.head else comment.line)


def _of_annotations(place: Annotated, names: Known, today: date) -> Iterator[Mark | Skip]:
    for key, value in place.entries.items():
        if not key.startswith("k8s-auto-fix.io/ignore"):
            continue
        location = place.locate(key)
        if not key.startswith(ANNOTATION):
            yield void(f"not understood: `{key}`; write `{ANNOTATION}<policy-id>: reason`", location)
            continue
        meant = names.meaning(key.removeprefix(ANNOTATION))
        if isinstance(meant, Unclear):
            yield void(f"{key}: {meant.reason}", location)
            continue
        said = reason_and_expiry(as_text(value), today)
        if isinstance(said, str):
            yield void(f"{key} does not hold: {said}", location)
            continue
        yield Mark(meant, Suppression("annotation", *said, location), place.document, (place.scope,))
