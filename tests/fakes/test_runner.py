"""The runner: what it tells a step, what it reads from it, and how it cancels."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import commands, events
from tests.fakes.github import SECRET, FakeGitHub
from tests.fakes.runner import Interrupt, Run, Runner


@pytest.fixture
def runner(github: FakeGitHub, tmp_path: Path) -> Runner:
    """A runner for a repository with one pull request."""
    github.open_pull({"a.yaml": "a: 1\n"}, {"a.yaml": "a: 2\n"})
    return Runner(github, tmp_path / "runner")


def script(runner: Runner, code: str, event: events.Event | None = None, **more: Any) -> Run:
    """Run a piece of Python as the step."""
    return runner.run(event or events.opened(runner.fake), command=("-c", code), **more)


ASK = (
    "import urllib.request, os; urllib.request.build_opener(urllib.request.ProxyHandler({}))"
    ".open(urllib.request.Request(os.environ['GITHUB_API_URL'] + '/rate_limit', headers={"
    "'X-GitHub-Api-Version': '2022-11-28', 'Accept': 'application/json'}))"
)


def test_the_environment_is_that_of_a_runner_and_nothing_else(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", "/nowhere")
    runner.environment["EXTRA"] = "1"
    code = "import json, os; env = dict(os.environ); env['INPUT_TOKEN'] = 'hidden'; print(json.dumps(env))"
    found = json.loads(script(runner, code, max_comments="3").stdout)
    assert found["INPUT_MAX-COMMENTS"] == "3"
    assert found["INPUT_FAIL-ON"] == "never"
    assert found["INPUT_PATHS"] == ""  # an input that nobody sets is there, and empty
    assert found["GITHUB_REF"] == f"refs/pull/{runner.fake.newest.number}/merge"
    assert found["GITHUB_SHA"] not in (runner.fake.newest.head, runner.fake.newest.base)
    assert found["GITHUB_API_URL"] == runner.fake.url
    assert found["EXTRA"] == "1"
    assert not {"KUBECONFIG", "GITHUB_TOKEN", "VIRTUAL_ENV"} & found.keys()


def test_an_input_that_the_action_does_not_have(runner: Runner) -> None:
    with pytest.raises(AssertionError, match="no input colour"):
        script(runner, "", colour="blue")


def test_what_a_step_hands_back(runner: Runner) -> None:
    code = """
import os
with open(os.environ["GITHUB_OUTPUT"], "a") as file:
    file.write("findings=2\\nlist<<END\\none\\ntwo=2\\nEND\\n")
with open(os.environ["GITHUB_STATE"], "a") as file:
    file.write("cluster=k8s-1\\n")
with open(os.environ["GITHUB_STEP_SUMMARY"], "a") as file:
    file.write("# Done\\n")
