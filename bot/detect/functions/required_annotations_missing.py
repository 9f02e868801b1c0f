"""Annotations that the team wants on every object: `values.required-annotations`."""

from __future__ import annotations

from collections.abc import Iterator

from bot.detect.functions import Context, Hit
from bot.detect.functions._required import missing


def check(context: Context) -> Iterator[Hit]:
    """Each annotation that is missing."""
    return missing(context, "required-annotations", "annotations", "annotation")
