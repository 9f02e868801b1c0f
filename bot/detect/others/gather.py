"""Find the configuration of other tools at the root of a repository, and read it."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator
from datetime import date

from bot.detect.kustomize import Reader
from bot.detect.marks import Known
from bot.detect.others import checkov, kube_linter, kubescape, polaris, trivy
from bot.detect.others.acceptance import Acceptance, Accepted, accepted
from bot.model import Skip

Parse = Callable[[str, str, Known, date], Iterator[Acceptance | Skip]]

_FIRST: tuple[tuple[tuple[str, ...], Parse], ...] = (
    (kube_linter.NAMES, kube_linter.parse),
    (checkov.NAMES, checkov.parse),
)
_ALL: tuple[tuple[tuple[str, ...], Parse], ...] = (
    (trivy.NAMES, trivy.parse),
    (polaris.NAMES, polaris.parse),
    (kubescape.NAMES, kubescape.parse),
)


FILES = frozenset(name for files, _ in (*_FIRST, *_ALL) for name in files)
"""Every file that may be read, from the root of the repository."""


def gather(read: Reader, names: Known, *, today: date, root: str = "", shown: str = "") -> Accepted:
    """What the files at `root` accept; `shown` is what people call the root."""
    return accepted(_said(read, names, today, root, shown))


def _said(read: Reader, names: Known, today: date, root: str, shown: str) -> Iterator[Acceptance | Skip]:
    for files, parse in _FIRST:
        for name in files:
            text = read(posixpath.join(root, name))
            if text is not None:
                yield from parse(posixpath.join(shown, name), text, names, today)
                break
    for files, parse in _ALL:
        for name in files:
            text = read(posixpath.join(root, name))
            if text is not None:
                yield from parse(posixpath.join(shown, name), text, names, today)