print("::warning file=a.yaml,line=3,title=A%3A b%2C c::100%25%0Asure")
print("::stop-commands::x1\\n::error::from the repository\\n::x1::\\n::notice::again")
raise SystemExit(1)
"""
    run = script(runner, code)
    assert (run.code, run.outputs, run.state) == (1, {"findings": "2", "list": "one\ntwo=2"}, {"cluster": "k8s-1"})
    assert run.summary == "# Done\n"
    assert run.annotations == [
        commands.Annotation("warning", "100%\nsure", {"file": "a.yaml", "line": "3", "title": "A: b, c"}),
        commands.Annotation("notice", "again", {}),
    ]


@pytest.mark.parametrize("text", ["name", "name<<END\nnever closed\n", "=value"])
def test_files_that_a_runner_refuses(text: str) -> None:
    with pytest.raises(AssertionError):
        commands.variables(text)


@pytest.mark.parametrize(
    "code",
    [
        f"print('{SECRET}')",
        f"import sys; print('{SECRET}', file=sys.stderr)",
        f"open('left-behind', 'w').write('{SECRET}')",
        f"import os; open(os.environ['RUNNER_TEMP'] + '/config', 'w').write('{SECRET}')",
        f"import os; open(os.environ['GITHUB_STEP_SUMMARY'], 'w').write('{SECRET}')",
    ],
)
def test_a_token_that_leaks_fails_the_test(runner: Runner, code: str) -> None:
    with pytest.raises(AssertionError, match="the token is in"):
        script(runner, code)


def test_cancelling_at_a_request(runner: Runner) -> None:
    run = script(runner, f"{ASK}\nimport time; time.sleep(60)", interrupt=Interrupt("rate-limit/get"))
    assert run.code != 0
    assert "KeyboardInterrupt" in run.stderr
    assert run.signals == [signal.SIGINT]
    assert script(runner, ASK).code == 0  # the next run is not cancelled


def test_a_process_that_goes_on_gets_the_other_signals(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.fakes.runner.TERM_AFTER", 0.3)
    monkeypatch.setattr("tests.fakes.runner.KILL_AFTER", 0.3)
    code = f"import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\n{ASK}\nimport time; time.sleep(60)"
    began = time.monotonic()
    run = script(runner, code, interrupt=Interrupt("rate-limit/get", "before"))
    assert (run.code, run.signals) == (-signal.SIGTERM, [signal.SIGINT, signal.SIGTERM])
    assert time.monotonic() - began < 20


def test_a_cancellation_that_never_comes_is_a_failure(runner: Runner) -> None:
    with pytest.raises(AssertionError, match="never came to pulls/create-review"):
        script(runner, "", interrupt=Interrupt("pulls/create-review"))


EVENTS: dict[str, Callable[[FakeGitHub], events.Event]] = {
    "opened": events.opened,
    "synchronize": lambda fake: events.synchronize(fake, fake.newest.base),
    "reopened": events.reopened,
    "ready": events.ready_for_review,
    "closed": events.closed,
    "title": events.edited_title,
    "base": lambda fake: events.edited_base(fake, "main", fake.newest.base),
    "dependabot": events.dependabot,
    "target": events.pull_request_target,
    "call": events.workflow_call,
    "queue": events.merge_group,
    "push": lambda fake: events.push(fake, fake.newest.base),
    "new branch": events.push,
    "run": lambda fake: events.workflow_run(fake, 7),
}


@pytest.mark.parametrize("name", EVENTS)
def test_every_event_is_told_with_commits_that_are_there(runner: Runner, name: str) -> None:
    event = EVENTS[name](runner.fake)
    found = json.loads(script(runner, "import os; print(open(os.environ['GITHUB_EVENT_PATH']).read())", event).stdout)
    assert found["repository"]["full_name"] == "acme/shop"
    assert runner.fake.repository.knows(event.sha)
    pull = found.get("pull_request")
    assert pull is None or runner.fake.repository.knows(pull["head"]["sha"])


def test_odd_payloads(runner: Runner) -> None:
    fake = runner.fake
    assert events.push(fake).payload["before"] == "0" * 40
    fake.open_pull({}, {"a.yaml": "a: 3\n"}, fork="stranger", draft=True)
    head = events.opened(fake).payload["pull_request"]["head"]
    assert (head["label"].split(":")[0], head["repo"]["full_name"]) == ("stranger", "stranger/shop")
    assert events.opened(fake).payload["pull_request"]["draft"]
    fake.delete_fork()
    assert events.opened(fake).payload["pull_request"]["head"]["repo"] is None
    assert events.dependabot(fake).actor == "dependabot[bot]"


def test_a_checkout_is_the_merge_commit(runner: Runner) -> None:
    runner.fake.advance_base({"b.yaml": "b: 1\n"})
    event = events.opened(runner.fake)
    runner.check_out(event.sha)
    assert {each.name for each in runner.workspace.iterdir()} == {".git", "a.yaml", "b.yaml"}
    assert (runner.workspace / "a.yaml").read_text() == "a: 2\n"
