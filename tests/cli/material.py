"""Manifests whose findings are known, and a way to run the command line in this process or in one of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from bot.cli.run import run as run_here

CLEAN = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: web
data:
  a: b
"""
"""No finding."""

SAFE = """\
# Kept: comments, quotes, the order of keys.
kind: CronJob
apiVersion: batch/v1beta1   # was current once
metadata: {name: "nightly"}
spec:
  schedule: '0 3 * * *'
  jobTemplate:
    spec:
      template:
        spec:
          automountServiceAccountToken: false
          restartPolicy: Never
          securityContext: {seccompProfile: {type: RuntimeDefault}}
          containers:
            - name: job
              image: registry.example/job:1.4.2
              securityContext: {allowPrivilegeEscalation: false}
"""
"""One finding (high, line 3) whose fix is safe."""

SAFE_FIXED = SAFE.replace("batch/v1beta1", "batch/v1")

UNSAFE = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      hostPID: true  # for the profiler
      automountServiceAccountToken: false
      securityContext: {seccompProfile: {type: RuntimeDefault}}
      containers:
        - name: web
          image: registry.example/web:1.4.2
          securityContext: {allowPrivilegeEscalation: false}
"""
"""One finding (high, line 9) whose fix is unsafe."""

UNSAFE_FIXED = UNSAFE.replace("      hostPID: true  # for the profiler\n", "")

POLICY = """\
id: team-label-missing
title: Object names no team
severity: low
category: best-practice
default: true
description: Every object says whose it is.
remediation: Add the label team.
match:
  kinds: [ConfigMap]
  target: object
check:
  expression: has(object.metadata.labels) && "team" in object.metadata.labels
  message: ConfigMap ${object.metadata.name} names no team
  at: /metadata/labels/team
examples:
  - {name: none, bad: 'apiVersion: v1\n\nkind: ConfigMap\n\nmetadata: {name: a}\n\n'}
  - {name: others, bad: 'apiVersion: v1\n\nkind: ConfigMap\n\nmetadata: {name: a, labels: {b: c}}\n\n'}
  - {name: there, good: 'apiVersion: v1\n\nkind: ConfigMap\n\nmetadata: {name: a, labels: {team: c}}\n\n'}
  - {name: more, good: 'apiVersion: v1\n\nkind: ConfigMap\n\nmetadata: {name: a, labels: {team: c, b: c}}\n\n'}
"""
"""A policy of one's own."""

FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]")
"""What moves a cursor, changes colours or the order of what is shown; colours of our own are none in a pipe."""

_OURS = ("K8S_AUTO_FIX_", "INPUT_")
_ABOUT_OUTPUT = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "TERM")


@dataclass(frozen=True)
class Done:
    """A run that has ended."""

    code: int
    stdout: bytes
    stderr: bytes

    @property
    def out(self) -> str:
        return self.stdout.decode()

    @property
    def err(self) -> str:
        return self.stderr.decode()


def environment(said: Mapping[str, str] = {}) -> dict[str, str]:
    """The variables of a run: those of the tests without what would change its result, and `said`."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith(_OURS) and name not in _ABOUT_OUTPUT}
    return {**kept, **said}


def run(*arguments: str | Path, stdin: str | bytes = b"", env: Mapping[str, str] = {}) -> Done:
    """Run a command in this process."""
    wanted: dict[str, str | None] = dict.fromkeys(os.environ, None)
    wanted |= environment(env)
    with CliRunner().isolation(input=stdin, env=wanted) as (stdout, stderr, _):
        code = run_here([str(argument) for argument in arguments])
        sys.stdout.flush()
        sys.stderr.flush()
        return Done(code, stdout.getvalue(), stderr.getvalue())


def command(*arguments: str | Path) -> list[str]:
    """The command line of a process."""
    return [sys.executable, "-m", "bot", *map(str, arguments)]


def call(*arguments: str | Path, env: Mapping[str, str] = {}, **said: Any) -> Done:
    """Run a command in a process of its own."""
    options = {"stdin": subprocess.DEVNULL} if "input" not in said else {}
    done = subprocess.run(
        command(*arguments), env=environment(env), capture_output=True, check=False, timeout=60, **options, **said
    )
    return Done(done.returncode, done.stdout, done.stderr)
