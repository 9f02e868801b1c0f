"""The errors a person can do something about.

Every expected failure is a `BotError`; its message says what is wrong, where, and what to do. The command line turns
the class into an exit code in one place (`bot.cli.main`). Whatever is not a `BotError` is our fault and exits with 3.
"""

from __future__ import annotations


class BotError(Exception):
    """An expected failure; `exit_code` is what the process returns when it ends the run."""

    exit_code = 2


class UsageError(BotError):
    """A wrong option or argument."""


class SettingsError(BotError):
    """A configuration file that cannot be used; the message starts with `file:line:`."""


class PolicyError(BotError):
    """A policy file that cannot be used; the message starts with `file:line:`."""


class InputError(BotError):
    """A file that cannot be read or written."""
