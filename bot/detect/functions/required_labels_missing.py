"""Labels that the team wants on every object: `values.required-labels`."""

from __future__ import annotations

from collections.abc import Iterator

from bot.detect.functions import Context, Hit
from bot.detect.functions._required import missing


def check(context: Context) -> Iterator[Hit]:
    """Each label that is missing."""
    return missing(context, "required-labels", "labels", "label")
