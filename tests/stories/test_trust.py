"""What a pull request brings that would change its own review: named, and not obeyed."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from tests.fakes.github import SECRET
from tests.stories.shop import CLEAN, GAIN, PID, deployment
from tests.stories.stage import Stage

RISKY = deployment(PID, GAIN)
BOTH = [GAIN, PID]
NOT_YET = "**Counts once it is merged, not before**"

POLICY = """\
id: team-label-missing
title: Deployment without a team
description: |
  Nobody knows whom to call.
category: best-practice
severity: high
match:
  kinds: [Deployment]
  target: object
check:
  expression: "'team' in object.metadata.?labels.orValue({})"
  message: no team is named
  at: /metadata/labels
examples:
  - name: none
    bad: |
      apiVersion: apps/v1
"""

SETTINGS = {
    "ignores all": "ignore: [all]\n",
    "excludes all": "exclude: ['*']\n",
    "is malformed": "ignore: [\n",
    "has an unknown key": "surprise: 1\n",
    "asks for a cluster": "cluster: kubeconfig\n",
    "is no text": "\x00\x01",
}


@pytest.mark.parametrize("text", SETTINGS.values(), ids=SETTINGS)
def test_settings_that_the_pull_request_brings(stage: Stage, text: str) -> None:
    stage.github.open_pull({"web.yaml": CLEAN}, {"web.yaml": RISKY, ".k8s-auto-fix.yaml": text})
    stage.review()
    assert stage.suggested == BOTH
    assert f"{NOT_YET}\n\n- `.k8s-auto-fix.yaml`: settings count as they are in the merge base" in stage.summary


def test_settings_that_the_pull_request_deletes(stage: Stage) -> None:
    base = {"web.yaml": CLEAN, ".k8s-auto-fix.yaml": "ignore: [host-pid]\n"}
    stage.github.open_pull(base, {"web.yaml": RISKY, ".k8s-auto-fix.yaml": None})
    stage.review()
    assert stage.suggested == [GAIN]
    assert "settings count as they are in the merge base" in stage.summary


def test_settings_of_the_merge_base_count_and_the_workspace_does_not(stage: Stage) -> None:
    stage.runner.workspace.mkdir(parents=True)
    (stage.runner.workspace / ".k8s-auto-fix.yaml").write_text("ignore: [all]\n")
    stage.github.open_pull({"web.yaml": CLEAN, ".k8s-auto-fix.yaml": "ignore: [host-pid]\n"}, {"web.yaml": RISKY})
    stage.review()
    assert stage.suggested == [GAIN]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (".trivyignore", "KSV-0010\nKSV-0001\n"),
        (".checkov.yaml", "skip-check: [CKV_K8S_17, CKV_K8S_20]\n"),
        (".kube-linter.yaml", "checks:\n  exclude: [host-pid, privilege-escalation-container]\n"),
        (".kube-linter.yaml", "checks: [\n"),
    ],
)
def test_lists_of_other_tools(stage: Stage, name: str, text: str) -> None:
    stage.github.open_pull({"web.yaml": CLEAN}, {"web.yaml": RISKY, name: text})
    stage.review()
    assert stage.suggested == BOTH
    assert f"{NOT_YET}\n\n- `{name}`: what it accepts counts as it is in the merge base" in stage.summary


@pytest.mark.parametrize("said", [{"policies": "policies"}, {"config": "ci/settings.yaml"}])
def test_inputs_that_name_what_only_the_pull_request_has(stage: Stage, said: dict[str, str]) -> None:
    """Workflow and policies come in one pull request: it is reviewed as if they were not there yet."""
    files = {"policies/team-label-missing.yaml": POLICY, "ci/settings.yaml": "ignore: [all]\n"}
    stage.github.open_pull({"web.yaml": CLEAN}, {"web.yaml": RISKY, **files})
    stage.review(**said)
    assert stage.suggested == BOTH
    assert NOT_YET in stage.summary
    assert "team" not in stage.summary.partition(NOT_YET)[0]


@pytest.mark.parametrize("said", [{"policies": "policies"}, {"config": "ci/settings.yaml"}, {"policies": "../up"}])
def test_inputs_that_name_what_nobody_has(stage: Stage, said: dict[str, str]) -> None:
    stage.github.open_pull({"web.yaml": CLEAN}, {"web.yaml": RISKY})
    run = stage.review(code=2, **said)
    (value,) = said.values()
    assert f"error: {value}: " in run.stderr


def test_policies_of_the_merge_base_count_as_they_are_there(stage: Stage) -> None:
    name = "policies/team-label-missing.yaml"
    softer = POLICY.replace("'team' in object.metadata.?labels.orValue({})", "true")
    stage.github.open_pull({"web.yaml": CLEAN, name: POLICY}, {"web.yaml": RISKY, name: softer})
    stage.review(policies="policies", select="default,team-label-missing", scope="changed-files")
    assert "No team is named" in stage.summary
    assert "`policies/team-label-missing.yaml`: policies count as they are in the merge base" in stage.summary


def test_policies_of_the_merge_base_that_cannot_be_read(stage: Stage) -> None:
    """The file is named as it is in the repository."""
    stage.github.open_pull({"web.yaml": CLEAN, "policies/a.yaml": "id: a\n"}, {"web.yaml": RISKY})
    run = stage.review(code=2, policies="policies")
    assert "error: policies/a.yaml:" in run.stderr


CRD = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: shelves.shop.example.org}
spec:
  group: shop.example.org
  scope: Namespaced
  names: {kind: Shelf, plural: shelves, singular: shelf}
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              properties: {width: {type: integer}}
"""


