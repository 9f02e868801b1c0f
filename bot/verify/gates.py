"""One safety question each, on the resources of a document before and after a fix.

A gate returns the reason why the fix must not be offered, or an empty string. Gates know nothing of text: that the
edited text reads as the patched object is proven by `bot.manifest.edits` before any of them is asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.detect.detect import Detection
from bot.manifest import Resource, pointers, quantity, workloads
from bot.manifest.values import same
from bot.model import Finding, Json

MIGRATIONS = frozenset({"removed-api-version", "deprecated-api-version"})
"""Policies whose fixes may change the API group: the new one comes from the table of migrations."""


@dataclass(frozen=True, slots=True)
class Question:
    """What all gates look at.

    `before` and `after` are the resources of the changed documents, paired by position. `cured` are the findings that
    the fix is for; `old` and `new` all findings of the selected policies before and after, not superseded.
    """

    cured: tuple[Finding, ...]
    before: tuple[Resource, ...]
    after: tuple[Resource, ...]
    old: tuple[Detection, ...]
    new: tuple[Detection, ...]


def finding_gone(question: Question) -> str:
    """The findings that the fix is for are not found again."""
    left = {_identity(each.finding) for each in question.new}
    still = [finding.policy_id for finding in question.cured if _identity(finding) in left]
    return f"still found after the fix: {', '.join(dict.fromkeys(still))}" if still else ""


def nothing_new(question: Question) -> str:
    """No finding of a selected policy is new; see `brought_along` for those about what the fix added."""
    worst = max(finding.severity for finding in question.cured)
    new = [
        each.finding.policy_id for each, added in _new_findings(question) if not added or each.finding.severity >= worst
    ]
    return f"the fix would bring a new finding: {', '.join(dict.fromkeys(new))}" if new else ""


def brought_along(question: Question) -> tuple[str, ...]:
    """Messages of new findings that are about nodes the fix added and less severe than what it cures."""
    worst = max(finding.severity for finding in question.cured)
    return tuple(
        dict.fromkeys(
            f"{each.finding.policy_id}: {each.finding.message}"
            for each, added in _new_findings(question)
            if added and each.finding.severity < worst
        )
    )


def disputed(question: Question) -> bool:
    """Whether it depends on which of several fixes brings a finding along if it may: each must be asked alone."""
    least = min(finding.severity for finding in question.cured)
    return any(each.finding.severity >= least for each, _ in _new_findings(question))


def new_places(question: Question) -> tuple[str, ...]:
    """Where the findings are that were not there before, as pointers from the document's root."""
    return tuple(dict.fromkeys(each.finding.location.pointer for each, _ in _new_findings(question)))


def _new_findings(question: Question) -> Iterator[tuple[Detection, bool]]:
    """(detection, whether it is about a node that the fix added) for each finding that was not there before."""
    known = {_identity(each.finding) for each in question.old}
    bodies = {(resource.document, resource.pointer): resource.body for resource in question.before}
    for each in question.new:
        if _identity(each.finding) in known:
            continue
        resource = each.target.resource
        body = bodies.get((resource.document, resource.pointer))
        place = each.finding.location.pointer.removeprefix(resource.pointer)
        # The nearest node that is there now: if it was not there before, the fix added it.
        while place and not pointers.resolve(resource.body, place)[0]:
            place = pointers.parent(place)
        yield each, body is None or not pointers.resolve(body, place)[0]


def _identity(finding: Finding) -> str:
    """The key of a finding with the API group left out, which a migration may change."""
    policy_id, _, rest = finding.fingerprint.split("\0", 2)
    return f"{policy_id}\0{rest}"


def same_identity(question: Question) -> str:
    """Kind, name, namespace and API group of every object are what they were."""
    if len(question.before) != len(question.after):
        return "the number of objects would change"
    migrates = any(finding.policy_id in MIGRATIONS for finding in question.cured)
    for old, new in zip(question.before, question.after, strict=True):
        if (old.ref.kind, old.ref.namespace, old.ref.name) != (new.ref.kind, new.ref.namespace, new.ref.name):
            return f"{old.ref} would become {new.ref}"
        if old.ref.api_version != new.ref.api_version and not migrates:
            return f"the apiVersion of {old.ref} would change"
    return ""


