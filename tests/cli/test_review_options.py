"""The options of `review`: from a command line, and from a workflow as GitHub hands its inputs over."""

from __future__ import annotations

from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from bot.cli import review_options

DEFAULTS: dict[str, Any] = {
    "paths": (),
    "token": "",
    "scope": "introduced",
    "min_severity": "medium",
    "max_comments": 10,
    "fail_on": "never",
    "profile": None,
    "select": None,
    "ignore": None,
    "exclude": None,
    "kubernetes_version": None,
    "folder": None,
    "engines": None,
    "kyverno_policies": None,
    "sarif": None,
    "config": None,
    "cluster": None,
    "kubeconfig": None,
    "context": None,
    "ca_certificate": None,
    "report": None,
    "artifact": None,
    "base": None,
    "head": None,
    "dry_run": False,
    "form": "text",
    "jobs": None,
}


def call(*arguments: str, **environ: str) -> Result:
    @click.command()
    @review_options.options
    def probe(**given: Any) -> dict[str, Any]:
        return given

    return CliRunner().invoke(probe, arguments, env=environ, standalone_mode=False)


def said(result: Result) -> str:
    assert isinstance(result.exception, click.UsageError)
    return result.exception.format_message()


@pytest.mark.parametrize("value", ["", " ", "\n"])
def test_an_input_that_nobody_set_is_an_empty_text(value: str) -> None:
    """GitHub sets a variable for every input of action.yml, whether or not a workflow gives it."""
    unset = {f"INPUT_{name.upper()}": value for name in inputs()}
    assert call(**unset).return_value == call().return_value == DEFAULTS


def inputs() -> list[str]:
    @click.command()
    @review_options.options
    def probe() -> None: ...

    return [parameter.opts[0].lstrip("-") for parameter in probe.params]


@pytest.mark.parametrize(
    ("name", "text", "key", "value"),
    [
        ("PATHS", "deploy", "paths", ("deploy",)),
        ("PATHS", "deploy\n  charts/app \n\n", "paths", ("deploy", "charts/app")),
        ("PATHS", "deploy, base,", "paths", ("deploy", "base")),
        ("SELECT", "baseline\nhost-pid", "select", ("baseline", "host-pid")),
        ("IGNORE", "a,b\nc", "ignore", ("a", "b", "c")),
        ("EXCLUDE", "charts/", "exclude", ("charts/",)),
        ("MAX-COMMENTS", "0", "max_comments", 0),
        ("MAX-COMMENTS", " 50 ", "max_comments", 50),
        ("DRY-RUN", "true", "dry_run", True),
        ("DRY-RUN", "False", "dry_run", False),
        ("FAIL-ON", "high", "fail_on", "high"),
        ("KUBERNETES-VERSION", "1.34", "kubernetes_version", "1.34"),
        ("CA-CERTIFICATE", "ca.pem", "ca_certificate", "ca.pem"),
        ("POLICIES", "policies", "folder", "policies"),
        ("FORMAT", "payload", "form", "payload"),
        ("TOKEN", "t0ken", "token", "t0ken"),
    ],
)
def test_an_input(name: str, text: str, key: str, value: object) -> None:
    assert call(**{f"INPUT_{name}": text}).return_value == DEFAULTS | {key: value}


@pytest.mark.parametrize(
    ("arguments", "environ", "key", "value"),
    [
        (["a,b", "c"], {}, "paths", ("a,b", "c")),
        (["c"], {"INPUT_PATHS": "a"}, "paths", ("c",)),
        (["--select", "a,b", "--select", "c"], {}, "select", ("a", "b", "c")),
        (["--max-comments", "3"], {"INPUT_MAX-COMMENTS": "4"}, "max_comments", 3),
        (["--dry-run"], {"INPUT_DRY-RUN": "false"}, "dry_run", True),
        ([], {"INPUT_TOKEN": "", "GITHUB_TOKEN": "ambient"}, "token", "ambient"),
        ([], {"INPUT_TOKEN": "own", "GITHUB_TOKEN": "ambient"}, "token", "own"),
    ],
)
def test_a_command_line(arguments: list[str], environ: dict[str, str], key: str, value: object) -> None:
    assert call(*arguments, **environ).return_value == DEFAULTS | {key: value}


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({"INPUT_MAX-COMMENTS": "51"}, "Invalid value for input 'max-comments': 51 is not in the range 0<=x<=50."),
        ({"INPUT_MAX-COMMENTS": "ten"}, "Invalid value for input 'max-comments': 'ten' is not a valid integer range."),
        ({"INPUT_DRY-RUN": "yes"}, "Invalid value for input 'dry-run': 'yes' is neither true nor false."),
        (
            {"INPUT_SCOPE": "all"},
            "Invalid value for input 'scope': 'all' is not one of 'introduced', 'changed-objects', 'changed-files'.",
        ),
    ],
)
def test_a_wrong_input_is_named_as_the_workflow_names_it(environ: dict[str, str], message: str) -> None:
    assert said(call(**environ)) == message


def test_a_wrong_option_is_named_as_the_command_line_names_it() -> None:
    assert said(call("--fail-on", "all")).startswith("Invalid value for '--fail-on': ")


@pytest.mark.parametrize("arguments", [["--token", "s3cret"], ["--token=s3cret"]])
def test_a_token_on_the_command_line_is_refused_and_not_repeated(arguments: list[str]) -> None:
    message = said(call(*arguments, GITHUB_TOKEN="ambient"))
    assert message == "--token: others can read a command line; set GITHUB_TOKEN instead"
