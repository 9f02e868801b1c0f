"""The shipped pull request and its review, review.json; `make golden` rewrites it, and the diff is read."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.material import ROOT

FOLDER = ROOT / "examples" / "pull-request"
sys.path.insert(0, str(ROOT / "tools"))


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The repository that `make demo` builds, with dates of its own: the same commits every time."""
    from demo import pull_request

    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_DATE", "2026-01-01T00:00:00Z")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    pull_request(tmp_path / "shop")
    return tmp_path / "shop"


def bot(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = Path(sys.executable).with_name("k8s-auto-fix")
    return subprocess.run([command, *arguments], cwd=folder, capture_output=True, text=True, check=False)


def test_review(repository: Path, golden: Callable[[Path, str], None]) -> None:
    done = bot(repository, "review", "--base", "main", "--dry-run", "--format", "payload")
    assert (done.returncode, done.stderr) == (0, "")
    golden(FOLDER / "review.json", done.stdout)


def test_text_says_the_same(repository: Path) -> None:
    """Every line that would be suggested is shown, and nothing of what is older."""
    payload = json.loads((FOLDER / "review.json").read_text())
    done = bot(repository, "review", "--base", "main", "--dry-run")
    for comment in payload["comments"]:
        assert f"{comment['path']}:{comment.get('start_line', comment['line'])}" in done.stdout
    assert "session.yaml" not in done.stdout
    assert "3 older findings" in done.stdout


def test_fix_takes_exactly_what_is_offered(repository: Path) -> None:
    """The suggestions, accepted by hand, and the patch, are what `fix --base` does."""
    payload = json.loads((FOLDER / "review.json").read_text())
    expected = {path: (repository / path).read_text() for path in ("shop/web.yaml", "shop/sweep.yaml")}
    for comment in payload["comments"]:
        lines = expected[comment["path"]].splitlines(keepends=True)
        suggestion = comment["body"].partition("```suggestion\n")[2].partition("```")[0]
        lines[comment.get("start_line", comment["line"]) - 1 : comment["line"]] = suggestion.splitlines(keepends=True)
        expected[comment["path"]] = "".join(lines)
    for path, text in expected.items():
        (repository / path).write_text(text)
    patch = payload["body"].partition("```diff\n")[2].partition("```")[0]
    subprocess.run(["git", "apply"], cwd=repository, input=patch, text=True, check=True)
    accepted = {path: (repository / path).read_text() for path in expected}
    subprocess.run(["git", "checkout", "--quiet", "."], cwd=repository, check=True)

    done = bot(repository, "fix", "--base", "main")
    assert done.returncode == 1, done.stderr
    assert {path: (repository / path).read_text() for path in expected} == accepted
    changed = subprocess.run(["git", "diff", "--name-only"], cwd=repository, capture_output=True, text=True, check=True)
    assert changed.stdout.split() == ["shop/sweep.yaml", "shop/web.yaml"]
