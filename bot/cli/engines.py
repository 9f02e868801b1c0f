"""From settings and options to what other tools say of the files of a run; the same for a scan and for a review."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from bot.errors import InputError
from bot.policy import Policy
from bot.policy.twins import Twins
from bot.settings import Settings
from bot.settings.model import ENGINES

if TYPE_CHECKING:
    from bot.adapters.engines.given import Given, Surroundings
    from bot.adapters.engines.run import Material, Outcome, Wanted
    from bot.cli.session import Session
    from bot.detect.reported import Reports


def wanted(words: Iterable[str]) -> Wanted:
    """Which tools the words of `engines` ask for; `required` alone asks for all."""
    from bot.adapters.engines.run import Wanted

    said = dict.fromkeys(words)
    programs = {tool: program for tool, sign, program in (word.partition("=") for word in said) if sign}
    named = tuple(tool for tool in ENGINES if tool in said or tool in programs)
    required = "required" in said
    if "auto" not in said and (named or not required):
        return Wanted(named, programs, required=required)
    optional = () if required else tuple(tool for tool in ENGINES if tool not in named)
    return Wanted(ENGINES, programs, optional, required)


def listen(session: Session, sarif: Sequence[str] = ()) -> None:
    """Ask the tools that the settings of a scan want, and read the reports in `sarif`; its findings then name them."""
    words = session.settings.engines
    if not words and not sarif:
        return
    from bot.adapters import files as disk
    from bot.adapters.engines import kube_linter
    from bot.adapters.engines.paths import Files
    from bot.adapters.engines.run import Material

    here, root = os.getcwd(), session.root  # noqa: PTH109 a text, like the paths of a run
    known = {os.path.realpath(path): path for path in session.names}
    known |= {posixpath.normpath(posixpath.join(here, path)): path for path in session.names}
    configurations = (posixpath.join(root, name) for name in kube_linter.CONFIGURATIONS)
    found = [(path, text) for path in configurations if isinstance(text := disk.read_text(path), str)]
    material = Material(
        [each for path in session.names for each in _given(path, session.text_of(path), session.bot.surroundings)]
        if words
        else (),
        Files(known, (here, os.path.realpath(here), root)),
        lambda: list(_policies(session.settings, root)),
        found[0] if found else None,
        [(path, disk.read_text(path)) for path in sarif],
    )
    reports, outcome = ask(words, material, session.known_policies, session.settings)
    session.hear(reports, outcome.notices, outcome.errors)


def ask(
    words: Iterable[str], material: Material, policies: Sequence[Policy], settings: Settings
) -> tuple[Reports, Outcome]:
    """What the tools say, beside all policies there are; and what is to be said of the tools."""
    from bot.adapters.engines.run import run
    from bot.detect.reported import Reports

    outcome = run(wanted(words), material, os.environ)
    ignored = frozenset(
        each.id for each in policies if settings.is_ignored(each.id, category=each.category, profiles=each.profiles)
    )
    return Reports(outcome.by_path, Twins(policies), {each.id: each for each in policies}, ignored), outcome


def _given(path: str, text: str, surroundings: Surroundings) -> list[Given]:
    from bot.adapters.engines.given import of_manifest
    from bot.manifest import read

    return of_manifest(read(path, text), surroundings)


def _policies(settings: Settings, root: str) -> Iterator[tuple[str, str]]:
    """Kyverno's policies: of the folders that are named, from the root or, on a command line, from here."""
    from bot.adapters import files as disk
    from bot.adapters.engines.kyverno import FOLDERS

    from_options = ("kyverno", "policies") in settings.places
    base = "." if from_options else root
    named = settings.kyverno_policies
    folders = [posixpath.join(base, each) for each in named] if named else []
    if not folders:
        folders = [path for name in FOLDERS if os.path.isdir(path := posixpath.join(root, name))][:1]  # noqa: PTH112
    found = disk.discover(folders) if folders else None
    for skip in found.skips if found is not None else ():
        if skip.error:
            raise InputError(f"{skip.path}: {skip.reason}; it was named as a folder of Kyverno policies")
    for each in found.files if found is not None else ():
        text = disk.read_text(each.path)
        if isinstance(text, str):
            yield each.path, text
