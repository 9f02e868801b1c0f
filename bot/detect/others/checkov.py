"""`.checkov.yaml`: the checks that are skipped, by wildcards too, and the paths.

    skip-check: [CKV_K8S_8, CKV_K8S_1?]
    skip-path: [legacy/]

`check`, the checks that are asked for, accepts nothing: not to ask for a check says nothing about what it would find.
A severity among the ids is one that Checkov's platform gives, which nobody knows here. Source:
https://www.checkov.io/2.Basics/CLI%20Command%20Reference.html; patterns are Python's fnmatch, paths are searched for a
regular expression.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from bot.detect.marks import Known
from bot.detect.others.acceptance import Acceptance
from bot.detect.others.patterns import found, glob, problem
from bot.detect.others.reading import (
    NotUnderstoodError,
    document,
    each,
    malformed,
    members,
    of_pattern,
    suppression,
    words,
)
from bot.manifest.configuration import Field
from bot.model import Skip

_TOOL = "checkov"


def parse(path: str, text: str, names: Known, _today: date) -> Iterator[Acceptance | Skip]:
    """What the file accepts."""
    root = document(path, text, "the configuration of Checkov")
    if not isinstance(root, Field):
        yield from [] if root is None else [root]
        return
    try:
        said = members(root)
        checks, paths = (words(said[key]) if key in said else [] for key in ("skip-check", "skip-path"))
    except NotUnderstoodError as error:
        yield malformed(path, error)
        return

    def skipped(item: Field) -> Iterator[Acceptance]:
        patterns = [glob(part.strip()) for part in item.text().split(",") if part.strip()]
        policies = of_pattern(names, _TOOL, lambda check: any(found(pattern, check) for pattern in patterns))
        yield Acceptance(policies, suppression(item, "Checkov"))

    def left_alone(item: Field) -> Iterator[Acceptance]:
        pattern = item.text()
        wrong = problem(pattern)
        if wrong is not None:
            item.refuse(f"skip-path {pattern!r}: {wrong}")
        yield Acceptance(names.all_of(_TOOL), suppression(item, "Checkov"), files=(pattern,))

    yield from each(checks, skipped)
    yield from each(paths, left_alone)
