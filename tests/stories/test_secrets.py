"""Values that are nobody's business: of a Secret, and literals of the environment; also beside what is mended."""

from __future__ import annotations

import pytest

from tests.fakes.runner import Run
from tests.stories.shop import CLEAN, GAIN, PID, deployment
from tests.stories.stage import Stage

OLD, NEW, LITERAL, ADDED = "b2xkLXNlY3JldA==", "bmV3LXNlY3JldA==", "literal-0ld-passw0rd", "literal-n3w-passw0rd"
VALUES = (OLD, NEW, LITERAL, ADDED)
CREDENTIALS = f"""\
apiVersion: v1
kind: Secret
metadata:
  name: web
  namespace: shop
type: Opaque
data:
  a: YQ==
  b: Yg==
  c: Yw==
  d: ZA==
  e: ZQ==
  old: {OLD}
"""
REMOVED = f"""\
apiVersion: policy/v1beta1
kind: PodDisruptionBudget
metadata: {{name: web, namespace: shop}}
spec: {{maxUnavailable: 1, selector: {{matchLabels: {{app.kubernetes.io/name: web}}}}}}
---
{CREDENTIALS}"""
ENVIRONMENT = f"""\
          env:
            - name: PASSWORD
              value: {LITERAL}
"""


def with_environment(text: str) -> str:
    """The literal stands right above what is mended."""
    place = "          securityContext:\n            read"
    assert place in text
    return text.replace(place, ENVIRONMENT + place)


def everything(stage: Stage, run: Run) -> dict[str, str]:
    """All that was said anywhere, by its place."""
    said = {"stdout": run.stdout, "stderr": run.stderr, "step summary": run.summary, "outputs": repr(run.outputs)}
    said |= {f"review {each.id}": each.body for each in stage.github.newest.reviews}
    said |= {f"comment {each.id}": each.body for each in stage.comments}
    folder = run.folder / run.outputs["report"]
    return said | {each.name: each.read_text() for each in folder.iterdir()}


def shown_in(stage: Stage, run: Run) -> dict[str, set[str]]:
    """Which values are where; the patch is left out, which `git apply` needs as it is."""
    found = {place: {value for value in VALUES if value in text} for place, text in everything(stage, run).items()}
    return {place: values for place, values in found.items() if values and place != "fixes.patch"}


def open_pull(stage: Stage, *, fork: str | None = None) -> None:
    base = {"web.yaml": with_environment(CLEAN), "credentials.yaml": CREDENTIALS}
    said = f"args: [serve]\n          command: [sh, -c, 'serve {ADDED}']"
    head = {
        "web.yaml": with_environment(deployment(PID, GAIN)).replace("args: [serve]", said),
        "credentials.yaml": CREDENTIALS.replace("\ndata:", f"\ndata:\n  password: not base64!\n  new: {NEW}"),
        "budget.yaml": REMOVED.replace(OLD, NEW),
    }
    stage.github.open_pull(base, head, fork=fork)
    if fork:
        stage.github.read_only()


@pytest.mark.parametrize("fork", [None, "stranger"])
def test_values_are_shown_nowhere(stage: Stage, fork: str | None) -> None:
    """The fix of a value cannot be said on its own lines, so that it is in the patch."""
    open_pull(stage, fork=fork)
    run = stage.review(min_severity="low")
    assert int(run.outputs["findings"]) > 2
    assert "secret-data-not-base64" in (run.folder / run.outputs["report"] / "findings.json").read_text()
    assert shown_in(stage, run) == {}
    assert "`fixes.patch` of this run's report" in run.summary


def test_a_suggestion_repeats_lines_that_github_shows(stage: Stage) -> None:
    """The comment stands below these very lines."""
    base = CREDENTIALS.replace("  a: YQ==\n  b: Yg==\n  c: Yw==\n  d: ZA==\n  e: ZQ==\n", "")
    stage.github.open_pull({"a.yaml": base}, {"a.yaml": base.replace("\ndata:", "\ndata:\n  password: not base64!")})
    run = stage.review()
    (comment,) = stage.comments
    assert shown_in(stage, run) == {f"comment {comment.id}": {OLD}, "review.json": {OLD}}


@pytest.mark.parametrize("form", ["text", "payload"])
def test_a_dry_run_prints_into_a_log(stage: Stage, form: str) -> None:
    open_pull(stage)
    run = stage.review(dry_run="true", format=form)
    assert "password" in run.stdout
    assert shown_in(stage, run) == {}
    assert form == "payload" or "not base64!" not in run.stdout
