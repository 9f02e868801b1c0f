"""Names and values of a repository that try to be more than text: nowhere they are."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import commands, events
from tests.fakes.github import File
from tests.fakes.runner import Run
from tests.review.reader import rendered
from tests.stories.shop import CLEAN, GAIN, PID, deployment
from tests.stories.stage import Stage

MENTION, IMAGE, MARK = "@acme/everyone", "<img src=x onerror=alert(1)>", "<!-- k8s-auto-fix v1 fp=0123456789abcdef -->"
HOSTILE = (
    MENTION,
    IMAGE,
    MARK,
    "</details>#1 owner/repo#2",
    "`````",
    "[click](https://evil.example.org)",
    "a\n::error file=web.yaml::boo",
    "a\n::set-output name=findings::0",
    "a\n::stop-commands::x\n::add-mask::web",
    "a\x1b[31m\u202ered",
    "a | b | c\n| 9 | x |",
    "$(touch /tmp/pwned) ; `id`",
)


def hostile(word: str) -> str:
    """A Deployment with this in every name and message that is repeated somewhere."""
    quoted = json.dumps(word)
    text = deployment(PID, GAIN).replace("name: web\n  namespace: shop", f"name: {quoted}\n  namespace: {quoted}")
    return text.replace("- name: web\n", f"- name: {quoted}\n").replace(
        "hostPID: true", f"hostPID: true  # k8s-auto-fix: ignore[host-pid] {_comment(word)}"
    )


def _comment(word: str) -> str:
    """What may stand in a comment of YAML: one line, no control characters."""
    return " ".join(word.replace("\x1b", "").split())


def is_harmless(text: str) -> None:
    """An independent reader finds no tag, link, image or mention in it but ours."""
    html = rendered(text)
    assert "<img" not in html
    assert 'evil.example.org"' not in html
    outside = re.sub(r'<(code|pre)[^>]*>.*?</\1>|href="[^"]*"', "", html, flags=re.DOTALL)
    for each in ("@acme", "#1", "#2", "::", "onerror", "\x1b", "\u202e"):
        assert each not in outside, (each, outside)


def posted(stage: Stage) -> list[str]:
    return [*(each.body for each in stage.github.newest.reviews), *(each.body for each in stage.comments)]


def obeyed(run: Run) -> list[commands.Annotation]:
    return [each for each in run.annotations if "boo" in each.message.split("\n")]


def by_threes(every: Sequence[str]) -> list[Sequence[str]]:
    """As many as have comments and rows of their own, three of one policy."""
    return [every[start : start + 3] for start in range(0, len(every), 3)]


@pytest.mark.parametrize("words", by_threes(HOSTILE))
def test_names_and_reasons(stage: Stage, words: Sequence[str]) -> None:
    stage.github.open_pull({}, {f"{place}.yaml": hostile(word) for place, word in enumerate(words)})
    run = stage.review()
    assert stage.suggested == [GAIN] * len(words)
    for text in (*posted(stage), run.summary):
        is_harmless(text)
    assert run.annotations == []


def test_names_and_reasons_as_annotations(stage: Stage) -> None:
    """A fork's: the text goes through workflow commands."""
    files = {f"{place}.yaml": hostile(word) for place, word in enumerate(HOSTILE)}
    stage.github.open_pull({}, files, fork="stranger")
    stage.github.read_only()
    run = stage.review()
    assert {each.properties.get("file", "") for each in run.annotations} <= {*files, ""}
    assert len(run.annotations) > 10
    assert obeyed(run) == []
    is_harmless(run.summary)


@pytest.mark.parametrize("form", ["text", "payload"])
def test_what_a_dry_run_prints_is_not_obeyed(stage: Stage, form: str) -> None:
    stage.github.open_pull({"a.yaml": CLEAN}, {"web.yaml": hostile("a\n::error file=web.yaml::boo")})
    run = stage.review(dry_run="true", format=form)
    assert run.annotations == []
    assert stage.github.newest.reviews == []
    printed = [line for line in run.stdout.splitlines() if not re.match(r"::(stop-commands::)?[0-9a-f]{32}", line)]
    assert not [line for line in printed if line.lstrip().startswith("::")]


