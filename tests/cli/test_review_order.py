"""The order of a review: what it knows, and what it does without."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.rank.history import Event, Outcome, line
from tests.cli.material import run
from tests.stories.shop import CLEAN, GAIN, PID, SECCOMP, deployment

Commit = Callable[[dict[str, str]], None]
HISTORY = ".k8s-auto-fix/history.jsonl"
IMAGE = "registry.example.org/web:1.2.3"
PLACES = re.compile(r"(?m)^\d+  web\.yaml:\d+(?:-\d+)?(?:  patch: .*?)?(?:  (score .*))?\n  \w+ .*, ([a-z-]+)$")


def reviewed(**more: str) -> str:
    done = run("review", "--base", "HEAD~1", "--dry-run", "--cluster", "none", *more.values())
    assert done.err == ""
    return done.out


def order(text: str) -> list[str]:
    return [found[2] for found in PLACES.finditer(text)]


def notes(text: str) -> dict[str, str]:
    return {found[2]: found[1] or "" for found in PLACES.finditer(text)}


def disliked(policy: str, count: int = 20) -> str:
    return "".join(line(Event(Outcome.DISMISSED, f"{each:016x}", policy, each, "4f2c9e1")) for each in range(count))


BAD = deployment(PID, SECCOMP, GAIN)
SERVICE = """\
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec:
  type: LoadBalancer
  selector: {app.kubernetes.io/name: web}
  ports: [{port: 80}]
"""


def test_the_worst_first_and_a_note_on_each(commit: Commit) -> None:
    commit({"web.yaml": CLEAN, "service.yaml": SERVICE})
    commit({"web.yaml": BAD})
    text = reviewed()
    assert order(text)[0] == PID
    assert all(re.fullmatch(r"score \d+ · exposed by a load balancer", note) for note in notes(text).values())
    assert len(notes(text)) == 3


def test_the_history_of_the_merge_base_counts(commit: Commit) -> None:
    commit({"web.yaml": CLEAN, HISTORY: disliked(PID)})
    commit({"web.yaml": BAD})
    assert order(reviewed())[-1] == PID


def test_the_history_that_the_pull_request_brings_does_not(commit: Commit) -> None:
    commit({"web.yaml": CLEAN})
    commit({"web.yaml": BAD, HISTORY: disliked(PID)})
    assert order(reviewed())[0] == PID


def test_a_history_in_the_workspace_counts(commit: Commit, put: Callable[[str, str], Path]) -> None:
    """A cache or an artifact puts it there."""
    commit({"web.yaml": CLEAN})
    commit({"web.yaml": BAD})
    put(HISTORY, disliked(PID))
    assert order(reviewed())[-1] == PID


def test_without_the_scheduler_severity_decides(commit: Commit) -> None:
    commit({"web.yaml": CLEAN, HISTORY: disliked(PID), ".k8s-auto-fix.yaml": "scheduler: {enabled: false}\n"})
    commit({"web.yaml": BAD})
    text = reviewed()
    assert order(text)[0] == PID
    assert set(notes(text).values()) == {""}


def test_a_damaged_history_is_said_and_costs_no_review(commit: Commit) -> None:
    commit({"web.yaml": CLEAN, HISTORY: '{"v":2}\n'})
    commit({"web.yaml": BAD})
    text = reviewed()
    assert order(text)[0] == PID
    said = f"note: the order knows no history: {HISTORY}:1: version 2 of the history; this program knows version 1"
    assert said in text


def trivy(cve: str) -> str:
    result = {"Vulnerabilities": [{"VulnerabilityID": cve, "Severity": "CRITICAL"}]}
    return json.dumps({"SchemaVersion": 2, "ArtifactName": IMAGE, "Results": [result]})


KEV = json.dumps({"dateReleased": "2026-05-19", "count": 1, "vulnerabilities": [{"cveID": "CVE-2021-44228"}]})


def test_reports_and_the_catalogue_count(commit: Commit, put: Callable[[str, str], Path]) -> None:
    commit({"web.yaml": CLEAN, ".k8s-auto-fix.yaml": "scheduler: {trivy: [r.json], kev: k.json}\n"})
    commit({"web.yaml": BAD})
    put("r.json", trivy("CVE-2021-44228"))
    put("k.json", KEV)
    assert all(note.endswith("with CVE-2021-44228, known to be exploited") for note in notes(reviewed()).values())


def test_a_report_of_another_layout_is_said_and_costs_no_review(
    commit: Commit, put: Callable[[str, str], Path]
) -> None:
    commit({"web.yaml": CLEAN, ".k8s-auto-fix.yaml": "scheduler: {trivy: [r.json]}\n"})
    commit({"web.yaml": BAD})
    put("r.json", "[]")
    text = reviewed()
    assert len(order(text)) == 3
    assert "note: the order knows nothing of images: r.json: a list, as Trivy before 0.20 wrote it" in text


def test_old_debt_rises_with_its_age(commit: Commit, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a changed file has had for ten years, beside what comes with the change; of equal severity."""
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2016-01-01T00:00:00Z")
    commit({"web.yaml": deployment(SECCOMP)})
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2026-01-01T00:00:00Z")
    commit({"web.yaml": deployment(SECCOMP, GAIN)})
    done = run("review", "--base", "HEAD~1", "--dry-run", "--cluster", "none", "--scope", "changed-files")
    found = notes(done.out)
    assert found[SECCOMP].endswith(" · there for 10.0 years")
    assert "years" not in found[GAIN]
    old, new = (int(found[policy].split()[1]) for policy in (SECCOMP, GAIN))
    assert old - new == pytest.approx(0.0005 * 3653 * 24, abs=2)