def nothing_lost(question: Question) -> str:
    """No container, volume, port, environment variable or image is lost or changed, unless a finding is about it."""
    about = [finding.location.pointer for finding in question.cured]
    about += [finding.target for finding in question.cured if finding.target]
    for old, new in zip(question.before, question.after, strict=False):
        if same(old.body, new.body):
            continue
        left = dict(_inventory(new))
        for key, (pointer, value) in dict(_inventory(old)).items():
            now = left.get(key)
            if now is not None and (value is None or same(now[1], value)):
                continue
            place = old.pointer + pointer
            if any(pointers.is_within(place, at) for at in about if _is_precise(at, old)):
                continue
            # A finding about an entry may cost the entry; one about a field of a container never the container.
            if _is_entry(key) and any(pointers.is_within(at, place) for at in about):
                continue
            return f"{' '.join(key)} of {old.ref} would be lost or changed"
    return ""


def _is_precise(pointer: str, resource: Resource) -> bool:
    """Whether a pointer names something smaller than a container, a pod spec or what holds one."""
    inside = pointer.removeprefix(resource.pointer)
    for pod in workloads.pods(resource):
        if pointers.is_within(pod.spec, inside) or any(inside == place.pointer for place in pod.containers):
            return False
    return True


def _is_entry(key: tuple[str, ...]) -> bool:
    """Whether a key of the inventory is that of a volume, port or variable, not of a container or its image."""
    return key[0] == "volume" or key[-2] in ("port", "variable")


def _inventory(resource: Resource) -> Iterator[tuple[tuple[str, ...], tuple[str, Json]]]:
    """((what, names), (pointer, value that must stay or None)) of everything a fix may not lose."""
    for pod in workloads.pods(resource):
        for place, volume in _entries(pod.spec_body, "volumes"):
            yield ("volume", pod.spec, _text(volume.get("name"))), (f"{pod.spec}/volumes/{place}", volume)
        for container in pod.containers:
            name = _text(container.body.get("name"))
            base = ("container", pod.spec, container.type, name)
            yield base, (container.pointer, None)
            yield (*base, "image"), (container.pointer + "/image", container.body.get("image"))
            for place, port in _entries(container.body, "ports"):
                label = f"{_text(port.get('containerPort'))}/{_text(port.get('protocol', 'TCP'))}"
                yield (*base, "port", label), (f"{container.pointer}/ports/{place}", None)
            for place, env in _entries(container.body, "env"):
                # The last entry of a name is the one that counts.
                yield (*base, "variable", _text(env.get("name"))), (f"{container.pointer}/env/{place}", env)


def _entries(body: dict[str, Json], member: str) -> Iterator[tuple[int, dict[str, Json]]]:
    entries = body.get(member)
    for place, entry in enumerate(entries if isinstance(entries, list) else []):
        if isinstance(entry, dict):
            yield place, entry


def _text(value: Json) -> str:
    return value if isinstance(value, str) else str(value)


def nothing_lowered(question: Question) -> str:
    """No request or limit of a container is lowered or removed, unless a finding is about it."""
    for old, new in zip(question.before, question.after, strict=False):
        if same(old.body, new.body):
            continue
        now = dict(_amounts(new))
        for key, (pointer, amount) in _amounts(old):
            after = now.get(key)
            was, is_ = quantity.parse(amount), quantity.parse(after[1]) if after is not None else None
            if after is not None and (was is None or (is_ is not None and is_ >= was)):
                continue
            place = old.pointer + pointer
            if any(pointers.is_within(finding.location.pointer, place) for finding in question.cured):
                continue
            if after is None:
                return f"{' '.join(key)} of {old.ref} would be removed"
            return f"{' '.join(key)} of {old.ref} would be lowered from {amount} to {after[1]}"
    return ""


def _amounts(resource: Resource) -> Iterator[tuple[tuple[str, ...], tuple[str, Json]]]:
    for pod in workloads.pods(resource):
        for container in pod.containers:
            resources = container.body.get("resources")
            for kind in ("requests", "limits"):
                amounts = resources.get(kind) if isinstance(resources, dict) else None
                for name, amount in amounts.items() if isinstance(amounts, dict) else ():
                    key = (pod.spec, container.type, _text(container.body.get("name")), kind, name)
                    yield key, (f"{container.pointer}/resources/{kind}/{pointers.escape(name)}", amount)
