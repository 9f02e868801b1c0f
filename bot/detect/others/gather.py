"""Find the configuration of other tools at the root of a repository, and read it."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from datetime import date
from importlib import import_module

from bot.detect.kustomize import Reader
from bot.detect.marks import Known
from bot.detect.others.acceptance import Acceptance, Accepted, accepted
from bot.model import Skip

_FIRST = (
    ("kube_linter", (".kube-linter.yaml", ".kube-linter.yml")),
    ("checkov", (".checkov.yaml", ".checkov.yml")),
)
"""Modules and their files, of which the first one that is there counts."""

_ALL = (
    ("trivy", (".trivyignore", ".trivyignore.yaml", ".trivyignore.yml")),
    ("polaris", ("polaris.yaml", "polaris.yml", ".polaris.yaml", ".polaris.yml", "polaris-config.yaml")),
    ("kubescape", ("kubescape-exceptions.json", "exceptions.json")),
)
"""Modules and their files, all of which count."""

FILES = frozenset(name for _, files in (*_FIRST, *_ALL) for name in files)
"""Every file that may be read, from the root of the repository."""


def gather(read: Reader, names: Known, *, today: date, root: str = "", shown: str = "") -> Accepted:
    """What the files at `root` accept; `shown` is what people call the root."""
    return accepted(_said(read, names, today, root, shown))


def _said(read: Reader, names: Known, today: date, root: str, shown: str) -> Iterator[Acceptance | Skip]:
    for tool, files in (*_FIRST, *_ALL):
        there = [(name, text) for name in files if (text := read(posixpath.join(root, name))) is not None]
        for name, text in there[: 1 if (tool, files) in _FIRST else None]:
            # Imported when there is something to read: most repositories have none of these files.
            parse = import_module(f"bot.detect.others.{tool}").parse
            yield from parse(posixpath.join(shown, name), text, names, today)
