"""A runner of GitHub Actions as far as the action sees it: environment, event file, command files, and how it cancels.

    run = Runner(github, tmp_path).run(events.opened(github))
    assert run.code == 0 and run.outputs["suggestions"] == "1"

After each run everything that it printed or left behind is searched for the token.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import yaml

from tests.fakes import commands
from tests.fakes.events import Event
from tests.fakes.github import SECRET, FakeGitHub, Fault
from tests.material import ROOT

TERM_AFTER = 7.5
KILL_AFTER = 2.5
"""Seconds from SIGINT to SIGTERM, and from there to SIGKILL (actions/runner: `ProcessInvoker`)."""

REVIEW = ("-m", "bot", "review")
"""What Python is started with; the image's entry point is the same."""

_TOKENS = (SECRET.encode(), base64.b64encode(f"x-access-token:{SECRET}".encode()))
"""What must never be seen anywhere."""

FILES = ("output", "summary", "state", "env", "path")


@dataclass(frozen=True)
class Interrupt:
    """Cancel the run at a request: before the server looks at it, or when it is done and the answer is on its way.

    `operation` and `nth` as in `Fault`. Like a runner, SIGTERM and SIGKILL follow when the process goes on.
    """

    operation: str
    when: Literal["before", "after"] = "after"
    nth: int = 1
    first: signal.Signals = signal.SIGINT


@dataclass(frozen=True)
class Run:
    """What came of a run. `code` is negative for a signal; `folder` is the workspace; `signals` were sent."""

    code: int
    stdout: str
    stderr: str
    outputs: Mapping[str, str]
    state: Mapping[str, str]
    summary: str
    folder: Path
    seconds: float
    signals: Sequence[signal.Signals] = ()

    @property
    def annotations(self) -> list[commands.Annotation]:
        """What the runner shows beside lines: commands count on both streams."""
        return commands.shown(self.stdout) + commands.shown(self.stderr)


MEASURED = """
import resource, sys
from pathlib import Path
from bot.cli.run import run

def own():
    # Where /proc is, it counts from the start of this program; ru_maxrss begins with what started it.
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM:"))

code = run(["review"])
print("peak", max(own(), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))
sys.exit(code)
"""
"""For `python -c`: a review that says in the end how much memory its largest process took (KiB)."""


@dataclass
class Runner:
    """Starts `k8s-auto-fix review` again and again, each time with command files of its own.

    `inputs` are what the workflow says under `with:`; they hold for every run. `environment` goes on top of all.
    """

    fake: FakeGitHub
    folder: Path
    inputs: dict[str, str] = field(default_factory=lambda: {"cluster": "none"})
    environment: dict[str, str] = field(default_factory=dict)
    runs: int = 0

    @property
    def workspace(self) -> Path:
        """Where a checkout step puts the repository; empty until `check_out`."""
        return self.folder / "workspace"

    def check_out(self, commit: str) -> None:
        """What actions/checkout leaves: a shallow clone at one commit, detached."""
        self.workspace.mkdir(parents=True, exist_ok=True)
        git = ("git", "-c", "init.defaultBranch=main", "-c", "advice.detachedHead=false")
        for arguments in (
            ("init", "--quiet"),
            ("fetch", "--quiet", "--depth=1", str(self.fake.repository.path), commit),
            ("checkout", "--quiet", "--detach", "FETCH_HEAD"),
        ):
            subprocess.run([*git, *arguments], cwd=self.workspace, check=True, capture_output=True)

    def run(
        self,
        event: Event,
        *,
        command: Sequence[str] = REVIEW,
        interrupt: Interrupt | None = None,
        timeout: float = 120,
        **inputs: str,
    ) -> Run:
        """One run; inputs are named with underscores here: `max_comments="3"`."""
        self.runs += 1
        place = self.folder / f"run-{self.runs}"
        for each in ("temp", "home", "commands"):
            (place / each).mkdir(parents=True)
        self.workspace.mkdir(parents=True, exist_ok=True)
        (place / "event.json").write_text(json.dumps(event.payload), encoding="utf-8")
        for name in FILES:
            (place / "commands" / name).touch()
        given = self.inputs | {name.replace("_", "-"): value for name, value in inputs.items()}
        environment = _environment(self.fake, event, place, self.workspace) | _inputs(given) | self.environment
        found = self._started(command, environment, interrupt, timeout, place)
        leaks = [*_leaks(place, found), *_leaks(self.workspace, None)]
        assert not leaks, f"the token is in {', '.join(leaks)}"
        return found

    def _started(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        interrupt: Interrupt | None,
        timeout: float,
        place: Path,
    ) -> Run:
        began = time.monotonic()
        sent: list[signal.Signals] = []
        with subprocess.Popen(
            [sys.executable, *command],
            cwd=self.workspace,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        ) as process:
            try:
                with self._interrupting(process, interrupt, sent):
                    stdout, stderr = _waited(process, timeout, sent)
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
        texts = {name: (place / "commands" / name).read_text(encoding="utf-8") for name in FILES}
        assert len(texts["summary"].encode()) <= 1 << 20, "the step summary is over 1 MiB: the runner drops it"
        return Run(
            process.returncode,
            stdout,
            stderr,
            commands.variables(texts["output"]),
            commands.variables(texts["state"]),
            texts["summary"],
            self.workspace,
            time.monotonic() - began,
            sent,
        )

    @contextlib.contextmanager
    def _interrupting(
        self, process: subprocess.Popen[str], interrupt: Interrupt | None, sent: list[signal.Signals]
    ) -> Iterator[None]:
        """A fault that sends the signal; gone when the run is over, so that the next one is not cancelled as well."""
        if interrupt is None:
            yield
            return

        def cancel() -> None:
            sent.append(interrupt.first)
            process.send_signal(interrupt.first)

        kind: Literal["call", "call-after"] = "call" if interrupt.when == "before" else "call-after"
        fault = Fault(interrupt.operation, kind, nth=interrupt.nth, call=cancel)
        self.fake.faults.append(fault)
        try:
            yield
        finally:
            self.fake.faults.remove(fault)
        assert sent, f"the run never came to {interrupt.operation}"


