"""Where an object's apiVersion stands in its life, and the hit that says so."""

from __future__ import annotations

from bot.detect.data.api_migrations import KUBERNETES, Migration, Mode
from bot.detect.functions import Context, Hit
from bot.detect.functions._migrations import Manual, move
from bot.model import Applicability


def is_removed(migration: Migration, newest: str) -> bool:
    """Whether the newest release has it no more. Other projects gave theirs up long ago."""
    return migration.project != KUBERNETES or _minor(newest) >= _minor(migration.removed)


def is_deprecated(migration: Migration, newest: str) -> bool:
    """Whether the newest release still serves it, with a warning."""
    return not is_removed(migration, newest) and _minor(newest) >= _minor(migration.deprecated)


def is_replaced(migration: Migration, oldest: str) -> bool:
    """Whether the oldest release has the replacement already."""
    return migration.project != KUBERNETES or (bool(migration.to) and _minor(oldest) >= _minor(migration.since))


def hit(context: Context, migration: Migration, message: str) -> Hit:
    """The finding, with the move to the replacement where there is one."""
    advice = f"; {migration.to} replaces it" if migration.to else "; nothing replaces it"
    if not is_replaced(migration, context.oldest) and migration.to:
        reason = f"Kubernetes {context.oldest} does not serve {migration.to} yet"
        return Hit("/apiVersion", f"{message}{advice}, since {migration.since}", unfixable=reason)
    operations = move(context.resource, migration)
    if isinstance(operations, Manual):
        return Hit("/apiVersion", f"{message}{advice} ({operations.reason})", unfixable=operations.reason)
    renamed = migration.mode is Mode.RENAME
    return Hit(
        "/apiVersion",
        f"{message}{advice}",
        operations=operations,
        applicability=Applicability.SAFE if renamed else Applicability.UNSAFE,
        why="the fields are the same in both" if renamed else migration.note,
        title=f"Use {migration.to}" if renamed else f"Move to {migration.to}",
    )


def _minor(release: str) -> tuple[int, ...]:
    return tuple(int(part) for part in release.split("."))
