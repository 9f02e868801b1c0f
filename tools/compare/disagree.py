"""Where the two differ: for each check, object and container.

Checkov names for an object that fails the container that failed first, so the containers before it passed; what it
thinks of those after it is unknown, and they are not compared. An object that it skips because of an annotation is not
compared either. Our findings count as they are detected, before one of them covers another and before suppressions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from bot.detect.detect import Detection
from bot.manifest import Resource, workloads
from bot.manifest.workloads import ContainerPlace, Pod
from bot.model import Json
from bot.policy import Policy
from tools.compare.answers import Verdicts, hidden
from tools.compare.bindings import Judged, at_roles
from tools.compare.findings import Looked
from tools.compare.material import Sample


class Side(StrEnum):
    """Who complains alone."""

    OURS = "we"
    THEIRS = "Checkov"


@dataclass(frozen=True, slots=True)
class Twin:
    """A check of Checkov: its id, the kinds that it looks at, and the ids of our policies that say the same."""

    check: str
    kinds: frozenset[str]
    policies: tuple[str, ...]


def twins(policies: Sequence[Policy], kinds: Mapping[str, Sequence[str]]) -> list[Twin]:
    """Every check of Checkov that some policy names as its twin, in the order of numbers, with its `kinds`."""
    found: dict[str, list[str]] = {}
    for policy in policies:
        for tool, check in policy.twins:
            if tool == "checkov":
                found.setdefault(check, []).append(policy.id)
    return [Twin(each, frozenset(kinds.get(each, ())), tuple(found[each])) for each in sorted(found, key=_number)]


def _number(check: str) -> tuple[str, int]:
    series, _, number = check.rpartition("_")
    return series, int(number)


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One check and one place where only one side complains.

    `container` is None where the object as a whole is meant. `silent` is set when Checkov has no verdict on the object
    for this check, `unread` when it has none at all. `left` is why we left the file alone, `silenced` why our finding
    does not count.
    """

    twin: Twin
    side: Side
    sample: Sample
    resource: Resource
    container: ContainerPlace | None = None
    silent: bool = False
    unread: bool = False
    left: str = ""
    silenced: str = ""

    @property
    def check(self) -> str:
        """Checkov's id of the check."""
        return self.twin.check

    @property
    def kind(self) -> str:
        """The kind of the object."""
        return self.resource.ref.kind

    @property
    def body(self) -> dict[str, Json]:
        """The object."""
        return self.resource.body

    @property
    def pod(self) -> Pod | None:
        """The pod spec of the object, the first when there are several."""
        return next(iter(workloads.pods(self.resource)), None)

    def __str__(self) -> str:
        at = f" {self.container.pointer}" if self.container is not None else ""
        return f"{self.check}: {self.side} alone: {self.sample.name}: {self.resource.ref}{at}"


@dataclass(slots=True)
class Compared:
    """What came of comparing: how often both complain and both are content, and every disagreement.

    Agreements are counted by check and whether they are about the corpus (else about examples).
    """

    complaints: Counter[tuple[str, bool]] = field(default_factory=Counter)
    contents: Counter[tuple[str, bool]] = field(default_factory=Counter)
    disagreements: list[Disagreement] = field(default_factory=list)

    def add(self, sample: Sample, verdicts: Verdicts, looked: Looked, checks: Sequence[Twin]) -> None:
        """Compare what the two say of a sample."""
        judged = at_roles(list(_judged(looked.resources, verdicts)))
        for twin in checks:
            ours = [each for each in looked.detections if each.policy.id in twin.policies]
            quiet = [(each, why) for each, why in looked.silenced if each.policy.id in twin.policies]
            for resource, said in judged:
                here = [each for each in ours if _same(each.target.resource, resource)]
                silenced = {_at(each): why for each, why in quiet if _same(each.target.resource, resource)}
                case = Disagreement(
                    twin,
                    Side.OURS,
                    sample,
                    resource,
                    silent=twin.check not in said,
                    unread=not said,
                    left=looked.left,
                )
                self._judge(case, said.get(twin.check, ""), [each.target.container for each in here], silenced)

    def _judge(
        self,
        case: Disagreement,
        said: str,
        ours: Sequence[ContainerPlace | None],
        silenced: Mapping[str, str],
    ) -> None:
        """One object: `ours` are the places of our findings, None for the object as a whole."""
        verdict, _, failed = said.partition(" ")
        if verdict == "skipped":
            return
        if verdict != "failed":
            self.contents[case.check, case.sample.real] += bool(verdict) and not ours
            self._we(case, ours)
            return
        containers = {each.pointer: each for pod in workloads.pods(case.resource) for each in pod.containers}
        places = {each.pointer if each is not None else "" for each in ours}
        if failed in places or (places and ("" in places or not failed)):
            self.complaints[case.check, case.sample.real] += 1
        else:
            why = silenced.get(failed) or silenced.get("") or ("" if failed else "; ".join(silenced.values()))
            self.disagreements.append(_with(case, Side.THEIRS, containers.get(failed), why))
        if failed in containers:
            before = list(containers)[: list(containers).index(failed)]
            self._we(case, [each for each in ours if each is not None and each.pointer in before])

    def _we(self, case: Disagreement, places: Sequence[ContainerPlace | None]) -> None:
        once = {each.pointer if each is not None else "": each for each in places}
        self.disagreements += [_with(case, Side.OURS, each) for each in once.values()]


def _with(case: Disagreement, side: Side, container: ContainerPlace | None, silenced: str = "") -> Disagreement:
    return Disagreement(
        case.twin,
        side,
        case.sample,
        case.resource,
        container,
        silent=case.silent,
        unread=case.unread,
        left=case.left,
        silenced=silenced,
    )


def _at(detection: Detection) -> str:
    """The pointer of the container that a detection is about; empty when it is about more."""
    return detection.target.container.pointer if detection.target.container is not None else ""


def _same(one: Resource, other: Resource) -> bool:
    return (one.document, one.pointer) == (other.document, other.pointer)


def _judged(resources: Sequence[Resource], verdicts: Verdicts) -> Iterator[Judged]:
    """Every object with Checkov's verdict by check; objects of one name are told apart by their order."""
    total = Counter(_name(each) for each in resources)
    before: Counter[str] = Counter()
    for resource in resources:
        name = _name(resource)
        place = before[name]
        before[name] += 1
        # Where Checkov is undecided about some objects of one name it is not known about which: all are left out.
        yield (
            resource,
            {
                check: said[place] if len(said) == total[name] else "skipped"
                for check, said in verdicts.get(hidden(name), {}).items()
            },
        )


def _name(resource: Resource) -> str:
    """What Checkov calls an object: its kind, namespace and name, or its labels when it has no name."""
    metadata = resource.body.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    name, labels = metadata.get("name"), metadata.get("labels")
    if not name and isinstance(labels, dict):
        name = ".".join(f"{key}-{value}" for key, value in labels.items())
    return f"{resource.body.get('kind')}.{metadata.get('namespace', 'default')}.{name}"
