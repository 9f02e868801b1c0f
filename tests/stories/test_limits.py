"""Much of everything: what is posted stays small, what is written stays whole, what is asked for stays little."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.fakes import events
from tests.fakes.github import Fault
from tests.fakes.runner import MEASURED
from tests.stories.shop import CLEAN, GAIN, PID, SECCOMP, deployment
from tests.stories.stage import Stage

BODY, STEP = 65_536, 1 << 20


def many(count: int, *risks: str) -> dict[str, str]:
    return {f"shop/{number:04}.yaml": deployment(*risks, name=f"web-{number:04}") for number in range(count)}


def test_case_24_hundreds_of_findings(stage: Stage) -> None:
    """400 of them: ten comments, three of a policy, the rest in rows that share, the patch, and the files."""
    stage.github.open_pull({}, many(134, PID, SECCOMP, GAIN))
    run = stage.review()
    assert len(stage.comments) == 9
    assert {policy: stage.suggested.count(policy) for policy in set(stage.suggested)} == {PID: 3, SECCOMP: 3, GAIN: 3}
    assert (run.outputs["findings"], run.outputs["patched"]) == ("402", "393")
    assert len(stage.summary) < 10_000
    assert run.summary.count("\n| ") == 403, "the step has a row for each"
    found = json.loads((run.folder / run.outputs["report"] / "findings.json").read_text())
    assert len(found["findings"]) == 402
    assert {PID, SECCOMP, GAIN} == {each["policy"] for each in found["findings"]}


def test_case_24_summaries_that_would_be_too_long(stage: Stage) -> None:
    """Texts are cut between rows, and say how many are left out."""
    reason = "because somebody said so " * 12
    accepted = deployment(GAIN).replace(": true\n", f": true  # k8s-auto-fix: ignore[{GAIN}] {reason}\n")
    folder = "/".join("d" * 60 for _ in range(14))
    files = {f"{folder}/{number:03}.yaml": deployment(PID, name=f"w{number}") for number in range(700)}
    files |= {f"accepted/{number:03}.yaml": accepted.replace("name: web", f"name: a{number}") for number in range(300)}
    stage.github.open_pull({}, files)
    run = stage.review()
    assert STEP * 0.7 < len(run.summary.encode()) <= STEP
    assert re.search(r"\n\u2026 and \d+ more rows", run.summary)
    assert len(stage.summary) <= BODY
    assert re.search(r"\n\u2026 and 2\d\d more\.\n", stage.summary)
    for text in (run.summary, stage.summary):
        rows = [line for line in text.split("\n") if line.startswith("| ")]
        assert {row.count(" | ") for row in rows} == {3}


def test_requests_of_a_run_that_posts_one_review(stage: Stage) -> None:
    """300 changed files, so that all three pages are asked for."""
    plain = {f"notes/{number}.txt": "A note.\n" for number in range(299)}
    stage.github.open_pull({"web.yaml": CLEAN}, plain | {"web.yaml": deployment(PID)})
    stage.review()
    asked = stage.operations()
    assert asked.count("pulls/list-files") == 3
    assert len(asked) <= 10, asked
    assert stage.suggested == [PID]


def test_case_24_thousands_of_files(stage: Stage) -> None:
    """3,500: the diff is git's, GitHub is not asked for its own, and time and memory stay within bounds."""
    files = many(3_000) | {f"notes/{number}.txt": "A note.\n" for number in range(500)} | {"web.yaml": deployment(PID)}
    stage.github.open_pull({"README.md": "The shop.\n"}, files)
    run = stage.review(command=("-c", MEASURED))
    asked = stage.operations()
    assert "pulls/list-files" not in asked
    assert len(asked) <= 10
    assert stage.suggested == [PID]
    assert int(run.stdout.rpartition("peak ")[2].split()[0]) < 500_000


def test_case_24_files_without_a_patch(stage: Stage) -> None:
    """GitHub lists a file without its patch and takes no comment there, or lists it so and takes one: both are met."""
    stage.github.open_pull({}, {name: deployment(PID, name=name[:-5]) for name in ("a.yaml", "b.yaml", "c.yaml")})
    stage.github.withheld.add("a.yaml")
    stage.github.zeroed.add("b.yaml")
    run = stage.review()
    assert sorted(each.original.path for each in stage.comments) == ["b.yaml", "c.yaml"]
    assert (run.outputs["suggestions"], run.outputs["patched"]) == ("2", "1")
    assert "patch: GitHub takes no comment there" in stage.summary
    patch = (run.folder / run.outputs["patch"]).read_text()
    assert "a/a.yaml" in patch
    assert "a/b.yaml" not in patch


def test_other_hunks_than_ours(stage: Stage) -> None:
    """Lines that only git's diff shows get no comment, and no request that would be refused is made."""
    stage.github.diff_options += ("--unified=0",)
    stage.github.open_pull({"web.yaml": CLEAN}, {"web.yaml": deployment(GAIN)})
    stage.review()
    statuses = [each.status for each in stage.github.requests if each.operation == "pulls/create-review"]
    assert statuses == [200]
    assert stage.suggested == [GAIN]


@pytest.mark.parametrize("kind", ["too-many", "secondary"])
def test_more_waiting_than_there_is_time_for(stage: Stage, kind: str) -> None:
    """The budget is spent: findings are annotations and the step's summary; the next run posts."""
    stage.runner.environment["K8S_AUTO_FIX_PATIENCE"] = "5"
    stage.github.open_pull({"web.yaml": CLEAN}, {"web.yaml": deployment(PID)})
    stage.github.faults.append(Fault("pulls/create-review", kind, seconds=90))  # type: ignore[arg-type]
    run = stage.review()
    assert stage.github.newest.reviews == []
    assert "GitHub's rate limit: it wants 90 s" in run.stderr
    assert [each.level for each in run.annotations] == ["error"]
    assert "hostPID: true" in run.summary
    stage.review()
    assert stage.suggested == [PID]


def test_a_file_that_is_no_yaml_beside_one_that_is(stage: Stage) -> None:
    files = {"broken.yaml": "a: [\n", "web.yaml": deployment(PID), "template.yaml": "a: {{ .Values.a }}\n"}
    stage.github.open_pull({}, files)
    run = stage.review()
    assert stage.suggested == [PID]
    assert "**Could not be read**" in stage.summary
    assert run.outputs["findings"] == "1"
    stage.review(events.opened(stage.github), code=2, fail_on="critical")


def test_the_patch_of_everything_applies(stage: Stage, tmp_path: Path) -> None:
    """134 files, and lines that a suggestion cannot say."""
    files: dict[str, str | bytes] = dict(many(40, PID, GAIN))
    files |= {"crlf.yaml": deployment(GAIN).replace("\n", "\r\n").encode(), "end.yaml": deployment(GAIN).rstrip("\n")}
    stage.github.open_pull({}, files, fork="stranger")
    stage.github.read_only()
    run = stage.review()
    place = tmp_path / "applied"
    subprocess.run(["git", "clone", "-q", "-n", stage.github.repository.path, place], check=True)
    for command in (["fetch", "-q", "origin", stage.github.newest.head], ["checkout", "-q", "FETCH_HEAD"]):
        subprocess.run(["git", *command], cwd=place, check=True, capture_output=True)
    subprocess.run(["git", "apply", run.folder / run.outputs["patch"]], cwd=place, check=True)
    assert (place / "crlf.yaml").read_bytes() == CLEAN.replace("\n", "\r\n").encode()
    assert {each.read_text().count("hostPID") for each in (place / "shop").iterdir()} == {0}
