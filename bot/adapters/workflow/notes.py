"""Files by which a step tells the runner something: outputs, state for its last step, the summary.

Invariant: no value can begin a further one, whatever is in it.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.errors import InputError

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


@dataclass(frozen=True, slots=True)
class Notes:
    """`environment` has GITHUB_OUTPUT, GITHUB_STATE, GITHUB_STEP_SUMMARY; where one is unset nothing is written.

    Every method raises an InputError when its file cannot be written.
    """

    environment: Mapping[str, str]

    def outputs(self, values: Mapping[str, str]) -> None:
        """Outputs of the step, by their names in action.yml."""
        self._append("GITHUB_OUTPUT", assignments(values))

    def state(self, values: Mapping[str, str]) -> None:
        """What the last step finds as STATE_<name>."""
        self._append("GITHUB_STATE", assignments(values))

    def summary(self, markdown: str) -> None:
        """More for the summary of the step; the runner refuses more than 1 MiB of it."""
        self._append("GITHUB_STEP_SUMMARY", markdown if markdown.endswith("\n") else markdown + "\n")

    def _append(self, variable: str, text: str) -> None:
        path = self.environment.get(variable)
        if not path or not text:
            return
        try:
            with Path(path).open("a", encoding="utf-8", errors="replace", newline="") as file:
                file.write(text)
        except OSError as error:
            raise InputError(f"{path}: {variable} cannot be written: {error.strerror}") from None


def assignments(values: Mapping[str, str]) -> str:
    """Names and values as the runner reads them, each value between two lines that nobody can guess."""
    return "".join(_assignment(name, value) for name, value in values.items())


def _assignment(name: str, value: str) -> str:
    assert _NAME.fullmatch(name), name
    word = f"end_{secrets.token_hex(16)}"
    return f"{name}<<{word}\n{value}\n{word}\n"