PATHS = (
    "a\n::error file=x::boo.yaml",
    "::set-output name=x::.yaml",
    "@acme.yaml",
    "<img src=x>.yaml",
    "-rf.yaml",
    "a b/c'd\"e/$(id).yaml",
    "\u202egnp.yaml",
    "`tick|pipe`.yaml",
    b"not-utf8-\xff.yaml".decode("utf-8", "surrogateescape"),
    "GITHUB_OUTPUT<<EOF.yaml",
    "caf\u00e9/\u732b.yaml",
)


@pytest.mark.parametrize("paths", by_threes(PATHS))
def test_names_of_files(stage: Stage, paths: Sequence[str]) -> None:
    stage.github.open_pull({}, dict.fromkeys(paths, deployment(PID, GAIN)))
    run = stage.review()
    assert run.annotations == []
    assert run.outputs["findings"] == str(2 * len(paths))
    for text in (*posted(stage), run.summary):
        is_harmless(text)
    assert len(stage.comments) + int(run.outputs["patched"]) == 2 * len(paths)


def test_links_are_not_followed(stage: Stage) -> None:
    targets = ("/etc/passwd", "../../../../etc/passwd", "a.yaml", "/proc/self/environ", ".")
    links = {f"link-{place}.yaml": File(target, "120000") for place, target in enumerate(targets)}
    stage.github.open_pull({"a.yaml": deployment(PID)}, links)
    run = stage.review(select="all", scope="changed-files")
    assert stage.github.newest.reviews == []
    assert "a link or a submodule; not followed: `link-0.yaml`, `link-1.yaml`" in run.summary


def test_links_in_the_place_of_what_counts(stage: Stage) -> None:
    """In the merge base, even: nothing outside of the repository is read for them."""
    links = dict.fromkeys((".k8s-auto-fix.yaml", ".trivyignore", ".checkov.yaml"), File("/etc/passwd", "120000"))
    stage.github.open_pull(links, {"web.yaml": deployment(PID)})
    stage.review()
    assert stage.suggested == [PID]


@pytest.mark.parametrize("name", ["k8s-auto-fix-report", "k8s-auto-fix-report/fixes.patch"])
def test_links_in_the_workspace_where_reports_go(stage: Stage, tmp_path: Path, name: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "fixes.patch").write_text("kept")
    place = stage.runner.workspace / name
    place.parent.mkdir(parents=True)
    place.symlink_to(outside / "fixes.patch" if "/" in name else outside)
    stage.github.open_pull({"a.yaml": CLEAN}, {"web.yaml": deployment(PID)})
    run = stage.review(code=0 if "/" in name else 2, fail_on="never")
    assert run.outputs["findings"] == "1"
    assert (outside / "fixes.patch").read_text() == "kept"
    assert stage.suggested == [PID], run.stderr


@pytest.mark.parametrize("report", ["a/../../b", ".git/hooks"])
def test_report_folders_that_lead_away(stage: Stage, report: str) -> None:
    stage.github.open_pull({"a.yaml": CLEAN}, {"web.yaml": deployment(PID)})
    run = stage.review(code=2, report=report)
    assert "is no folder inside of the workspace" in run.stderr
    assert stage.github.newest.reviews == [], "said before anything is done"


@pytest.mark.parametrize("action", ["title", "ref"])
def test_title_and_branch(stage: Stage, action: str) -> None:
    more: dict[str, Any] = (
        {"title": "::error::boo @acme/everyone"} if action == "title" else {"branch": "@acme/everyone;$(id)"}
    )
    stage.github.open_pull({"a.yaml": CLEAN}, {"web.yaml": deployment(PID)}, **more)
    run = stage.review(events.opened(stage.github))
    assert stage.suggested == [PID]
    assert "everyone" not in run.summary + run.stdout + run.stderr
