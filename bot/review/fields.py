"""A look into JSON from outside that names what is wrong with it: `pull_request.head.sha is no text`.

Members that are missing or null are *absent*; asking an absent member for its value is an error, asking it for a member
gives another absent one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NoReturn

from bot.errors import InputError
from bot.model import Json

_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Field:
    """A value, and the name that messages give it (empty for the whole). `source` starts a message about it."""

    name: str
    value: Json
    source: str = "the event is not as GitHub sends it"

    def __getitem__(self, key: str) -> Field:
        name = f"{self.name}.{key}" if self.name else key
        if self.absent:
            return Field(name, None, self.source)
        if not isinstance(self.value, dict):
            self._refuse("no object")
        return Field(name, self.value.get(key), self.source)

    @property
    def absent(self) -> bool:
        """Whether there is nothing: no such member, or null."""
        return self.value is None

    def text(self) -> str:
        """A text that is not empty."""
        if not isinstance(self.value, str) or not self.value:
            self._refuse("no text")
        return self.value

    def matching(self, pattern: re.Pattern[str], what: str) -> str:
        """A text that the whole of `pattern` matches; `what` says to people what it is."""
        found = self.text()
        if not pattern.fullmatch(found):
            self._refuse(f"{found[:_SHOWN]!r}, not {what}")
        return found

    def natural(self) -> int:
        """A whole number above zero."""
        if isinstance(self.value, bool) or not isinstance(self.value, int) or self.value < 1:
            self._refuse("no number above zero")
        return self.value

    def flag(self) -> bool:
        """True or false; what is absent is false."""
        if self.absent:
            return False
        if not isinstance(self.value, bool):
            self._refuse("neither true nor false")
        return self.value

    def _refuse(self, found: str) -> NoReturn:
        problem = "missing" if self.absent else found
        raise InputError(f"{self.source}: {self.name or 'the whole'} is {problem}")
