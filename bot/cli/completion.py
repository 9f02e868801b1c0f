"""`completion SHELL`: the script that completes commands and options."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from bot.cli.streams import write_output


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print the completion for SHELL; load it from the shell's start-up file.

    \b
    bash: eval "$(k8s-auto-fix completion bash)"
    zsh:  eval "$(k8s-auto-fix completion zsh)"
    fish: k8s-auto-fix completion fish | source
    """  # noqa: D301
    made = get_completion_class(shell)
    assert made is not None, "click knows the shells of the choice"
    write_output(made(ctx.find_root().command, {}, "k8s-auto-fix", "_K8S_AUTO_FIX_COMPLETE").source() + "\n")
