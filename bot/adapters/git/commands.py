"""Starting git so that nothing it finds can change what it does: not the caller's environment, not configuration.

- The environment is an allow-list (`PATH` and the like); every `GIT_*` of the caller is gone.
- Configuration of the system and of the user is not read; what could start a program is set to nothing on top of the
  repository's own (`GIT_CONFIG_COUNT`, which beats files).
- Nothing is fetched unless `bot.adapters.git.fetch` allows it: `protocol.allow=never`, also for objects that a partial
  clone lacks.
- Paths are literal, after `--`; there are no prompts, and no locks for the sake of speed.
- Every call has a limit in time and runs in a session of its own: what it started goes with it.

https://git-scm.com/docs/git#_environment_variables
"""

from __future__ import annotations

import contextlib
import functools
import os
import re
import select
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from bot.adapters.git.errors import GitError

LIMIT = 120.0
"""Seconds that one call may take."""

OLDEST = (2, 32)
"""The first git with `GIT_CONFIG_COUNT` and `GIT_CONFIG_GLOBAL`: an older one would read what it must not."""

LARGE = 10_000_000
"""Bytes from which on a file counts as binary in a diff; no larger manifest is read either."""

_KEPT = ("PATH", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SSL_CERT_FILE", "SSL_CERT_DIR")
"""What git, and the libraries it stands on, need of the caller's environment."""

_FIXED = {
    "LC_ALL": "C",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_GRAFT_FILE": os.devnull,
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_PAGER": "cat",
    "GIT_TERMINAL_PROMPT": "0",
}

SETTINGS = {
    "core.attributesFile": os.devnull,
    "core.bigFileThreshold": str(LARGE),
    "core.excludesFile": os.devnull,
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "core.quotePath": "true",
    "core.untrackedCache": "false",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "protocol.allow": "never",
}


def environment(home: Path, environ: Mapping[str, str], settings: Mapping[str, str]) -> dict[str, str]:
    """The environment of a call: `home` is an empty folder, `settings` are configuration besides `SETTINGS`."""
    found = {name: environ[name] for name in _KEPT if name in environ} | _FIXED
    found |= {"HOME": str(home), "XDG_CONFIG_HOME": str(home)}
    for number, (key, value) in enumerate((SETTINGS | dict(settings)).items()):
        found |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return found | {"GIT_CONFIG_COUNT": str(len(SETTINGS | dict(settings)))}


@dataclass(frozen=True, slots=True)
class Finished:
    """How a call went."""

    code: int
    output: bytes
    errors: str


@dataclass(frozen=True, slots=True)
class Git:
    """git, pointed at one git directory. `environ` is all that it gets (see `environment`)."""

    directory: Path
    environ: Mapping[str, str]

    def start(self, *arguments: str, errors: IO[bytes] | int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
        """Start a call whose input and output are pipes; who starts it ends it with `end`."""
        # The directory of the call is the git directory, so that no file beside us matters.
        try:
            return subprocess.Popen(
                ("git", f"--git-dir={self.directory}", *arguments),
                bufsize=0,
                cwd=self.directory if self.directory.is_dir() else None,
                env=dict(self.environ),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                start_new_session=True,
            )
        except OSError as error:
            raise GitError(f"git cannot be started: {error.strerror}; is it installed?") from error

    def run(self, *arguments: str, given: bytes = b"", limit: float = LIMIT) -> Finished:
        """A call to its end; an exit code other than 0 is no error here."""
        process = self.start(*arguments, errors=subprocess.PIPE)
        try:
            output, errors = process.communicate(given, timeout=limit)
        except subprocess.TimeoutExpired as error:
            raise too_slow(arguments, limit) from error
        finally:
            end(process)
        return Finished(process.returncode, output, errors.decode("utf-8", "replace"))

    def output(self, *arguments: str, given: bytes = b"", limit: float = LIMIT) -> bytes:
        """The output of a call that must work."""
        finished = self.run(*arguments, given=given, limit=limit)
        if finished.code:
            raise failed(arguments, finished.errors)
        return finished.output

    def pieces(self, separator: bytes, *arguments: str, limit: float = LIMIT) -> Iterator[bytes]:
        """The output of a call that must work, piece by piece as it comes: lines, or what NUL bytes separate."""
        with tempfile.TemporaryFile() as errors:
            process = self.start(*arguments, errors=errors)
            try:
                assert process.stdin is not None
                process.stdin.close()
                deadline = time.monotonic() + limit
                yield from _split(_chunks(process, deadline), separator)
                code = process.wait(max(1.0, deadline - time.monotonic()))
            except (TimeoutError, subprocess.TimeoutExpired) as error:
                raise too_slow(arguments, limit) from error
            finally:
                end(process)
            if code:
                errors.seek(0)
                raise failed(arguments, errors.read().decode("utf-8", "replace"))


def receive(process: subprocess.Popen[bytes], deadline: float, size: int) -> bytes:
    """At most `size` bytes of a call's output, empty at its end; TimeoutError when the deadline passes first."""
    assert process.stdout is not None
    descriptor = process.stdout.fileno()
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
        raise TimeoutError
    return os.read(descriptor, size)


def end(process: subprocess.Popen[bytes]) -> None:
    """Ends a call, and what it started, if it has not ended."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()


def disown(process: subprocess.Popen[bytes]) -> None:
    """Lets go of a call that the process we were forked from has started: neither to talk to nor to wait for."""
    process.returncode = 0
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()


def failed(arguments: tuple[str, ...], errors: str) -> GitError:
    """The error for a call that should have worked."""
    said = last_words(errors)
    if "missing blob" in said or "unable to read" in said or "could not fetch" in said:
        return GitError(
            f"git {arguments[0]}: {said}; the repository lacks objects of its commits. "
            "In a partial clone, get them with: git fetch --refetch --no-filter"
        )
    return GitError(f"git {arguments[0]}: {said}")


def last_words(errors: str) -> str:
    """The line of git's complaint that names the cause: the last `fatal:` or `error:`, else the last."""
    lines = [line.strip() for line in errors.splitlines() if line.strip()]
    telling = [line for line in lines if line.startswith(("fatal:", "error:"))]
    return (telling or lines or ["no reason given"])[-1].removeprefix("fatal: ").removeprefix("error: ")


@functools.cache
def check_version(path: str) -> None:
    """Refuses a git that is too old to be held; `path` is where programs are looked for."""
    try:
        said = subprocess.run(
            ("git", "version"), env={"PATH": path, "LC_ALL": "C"}, capture_output=True, timeout=LIMIT, check=True
        ).stdout.decode("utf-8", "replace")
    except OSError as error:
        raise GitError(f"git cannot be started: {error.strerror}; is it installed?") from error
    except subprocess.SubprocessError as error:
        raise GitError("git does not even tell its version; is it installed well?") from error
    found = re.search(r"(\d+)\.(\d+)", said)
    if found is None or (int(found[1]), int(found[2])) < OLDEST:
        wanted = ".".join(map(str, OLDEST))
        raise GitError(f"this is {said.strip() or 'an unknown git'}; version {wanted} or newer is needed")


def _chunks(process: subprocess.Popen[bytes], deadline: float) -> Iterator[bytes]:
    while chunk := receive(process, deadline, 1 << 18):
        yield chunk


def _split(chunks: Iterator[bytes], separator: bytes) -> Iterator[bytes]:
    """What stands between separators; a piece that nothing ends comes as well."""
    rest: list[bytes] = []
    for chunk in chunks:
        first, *others = chunk.split(separator)
        rest.append(first)
        if others:
            yield b"".join(rest)
            yield from others[:-1]
            rest = [others[-1]]
    if any(rest):
        yield b"".join(rest)


def too_slow(arguments: tuple[str, ...], limit: float) -> GitError:
    """The error for a call that had to be ended."""
    return GitError(f"git {arguments[0]} did not end within {limit:g} s; is the disk or the server very slow?")
