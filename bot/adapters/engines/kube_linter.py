"""kube-linter: one call over a copy of all objects, its JSON, and what it means.

`kube-linter lint --format json` prints an object with `Reports`. Each has `Check`, `Diagnostic.Message` and `Object`
with `Metadata.FilePath` and `K8sObject`, which holds `Namespace`, `Name` and `GroupVersionKind`; there are no line
numbers. It exits with 1 when it has something to report. Source: diagnostic.WithContext and lintcontext.Object of
https://github.com/stackrox/kube-linter.
"""

from __future__ import annotations

import json
import posixpath
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.adapters.engines import programs
from bot.adapters.engines.given import Given, copied_name, documents, write
from bot.adapters.engines.shape import NotAsDescribed, member, optional_text, text
from bot.adapters.engines.words import are
from bot.detect.reported import Reported
from bot.model import Json, ResourceRef, Severity

TOOL = "kube-linter"
NAMES = ("kube-linter",)
CONFIGURATIONS = (".kube-linter.yaml", ".kube-linter.yml")
"""Files at the root of a repository that configure it; the first one that is there counts."""

_SEVERITIES = {"critical": Severity.CRITICAL, "high": Severity.HIGH, "error": Severity.HIGH, "info": Severity.LOW}
_CONTAINER = re.compile(r'\bcontainer "([^"]+)"')
_NOTHING = ("no valid objects found", "no checks enabled")


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One report as it is printed; `path` is that of the file it was given."""

    check: str
    message: str
    path: str
    ref: ResourceRef
    severity: Severity = Severity.MEDIUM


def parse(output: str) -> tuple[list[Diagnostic], int]:
    """The reports of its output, and the number of those that are not as described; raises NotAsDescribed."""
    try:
        document = json.loads(output)
    except (ValueError, RecursionError) as error:
        raise NotAsDescribed(f"its output is no JSON: {error}") from error
    if not isinstance(document, dict) or "Reports" not in document:
        raise NotAsDescribed("its output has no Reports")
    reports = document["Reports"]
    if not isinstance(reports, (list, type(None))):
        raise NotAsDescribed("its Reports are no list")
    found: list[Diagnostic] = []
    unread = 0
    for each in reports or ():
        try:
            found.append(_diagnostic(each))
        except NotAsDescribed:
            unread += 1
    return found, unread


def _diagnostic(report: Json) -> Diagnostic:
    said, about = member(report, "Diagnostic"), member(report, "Object")
    thing = member(about, "K8sObject")
    return Diagnostic(
        text(report, "Check"),
        text(said, "Message"),
        text(member(about, "Metadata"), "FilePath"),
        _identity(thing),
        _SEVERITIES.get(optional_text(said, "Severity").lower(), Severity.MEDIUM),
    )


def _identity(thing: Json) -> ResourceRef:
    """The object's identity, as the type that it prints says it, or as the object itself does."""
    if "GroupVersionKind" in thing:
        kind = member(thing, "GroupVersionKind")
        group, version = optional_text(kind, "Group"), text(kind, "Version")
        api_version = f"{group}/{version}" if group else version
        return ResourceRef(
            api_version, text(kind, "Kind"), optional_text(thing, "Namespace") or None, optional_text(thing, "Name")
        )
    metadata = member(thing, "metadata")
    return ResourceRef(
        text(thing, "apiVersion"),
        text(thing, "kind"),
        optional_text(metadata, "namespace") or None,
        optional_text(metadata, "name"),
    )


def run(
    program: str,
    given: Sequence[Given],
    environ: Mapping[str, str],
    *,
    deadline: float,
    configuration: tuple[str, str] | None = None,
) -> tuple[list[Reported], list[str]]:
    """(what it reports, what is to be said about the run). `configuration` is a name and a text.

    Raises NotAsDescribed when nothing of it can be used.
    """
    with tempfile.TemporaryDirectory(prefix="k8s-auto-fix-kube-linter-") as folder:
        scratch = Path(folder).resolve()
        manifests = scratch / "manifests"
        copies = _write(manifests, given)
        command = [program, "lint", "--format", "json"]
        if configuration is not None:
            write(scratch / "configuration.yaml", configuration[1])
            command += ["--config", str(scratch / "configuration.yaml")]
        finished = programs.run(
            [*command, "."],
            folder=manifests,
            environ=programs.environment(environ, scratch),
            deadline=deadline,
        )
        if finished.code is None:
            raise NotAsDescribed(finished.why)
        if not finished.output.strip():
            if finished.code == 0 and any(words in finished.errors for words in _NOTHING):
                return [], []
            raise NotAsDescribed(finished.why)
        diagnostics, unread = parse(finished.output)
        notices = [f"{are(unread, 'report', 'its')} not as described, and left out"] if unread else []
        if finished.code not in (0, 1):
            notices.append(f"{finished.why}; what it reported before is shown")
        known = {str(manifests / name): objects for name, objects in copies.items()}
        return _reported(diagnostics, known, manifests, notices), notices


def _write(folder: Path, given: Sequence[Given]) -> dict[str, list[Given]]:
    """The copies of all files, by their names in the folder, with the objects in them."""
    files: dict[str, list[Given]] = {}
    for each in given:
        files.setdefault(each.path, []).append(each)
    copies: dict[str, list[Given]] = {}
    for number, (path, objects) in enumerate(files.items()):
        name = copied_name(path, number)
        if name in copies:
            name = copied_name(f"/{name}", number)
        copies[name] = objects
        write(folder / name, documents(each.body for each in objects))
    folder.mkdir(exist_ok=True)
    return copies


def _reported(
    diagnostics: Sequence[Diagnostic], known: Mapping[str, list[Given]], folder: Path, notices: list[str]
) -> list[Reported]:
    """Each report with the object that it was given; those about none of them are counted."""
    found = []
    unknown: list[str] = []
    for each in diagnostics:
        objects = known.get(posixpath.normpath(posixpath.join(str(folder), each.path)), [])
        about = next((one for one in objects if _is_called(one.ref, each.ref)), None)
        if about is None:
            unknown.append(f"{each.check} of {each.ref}")
            continue
        container = _CONTAINER.search(each.message)
        found.append(
            Reported(
                TOOL,
                TOOL,
                each.check,
                each.message,
                about.path,
                each.severity,
                about.place,
                container=container[1] if container else "",
            )
        )
    if unknown:
        notices.append(
            f"{are(len(unknown), 'report', 'its')} about objects that it was not given, such as {unknown[0]}"
        )
    return found


def _is_called(ref: ResourceRef, said: ResourceRef) -> bool:
    """Whether an object is the one that is named; a namespace that the manifest leaves out may have been filled in."""
    same = (ref.kind, ref.name, ref.group) == (said.kind, said.name, said.group)
    return same and (ref.namespace is None or said.namespace is None or ref.namespace == said.namespace)
