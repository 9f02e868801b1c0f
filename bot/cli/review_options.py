"""The options of `review`, declared once: the inputs of action.yml and the table of docs/github-action.md say the same.

In a workflow GitHub hands an input over as the variable INPUT_<NAME>, in capitals and with its hyphens; an input that
nobody set arrives as an empty text and means "not given". On a command line the same thing is an option of that name
(`paths`: arguments). A list is one entry a line, or separated by commas.

`help` is the sentence of action.yml and of the table, too; `show_default` the default where it is no fixed value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import click
from click.core import ParameterSource

from bot.cli.options import PROFILES, SEVERITIES, Command, selectable, split

SCOPES = ("introduced", "changed-objects", "changed-files")
CLUSTERS = ("kind", "embedded", "kubeconfig", "auto", "none")
FORMATS = ("text", "payload")
NEVER = "never"
"""`--fail-on`: findings never fail the step."""
MOST_COMMENTS = 50


class _FromWorkflow(click.Parameter):
    """Reads the variable as GitHub writes it, and names the input when its value is wrong."""

    def resolve_envvar_value(self, ctx: click.Context) -> str | None:
        """The text of the first variable that is given, without the space around it."""
        return (super().resolve_envvar_value(ctx) or "").strip() or None

    def value_from_envvar(self, ctx: click.Context) -> str | Sequence[str] | None:
        """The same, as a list where the parameter is one."""
        text = self.resolve_envvar_value(ctx)
        if text is None or not (self.multiple or self.nargs == -1):
            return _flag(self, text, ctx) if text and getattr(self, "is_flag", False) else text
        return [part.strip() for part in re.split("[,\n]", text) if part.strip()] or None

    def get_error_hint(self, ctx: click.Context | None) -> str:
        """What a person has to mend: the input, or the option."""
        if ctx is not None and ctx.get_parameter_source(self.name or "") is ParameterSource.ENVIRONMENT:
            return f"input {_input_name(self)!r}"
        return super().get_error_hint(ctx)


class _Option(_FromWorkflow, click.Option):
    def get_help_extra(self, ctx: click.Context) -> click.types.OptionHelpExtra:
        """A default that is said in words stands without further parentheses."""
        extra = super().get_help_extra(ctx)
        if isinstance(self.show_default, str):
            extra["default"] = self.show_default
        return extra


class _Paths(_FromWorkflow, click.Argument):
    """Arguments; without any, the input of their name."""

    def __init__(self, names: Sequence[str], *, help: str, **attributes: Any) -> None:  # noqa: A002 click's word
        super().__init__(names, **attributes)
        self.help = help
        self.show_default = "all changed manifests"


def _flag(parameter: click.Parameter, text: str, ctx: click.Context) -> str:
    if text.lower() not in ("true", "false"):
        hint = f"input {_input_name(parameter)!r}"
        raise click.BadParameter(f"{text[:40]!r} is neither true nor false.", ctx, parameter, hint)
    return text


def _input_name(parameter: click.Parameter) -> str:
    return parameter.opts[0].lstrip("-")


def _option(name: str, *names: str, **attributes: Any) -> Command:
    variables = [f"INPUT_{name.upper()}", *attributes.pop("variables", ())]
    return click.option(f"--{name}", *names, cls=_Option, envvar=variables, show_envvar=False, **attributes)


def _token(ctx: click.Context, param: click.Parameter, value: str | None) -> str:
    """The token; a command line is no place for one, as every user of the machine can read it."""
    if ctx.get_parameter_source(param.name or "") is ParameterSource.COMMANDLINE:
        raise click.UsageError("--token: others can read a command line; set GITHUB_TOKEN instead")
    return value or ""


_COMMITS = (
    _option(
        "base",
        metavar="REF",
        show_default="the base of the pull request",
        help="Compare with the merge base of this commit and head.",
    ),
    _option(
        "head",
        metavar="REF",
        show_default="the head of the pull request, or HEAD",
        help="Commit to review.",
    ),
)
_OPTIONS = (
    click.argument(
        "paths",
        cls=_Paths,
        envvar=["INPUT_PATHS"],
        nargs=-1,
        metavar="[PATH]...",
        type=click.Path(),
        help="Files and folders to look at.",
    ),
    _option(
        "token",
        variables=("GITHUB_TOKEN",),
        callback=_token,
        metavar="",
        show_default="the token of the workflow",
        help="Token that reads the pull request and posts the review; on a command line GITHUB_TOKEN alone gives it.",
    ),
    _option(
        "scope",
        type=click.Choice(SCOPES),
        default=SCOPES[0],
        show_default=True,
        help="Findings to report: those the pull request introduced, or all of the objects or files it changed.",
    ),
    _option(
        "min-severity",
        type=click.Choice(SEVERITIES),
        default="medium",
        show_default=True,
        help="Report findings of at least this severity.",
    ),
    _option(
        "max-comments",
        type=click.IntRange(0, MOST_COMMENTS),
        default=10,
        show_default=True,
        metavar="N",
        help="Suggestions on lines, at most; the rest is in the summary and its patch. 0 posts the summary alone.",
    ),
    _option(
        "fail-on",
        type=click.Choice((NEVER, *SEVERITIES)),
        default=NEVER,
        show_default=True,
        help="Fail the step when the pull request introduced a finding of at least this severity.",
    ),
    _option(
        "profile",
        type=click.Choice(PROFILES),
        show_default="default; settings",
        help="Policies to start from; select adds to them.",
    ),
    _option(
        "select",
        multiple=True,
        callback=split,
        shell_complete=selectable,
        metavar="NAME",
        show_default="those of the profile; settings",
        help="Policies to use: ids (other tools' too), categories, profiles.",
    ),
    _option(
        "ignore",
        multiple=True,
        callback=split,
        shell_complete=selectable,
        metavar="NAME",
        show_default="none; settings",
        help="Policies to leave out; as select.",
    ),
    _option(
        "exclude",
        multiple=True,
        callback=split,
        metavar="PATTERN",
        show_default="none; settings",
        help="Files and folders to leave out, as in .gitignore.",
    ),
    _option(
        "kubernetes-version",
        metavar="MINOR",
        show_default="all supported; settings",
        help="Version of the cluster that the manifests are for, such as 1.36.",
    ),
    _option(
        "policies",
        "folder",
        type=click.Path(),
        metavar="DIR",
        show_default="none",
        help="Folder of your own policies, in addition; read as it is in the merge base.",
    ),
    _option(
        "engines",
        multiple=True,
        callback=split,
        metavar="NAME",
        show_default="none; settings",
        help="Other tools to run, too: kube-linter, kyverno, auto, required, none, or NAME=PROGRAM with its full path.",
    ),
    _option(
        "kyverno-policies",
        multiple=True,
        callback=split,
        metavar="DIR",
        show_default="settings; kyverno/ at the root",
        help="Policies for the engine kyverno; read as they are in the merge base, or from a full path.",
    ),
    _option(
        "sarif",
        multiple=True,
        callback=split,
        metavar="FILE",
        show_default="none",
        help="Findings of other tools on the head of the pull request, in SARIF 2.1.0.",
    ),
    _option(
        "config",
        type=click.Path(),
        metavar="FILE",
        show_default=".k8s-auto-fix.yaml",
        help="Settings file; read as it is in the merge base.",
    ),
    _option(
        "cluster",
        type=click.Choice(CLUSTERS),
        show_default="kind in a workflow, none on workflow_run or a checkout; settings",
        help="API server that tries each fix in a dry run; embedded steps in where kind cannot run.",
    ),
    _option(
        "kubeconfig",
        type=click.Path(),
        metavar="FILE",
        show_default="KUBECONFIG",
        help="Access to your own cluster, for cluster kubeconfig or auto; never a file of the pull request.",
    ),
    _option("context", metavar="NAME", show_default="its current one", help="Context of the kubeconfig."),
    _option(
        "ca-certificate",
        type=click.Path(),
        metavar="FILE",
        show_default="the system's",
        help="Certificates (PEM) to trust for GitHub Enterprise Server, for its API and for git.",
    ),
    _option(
        "report",
        type=click.Path(),
        metavar="DIR",
        show_default="k8s-auto-fix-report in a workflow, k8s-auto-fix-published on workflow_run, else none",
        help="Folder to write the report files to: findings, SARIF, patch, review and summary.",
    ),
    _option(
        "artifact",
        type=click.Path(),
        metavar="DIR",
        show_default="k8s-auto-fix-report",
        help="On workflow_run: folder of the report that the run before left; only suggestions that it has are posted.",
    ),
    *_COMMITS,
    _option("dry-run", is_flag=True, default=False, show_default="false", help="Print the review, post nothing."),
    _option(
        "format",
        "form",
        type=click.Choice(FORMATS),
        default=FORMATS[0],
        show_default=True,
        help="With dry-run: the review as text, or as the JSON body that would be posted.",
    ),
    _option(
        "jobs",
        type=click.IntRange(min=1),
        metavar="N",
        show_default="cores",
        help="Processes to use.",
    ),
)


def options(command: Command) -> Command:
    """All of them, as a decorator. The token is `token`, the folder of policies `folder`, the format `form`.

    Lists are tuples, or None when not given (`paths`: empty); every other option without a fixed default is None.
    """
    return _with(_OPTIONS, command)


def publishing_options(command: Command) -> Command:
    """The same without the commits, which GitHub names."""
    return _with([option for option in _OPTIONS if option not in _COMMITS], command)


def _with(options: Sequence[Callable[[Command], Command]], command: Command) -> Command:
    for option in reversed(options):
        command = option(command)
    return command


OUTPUTS = {
    "findings": "Number of findings that the pull request introduced.",
    "suggestions": "Number of suggestions that stand on lines of the pull request.",
    "patched": "Number of fixes that are in the patch alone.",
    "older": "Number of older findings in the same files, not from this pull request.",
    "highest": "Highest severity of the introduced findings: low, medium, high or critical; empty when there are none.",
    "report": "Folder of the report files, relative to the workspace.",
    "sarif": "SARIF file, for github/codeql-action/upload-sarif.",
    "patch": "Patch for git apply, with the fixes not suggested on lines, all of them where nothing was posted.",
    "payload": "JSON file with the review as it was or would be posted.",
    "review-url": "Address of the review that holds the summary; empty when nothing was posted.",
}
"""What the action hands on to later steps, by the name it has in action.yml."""
