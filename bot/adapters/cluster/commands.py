"""Programs with a limit in time: plugins, docker, kind. What they started goes with them."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finished:
    """How it went: the exit code, None when it did not start or end (`problem` says why); what it printed."""

    code: int | None
    output: str = ""
    errors: str = ""
    problem: str = ""

    @property
    def worked(self) -> bool:
        """Whether it ended well."""
        return self.code == 0

    @property
    def why(self) -> str:
        """Why it did not work, on one line; standard output is left out, it may be a secret."""
        if self.problem:
            return self.problem
        said = last_words(self.errors)
        return f"exit code {self.code}" + (f": {said}" if said else "")


def run(command: Sequence[str], environ: Mapping[str, str], limit: float) -> Finished:
    """Runs to the end, or for `limit` seconds; without a terminal, in a session of its own."""
    try:
        process = subprocess.Popen(
            command,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        return Finished(None, problem=f"cannot be run: {error.strerror}")
    try:
        output, errors = process.communicate(timeout=limit)
    except BaseException as error:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        if isinstance(error, subprocess.TimeoutExpired):
            return Finished(None, problem=f"did not end within {limit:g} s")
        raise
    return Finished(process.returncode, output.decode("utf-8", "replace"), errors.decode("utf-8", "replace"))


def last_words(text: str) -> str:
    """The line of a complaint that names the cause: the last that says error, else the last."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = [line for line in lines if line.lower().startswith("error")]
    return (telling or lines or [""])[-1]
