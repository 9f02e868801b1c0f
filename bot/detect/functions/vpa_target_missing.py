"""VerticalPodAutoscalers whose target is not in scope."""

from __future__ import annotations

from collections.abc import Iterator

from bot.detect.functions import Context, Hit
from bot.detect.functions._targets import named, unknown

LOOKS_AROUND = True


def check(context: Context) -> Iterator[Hit]:
    """The name of the target, when its scope holds others of that kind."""
    for kind, name, _ in unknown(context, "targetRef"):
        yield named(context, kind, name, "/spec/targetRef/name")
