"""The settings as data: what can be set, and what it means for a policy.

Invariant: a function of its arguments; nothing is read here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from bot.errors import SettingsError
from bot.manifest.configuration import nearest
from bot.model import Json, Severity
from bot.settings.scheduler import SchedulerSettings

CLUSTERS = ("auto", "kind", "embedded", "kubeconfig", "none")
"""What `cluster` may name: the API server that fixes are tried on; `auto` is whichever is there."""
ENGINES = ("kube-linter", "kyverno")
"""The tools that can be run besides our policies."""
ENGINE_WORDS = (*ENGINES, "auto", "required", "none")
"""What `engines` may name: tools; those on the PATH; that a missing one is an error; none of them."""
ALL = "all"
DEFAULT = "default"
"""Besides ids, categories and profiles, `select` and `ignore` take these two."""
LISTED = "`k8s-auto-fix policies` lists them"
PROFILES = (DEFAULT, "baseline", "restricted", "cis", "nsa", "reliability", ALL)
"""What `profile` may name: the policies to start from."""
BROAD, SWITCH = 1, 4
"""How closely `all` and `default` select a policy, and its own switch; between them are groups and its id."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line gave; None is not given. `config` is a settings file to use in place of the one found."""

    config: str | None = None
    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] | None = None
    exclude: tuple[str, ...] | None = None
    kubernetes_version: str | None = None
    seed: int | None = None
    cluster: str | None = None
    profile: str | None = None
    engines: tuple[str, ...] | None = None
    kyverno_policies: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class PolicySettings:
    """What a team changes about one policy; None leaves it as it is."""

    severity: Severity | None = None
    enabled: bool | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set.

    `select` begins with the profile where one is named; what other tools call a policy is its own id here.
    `exclude` are patterns as in .gitignore, relative to the folder `exclude_root`. `oldest` and `newest` are Kubernetes
    minors for replacements and removals; None is the oldest and the newest one known. `values` are the team's own
    numbers, quantities as text. `recommendations` are reports of other tools, as paths from the root of the repository.
    `cluster` is one of CLUSTERS. `scheduler` says how fixes are put in order. `engines` are ENGINE_WORDS, from an
    option also `tool=program`; `kyverno_policies` are files and folders, from the root of the repository where the
    settings file names them. `source` is the settings file, `places` says where each name stands.
    """

    select: tuple[str, ...] = (DEFAULT,)
    ignore: tuple[str, ...] = ()
    policies: Mapping[str, PolicySettings] = field(default_factory=dict)
    exclude: tuple[str, ...] = ()
    exclude_root: str = ""
    oldest: str | None = None
    newest: str | None = None
    values: Mapping[str, Json] = field(default_factory=dict)
    recommendations: tuple[str, ...] = ()
    rules_enabled: bool = True
    seed: int = 0
    cluster: str = "none"
    scheduler: SchedulerSettings = field(default_factory=SchedulerSettings)
    engines: tuple[str, ...] = ()
    kyverno_policies: tuple[str, ...] = ()
    source: str | None = None
    places: Mapping[tuple[str, str], str] = field(default_factory=dict)

    @property
    def severities(self) -> dict[str, Severity]:
        """The severities that the team changed, by policy id."""
        return {key: policy.severity for key, policy in self.policies.items() if policy.severity is not None}

    def closeness(self, policy_id: str, *, category: str, profiles: Collection[str], default: bool) -> int:
        """How closely a policy was selected, from BROAD to its own switch; 0 is off.

        Its own switch decides; else the closest name does (the id before a category or profile, those before `all` and
        `default`), and `ignore` wins over an equally close `select`.
        """
        policy = self.policies.get(policy_id)
        if policy is not None and policy.enabled is not None:
            return SWITCH if policy.enabled else 0
        closeness = {ALL: BROAD, category: 2, **dict.fromkeys(profiles, 2), policy_id: 3}
        if default:
            closeness[DEFAULT] = BROAD
        selected = max((closeness.get(name, 0) for name in self.select), default=0)
        ignored = max((closeness.get(name, 0) for name in self.ignore), default=0)
        return selected if selected > ignored else 0

    @property
    def reports(self) -> dict[str, str]:
        """The paths of `recommendations`, each with the place that names it."""
        return {path: self.where("recommendations", path) for path in self.recommendations}

    def is_ignored(self, policy_id: str, *, category: str, profiles: Collection[str]) -> bool:
        """Whether a policy is off because somebody named it, or a group that it is in; not for want of a selection."""
        policy = self.policies.get(policy_id)
        if policy is not None and policy.enabled is not None:
            return not policy.enabled
        named = {policy_id, category, *profiles} & {*self.ignore}
        return bool(named) and not self.closeness(policy_id, category=category, profiles=profiles, default=False)

    def where(self, key: str, name: str = "") -> str:
        """Where `name` was said under `key`: `file:line`, an option or an environment variable."""
        return self.places.get((key, name)) or self.places.get((key, "")) or self.source or "settings"

    def check_policies(self, ids: Collection[str]) -> None:
        """Refuse a key of `policies` that is the id of no policy."""
        for name in self.policies:
            if name not in ids:
                hint = nearest(name, sorted(ids)) or LISTED
                raise SettingsError(f"{self.where('policies', name)}: unknown policy {name!r}; {hint}")
