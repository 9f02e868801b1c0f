"""Schedules that the CronJob controller cannot read.

It knows five fields (minute, hour, day of month, month, day of week) with `*`, `?`, numbers, names, ranges, steps and
lists, and words such as `@daily` and `@every 1h30m`. Sunday is 0, never 7. A time zone belongs into spec.timeZone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.detect.functions import Context, Hit
from bot.detect.functions._text import is_placeholder

_MONTHS = {"jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6}
_MONTHS |= {"jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11, "dec": 12}
_DAYS = {"sun": 0, "mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6}
_FIELDS: tuple[tuple[str, int, int, dict[str, int]], ...] = (
    ("minute", 0, 59, {}),
    ("hour", 0, 23, {}),
    ("day of month", 1, 31, {}),
    ("month", 1, 12, _MONTHS),
    ("day of week", 0, 6, _DAYS),
)
_WORDS = frozenset({"@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"})
_EVERY = re.compile(r"@every [+-]?(?:0|(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+)\Z")
_NUMBER = r"[A-Za-z]+|\+?[0-9]{1,9}"
# What follows a star up to the step is not looked at.
_ITEM = re.compile(
    rf"(?:[*?](?:-[^/-]*)?|(?P<first>{_NUMBER})(?:-(?P<last>{_NUMBER}))?)(?:/(?P<step>\+?[0-9]{{1,9}}))?\Z"
)


def check(context: Context) -> Iterator[Hit]:
    """One hit when the schedule does not parse."""
    spec = context.resource.body.get("spec")
    schedule = spec.get("schedule") if isinstance(spec, dict) else None
    if not isinstance(schedule, str) or is_placeholder(schedule):
        return
    reason = _problem(schedule)
    if reason:
        yield Hit(at="/spec/schedule", target="/spec/schedule", message=f"the schedule {schedule!r} is wrong: {reason}")


def _problem(schedule: str) -> str:
    """Why a schedule does not parse; empty when it does."""
    if "TZ" in schedule:
        return "a time zone belongs into spec.timeZone"
    if schedule.startswith("@"):
        known = schedule in _WORDS or _EVERY.match(schedule) is not None
        return "" if known else f"there is no {schedule.split(maxsplit=1)[0]} of that form"
    parts = schedule.split()
    if len(parts) != len(_FIELDS):
        return f"{len(parts)} fields instead of 5"
    reasons = (_field_problem(part, *field) for part, field in zip(parts, _FIELDS, strict=True))
    return next((reason for reason in reasons if reason), "")


def _field_problem(part: str, name: str, least: int, most: int, words: dict[str, int]) -> str:
    for item in filter(None, part.split(",")):
        match = _ITEM.match(item)
        if match is None:
            return f"{name} {part}"
        numbers = [_number(text, words) for text in (match["first"], match["last"]) if text is not None]
        if any(not least <= number <= most for number in numbers):
            return f"{name} {part} is not between {least} and {most}"
        if numbers != sorted(numbers):
            return f"{name} {part} ends before it begins"
        if match["step"] is not None and int(match["step"]) == 0:
            return f"{name} {part} has a step of 0"
    return ""


def _number(text: str, words: dict[str, int]) -> int:
    """What a number or a name means; -1 for an unknown name."""
    return words.get(text.lower(), -1) if text.isalpha() else int(text)
