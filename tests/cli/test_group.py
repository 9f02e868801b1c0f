"""The list of commands: help, hints, and what starting costs."""

from __future__ import annotations

import json
import subprocess
import sys

import click
import pytest

from bot import __version__
from bot.cli.group import cli
from tests.cli.material import call, run

COMMANDS = cli.list_commands(click.Context(cli))


def test_help_lists_every_command_and_the_exit_codes() -> None:
    done = run("--help")
    assert (done.code, done.err) == (0, "")
    listed = done.out.partition("Commands:\n")[2].splitlines()
    assert [line.split()[0] for line in listed] == COMMANDS
    assert all(len(line.split()) > 3 for line in listed)
    assert "0 nothing to say, 1 findings or changes, 2 wrong use" in done.out


@pytest.mark.parametrize("command", [*COMMANDS, "policies test"])
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_every_command_has_help(command: str, option: str) -> None:
    done = run(*command.split(), option)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"Usage: k8s-auto-fix {command} ")
    options = [line for line in done.out.splitlines() if line.startswith("  -")]
    assert all(len(line.split("  ")) > 1 for line in options), "an option says nothing about itself"


@pytest.mark.parametrize("arguments", [["--help"], ["patch", "--help"], ["completion", "--help"]])
def test_lines_of_examples_stay_lines(arguments: list[str]) -> None:
    out = run(*arguments).out
    assert "\b" not in out
    assert "\\b" not in out
    assert [line for line in out.splitlines() if line.strip().startswith(("k8s-auto-fix ", "bash: "))]


def test_commands_are_what_their_modules_hold() -> None:
    context = cli.make_context("k8s-auto-fix", ["scan", "."])
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        assert command is not None
        assert command.get_short_help_str()
    assert cli.get_command(context, "run") is None, "a module of the folder is no command"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["scn", "."], "no such command 'scn', did you mean 'scan'?"),
        (["policy"], "did you mean 'policies'?"),
        (["zzz"], "no such command 'zzz'; there are: scan, diff, fix, "),
        (["--nonsense"], "No such option '--nonsense'"),
        (["scan"], "Missing argument 'PATH...'"),
        (["scan", "--selct", "all", "."], "'--select'"),
        (["scan", "--format", "yaml", "."], "'yaml' is not one of 'text', 'concise', 'json', 'sarif', 'github'"),
        (["scan", "--severity", "awful", "."], "'awful' is not one of 'low', 'medium', 'high', 'critical'"),
        (["scan", "--jobs", "0", "."], "0 is not in the range x>=1"),
        (["fix", "--jobs", "two", "."], "'two' is not a valid integer range"),
        (["diff", "--color", "red", "."], "'red' is not one of 'auto', 'always', 'never'"),
        (["completion", "tcsh"], "'tcsh' is not one of 'bash', 'zsh', 'fish'"),
        (["policies", "tset"], "No such command 'tset'"),
        (["explain"], "Missing argument 'POLICY'"),
        (["patch", "-p", "[]"], "Missing option '-f' / '--file'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_use_is_2_with_a_hint_on_stderr(arguments: list[str], words: str) -> None:
    done = run(*arguments)
    assert done.code == 2
    assert done.out == ""
    assert words in done.err
    assert done.err.startswith("Usage: k8s-auto-fix ")


def test_no_arguments_is_help_and_2() -> None:
    done = run()
    assert (done.code, done.out) == (2, "")
    assert done.err == run("--help").out


def test_version() -> None:
    done = run("--version")
    assert (done.code, done.out, done.err) == (0, f"k8s-auto-fix {__version__}\n", "")


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["nonsense"]])
def test_starting_imports_nothing_heavy(arguments: list[str]) -> None:
    # Reading the manifests' libraries takes longer than all of this; `--version` has 0.15 s.
    program = f"""
import sys, json
from bot.cli.run import run
run({arguments!r})
print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    modules = set(json.loads(done.stderr.splitlines()[-1]))
    assert "click" in modules
    heavy = {
        "yaml",
        "cel_expr_python",
        "jsonschema_rs",
        "jsonpatch",
        "pathspec",
        "difflib",
        "bot.manifest",
        "bot.policy",
    }
    if arguments == ["nonsense"]:
        heavy.remove("difflib")
    assert not modules & heavy


def test_the_module_and_the_script_are_the_same() -> None:
    done = call("--version")
    assert (done.code, done.out) == (0, f"k8s-auto-fix {__version__}\n")
