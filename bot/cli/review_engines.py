"""What other tools say of the head of a pull request: objects from git, policies and configuration of the merge base.

The tools see files that are written from the commit, never the checkout; what a repository says of them counts as it is
in the merge base. Programs and folders outside come from inputs alone, with their full paths: a relative one would lie
in the checkout, which is the pull request's.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bot.adapters.tree import Tree
from bot.cli.engines import ask
from bot.errors import InputError, UsageError
from bot.manifest import read
from bot.policy import Policy
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.adapters.engines.given import Given, Surroundings
    from bot.adapters.engines.paths import Files
    from bot.adapters.engines.run import Outcome
    from bot.detect.reported import Reports


def check(words: Iterable[str] | None) -> None:
    """Refuses programs that are not named by a full path."""
    for word in words or ():
        tool, sign, program = word.partition("=")
        if sign and not program.startswith("/"):
            raise UsageError(
                f"engines: {tool}={program[:60]}: name the program by its full path, outside of the checkout"
            )


def listen(
    settings: Settings,
    policies: Sequence[Policy],
    sarif: Sequence[str],
    *,
    paths: Sequence[str],
    base: Tree,
    head: Tree,
    surroundings: Surroundings,
) -> tuple[Reports, Outcome] | None:
    """What the tools report of the files at `paths`, which the pull request changes; None when none is asked.

    They are given the other files of the same folders, too: some checks are about several objects.
    """
    if not paths or not (settings.engines or sarif):
        return None
    from bot.adapters import files as disk
    from bot.adapters.engines import kube_linter
    from bot.adapters.engines.run import Material

    found = [(name, text) for name in kube_linter.CONFIGURATIONS if (text := base.read(name)) is not None]
    material = Material(
        list(_given(paths, head, surroundings)) if settings.engines else (),
        _files(paths),
        lambda: list(_policies(settings, base)),
        found[0] if found else None,
        [(path, disk.read_text(path)) for path in sarif],
    )
    reports, outcome = ask(settings.engines, material, policies, settings)
    return reports, outcome


def folders(settings: Settings, base: Tree) -> list[str]:
    """The folders and files in the repository that hold Kyverno's policies."""
    from bot.adapters.engines.kyverno import FOLDERS

    named = [posixpath.normpath(each) for each in settings.kyverno_policies if not each.startswith("/")]
    if settings.kyverno_policies:
        return named
    return [name for name in FOLDERS if base.below(name)][:1]


def _given(paths: Sequence[str], head: Tree, surroundings: Surroundings) -> Iterator[Given]:
    from bot.adapters.engines.given import of_manifest

    beside = (path for folder in dict.fromkeys(map(posixpath.dirname, paths)) for path in head.manifests_in(folder))
    for path in dict.fromkeys((*paths, *beside)):
        text = head.read(path)
        if text is not None:
            yield from of_manifest(read(path, text), surroundings)


def _files(paths: Sequence[str]) -> Files:
    """The files by where a checkout has them: the workspace of a workflow, or the current folder."""
    from bot.adapters.engines.paths import Files

    roots = dict.fromkeys(filter(None, (os.environ.get("GITHUB_WORKSPACE"), str(Path.cwd()))))
    return Files({posixpath.join(root, path): path for root in roots for path in paths}, tuple(roots))


def _policies(settings: Settings, base: Tree) -> Iterator[tuple[str, str]]:
    from bot.adapters import files as disk

    for folder in folders(settings, base):
        inside = [path for path in base.below(folder) if path.endswith((".yaml", ".yml"))]
        if not inside and base.read(folder) is not None:
            inside = [folder]
        if not inside:
            raise InputError(f"{folder}: no Kyverno policies there in the merge base")
        for path in inside:
            text = base.read(path)
            if text is not None:
                yield path, text
    for outside in (each for each in settings.kyverno_policies if each.startswith("/")):
        for file in disk.discover([outside]).files:
            written = disk.read_text(file.path)
            if isinstance(written, str):
                yield file.path, written
