"""The text of `.k8s-auto-fix.yaml` to Settings: every key known, every value of its type, or a line that says why not.

Editors find the same format in `settings.schema.json`; a test holds the two together.

Invariant: a function of its arguments. Numbers that YAML would cut short (`1.30`) are taken as they are written.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Sequence
from typing import Any

from bot.errors import SettingsError
from bot.manifest.configuration import Field, kind_of, read_one
from bot.model import Severity
from bot.settings.engines import read_engines, read_kyverno
from bot.settings.model import CLUSTERS, DEFAULT, PROFILES, PolicySettings, Settings
from bot.settings.scheduler import read_scheduler
from bot.settings.values import read_values

KEYS = (
    "profile",
    "select",
    "ignore",
    "policies",
    "exclude",
    "kubernetes-version",
    "values",
    "recommendations",
    "rules",
    "proposer",
    "seed",
    "cluster",
    "scheduler",
    "engines",
    "kyverno",
)

NAME = r"[a-z0-9]+(?:-[a-z0-9]+)*"
SELECTABLE = rf"(?:{NAME}:)?[A-Za-z0-9]+(?:[._-]+[A-Za-z0-9]+)*"
"""What `select` and `ignore` take: an own name, or the id of another tool, with the tool or without it."""
PROPOSER_MODE = "rules"
"""Who proposes fixes: the policies."""
MINOR = r"1\.(?:0|[1-9][0-9]?)"

_SEVERITIES = {str(severity): severity for severity in Severity}
_NAMES = "ids of policies, categories, profiles, all or default"
_SELECTABLE = "an id such as host-pid, or one of another tool such as CKV_K8S_17 or kube-linter:host-pid"
_A_NAME = "lower-case words and digits, joined by single hyphens"
_A_MINOR = 'a minor version such as "1.36"'


def parse(path: str, text: str) -> Settings:
    """The settings that `text` says; `path` is what messages call its file."""
    root = read_one(path, text, "the settings file", SettingsError)
    if root is None:
        return Settings(source=path)
    members = root.members(KEYS)
    places = {(key, ""): member.where for key, member in members.items()}
    said: dict[str, Any] = {}
    for key in ("select", "ignore"):
        if key in members:
            said[key] = _names(members[key], places)
    if "profile" in members:
        chosen = members["profile"].choice(PROFILES)
        places["select", chosen] = members["profile"].where
        said["select"] = with_profile(chosen, said.get("select"))
    if "policies" in members:
        said["policies"] = _policies(members["policies"], places)
    if "kubernetes-version" in members:
        said["oldest"], said["newest"] = _versions(members["kubernetes-version"])
    if "recommendations" in members:
        said["recommendations"] = _recommendations(members["recommendations"], places)
    if "proposer" in members:
        _check_proposer(members["proposer"])
    if "kyverno" in members:
        said["kyverno_policies"] = read_kyverno(members["kyverno"])
    if "rules" in members:
        said |= _rules(members["rules"])
    said |= {key: read(members[key]) for key, read in _ALONE.items() if key in members}
    return Settings(**said, source=path, places=places)


def names(label: str, given: Sequence[str]) -> tuple[str, ...]:
    """The names that an option or variable gives, in its several values or separated by commas."""
    found = dict.fromkeys(name.strip() for text in given for name in text.split(",") if name.strip())
    for name in found:
        if not re.fullmatch(SELECTABLE, name):
            raise SettingsError(f"{label}: {name!r} is no name of a policy; {_SELECTABLE}")
    if not found:
        raise SettingsError(f"{label}: names nothing; it takes {_NAMES}")
    return tuple(found)


def with_profile(profile: str, select: Sequence[str] | None) -> tuple[str, ...]:
    """The names to select: those of a profile, and whatever `select` adds to them."""
    return tuple(dict.fromkeys((profile, *(select or ()))))


def profile(label: str, text: str) -> str:
    """The profile that an option or variable names."""
    if text not in PROFILES:
        raise SettingsError(f"{label}: {text[:40]!r}; it is one of {', '.join(PROFILES)}")
    return text


def version_range(label: str, text: str) -> tuple[str, str]:
    """(oldest, newest) of an option or variable: `1.34`, or `1.34-1.36`."""
    oldest, dash, newest = (part.strip() for part in text.partition("-"))
    newest = newest if dash else oldest
    if not (re.fullmatch(MINOR, oldest) and re.fullmatch(MINOR, newest)) or _number(oldest) > _number(newest):
        raise SettingsError(f"{label}: {text[:40]!r}; it is {_A_MINOR} or a range such as 1.34-1.36")
    return oldest, newest


def cluster(label: str, text: str) -> str:
    """The API server that an option or variable names."""
    if text not in CLUSTERS:
        raise SettingsError(f"{label}: {text[:40]!r}; it is one of {', '.join(CLUSTERS)}")
    return text


def _names(member: Field, places: dict[tuple[str, str], str]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for item in member.items(f"it is a list with {_NAMES}, such as [{DEFAULT}]"):
        name = item.text(f"it is one of {_NAMES}")
        if not re.fullmatch(SELECTABLE, name):
            item.refuse(f"{name!r} is no name of a policy", _SELECTABLE)
        found[name] = None
        places.setdefault((member.name, name), item.where)
    if member.name == "select" and not found:
        member.refuse("select is an empty list", "it names at least one policy; leave it out for the default set")
    return tuple(found)


def _patterns(member: Field) -> tuple[str, ...]:
    return tuple(item.text() for item in member.items("it is a list of patterns as in .gitignore, such as [charts/]"))


def _rules(member: Field) -> dict[str, bool]:
    members = member.members(("enabled",))
    return {"rules_enabled": members["enabled"].flag()} if "enabled" in members else {}


def _recommendations(member: Field, places: dict[tuple[str, str], str]) -> tuple[str, ...]:
    """Paths from the root of the repository, each of them once."""
    found: dict[str, None] = {}
    for item in member.items("it is a list of files, such as [reports/krr.json]"):
        path = item.text("it is a path from the root of the repository")
        normal = posixpath.normpath(path)
        if "\0" in path or normal in (".", "..") or normal.startswith(("/", "../")):
            item.refuse(f"{path[:80]!r} is no file of the repository", "it is a path from its root")
        found[normal] = None
        places.setdefault((member.name, normal), item.where)
    return tuple(found)


def _policies(member: Field, places: dict[tuple[str, str], str]) -> dict[str, PolicySettings]:
    found = {}
    for name, (key, policy) in member.entries("it is a mapping of policy ids to their settings").items():
        if not re.fullmatch(NAME, name):
            key.refuse(f"{name!r} is no policy id", _A_NAME)
        places["policies", name] = key.where
        if policy.value is None:
            continue
        members = policy.members(("severity", "enabled"))
        severity = members["severity"].choice(_SEVERITIES) if "severity" in members else None
        enabled = members["enabled"].flag() if "enabled" in members else None
        found[name] = PolicySettings(_SEVERITIES[severity] if severity else None, enabled)
    return found


def _versions(member: Field) -> tuple[str | None, str | None]:
    if not isinstance(member.value, dict):
        minor = _minor(member)
        return minor, minor
    members = member.members(("oldest", "newest"))
    oldest = _minor(members["oldest"]) if "oldest" in members else None
    newest = _minor(members["newest"]) if "newest" in members else None
    if oldest and newest and _number(oldest) > _number(newest):
        members["oldest"].refuse(f"oldest is {oldest} and newest is {newest}", "oldest is not above newest")
    return oldest, newest


def _check_proposer(member: Field) -> None:
    """Refuse any mode but the one there is; there is nothing to remember."""
    mode = member.members(("mode",)).get("mode")
    if mode is not None and mode.value != PROPOSER_MODE:
        allowed = f"only {PROPOSER_MODE} is there for now; models as proposers come later"
        mode.refuse(f"proposer.mode is {kind_of(mode.value)}", allowed)


def _minor(member: Field) -> str:
    allowed = f"it is {_A_MINOR}"
    if member.name == "kubernetes-version":
        allowed += ', or {oldest: "1.34", newest: "1.36"}'
    return member.written(allowed, lambda text: bool(re.fullmatch(MINOR, text)))


_ALONE: dict[str, Callable[[Field], Any]] = {
    "exclude": _patterns,
    "values": read_values,
    "seed": lambda member: member.natural(),
    "cluster": lambda member: member.choice(CLUSTERS),
    "scheduler": read_scheduler,
    "engines": read_engines,
}
"""The keys that are one setting of the same name."""


def _number(minor: str) -> int:
    return int(minor.partition(".")[2])
