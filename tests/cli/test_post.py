"""The action's last step: what a killed run left goes, what is others' stays, and the job never fails by it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.adapters.cluster import embedded, kind, leftovers
from bot.cli import post
from tests.adapters.cluster.stand_ins import StandIns

NAME = "k8s-auto-fix-0badcafe"
DEAD = '[1, "in another life"]'


@pytest.fixture
def runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIns]:
    """docker and kind that only record; RUNNER_TEMP is a folder of this test's."""
    (tmp_path / "temp").mkdir()
    monkeypatch.setenv("RUNNER_TEMP", str(tmp_path / "temp"))
    tools = StandIns(tmp_path / "tools")
    yield tools
    tools.socket.close()


def left(prefix: str, **files: str) -> Path:
    folder = leftovers.new_folder(prefix)
    for name, text in files.items():
        (folder / name).write_text(text)
    return folder


def test_after_a_run_that_ended_well_nothing_is_done_or_said(runner: StandIns) -> None:
    assert post.clean(runner.environ) == []
    assert runner.log() == []


def test_what_a_killed_run_left_goes(runner: StandIns) -> None:
    cluster = left(kind.PREFIX, cluster=NAME, owner=DEAD)
    server = left(embedded.PREFIX, owner=DEAD)
    assert post.clean(runner.environ) == ["removed what 2 ended runs left"]
    assert runner.log() == [f"kind delete cluster --name {NAME} --kubeconfig {cluster}/kubeconfig"]
    assert not cluster.exists()
    assert not server.exists()


def test_a_cluster_is_found_by_the_state_when_its_folder_is_gone(runner: StandIns) -> None:
    assert post.clean(runner.environ | {"STATE_cluster": NAME}) == []
    (line,) = runner.log()
    assert line.startswith(f"kind delete cluster --name {NAME} --kubeconfig ")


@pytest.mark.parametrize("name", ["kind", "production", "k8s-auto-fix-", "k8s-auto-fix-0badcafe x", "", "-h"])
def test_the_cluster_of_somebody_else_is_left_alone(runner: StandIns, name: str) -> None:
    assert post.clean(runner.environ | {"STATE_cluster": name}) == []
    assert runner.log() == []


def test_what_cannot_be_removed_is_said_in_one_line(runner: StandIns, monkeypatch: pytest.MonkeyPatch) -> None:
    runner.tell("fail-kind_delete", "ERROR: the daemon is gone\n")
    monkeypatch.setattr("os.environ", runner.environ | {"STATE_cluster": NAME})
    said: list[str] = []
    monkeypatch.setattr(post, "tell", said.append)
    post.main()
    assert said == [f"the cluster may still be there: kind delete cluster --name {NAME}"]


def test_programs_of_others_see_no_token(runner: StandIns, tmp_path: Path) -> None:
    tokens = {
        "INPUT_TOKEN": "s3cret",
        "GITHUB_TOKEN": "s3cret",
        "ACTIONS_RUNTIME_TOKEN": "s3cret",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "s3cret",
        "GIT_CONFIG_VALUE_0": "Authorization: s3cret",
        "DOCKER_PASSWORD": "s3cret",
        "ANYTHING": "s3cret",
    }
    (tmp_path / "tools/bin/kind").write_text(f"#!/bin/sh\nenv > {tmp_path}/seen\n")
    post.clean(runner.environ | tokens | {"STATE_cluster": NAME, "HTTPS_PROXY": "http://proxy:1"})
    seen = (tmp_path / "seen").read_text()
    assert "s3cret" not in seen
    assert f"DOCKER_HOST={runner.environ['DOCKER_HOST']}" in seen
    assert "HTTPS_PROXY=http://proxy:1" in seen
