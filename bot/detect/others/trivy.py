"""`.trivyignore` and `.trivyignore.yaml`.

    # sized by the autoscaler
    KSV-0011 exp:2027-01-31

    misconfigurations:
      - id: KSV-0011
        paths: ["legacy/**"]
        expired_at: 2027-01-31
        statement: sized by the autoscaler

An id stands for its check in every form: KSV011, KSV-0011, AVD-KSV-0011. An entry ends with the beginning of its day,
in UTC. The comment directly above a line is its reason. Source: https://trivy.dev/docs, "Filtering", "By finding IDs";
paths are doublestar patterns.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from bot.detect.marks import Known, void
from bot.detect.others.acceptance import Acceptance
from bot.detect.others.patterns import glob
from bot.detect.others.reading import (
    KIND,
    NotUnderstoodError,
    day,
    document,
    each,
    malformed,
    members,
    suppression,
    texts,
)
from bot.manifest.configuration import Field
from bot.model import Location, Skip, Span, Suppression

_TOOL = "trivy"


def parse(path: str, text: str, names: Known, today: date) -> Iterator[Acceptance | Skip]:
    """What the file accepts."""
    yield from (_entries if path.endswith((".yaml", ".yml")) else _lines)(path, text, names, today)


def _lines(path: str, text: str, names: Known, today: date) -> Iterator[Acceptance | Skip]:
    above: list[str] = []
    start = 0
    for number, line in enumerate(text.split("\n"), 1):
        begin, start = start, start + len(line) + 1
        said = line.strip("\ufeff \t\r")
        if not said or said.startswith("#"):
            above = [*above, said.lstrip("# \t")] if said else []
            continue
        span = Span(begin, begin + len(line))
        location = Location(path, 0, "", span, number, number, 1)
        check, *rest = said.split()
        until = next((word.removeprefix("exp:") for word in rest if word.startswith("exp:")), None)
        policies = names.twin(_TOOL, check)
        reason = " ".join(" ".join(above).split()) or f"skipped for Trivy ({check})"
        above = []
        if not policies:
            continue
        wrong = _over(until, today)
        if wrong is not None:
            yield void(f"{check} does not hold: {wrong}", location)
        else:
            yield Acceptance(policies, Suppression(KIND, reason, until, location))


def _entries(path: str, text: str, names: Known, today: date) -> Iterator[Acceptance | Skip]:
    root = document(path, text, "what Trivy ignores")
    if not isinstance(root, Field):
        yield from [] if root is None else [root]
        return
    try:
        listed = members(root).get("misconfigurations")
        items = listed.items() if listed is not None else []
    except NotUnderstoodError as error:
        yield malformed(path, error)
        return

    def entry(item: Field) -> Iterator[Acceptance | Skip]:
        said = members(item)
        if "id" not in said:
            item.refuse("an entry has no id")
        check = said["id"].text()
        policies = names.twin(_TOOL, check)
        until = str(said["expired_at"].value) if "expired_at" in said else None
        paths = tuple(glob(each) for each in texts(said["paths"])) if "paths" in said else None
        statement = said["statement"].text() if "statement" in said else ""
        wrong = _over(until, today)
        if not policies:
            return
        if wrong is not None:
            yield void(f"{check} does not hold: {wrong}", item.location)
            return
        ends = day(until) if until is not None else None
        held = suppression(said["id"], "Trivy", statement, ends.isoformat() if ends is not None else None)
        yield Acceptance(policies, held, files=paths or None)

    yield from each(items, entry)


def _over(until: str | None, today: date) -> str | None:
    """Why an entry with this end does not hold; None when it does."""
    if until is None:
        return None
    ends = day(until)
    if ends is None:
        return f"{until!r} is no date, write 2027-01-31"
    return f"it expired on {ends.isoformat()}" if ends <= today else None
