"""What the settings say of tools that are run besides our policies: `engines` and `kyverno`."""

from __future__ import annotations

from collections.abc import Sequence

from bot.errors import SettingsError
from bot.manifest.configuration import Field
from bot.settings.model import ENGINE_WORDS, ENGINES

_FOLDERS = "it is a folder of Kyverno policies in the repository, or a list of them"


def words(label: str, given: Sequence[str]) -> tuple[str, ...]:
    """The words of an option or variable: those of the settings file, and `tool=program`."""
    for word in given:
        tool, sign, program = word.partition("=")
        if (tool not in ENGINES or not program) if sign else word not in ENGINE_WORDS:
            allowed = f"{', '.join(ENGINE_WORDS)}, or {ENGINES[0]}=PROGRAM"
            raise SettingsError(f"{label}: {word[:40]!r}; it is one of {allowed}")
    if "none" in given and len(set(given)) > 1:
        raise SettingsError(f"{label}: none goes with no other word")
    return tuple(dict.fromkeys(given))


def read_engines(member: Field) -> tuple[str, ...]:
    """The words of the settings file. No program can be named there: who writes a repository does not run the bot."""
    allowed = f"it is one of {', '.join(ENGINE_WORDS)}, or a list of them"
    found = [(item, item.choice(ENGINE_WORDS)) for item in _one_or_more(member, allowed)]
    if any(word == "none" for _, word in found) and len(found) > 1:
        found[0][0].refuse("none goes with no other word", "leave out the others, or none")
    return tuple(dict.fromkeys(word for _, word in found))


def read_kyverno(member: Field) -> tuple[str, ...]:
    """The paths of `kyverno.policies`, from the root of the repository."""
    members = member.members(("policies",))
    return tuple(map(_inside, _one_or_more(members["policies"], _FOLDERS))) if "policies" in members else ()


def _inside(item: Field) -> str:
    """A path in the repository; one outside is for who runs the bot to name, not for who writes the repository."""
    path = item.text(_FOLDERS)
    if path.startswith(("/", "~")) or ".." in path.split("/") or "://" in path:
        item.refuse(f"{path[:60]!r} is outside of the repository", "name it with --kyverno-policies")
    return path


def _one_or_more(member: Field, allowed: str) -> list[Field]:
    return member.items(allowed) if isinstance(member.value, list) else [member]
