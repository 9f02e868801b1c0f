"""The list of commands; each is imported when it is asked for."""

from __future__ import annotations

from importlib import import_module

import click

from bot import __version__

_COMMANDS = {
    "scan": "Show findings, and which of them can be fixed.",
    "diff": "Show what fix would change, as a diff for git apply.",
    "fix": "Fix findings in place, without touching another byte.",
    "suppress": "Accept a finding, in the form the repository uses.",
    "baseline": "Write down today's findings, so that only new ones count.",
    "review": "Review what a pull request brings.",
    "publish": "Post the review of a pull request whose own run may not.",
    "detect": "Stage 1: write findings as records.",
    "propose": "Stage 2: write a patch for each finding.",
    "verify": "Stage 3: write a verdict on each patch.",
    "schedule": "Stage 4: write the order of the accepted fixes.",
    "eval": "Measure what the stages did, from their files.",
    "patch": "Apply a JSON Patch to a file and keep its comments.",
    "policies": "List the policies, or test your own.",
    "explain": "Explain a policy, with examples and fixes.",
    "export-policies": "Write the policies for a cluster to enforce.",
    "doctor": "Show what is there to verify with, and what is missing.",
    "cluster": "Install, start and stop an API server to verify with.",
    "feeds": "Fetch what is known of vulnerabilities of images.",
    "completion": "Print the shell completion.",
}


class _LazyGroup(click.Group):
    def list_commands(self, _ctx: click.Context) -> list[str]:
        """The commands, in the order in which a person meets them."""
        return list(_COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name; its module holds it as `command`."""
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = import_module(f"bot.cli.{cmd_name.replace('-', '_')}").command
        return command

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; an unknown one gets the nearest known as a hint."""
        name = args[0] if args else ""
        if name and name not in _COMMANDS and not name.startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(name, _COMMANDS, n=1)
            hint = f", did you mean {near[0]!r}?" if near else f"; there are: {', '.join(_COMMANDS)}"
            ctx.fail(f"no such command {name!r}{hint}")
        return super().resolve_command(ctx, args)


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, message="%(prog)s %(version)s")
def cli() -> None:
    """Find misconfigurations in Kubernetes manifests and fix them without touching another byte.

    \b
    k8s-auto-fix scan .               what is wrong, and what can be fixed
    k8s-auto-fix diff .               what fix would change
    k8s-auto-fix fix .                apply the safe fixes
    k8s-auto-fix explain host-pid     why a policy exists

    Exit codes: 0 nothing to say, 1 findings or changes, 2 wrong use or an input that could not be read, 3 our fault.
    """  # noqa: D301
