"""Kyverno's command line: one call over a copy of all objects, its policy report, and what it means.

`kyverno apply POLICIES --resource FILE --policy-report --output-format json` prints one JSON object a line: a
ClusterReport (ClusterPolicyReport before 1.15) of all cluster policies and one report for each namespaced one. A result
has `policy`, `rule`, `result`, `message`, `severity` and `resources`. Each object is given a uid of ours, which comes
back in `resources`: so two manifests of the same name are told apart. It cannot hold two objects of one name in one
call (`already exists`); those that share a name go into further calls.
"""

from __future__ import annotations

import json
import posixpath
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.adapters.engines import programs
from bot.adapters.engines.given import Given, documents, write
from bot.adapters.engines.kyverno_policies import WITNESS, WITNESS_OBJECT, WITNESS_POLICY, Policies
from bot.adapters.engines.shape import NotAsDescribed, items, optional_text, text
from bot.adapters.engines.words import are
from bot.detect.reported import Reported
from bot.model import Json, Severity

TOOL = "kyverno"
LABEL = "Kyverno"
NAMES = ("kyverno", "kubectl-kyverno")
FOLDERS = ("kyverno", ".kyverno")
"""Where a repository's own policies are looked for when nothing names them."""

MOST_CALLS = 30
"""Calls for objects that share a name; the rest is said to be left out."""

_SEVERITIES = {
    "critical": Severity.CRITICAL,
    "high": Severity.HIGH,
    "medium": Severity.MEDIUM,
    "low": Severity.LOW,
    "info": Severity.LOW,
}
_PATH = re.compile(r"\s*\brule \S+ failed at path (?P<path>/\S*)")
_UID = "k8s-auto-fix-"


@dataclass(frozen=True, slots=True)
class Result:
    """One result of a report: `uid` is that of the object; `at` the place in it that the message names."""

    policy: str
    result: str
    message: str
    uid: str
    severity: Severity = Severity.MEDIUM
    at: str = ""


@dataclass(slots=True)
class _Told:
    """What the calls of a run gave together."""

    results: list[Result] = field(default_factory=list)
    unread: int = 0
    seen: bool = False


def parse(output: str) -> tuple[list[Result], int]:
    """The results of all reports in its output, and the number of those that are not as described.

    Other lines (warnings, the name of a policy that is left out) are passed over; raises NotAsDescribed for a report
    that is cut short.
    """
    found: list[Result] = []
    unread = 0
    for line in output.splitlines():
        if not line.startswith("{"):
            continue
        try:
            report = json.loads(line)
            results = items(report, "results")
        except (ValueError, RecursionError) as error:
            raise NotAsDescribed(f"its report is no JSON: {error}") from error
        for each in results:
            try:
                found += _results(each)
            except NotAsDescribed:
                unread += 1
    return found, unread


def _results(result: Json) -> Iterator[Result]:
    message, at = _said(optional_text(result, "message"))
    policy = text(result, "policy")
    severity = _SEVERITIES.get(optional_text(result, "severity"), Severity.MEDIUM)
    for each in items(result, "resources"):
        uid = optional_text(each, "uid")
        yield Result(policy, text(result, "result"), message or f"does not meet {policy}", uid, severity, at)


def _said(message: str) -> tuple[str, str]:
    """(the message of the policy, the place that all of its failures have in common)."""
    paths = [match["path"].rstrip("/") for match in _PATH.finditer(message)]
    first = _PATH.search(message)
    said = (message[: first.start()] if first else message).removeprefix("validation error:")
    at = posixpath.commonpath(paths) if paths and all(paths) else ""
    return " ".join(said.split()).removesuffix("."), "" if at == "/" else at


def run(
    program: str, given: Sequence[Given], policies: Policies, environ: Mapping[str, str], *, deadline: float
) -> tuple[list[Reported], list[str]]:
    """(what it reports, what is to be said about the run); raises NotAsDescribed when nothing of it can be used."""
    notices = [f"{problem}; its policies are left out" for problem in policies.problems]
    with tempfile.TemporaryDirectory(prefix="k8s-auto-fix-kyverno-") as folder:
        scratch = Path(folder).resolve()
        call = _Call(program, scratch, programs.environment(environ, scratch), deadline)
        call.write_exceptions(policies.exceptions)
        chosen = list(policies.policies)
        batches = list(_batches(given))
        told = call.apply(chosen, batches[:1])
        if not told.seen:
            chosen, refused = call.sift(chosen)
            if not chosen:
                raise NotAsDescribed(f"it takes none of the policies, such as {refused[0]}")
            notices.append(f"it does not take {_listed(refused)}; the other policies are applied")
            told = call.apply(chosen, batches[:1])
            if not told.seen:
                raise NotAsDescribed("it takes each of the policies and not all of them together")
        rest = call.apply(chosen, batches[1:MOST_CALLS]) if len(batches) > 1 else _Told(seen=True)
    if len(batches) > MOST_CALLS:
        left = sum(map(len, batches[MOST_CALLS:]))
        notices.append(f"{are(left, 'object')} left out: more than {MOST_CALLS} share a name")
    results = [*told.results, *rest.results]
    unread = told.unread + rest.unread
    if unread:
        notices.append(f"{are(unread, 'result', 'its')} not as described, and left out")
    return _reported(results, given, notices), notices


