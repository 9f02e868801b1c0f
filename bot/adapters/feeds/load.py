"""Feeds for an order: files that the settings name before those of the cache."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.adapters.feeds import files
from bot.adapters.feeds.cache import UPDATE, Kept, content, kept
from bot.rank import epss, kev, trivy
from bot.rank.feeds import Feeds, Vulnerability
from bot.settings import SchedulerSettings

STALE = 30
"""Days after which a feed is said to be old."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """Feeds for an order, and what a person should know of them, a line each."""

    feeds: Feeds
    notes: tuple[str, ...] = ()


def load(settings: SchedulerSettings, *, root: Path, folder: Path, today: dt.date) -> Loaded:
    """The feeds that settings and cache give; without a report on images nothing else is of use, or read.

    Paths of the settings are relative to `root`, `folder` is the cache. InputError for a file that cannot be used.
    """
    if not settings.trivy:
        return Loaded(Feeds())
    images: dict[str, tuple[Vulnerability, ...]] = {}
    for path in settings.trivy:
        for key, found in trivy.parse(path, files.text(root / path, path)).items():
            images[key] = tuple(dict.fromkeys((*images.get(key, ()), *found)))
    wanted = frozenset(each.id for found in images.values() for each in found)
    there = kept(folder)
    notes: list[str] = []
    scores = catalogue = None
    if (text := _given("epss", settings.epss, root, folder, there)) is not None:
        read = epss.parse(*text, wanted)
        scores = read.by_cve
        notes.append(_age("EPSS", read.date, today))
    if (text := _given("kev", settings.kev, root, folder, there)) is not None:
        listed = kev.parse(*text)
        catalogue = listed.cves
        notes.append(_age("KEV catalogue", listed.released, today))
    return Loaded(Feeds(images, scores, catalogue), tuple(notes))


def age(date: str, today: dt.date) -> int | None:
    """The days since a date in ISO form; None when it is none."""
    try:
        return max(0, (today - dt.date.fromisoformat(date[:10])).days)
    except ValueError:
        return None


def _age(what: str, date: str, today: dt.date) -> str:
    days = age(date, today)
    old = f"; {UPDATE} fetches the newest" if days is not None and days > STALE else ""
    since = "" if days is None else f", {days} day{'s' * (days != 1)} old"
    return f"{what} of {date[:10]}{since}{old}"


def _given(name: str, path: str | None, root: Path, folder: Path, there: Mapping[str, Kept]) -> tuple[str, str] | None:
    """(what errors call it, text) of a feed: the file of the settings, else that of the cache; None without either."""
    if path is not None:
        return path, files.text(root / path, path)
    if name not in there:
        return None
    return content(folder, there[name])
