"""Where settings come from: the command line before the environment before the repository's `.k8s-auto-fix.yaml`.

Each key comes whole from the first of the three that names it.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from bot.errors import InputError, SettingsError
from bot.settings import file
from bot.settings.engines import words as engine_words
from bot.settings.model import LISTED, Options, PolicySettings, Settings

FILE_NAME = ".k8s-auto-fix.yaml"
ENVIRONMENT_PREFIX = "K8S_AUTO_FIX_"
MAX_SIZE = 1_000_000
"""Bytes of a settings file; more is a mistake."""


Meaning = Callable[[str], tuple[str, ...] | str]
"""What a name stands for: own names of policies, categories and profiles; a text says why it stands for none."""


def _itself(name: str) -> tuple[str, ...]:
    return (name,)


def load(
    paths: Sequence[str] = (),
    options: Options | None = None,
    environ: Mapping[str, str] = os.environ,
    meaning: Meaning = _itself,
) -> Settings:
    """The settings for a run over `paths`; `meaning` knows the names in `select` and `ignore`."""
    given = options or Options()
    variables = from_environment(environ)
    config = given.config or variables.config
    start = paths[0] if paths and paths[0] != "-" else "."
    path = Path(config) if config else find(start)
    settings = Settings()
    if path is not None:
        base = (repository_root(start) or current_folder()) if config else path.parent
        settings = _meant(replace(file.parse(_display(path), _text(path)), exclude_root=str(base)), meaning)
    return _complete(settings, given, variables, meaning)


def load_text(
    path: str,
    text: str | None,
    options: Options | None = None,
    environ: Mapping[str, str] = os.environ,
    meaning: Meaning = _itself,
) -> Settings:
    """The settings for a run whose settings file is `text` (None: there is none), which `path` names for people.

    `exclude_root` stays empty: patterns of the file count from the root of the repository, those of options too.
    """
    settings = _meant(file.parse(path, text), meaning) if text is not None else Settings()
    done = _complete(settings, options or Options(), from_environment(environ), meaning)
    return replace(done, exclude_root="")


def _complete(settings: Settings, given: Options, variables: Options, meaning: Meaning) -> Settings:
    """What a file says, with what the environment and the options say over it."""
    settings = _overlay(settings, variables, lambda key: ENVIRONMENT_PREFIX + key.upper(), meaning)
    return _overlay(settings, given, lambda key: "--" + key.replace("_", "-"), meaning)


def _meant(settings: Settings, meaning: Meaning) -> Settings:
    """`settings` with every name in `select` and `ignore` replaced by what it means."""
    places = dict(settings.places)
    said: dict[str, tuple[str, ...]] = {}
    for key in ("select", "ignore"):
        found: dict[str, None] = {}
        for name in getattr(settings, key):
            where = settings.where(key, name)
            ids = meaning(name)
            if isinstance(ids, str):
                raise SettingsError(f"{where}: {ids}" + ("" if "did you mean" in ids else f"; {LISTED}"))
            found |= dict.fromkeys(ids)
            for each in ids:
                places.setdefault((key, each), where)
        said[key] = tuple(found)
    return replace(settings, select=said["select"], ignore=said["ignore"], places=places)


def from_environment(environ: Mapping[str, str]) -> Options:
    """The options that variables give; an empty variable is not given, as in a workflow with an empty input."""
    said: dict[str, Any] = {}
    for key in fields(Options):
        name = ENVIRONMENT_PREFIX + key.name.upper()
        text = environ.get(name, "").strip()
        if not text:
            continue
        if key.name in ("select", "ignore", "exclude", "engines", "kyverno_policies"):
            said[key.name] = tuple(part.strip() for part in re.split("[,\n]", text) if part.strip())
        elif key.name == "seed":
            if not (text.isascii() and text.isdigit()):
                raise SettingsError(f"{name}: {text[:40]!r}; it is a whole number from 0")
            said["seed"] = int(text)
        else:
            said[key.name] = text
    return Options(**said)


def _overlay(settings: Settings, given: Options, label: Callable[[str], str], meaning: Meaning) -> Settings:
    """`settings` with what `given` says in place of what the file says; `label` names an option for people."""
    said: dict[str, Any] = {}
    places = dict(settings.places)
    policies = dict(settings.policies)
    for key, names in _named(given, label, meaning).items():
        said[key] = tuple(names)
        places = {place: where for place, where in places.items() if place[0] != key}
        places |= {(key, name): where for name, where in names.items()}
    if "select" in said:
        said.setdefault("ignore", tuple(name for name in settings.ignore if name not in said["select"]))
        policies = {key: _switched(policy, said["select"], key) for key, policy in policies.items()}
    for name in said.get("ignore", ()):
        if name in policies:
            policies[name] = replace(policies[name], enabled=None)
    if given.exclude is not None:
        said |= {"exclude": given.exclude, "exclude_root": str(current_folder())}
    if given.kubernetes_version is not None:
        said["oldest"], said["newest"] = file.version_range(label("kubernetes_version"), given.kubernetes_version)
        places["kubernetes-version", ""] = label("kubernetes_version")
    if given.seed is not None:
        said["seed"] = given.seed
    if given.cluster is not None:
        said["cluster"] = file.cluster(label("cluster"), given.cluster)
        places["cluster", ""] = label("cluster")
    if given.engines is not None:
        said["engines"] = engine_words(label("engines"), given.engines)
    if given.kyverno_policies is not None:
        said["kyverno_policies"] = given.kyverno_policies
        places["kyverno", "policies"] = label("kyverno_policies")
    return replace(settings, **said, policies=policies, places=places)


def _named(given: Options, label: Callable[[str], str], meaning: Meaning) -> dict[str, dict[str, str]]:
    """Under `select` and `ignore`, if they are given: each name, and the option that says so."""
    said: dict[str, Any] = {}
    places: dict[tuple[str, str], str] = {}
    for key in ("select", "ignore"):
        names = getattr(given, key)
        if names is not None:
            said[key] = file.names(label(key), names)
            places |= {(key, name): label(key) for name in said[key]}
    if given.profile is not None:
        chosen = file.profile(label("profile"), given.profile)
        said["select"] = file.with_profile(chosen, said.get("select"))
        places["select", chosen] = label("profile")
    meant = _meant(replace(Settings(select=()), **said, places=places), meaning)
    return {key: {name: meant.where(key, name) for name in getattr(meant, key)} for key in said}


def _switched(policy: PolicySettings, selected: Sequence[str], policy_id: str) -> PolicySettings:
    """A selection from outside the file beats the file's switches: `off` of what it names, `on` of all else."""
    if policy.enabled or policy_id in selected:
        return replace(policy, enabled=None)
    return policy


