"""How GitHub is reached: tokens, Enterprise Server, authorities of one's own, proxies; and folders that run apart."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes import certificates
from tests.fakes.github import FakeGitHub
from tests.fakes.runner import Runner
from tests.stories.shop import CLEAN, GAIN, PID, deployment
from tests.stories.stage import Stage


def open_pull(stage: Stage) -> None:
    stage.github.open_pull({"web.yaml": CLEAN}, {"web.yaml": deployment(PID)})


@pytest.mark.parametrize(
    ("token", "said"),
    [
        ("", "there is no token for GitHub"),
        ("ghs_someWrongToken", "401 Bad credentials"),
        ("ghs_token\nwith: another line", "characters that no token has"),
        ("\u201cghs_quoted\u201d", "characters that no token has"),
    ],
)
def test_tokens_that_open_nothing(stage: Stage, token: str, said: str) -> None:
    """One line says so, and the token is not repeated, not even where a defect is looked for."""
    open_pull(stage)
    stage.runner.environment["K8S_AUTO_FIX_DEBUG"] = "1"
    run = stage.review(code=2, token=token)
    assert said in run.stderr
    assert [each.level for each in run.annotations] == ["error"]
    for part in token.split("\n"):
        assert not part or part not in run.stdout + run.stderr + run.summary
    assert stage.github.newest.reviews == []


def test_proxies_do_not_lead_to_this_machine(stage: Stage) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY"):
        stage.runner.environment[name] = "http://user:pass-of-proxy@127.0.0.1:1"
    open_pull(stage)
    run = stage.review()
    assert stage.suggested == [PID]
    assert "pass-of-proxy" not in run.stdout + run.stderr


def test_enterprise_server_with_an_authority_of_its_own(tmp_path: Path) -> None:
    """Its API and git, over TLS; without the authority one line says which input is missing."""
    made = certificates.make(tmp_path / "certificates")
    with FakeGitHub(tmp_path / "github", ghes=True, certificate=made.server) as github:
        stage = Stage(github, Runner(github, tmp_path / "runner"))
        open_pull(stage)
        run = stage.review(code=2)
        assert "`ca-certificate` names the PEM file" in run.stderr
        stage.review(ca_certificate=str(made.authority))
        assert stage.suggested == [PID]
        assert stage.runs[-1].outputs["review-url"].startswith(github.url)
        assert github.offences == []


def test_folders_that_run_apart(stage: Stage) -> None:
    """Two jobs over two folders: each has its summary and its comments, and leaves the other's alone."""
    stage.github.open_pull({}, {"a/web.yaml": deployment(PID), "b/web.yaml": deployment(GAIN)})
    for _ in range(2):
        for folder in ("a", "b"):
            stage.review(paths=folder)
            assert {each.original.path for each in stage.comments} >= {f"{folder}/web.yaml"}
    assert stage.suggested == [GAIN, PID]
    assert len(stage.summaries) == 2
    before = stage.github.newest.head
    stage.github.push({"a/web.yaml": CLEAN})
    stage.pushed(before, paths="a")
    assert stage.suggested == [GAIN]
