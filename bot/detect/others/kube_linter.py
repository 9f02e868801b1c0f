"""`.kube-linter.yaml`: the checks that are excluded, and the files that are ignored.

    checks:
      exclude: [unset-cpu-requirements]
      ignorePaths: ["test/**"]

What `include`, `addAllBuiltIn` and `doNotAutoAddDefaults` choose accepts nothing: not to ask for a check says nothing
about what it would find. Source: https://docs.kubelinter.io, "Configuring KubeLinter".
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from datetime import date

from bot.detect.marks import Known
from bot.detect.others.acceptance import Acceptance
from bot.detect.others.patterns import glob
from bot.detect.others.reading import NotUnderstoodError, document, each, malformed, members, suppression, words
from bot.manifest.configuration import Field
from bot.model import Skip

_TOOL = "kube-linter"


def parse(path: str, text: str, names: Known, _today: date) -> Iterator[Acceptance | Skip]:
    """What the file accepts."""
    root = document(path, text, "the configuration of kube-linter")
    if not isinstance(root, Field):
        yield from [] if root is None else [root]
        return
    try:
        checks = members(root).get("checks")
        said = members(checks) if checks is not None else {}
        exclude, ignored = (words(said[key]) if key in said else [] for key in ("exclude", "ignorePaths"))
    except NotUnderstoodError as error:
        yield malformed(path, error)
        return

    def excluded(item: Field) -> Iterator[Acceptance]:
        yield Acceptance(names.twin(_TOOL, item.text()), suppression(item, _TOOL))

    def left_alone(item: Field) -> Iterator[Acceptance]:
        pattern = posixpath.normpath(item.text())
        if not pattern.startswith(("/", "~", "../")):  # outside of the repository
            yield Acceptance(names.all_of(_TOOL), suppression(item, _TOOL), files=(glob(pattern),))

    yield from each(exclude, excluded)
    yield from each(ignored, left_alone)
