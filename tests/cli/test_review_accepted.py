"""In a review the configuration and the reports of other tools count as they are in the merge base."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.material import UNSAFE, UNSAFE_FIXED, run

Put = Callable[[str, str | bytes], Path]
IDENTITY = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")


def git(*arguments: str) -> None:
    subprocess.run(["git", *IDENTITY, *arguments], check=True, capture_output=True, timeout=60)


@pytest.fixture
def commit(here: Path, put: Put) -> Callable[[dict[str, str]], None]:
    """`commit(files)`: one more commit with these files."""
    (here / ".git").rmdir()
    git("init", "-q", "-b", "main")

    def make(files: dict[str, str]) -> None:
        for name, text in files.items():
            put(name, text)
        git("add", "-A")
        git("commit", "-q", "--allow-empty", "-m", "a")

    return make


def test_what_the_merge_base_accepts_is_accepted(commit: Callable[[dict[str, str]], None]) -> None:
    commit({"a.yaml": UNSAFE_FIXED, ".trivyignore": "# reads /proc\nKSV-0010\n"})
    commit({"a.yaml": UNSAFE})
    done = run("review", "--base", "HEAD~1", "--dry-run", "--cluster", "none")
    assert done.out.startswith("Nothing new"), done.err
    assert "a.yaml:9 host-pid: reads /proc" in done.out


def test_what_the_pull_request_accepts_for_itself_is_not(commit: Callable[[dict[str, str]], None]) -> None:
    commit({"a.yaml": UNSAFE_FIXED})
    commit({"a.yaml": UNSAFE, ".trivyignore": "# trust me\nKSV-0010\n"})
    done = run("review", "--base", "HEAD~1", "--dry-run", "--cluster", "none")
    assert "host-pid" in done.out, done.err
    assert ".trivyignore: what it accepts counts as it is in the merge base" in done.out.replace("`", "")


WITHOUT = """apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: app
          image: app:1.2.3
"""


def krr(memory: int) -> str:
    """A report that recommends a limit."""
    about = {"name": "web", "container": "app", "namespace": "shop", "kind": "Deployment"}
    said = {"requests": {}, "limits": {"memory": {"value": memory, "severity": "OK"}}}
    return json.dumps({"scans": [{"object": about, "recommended": said}]})


def test_what_the_merge_base_recommends_is_taken(commit: Callable[[dict[str, str]], None]) -> None:
    commit({"reports/krr.json": krr(2**28), ".k8s-auto-fix.yaml": "recommendations: [reports/krr.json]\n"})
    commit({"a.yaml": WITHOUT, "reports/krr.json": krr(2**40)})
    done = run("review", "--base", "HEAD~1", "--dry-run", "--cluster", "none", "--select", "memory-limit-missing")
    shown = " ".join(done.out.split())
    assert "memory: 256Mi" in shown, done.err
    assert "what krr recommends for shop/web (reports/krr.json)" in shown
    assert "reports/krr.json: what it recommends counts as it is in the merge base" in shown
