"""The one error of this folder: there is no server to ask, and why."""

from __future__ import annotations

from bot.errors import BotError


class ClusterError(BotError):
    """No API server could be had; the message says why and what to do. Verification falls to the next tier."""