def find(start: str) -> Path | None:
    """The settings file for `start`: of the nearest folder upwards that has one, not beyond the repository's root."""
    for folder in _upwards(start):
        if _there(folder / FILE_NAME):
            return folder / FILE_NAME
        misnamed = (folder / FILE_NAME).with_suffix(".yml")
        if _there(misnamed):
            raise SettingsError(f"{_display(misnamed)}:1: not read under this name; rename it to {FILE_NAME}")
        if _there(folder / ".git"):
            return None
    return None


def repository_root(start: str) -> Path | None:
    """The nearest folder upwards of `start` that has .git (a folder, or a file in a worktree); None without one."""
    return next((folder for folder in _upwards(start) if _there(folder / ".git")), None)


def current_folder() -> Path:
    """The current folder; it may have been removed under our feet."""
    try:
        return Path.cwd()
    except FileNotFoundError as error:
        raise InputError("the current folder is gone; change to one that exists") from error


def _upwards(start: str) -> Iterable[Path]:
    path = Path(os.path.normpath(current_folder() / start))  # with `..` resolved as a person reads it
    return (path, *path.parents) if path.is_dir() else path.parents


def _there(path: Path) -> bool:
    """Whether something has this name, a broken link included; what cannot be looked at is not there."""
    return os.path.lexists(path)


def _display(path: Path) -> str:
    here = current_folder()
    absolute = here / path
    return (absolute.relative_to(here) if absolute.is_relative_to(here) else path).as_posix()


def _text(path: Path) -> str:
    where = f"{_display(path)}:1"
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            kind = "a folder" if stat.S_ISDIR(status.st_mode) else "no regular file"
            raise SettingsError(f"{where}: {kind}; the settings are a YAML file")
        if status.st_size > MAX_SIZE:
            raise SettingsError(f"{where}: {status.st_size:,} bytes; settings have at most {MAX_SIZE:,}")
        return path.read_bytes().decode()
    except OSError as error:
        raise SettingsError(f"{where}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise SettingsError(f"{_display(path)}:{line}: not UTF-8; save it as UTF-8 text") from error
