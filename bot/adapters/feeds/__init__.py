"""Feeds about vulnerabilities: EPSS scores and CISA's catalogue, fetched into a cache, or files that the settings name.

Invariant: readers find the old file or the new one, never part of either; nothing is fetched unless `update` is asked.
"""

from bot.adapters.feeds.cache import Kept, cache_folder, kept, update
from bot.adapters.feeds.fetch import URLS, FeedError
from bot.adapters.feeds.load import Loaded, age, load

__all__ = ["URLS", "FeedError", "Kept", "Loaded", "age", "cache_folder", "kept", "load", "update"]
