"""`ogi completion`: what a shell needs to complete commands and options."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from crawler.cli.options import verbose_option

SHELLS = ("bash", "zsh", "fish")


@click.command()
@verbose_option
@click.argument("shell", type=click.Choice(SHELLS))
def completion(shell: str) -> None:
    """Print what makes a shell complete the commands and options of ogi.

    bash: `ogi completion bash > ~/.local/share/bash-completion/completions/ogi`; zsh: into a file `_ogi` of a folder in $fpath;
    fish: `ogi completion fish > ~/.config/fish/completions/ogi.fish`. It holds for shells that are opened afterwards.
    """
    from crawler.cli import COMPLETE_VARIABLE, cli

    kind = get_completion_class(shell)
    assert kind is not None  # click has each of SHELLS
    click.echo(kind(cli, {}, "ogi", COMPLETE_VARIABLE).source())
