"""A pull request on the fake GitHub gets its review from the image, started as the runner starts it."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes import events
from tests.fakes.github import FakeGitHub
from tests.fakes.runner import Runner
from tests.image.conftest import RUNNER, Image
from tests.image.test_image import MANIFEST

pytestmark = pytest.mark.image

ENTER = "import os, sys; os.chroot(sys.argv[1]); os.chdir(sys.argv[2]); os.execv(sys.argv[3], sys.argv[3:])"
"""Leaves this machine's files for those of the image: root folder, working folder, command."""


@pytest.fixture
def runner(image: Image, github: FakeGitHub, tmp_path: Path) -> Iterator[Runner]:
    """A runner whose folder is where it is outside, in the image, too."""
    folder = tmp_path / "runner"
    inside = image.root / str(folder).lstrip("/")
    folder.mkdir()
    inside.mkdir(parents=True)
    subprocess.run(["mount", "--bind", folder, inside], check=True)
    yield Runner(github, folder, {"cluster": "embedded"}, dict(line.split("=", 1) for line in image.config["Env"]))
    subprocess.run(["umount", inside], check=True)


def test_it_posts_once_and_leaves_no_file_of_root(image: Image, github: FakeGitHub, runner: Runner) -> None:
    github.open_pull({"README.md": "A shop.\n"}, {"web.yaml": MANIFEST})
    command = ("-c", ENTER, str(image.root), str(runner.workspace), *image.config["Entrypoint"])
    runner.workspace.mkdir()
    os.chown(runner.workspace, RUNNER, RUNNER)
    run = runner.run(events.opened(github), command=command)
    assert run.code == 0, run.stderr
    assert run.outputs["suggestions"] == "1"
    (comment,) = github.bot_comments
    posted = comment.body
    assert "        allowPrivilegeEscalation: false  # an old habit" in posted
    assert re.search(r"Kubernetes 1\.\d+\.\d+ \(embedded\) accepted it", posted)
    left = sorted(runner.workspace.rglob("*"))
    assert runner.workspace / run.outputs["sarif"] in left
    assert {path.stat().st_uid for path in left} == {RUNNER}

    again = runner.run(events.reopened(github), command=command)
    assert again.code == 0, again.stderr
    assert [each.body for each in github.bot_comments] == [posted]
    assert {path.stat().st_uid for path in runner.workspace.rglob("*")} == {RUNNER}
