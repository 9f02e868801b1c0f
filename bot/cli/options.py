"""Options that several commands share, declared once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

Command = Callable[..., Any]

PROFILES = ("default", "baseline", "restricted", "cis", "nsa", "reliability", "all")
SEVERITIES = ("low", "medium", "high", "critical")


def split(_ctx: click.Context, _param: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...] | None:
    """`--select a,b --select c` is a, b, c; not given is None."""
    names = tuple(name.strip() for entry in value for name in entry.split(",") if name.strip())
    return names or None


def policy_ids(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """Ids of built-in policies, for the completion of a shell."""
    from bot.policy import load

    return sorted(policy.id for policy in load() if policy.id.startswith(incomplete))


def selectable(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """What --select takes, for the completion of a shell; names before a comma are kept."""
    from bot.policy import load

    before, comma, begun = incomplete.rpartition(",")
    names = {"all", "default"}
    for policy in load():
        names |= {policy.id, policy.category, *policy.profiles}
    return sorted(before + comma + name for name in names if name.startswith(begun))


def selection(command: Command) -> Command:
    """What to look at and with which policies."""
    return _with_policies(
        click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=click.Path())(command)
    )


def selection_or_base(command: Command) -> Command:
    """The same, or what a branch brings: then paths are optional. `base` is a name of a commit, or None."""
    command = click.option(
        "--base",
        metavar="REF",
        help="What the checked out commit brings to REF: every fix that a review of it offers, unsafe ones too.",
    )(command)
    return _with_policies(
        click.argument("paths", nargs=-1, callback=_paths_or_base, metavar="PATH...", type=click.Path())(command)
    )


def _paths_or_base(ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    # Options are parsed before arguments, whatever their order on the command line.
    if not value and not ctx.params.get("base"):
        raise click.MissingParameter(ctx=ctx, param=param)
    return value


def selection_or_all(command: Command) -> Command:
    """The same, or the whole repository: paths are optional."""
    return _with_policies(
        click.argument("paths", nargs=-1, callback=_or_repository, metavar="[PATH...]", type=click.Path())(command)
    )


def _or_repository(_ctx: click.Context, _param: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    if value:
        return value
    import os

    from bot.settings import repository_root

    return (os.path.relpath(repository_root(".") or "."),)


def selection_in(command: Command) -> Command:
    """The same, with paths as an option: `--in PATH...`, as a stage names what it reads."""
    command = click.argument("more", nargs=-1, metavar="", type=click.Path())(command)
    return _with_policies(
        click.option(
            "--in",
            "paths",
            multiple=True,
            required=True,
            type=click.Path(),
            metavar="PATH...",
            help="Files and folders to look at, or - for stdin.",
        )(command)
    )


def with_policies(command: Command) -> Command:
    """With which policies to look, for commands that know where."""
    return _with_policies(command)


def _with_policies(command: Command) -> Command:
    for option in reversed(
        (
            click.option(
                "--profile",
                type=click.Choice(PROFILES),
                default=None,
                help="Policies to start from; --select adds to them.  [default: default; settings]",
            ),
            click.option(
                "--select",
                multiple=True,
                callback=split,
                shell_complete=selectable,
                metavar="NAME",
                help="Policies to use: ids (other tools' too), categories, profiles; comma-separated or repeated.",
            ),
            click.option(
                "--ignore",
                multiple=True,
                callback=split,
                shell_complete=selectable,
                metavar="NAME",
                help="Policies to leave out; as --select.",
            ),
            click.option(
                "--severity",
                type=click.Choice(SEVERITIES),
                default="low",
                show_default=True,
                help="Show findings of at least this severity.",
            ),
            click.option(
                "--exclude",
                multiple=True,
                callback=split,
                metavar="PATTERN",
                help="Files and folders to leave out, as in .gitignore.",
            ),
            click.option(
                "--kubernetes-version",
                metavar="MINOR",
                help="Version of the cluster, such as 1.36.  [default: all supported]",
            ),
            click.option(
                "--policies", "folder", type=click.Path(), metavar="DIR", help="Your own policies, in addition."
            ),
            click.option(
                "--config", type=click.Path(), metavar="FILE", help="Settings, in place of .k8s-auto-fix.yaml."
            ),
            click.option(
                "--cluster",
                type=click.Choice(("auto", "kind", "embedded", "kubeconfig", "none")),
                default=None,
                help="API server that verifies fixes in a dry run.  [default: none; settings]",
            ),
            click.option(
                "--kubeconfig",
                type=click.Path(),
                metavar="FILE",
                help="Your cluster, for --cluster kubeconfig or auto.  [default: KUBECONFIG]",
            ),
            click.option("--context", metavar="NAME", help="Context of the kubeconfig.  [default: its current one]"),
            click.option(
                "--jobs",
                type=click.IntRange(min=1),
                default=None,
                metavar="N",
                help="Processes to use.  [default: cores]",
            ),
        )
    ):
        command = option(command)
    return command


def engines(command: Command) -> Command:
    """Other tools: which to run (see `bot.settings.model.ENGINE_WORDS`), and the reports of others."""
    for option in reversed(
        (
            click.option(
                "--engine",
                "--engines",
                "engines",
                multiple=True,
                callback=split,
                metavar="NAME",
                help="Another tool to run, too: kube-linter, kyverno, auto, required, none, NAME=PROGRAM; repeat for "
                "several.  [default: settings]",
            ),
            click.option(
                "--kyverno-policies",
                multiple=True,
                callback=split,
                type=click.Path(),
                metavar="DIR",
                help="Policies for the engine kyverno.  [default: settings; kyverno/ at the root]",
            ),
            click.option(
                "--sarif",
                multiple=True,
                type=click.Path(),
                metavar="FILE",
                help="Findings of another tool, in SARIF 2.1.0; repeat for several.",
            ),
        )
    ):
        command = option(command)
    return command


def colour(command: Command) -> Command:
    """Whether to colour; the environment decides when nothing is said."""
    return click.option(
        "--color",
        type=click.Choice(("auto", "always", "never")),
        default="auto",
        help="Colour the output.  [default: on a terminal; NO_COLOR and FORCE_COLOR are honoured]",
    )(command)
