"""The errors of this folder: git has no answer, and why."""

from __future__ import annotations

from bot.errors import BotError


class GitError(BotError):
    """git cannot give what is asked for; the message says why and what to do."""


class NotGiven(GitError):
    """A server does not give out a commit that is asked for by its name."""
