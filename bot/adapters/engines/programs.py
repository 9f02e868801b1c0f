"""Starting a tool: found on the PATH or named, held to a time and to an amount of output, with an environment of ours.

The environment is an allow-list: no token, no kubeconfig, no settings of the person's own. The home folder is the
scratch folder that the call works in. What a tool starts goes with it.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

LIMIT = 180.0
"""Seconds that one tool may take for a run, all its calls together."""

MOST = 64_000_000
"""Bytes of output; a report about ten thousand objects has about five million."""

_WORDS = 20_000
"""Bytes of complaints that are kept, the last ones."""

_TICK = 0.1
"""Seconds after which it is asked whether it has ended."""

_KEPT = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TZ")


@dataclass(frozen=True, slots=True)
class Finished:
    """How a call went: its exit code, None when it did not start or had to be ended (`problem` says why)."""

    code: int | None
    output: str = ""
    errors: str = ""
    problem: str = ""

    @property
    def why(self) -> str:
        """Why a call failed, on one line."""
        if self.problem:
            return self.problem
        said = last_words(self.errors) or last_words(self.output)
        ended = f"exit code {self.code}" if (self.code or 0) >= 0 else f"ended by signal {-(self.code or 0)}"
        return ended + (f": {said}" if said else "")


def find(names: Sequence[str], environ: Mapping[str, str]) -> str | None:
    """The first of some programs that is on the PATH; the current folder and relative entries do not count."""
    folders = [each for each in environ.get("PATH", os.defpath).split(os.pathsep) if each.startswith("/")]
    return next((found for name in names if (found := shutil.which(name, path=os.pathsep.join(folders)))), None)


def environment(environ: Mapping[str, str], scratch: Path) -> dict[str, str]:
    """All that a tool gets of the caller's environment, and an empty home."""
    home = str(scratch)
    kept = {name: environ[name] for name in _KEPT if name in environ}
    fixed = {"LC_ALL": "C", "NO_COLOR": "1", "HOME": home, "TMPDIR": home, "XDG_CONFIG_HOME": home}
    return kept | fixed | {"XDG_CACHE_HOME": home}


def run(
    command: Sequence[str], *, folder: Path, environ: Mapping[str, str], deadline: float, most: int = MOST
) -> Finished:
    """A call to its end, in `folder`; `deadline` is a time of `time.monotonic`."""
    limit = deadline - time.monotonic()
    if limit <= 0:
        return Finished(None, problem="took too long before")
    try:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        return Finished(None, problem=f"cannot be run: {error.strerror}")
    try:
        output, errors, problem = _read(process, deadline, most)
        if not problem:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                problem = _too_slow(limit)
    finally:
        _end(process)
    said = errors.decode("utf-8", "replace")
    if problem:
        return Finished(None, "", said, problem)
    return Finished(process.returncode, output.decode("utf-8", "replace"), said)


def _read(process: subprocess.Popen[bytes], deadline: float, most: int) -> tuple[bytes, bytes, str]:
    """(output, complaints, why it has to be ended)."""
    started = time.monotonic()
    assert process.stdout is not None
    assert process.stderr is not None
    output, errors = bytearray(), bytearray()
    with selectors.DefaultSelector() as selector:
        for pipe in (process.stdout, process.stderr):
            selector.register(pipe, selectors.EVENT_READ)
        while selector.get_map():
            # What it left behind may hold the pipes open: once it has ended, what is there is all.
            ended = process.poll() is not None
            left = deadline - time.monotonic()
            ready = selector.select(0.0 if ended else max(0.0, min(left, _TICK)))
            if not ready and ended:
                break
            if not ready and left <= 0:
                return b"", bytes(errors), _too_slow(deadline - started)
            for key, _ in ready:
                chunk = os.read(key.fd, 1 << 18)
                if not chunk:
                    selector.unregister(key.fileobj)
                elif key.fileobj is process.stdout:
                    output += chunk
                else:
                    errors = (errors + chunk)[-_WORDS:]
            if len(output) > most:
                return b"", bytes(errors), f"printed more than {most / 1e6:g} MB"
    return bytes(output), bytes(errors), ""


def _too_slow(limit: float) -> str:
    return f"did not end within {limit:.0f} s" if limit >= 1 else f"did not end within {limit:.1f} s"


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends a call and whatever it started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for pipe in (process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()


def last_words(text: str) -> str:
    """The line of a complaint that names the cause: the last of a panic or an error, else the last; cut short."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = [line for line in lines if line.lower().startswith(("error", "panic:", "fatal"))]
    return " ".join((telling or lines or [""])[-1].split())[:300]
