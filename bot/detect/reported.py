"""What other tools say of manifests, and which object, container and line of a file each of them means.

A tool names a place in its own way: by the object that it was given, by kind and name, by lines, by a container in its
message. Whatever it says is looked up in the file as we read it; what cannot be found there has no place.

Invariant: a function of its arguments; nothing that a tool says is taken for true but that it said it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.detect.detect import Place
from bot.manifest import Manifest, Resource, pointers, spans, workloads
from bot.manifest.nodes import Mapping as MappingNode
from bot.manifest.nodes import Node
from bot.manifest.nodes import Sequence as SequenceNode
from bot.model import Record, ResourceRef, Severity
from bot.policy import Policy
from bot.policy.twins import Twins


@dataclass(frozen=True, slots=True)
class Settled(Record):
    """Where something reported was found to belong, as in `Placed`, before the text of the file changed.

    `alone`: no finding of ours said the same. What ours said and a fix has cured is cured for the tool, too.
    """

    inside: str
    shown: str
    alone: bool


@dataclass(frozen=True, slots=True)
class Reported(Record):
    """One thing that a tool says of a file.

    `tool` is what policies call it in their `twins`, `label` what people call it, `check` its own id for what it looks
    for. The object is `place` where the tool was given it, else that of kind and name in `ref`, else the one at
    `lines` (first and last, 1-based). `at` is a pointer from the object; `container` the name of one. `settled` is set
    once the place is known and the text is about to change.
    """

    tool: str
    label: str
    check: str
    message: str
    path: str
    severity: Severity = Severity.MEDIUM
    place: Place | None = None
    ref: ResourceRef | None = None
    at: str = ""
    lines: tuple[int, int] | None = None
    container: str = ""
    settled: Settled | None = None

    @property
    def name(self) -> str:
        """The tool and its id, for people: `Checkov: CKV_K8S_16`."""
        return f"{self.label}: {self.check}"


@dataclass(frozen=True, slots=True)
class Reports:
    """What tools say of the files of a run, by their paths.

    `known` are all policies there are, by id; `ignored` the ids of those that a team switched off by name: what a tool
    says of them is left out, too.
    """

    by_path: Mapping[str, tuple[Reported, ...]] = field(default_factory=dict)
    twins: Twins = field(default_factory=lambda: Twins(()))
    known: Mapping[str, Policy] = field(default_factory=dict)
    ignored: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Placed:
    """Something reported, where it belongs. Pointers count from the object.

    `policies` are ours that say the same. `inside` is the smallest of object, pod spec and container that is meant;
    `sure`: the tool named it, it was not read from line numbers. `shown` is what a person should look at.
    """

    reported: Reported
    resource: Resource
    policies: tuple[str, ...]
    inside: str
    sure: bool
    shown: str


def place(
    manifest: Manifest, resources: Sequence[Resource], reports: Reports
) -> tuple[list[Placed], list[tuple[Reported, str]]]:
    """What is reported of a file, with its places; and what has none, with the reason."""
    placed: list[Placed] = []
    lost: list[tuple[Reported, str]] = []
    for each in reports.by_path.get(manifest.path, ()):
        policies = reports.twins.of_tool(each.tool, each.check)
        wanted = tuple(policy for policy in policies if policy not in reports.ignored)
        if policies and not wanted:
            continue
        found = _object_of(manifest, resources, each)
        if isinstance(found, str):
            lost.append((each, found))
        elif each.settled is not None:
            known = each.settled
            placed.append(Placed(each, found, wanted, known.inside, True, known.shown))
        else:
            inside, sure = _inside(manifest, found, each)
            shown = _shown(manifest, found, each, inside)
            placed.append(Placed(each, found, wanted, inside, sure, shown))
    return placed, lost


def _object_of(manifest: Manifest, resources: Sequence[Resource], reported: Reported) -> Resource | str:
    """The object that is meant, or why there is none."""
    if reported.place is not None:
        found = [each for each in resources if (each.document, each.pointer) == reported.place]
        return found[0] if found else "the object that it is about is not looked at"
    if reported.ref is not None:
        named = [each for each in resources if _is_called(each.ref, reported.ref)]
        if len(named) == 1:
            return named[0]
        if not named:
            return f"no {reported.ref} is looked at in this file"
        resources = named
    if reported.lines is not None:
        return _at_lines(manifest, resources, reported.lines)
    return resources[0] if len(resources) == 1 else "it does not say which object of the file it is about"


def _is_called(ref: ResourceRef, wanted: ResourceRef) -> bool:
    """Whether an object has this name; of what the other one leaves empty, anything will do."""
    return (
        wanted.kind in ("", ref.kind)
        and wanted.name in ("", ref.name)
        and (not wanted.namespace or not ref.namespace or wanted.namespace == ref.namespace)
        and (not wanted.api_version or wanted.group == ref.group)
    )


def _at_lines(manifest: Manifest, resources: Sequence[Resource], lines: tuple[int, int]) -> Resource | str:
    """The object at some lines: the one within them, or most of them belong to, or the only one of its document."""
    last_line = manifest.line_of(len(manifest.text))
    if lines[0] > last_line:
        return f"the file has no line {lines[0]}; it is another one than the tool has seen"
    extents = [(_lines(manifest, each.document, each.pointer), each) for each in resources]
    best = [each for (first, last), each in extents if lines[0] <= first and last <= lines[1]]
    if not best:
        most = max((_overlap(extent, lines) for extent, _ in extents), default=0)
        best = [each for extent, each in extents if most and _overlap(extent, lines) == most]
    if not best:  # the lines of a marker or a comment
        starts = [manifest.line_of(document.start) for document in manifest.documents]
        document = sum(start <= lines[0] for start in starts) - 1
        best = [each for each in resources if each.document == max(document, 0)]
    if len(best) == 1:
        return best[0]
    return f"no object is looked at in line {lines[0]}" if not best else f"line {lines[0]} belongs to several objects"


def _lines(manifest: Manifest, document: int, pointer: str) -> tuple[int, int]:
    _, node, _ = spans.find(manifest.documents[document].root, pointer)
    start = spans.content_start(manifest.text, node)
    return manifest.line_of(start), manifest.line_of(max(start, spans.content_end(manifest.text, node) - 1))


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> int:
    return max(0, min(one[1], other[1]) - max(one[0], other[0]) + 1)


def _inside(manifest: Manifest, resource: Resource, reported: Reported) -> tuple[str, bool]:
    """(the pod spec or container that is meant, else the object; whether the tool named it)."""
    pods = workloads.pods(resource)
    containers = [container for pod in pods for container in pod.containers]
    if reported.at:
        around = [*(each.pointer for each in containers), *(pod.spec for pod in pods)]
        return next((each for each in around if pointers.is_within(reported.at, each)), ""), True
    if reported.container:
        named = [each.pointer for each in containers if each.body.get("name") == reported.container]
        if len(named) == 1:
            return named[0], True
    if reported.lines is not None:
        for each in containers:
            first, last = _lines(manifest, resource.document, resource.pointer + each.pointer)
            if first <= reported.lines[0] and reported.lines[1] <= last:
                return each.pointer, False
    return "", False


def _shown(manifest: Manifest, resource: Resource, reported: Reported, inside: str) -> str:
    """Where to look: the place that is named, what begins on the line, else the name of the object or container.

    Lines from the first one of the object on mean the object as a whole.
    """
    if reported.at:
        return reported.at
    first, _ = _lines(manifest, resource.document, resource.pointer)
    if reported.lines is not None and first < reported.lines[0]:
        root = spans.find(manifest.documents[resource.document].root, resource.pointer)[1]
        found = _begins(manifest, root, reported.lines[0])
        if found and pointers.is_within(found, inside) and found != inside:
            return found
    name = f"{inside}/name" if inside else "/metadata/name"
    return name if pointers.resolve(resource.body, name)[0] else inside


def _begins(manifest: Manifest, node: Node, line: int) -> str:
    """The pointer, from `node`, of the outermost member or item below it that begins on a line; empty without one."""
    pending: list[tuple[Node, str]] = [(node, "")]
    while pending:
        each, pointer = pending.pop(0)
        for start, token, child in _children(each):
            if manifest.line_of(start) == line:
                return pointers.join(pointer, token)
            pending.append((child, pointers.join(pointer, token)))
    return ""


def _children(node: Node) -> Iterable[tuple[int, str | int, Node]]:
    if isinstance(node, MappingNode) and not node.merges:
        return [(key.start, name, value) for name, key, value in node.pairs]
    if isinstance(node, SequenceNode):
        return [(item.start, index, item) for index, item in enumerate(node.items)]
    return []