def test_definitions_that_the_pull_request_brings(stage: Stage) -> None:
    stage.github.open_pull({"web.yaml": CLEAN}, {"web.yaml": RISKY, "crd.yaml": CRD})
    stage.review()
    assert "`crd.yaml`: CustomResourceDefinitions count as they are in the merge base" in stage.summary


def test_suppressions_that_the_pull_request_adds_are_shown(stage: Stage) -> None:
    text = RISKY.replace("hostPID: true", "hostPID: true  # k8s-auto-fix: ignore[host-pid] the profiler needs it")
    stage.github.open_pull({"web.yaml": CLEAN}, {"web.yaml": text})
    stage.review()
    assert stage.suggested == [GAIN]
    assert "**Accepted by this pull request**" in stage.summary
    assert "the profiler needs it" in stage.summary


def test_a_suppression_alone_is_shown_as_well(stage: Stage) -> None:
    """The finding is older; that somebody accepts it now is what the pull request brings."""
    text = deployment(PID)
    accepted = text.replace("hostPID: true", "hostPID: true  # k8s-auto-fix: ignore[host-pid] trust me")
    stage.github.open_pull({"web.yaml": text}, {"web.yaml": accepted})
    stage.review()
    assert stage.suggested == []
    assert "trust me" in stage.summary


def test_a_baseline_that_the_pull_request_brings(stage: Stage) -> None:
    """Whatever sets findings aside in a scan does not do so in the review of the pull request that brings it."""
    stage.github.open_pull({"web.yaml": CLEAN}, {"web.yaml": RISKY, ".k8s-auto-fix-baseline.json": "{}"})
    stage.review()
    assert stage.suggested == BOTH


def test_nothing_of_the_workspace_is_run(stage: Stage, tmp_path: Path) -> None:
    """Modules that the pull request puts where Python looks, and settings of git."""
    trace = tmp_path / "trace"
    stage.runner.workspace.mkdir(parents=True)
    for name in ("sitecustomize.py", "yaml.py", "click.py", "bot.py"):
        (stage.runner.workspace / name).write_text(f"open({str(trace)!r}, 'a').write(__file__)\n")
    (stage.runner.workspace / ".git").mkdir()
    (stage.runner.workspace / ".git" / "config").write_text(f"[core]\n\tfsmonitor = touch {trace}\n")
    stage.github.open_pull({"web.yaml": CLEAN}, {"web.yaml": RISKY})
    stage.review(command=("-I", "-m", "bot", "review"))
    assert stage.suggested == BOTH
    assert not trace.exists()


PROGRAM = """\
#!/bin/sh
env > {seen}/{name}-$$
echo "$@" >> {seen}/{name}-$$
{then}
"""
"""A program that writes down what it was told."""


def test_programs_get_no_token(stage: Stage, tmp_path: Path) -> None:
    """git, docker and kind: neither in their arguments nor, but for git and its one header, in their environment."""
    seen, folder = tmp_path / "seen", tmp_path / "programs"
    seen.mkdir()
    folder.mkdir()
    for name, then in {"git": f'exec {shutil.which("git")} "$@"', "docker": "echo 28.0.0", "kind": "exit 1"}.items():
        (folder / name).write_text(PROGRAM.format(seen=seen, name=name, then=then))
        (folder / name).chmod(0o755)
    tokens = ("GITHUB_TOKEN", "GH_TOKEN", "ACTIONS_RUNTIME_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN")
    stage.runner.environment |= {
        "PATH": f"{folder}:{os.environ['PATH']}",
        "DOCKER_HOST": "tcp://127.0.0.1:1",
        **dict.fromkeys(tokens, SECRET),
    }
    stage.github.open_pull({"web.yaml": CLEAN}, {"web.yaml": RISKY})
    stage.review(cluster="kind")
    told = {each.name: each.read_text() for each in seen.iterdir()}
    assert {name.partition("-")[0] for name in told} == {"git", "docker", "kind"}
    for name, text in told.items():
        assert SECRET not in text, name
        assert name.startswith("git-") or "authorization" not in text.lower(), name
    assert any("Authorization: Basic" in text for text in told.values()), "the header is how git gets in"


def test_the_report_says_what_was_not_heeded(stage: Stage) -> None:
    stage.github.open_pull({"web.yaml": CLEAN}, {"web.yaml": RISKY, ".k8s-auto-fix.yaml": "ignore: [all]\n"})
    run = stage.review()
    assert NOT_YET in run.summary
    payload = json.loads((run.folder / run.outputs["payload"]).read_text())
    assert NOT_YET in payload["body"]
