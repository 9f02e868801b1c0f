"""Members of JSON that a tool printed, each of the type that its description gives it, or an error that says which."""

from __future__ import annotations

from bot.model import Json


class NotAsDescribed(Exception):
    """Something a tool printed, or the way it ended, is not what its description says. The message is for people."""


def member(value: Json, name: str) -> dict[str, Json]:
    """A member that is an object."""
    found = value.get(name) if isinstance(value, dict) else None
    if not isinstance(found, dict):
        raise NotAsDescribed(f"{name} is no object")
    return found


def items(value: Json, name: str) -> list[Json]:
    """A member that is a list; empty when it is absent or null."""
    found = value.get(name) if isinstance(value, dict) else None
    if not isinstance(found, (list, type(None))):
        raise NotAsDescribed(f"{name} is no list")
    return found or []


def text(value: Json, name: str) -> str:
    """A member that is a text, not an empty one."""
    found = optional_text(value, name)
    if not found:
        raise NotAsDescribed(f"{name} is missing")
    return found


def optional_text(value: Json, name: str) -> str:
    """A member that is a text; empty when it is absent or null."""
    found = value.get(name) if isinstance(value, dict) else None
    if not isinstance(found, (str, type(None))):
        raise NotAsDescribed(f"{name} is no text")
    return found or ""
