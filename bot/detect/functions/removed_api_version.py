"""An apiVersion that the newest release in question does not serve any more."""

from __future__ import annotations

from collections.abc import Iterator

from bot.detect.data.api_migrations import find
from bot.detect.functions import Context, Hit
from bot.detect.functions._api_versions import hit, is_removed


def check(context: Context) -> Iterator[Hit]:
    """At most one hit, at apiVersion."""
    ref = context.resource.ref
    migration = find(ref.api_version, ref.kind)
    if migration is not None and is_removed(migration, context.newest):
        yield hit(
            context, migration, f"{ref.kind} {ref.api_version} is gone since {migration.project} {migration.removed}"
        )