def _waited(process: subprocess.Popen[str], timeout: float, sent: list[signal.Signals]) -> tuple[str, str]:
    """What the process printed. Once a signal is sent, the others follow as a runner sends them."""
    deadline = time.monotonic() + timeout
    following = [(TERM_AFTER, signal.SIGTERM), (KILL_AFTER, signal.SIGKILL)]
    due: float | None = None
    while True:
        try:
            return process.communicate(timeout=0.05)
        except subprocess.TimeoutExpired:
            now = time.monotonic()
            assert now < deadline, f"still running after {timeout} s"
            if sent and due is None:
                due = now + following[0][0]
            if due is not None and now >= due and following:
                _, number = following.pop(0)
                process.send_signal(number)
                sent.append(number)
                due = now + following[0][0] if following else None


def _environment(fake: FakeGitHub, event: Event, place: Path, workspace: Path) -> dict[str, str]:
    """The variables of a runner, and no others but the search path."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(place / "home"),
        "CI": "true",
        "GITHUB_ACTIONS": "true",
        "GITHUB_ACTION": "review",
        "GITHUB_ACTION_REPOSITORY": "",
        "GITHUB_ACTOR": event.actor,
        "GITHUB_BASE_REF": event.base_ref,
        "GITHUB_ENV": str(place / "commands" / "env"),
        "GITHUB_EVENT_NAME": event.name,
        "GITHUB_EVENT_PATH": str(place / "event.json"),
        "GITHUB_HEAD_REF": event.head_ref,
        "GITHUB_JOB": "review",
        "GITHUB_OUTPUT": str(place / "commands" / "output"),
        "GITHUB_PATH": str(place / "commands" / "path"),
        "GITHUB_REF": event.ref,
        "GITHUB_REF_NAME": event.ref.removeprefix("refs/heads/").removeprefix("refs/pull/"),
        "GITHUB_REF_TYPE": "branch",
        "GITHUB_REPOSITORY_OWNER": fake.owner,
        "GITHUB_RETENTION_DAYS": "90",
        "GITHUB_RUN_ATTEMPT": "1",
        "GITHUB_RUN_ID": "9876543210",
        "GITHUB_RUN_NUMBER": "42",
        "GITHUB_SHA": event.sha,
        "GITHUB_STATE": str(place / "commands" / "state"),
        "GITHUB_STEP_SUMMARY": str(place / "commands" / "summary"),
        "GITHUB_TRIGGERING_ACTOR": event.actor,
        "GITHUB_WORKFLOW": "Review",
        "GITHUB_WORKFLOW_REF": f"{fake.full_name}/.github/workflows/review.yml@{event.ref}",
        "GITHUB_WORKSPACE": str(workspace),
        "RUNNER_ARCH": "X64",
        "RUNNER_ENVIRONMENT": "github-hosted",
        "RUNNER_NAME": "fake",
        "RUNNER_OS": "Linux",
        "RUNNER_TEMP": str(place / "temp"),
        "RUNNER_TOOL_CACHE": str(place / "tools"),
        **fake.environment,
        **event.environment,
    }


def _inputs(given: Mapping[str, str]) -> dict[str, str]:
    """`INPUT_*` of every input in action.yml: upper case, hyphens kept, the empty string for what is not given."""
    declared = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))["inputs"]
    unknown = given.keys() - declared.keys()
    assert not unknown, f"action.yml has no input {', '.join(sorted(unknown))}"
    values = {
        name: str(about.get("default", "")).replace("${{ github.token }}", SECRET) for name, about in declared.items()
    }
    assert not any("${{" in value for value in values.values()), "a default that this runner cannot evaluate"
    return {f"INPUT_{name.replace(' ', '_').upper()}": given.get(name, value) for name, value in values.items()}


def _leaks(folder: Path, run: Run | None) -> list[str]:
    """Where the token is to be seen, as it is or as git sends it."""
    found = []
    if run is not None:
        printed = {"stdout": run.stdout, "stderr": run.stderr}
        found += [name for name, text in printed.items() if any(each in text.encode() for each in _TOKENS)]
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            content = path.read_bytes()
            if any(each in content for each in _TOKENS):
                found.append(str(path.relative_to(folder)))
    return found
