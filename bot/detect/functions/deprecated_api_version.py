"""An apiVersion that is still served and will not be for long.

Nothing is said while the oldest release in question does not serve the replacement: there is nothing to be done yet.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.detect.data.api_migrations import find
from bot.detect.functions import Context, Hit
from bot.detect.functions._api_versions import hit, is_deprecated, is_replaced


def check(context: Context) -> Iterator[Hit]:
    """At most one hit, at apiVersion."""
    ref = context.resource.ref
    migration = find(ref.api_version, ref.kind)
    if migration is None or not is_deprecated(migration, context.newest) or not is_replaced(migration, context.oldest):
        return
    message = f"{ref.kind} {ref.api_version} is deprecated and goes with {migration.project} {migration.removed}"
    yield hit(context, migration, message)
