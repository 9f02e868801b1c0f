"""Numbers of things, as lines about a run say them."""

from __future__ import annotations


def are(number: int, noun: str, of: str = "") -> str:
    """`1 result is`, `3 results are`; with `of`: `1 of its results is`."""
    verb = "is" if number == 1 else "are"
    if of:
        return f"{number:,} of {of} {noun}s {verb}"
    return f"{number:,} {noun if number == 1 else noun + 's'} {verb}"
