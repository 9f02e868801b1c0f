"""All tools that are wanted, over the objects of a run: what they report, by file, and one line for what went wrong."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.adapters.engines import kube_linter, kyverno, programs, sarif_in
from bot.adapters.engines.given import Given
from bot.adapters.engines.kyverno_policies import Policies, read_policies
from bot.adapters.engines.paths import Files
from bot.adapters.engines.shape import NotAsDescribed
from bot.adapters.engines.words import are
from bot.detect.reported import Reported
from bot.model import Skip

FAILED = "engine-failed"
"""Code of the skip for a tool that is required and missing, or that failed."""

UNREADABLE = "sarif-unreadable"

INSTALL = {
    kube_linter.TOOL: "https://docs.kubelinter.io/#/?id=installing-kubelinter",
    kyverno.TOOL: "https://kyverno.io/docs/subprojects/kyverno-cli",
}
"""Where each tool says how to get it."""
_NAMES = {kube_linter.TOOL: kube_linter.NAMES, kyverno.TOOL: kyverno.NAMES}
TOOLS = tuple(_NAMES)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which tools to run. `programs` are the paths of those that a person named; `optional` may be missing unsaid.

    `required`: one that is missing or fails is an error.
    """

    names: tuple[str, ...] = ()
    programs: Mapping[str, str] = field(default_factory=dict)
    optional: tuple[str, ...] = ()
    required: bool = False


@dataclass(frozen=True, slots=True)
class Material:
    """What the tools work on: objects, Kyverno's policies as (path, text), kube-linter's configuration likewise.

    `sarif` are reports as (path, text or why there is none). `files` are those of the run.
    """

    given: Sequence[Given]
    files: Files
    policies: Callable[[], Sequence[tuple[str, str]]] = lambda: ()
    configuration: tuple[str, str] | None = None
    sarif: Sequence[tuple[str, str | Skip]] = ()


@dataclass(slots=True)
class Outcome:
    """What came of it: reports by file, lines to be said, and errors."""

    by_path: dict[str, tuple[Reported, ...]] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)
    errors: list[Skip] = field(default_factory=list)


def locate(wanted: Wanted, environ: Mapping[str, str]) -> dict[str, str | None]:
    """The program of each tool that is wanted; None for one that is not there."""
    return {
        name: wanted.programs.get(name) or programs.find(_NAMES[name], environ)
        for name in dict.fromkeys((*wanted.names, *wanted.programs))
    }


def run(wanted: Wanted, material: Material, environ: Mapping[str, str], *, limit: float = programs.LIMIT) -> Outcome:
    """Run the tools and read the reports, one after the other; whatever fails leaves the others as they are."""
    outcome = Outcome()
    found: list[Reported] = []
    for name, program in locate(wanted, environ).items():
        if program is None:
            if name not in wanted.optional:
                why = f"{' or '.join(_NAMES[name])} is not on the PATH; {INSTALL[name]}"
                _fail(outcome, wanted, name, why)
            continue
        if not material.given:
            continue
        try:
            reported, notices = _one(name, program, material, environ, time.monotonic() + limit)
        except NotAsDescribed as error:
            _fail(outcome, wanted, name, f"{error}; its findings are left out")
            continue
        found += reported
        outcome.notices += [f"{name}: {notice}" for notice in notices]
    for path, text in material.sarif:
        found += _of_sarif(path, text, material.files, outcome)
    by_path: dict[str, list[Reported]] = {}
    for each in found:
        by_path.setdefault(each.path, []).append(each)
    outcome.by_path = {path: tuple(reported) for path, reported in by_path.items()}
    return outcome


def _one(
    name: str, program: str, material: Material, environ: Mapping[str, str], deadline: float
) -> tuple[list[Reported], list[str]]:
    if name == kube_linter.TOOL:
        return kube_linter.run(
            program, material.given, environ, deadline=deadline, configuration=material.configuration
        )
    policies = read_policies(material.policies())
    if not policies.policies:
        raise NotAsDescribed(_no_policies(policies))
    return kyverno.run(program, material.given, policies, environ, deadline=deadline)


def _no_policies(policies: Policies) -> str:
    if policies.problems:
        return f"none of its policies can be read, such as {policies.problems[0]}"
    folders = " or ".join(f"{name}/" for name in kyverno.FOLDERS)
    return f"no policies: put them into {folders}, or name their folder under kyverno.policies in the settings"


def _fail(outcome: Outcome, wanted: Wanted, name: str, why: str) -> None:
    if wanted.required:
        outcome.errors.append(Skip("engine", FAILED, why, name, error=True))
    else:
        outcome.notices.append(f"{name}: {why}")


def _of_sarif(path: str, text: str | Skip, files: Files, outcome: Outcome) -> list[Reported]:
    if isinstance(text, Skip):
        outcome.errors.append(text)
        return []
    try:
        report = sarif_in.parse(text)
    except NotAsDescribed as error:
        outcome.errors.append(Skip("read", UNREADABLE, f"{error}", path, error=True))
        return []
    found: list[Reported] = []
    elsewhere: dict[str, int] = {}
    for each in report.results:
        name = files.find(each.uri)
        if name is None:
            elsewhere[each.uri] = elsewhere.get(each.uri, 0) + 1
            continue
        found.append(
            Reported(
                each.tool,
                each.label,
                each.check,
                each.message,
                name,
                each.severity,
                ref=each.ref,
                lines=each.lines,
                container=each.container,
            )
        )
    if report.unread:
        outcome.notices.append(f"{path}: {are(report.unread, 'result')} not as SARIF describes it, and left out")
    if elsewhere:
        outcome.notices.append(f"{path}: {_elsewhere(elsewhere)}")
    return found


def _elsewhere(files: Mapping[str, int]) -> str:
    """How many results are about files that are not looked at, the first of them named."""
    number = sum(files.values())
    names = sorted(files)
    named = ", ".join(name[:100] for name in names[:3]) + (f" and {len(names) - 3:,} more" if len(names) > 3 else "")
    return f"{are(number, 'result')} about files that are not looked at: {named}"