@dataclass(slots=True)
class _Call:
    """Calls of the program in one scratch folder."""

    program: str
    scratch: Path
    environ: Mapping[str, str]
    deadline: float
    exceptions: list[str] = field(default_factory=list)
    count: int = 0

    def write_exceptions(self, exceptions: Iterable[tuple[str, dict[str, Json]]]) -> None:
        bodies = [body for _, body in exceptions]
        if bodies:
            path = self.scratch / "exceptions.yaml"
            write(path, documents(bodies))
            self.exceptions = ["--exception", str(path)]

    def apply(self, policies: Sequence[tuple[str, dict[str, Json]]], batches: Sequence[Sequence[_Numbered]]) -> _Told:
        """The policies on some batches of objects, one call a batch."""
        told = _Told(seen=True)
        for batch in batches:
            results, unread = self._once([body for _, body in policies], batch)
            told.seen = told.seen and any(each.uid == WITNESS for each in results)
            told.results += [each for each in results if each.uid != WITNESS]
            told.unread += unread
        return told

    def sift(
        self, policies: Sequence[tuple[str, dict[str, Json]]]
    ) -> tuple[list[tuple[str, dict[str, Json]]], list[str]]:
        """The policies that it takes, and the names of those that it does not, tried one by one."""
        good: list[tuple[str, dict[str, Json]]] = []
        bad: list[str] = []
        for path, body in policies:
            if self.apply([(path, body)], [()]).seen:
                good.append((path, body))
            else:
                metadata = body.get("metadata")
                name = metadata.get("name") if isinstance(metadata, dict) else None
                bad.append(f"{path} ({name})" if isinstance(name, str) else path)
        return good, bad

    def _once(self, policies: Sequence[dict[str, Json]], batch: Sequence[_Numbered]) -> tuple[list[Result], int]:
        self.count += 1
        place = self.scratch / str(self.count)
        write(place / "policies.yaml", documents([WITNESS_POLICY, *policies]))
        write(place / "objects.yaml", documents([WITNESS_OBJECT, *(each.marked() for each in batch)]))
        finished = programs.run(
            [
                *(self.program, "apply", str(place / "policies.yaml"), "--resource", str(place / "objects.yaml")),
                *("--policy-report", "--output-format", "json", "--continue-on-fail", *self.exceptions),
            ],
            folder=place,
            environ=self.environ,
            deadline=self.deadline,
        )
        # It exits with 1 when an object fails a policy, the witness among them.
        if finished.code not in (0, 1):
            raise NotAsDescribed(finished.why)
        results, unread = parse(finished.output)
        if not results and finished.code:
            raise NotAsDescribed(finished.why)
        return results, unread


@dataclass(frozen=True, slots=True)
class _Numbered:
    """An object with the number that its uid carries."""

    number: int
    given: Given

    def marked(self) -> dict[str, Json]:
        """The object as Kyverno gets it; one that the server would name has a name of its own."""
        found = self.given.body.get("metadata")
        metadata = found if isinstance(found, dict) else {}
        marked = {**metadata, "uid": f"{_UID}{self.number}"}
        if not metadata.get("name"):
            marked["name"] = f"{metadata.get('generateName') or ''}{_UID}{self.number}"
        return {**self.given.body, "metadata": marked}


def _batches(given: Sequence[Given]) -> Iterator[list[_Numbered]]:
    """The objects in batches in which no two have one name; at least one batch."""
    batches: list[list[_Numbered]] = [[]]
    taken: dict[tuple[str, str, str, str], int] = {}
    for number, each in enumerate(given):
        ref = each.ref
        # A namespace that is missing is `default` to Kyverno; versions of a group are one.
        key = (ref.group, ref.kind.lower(), ref.namespace or "default", ref.name or f"{_UID}{number}")
        turn = taken[key] = taken.get(key, -1) + 1
        if turn == len(batches):
            batches.append([])
        batches[turn].append(_Numbered(number, each))
    yield from batches


def _reported(results: Iterable[Result], given: Sequence[Given], notices: list[str]) -> list[Reported]:
    """The failures as reports; policies that could not be decided and objects that nobody gave are counted."""
    found: list[Reported] = []
    undecided: list[str] = []
    unknown: list[str] = []
    for each in results:
        if each.result == "error":
            undecided.append(f"{each.policy}: {each.message}")
        if each.result not in ("fail", "warn"):
            continue
        number = each.uid.removeprefix(_UID)
        if not number.isascii() or not number.isdigit() or int(number) >= len(given):
            unknown.append(each.policy)
            continue
        about = given[int(number)]
        found.append(
            Reported(TOOL, LABEL, each.policy, each.message, about.path, each.severity, about.place, at=each.at)
        )
    if undecided:
        notices.append(f"{are(len(undecided), 'result', 'its')} undecided, such as {undecided[0][:200]}")
    if unknown:
        notices.append(
            f"{are(len(unknown), 'result', 'its')} about objects that it was not given, such as {unknown[0]}"
        )
    return found


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3:,} more" if len(names) > 3 else "")
