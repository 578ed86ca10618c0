"""The page `docs/commands.md`: every command with its options, made from the program itself (`python -m crawler.cli.reference`)."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

import click

from crawler.cli import cli

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEAD = """# Commands

Made by `python -m crawler.cli.reference > docs/commands.md`; don't edit. `ogi COMMAND --help` prints the same.

Every command takes `--archive DIR` (or `OGI_ARCHIVE`; default `./ogi-data`), `--json` and `-v`. With `--json` a list is one JSON object a line,
everything else one JSON document; times are UTC, and stdout carries nothing else. Without it times are of Asia/Shanghai. Logs and progress go to
stderr. Help and messages are English or Chinese: by `--lang en|zh`, anywhere on the line, else `OGI_LANG`, else the locale; the messages of
findings, the digest and the site are Chinese, as the reports are.

| exit status | means |
| --- | --- |
| 0 | done |
| 1 | done, and what it looks for is wrong: a portal failed, an archive is damaged, a draft has errors |
| 3 | `ogi verify`, `ogi prove --check`: nothing is damaged, but a required claim could not be proved |
| 2 | bad usage or bad input; one line on stderr says what to do |
| 130 | interrupted by Ctrl-C; what was written so far is kept |
"""
_COMMON = frozenset({"archive", "as_json", "verbose", "help"})


def commands() -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command and sub-command with its path, in the order of `ogi --help`."""
    context = click.Context(cli)
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        if command is None:
            continue
        yield (name,), command
        if isinstance(command, click.Group):
            for below in command.list_commands(click.Context(command)):
                found = command.get_command(click.Context(command), below)
                if found is not None:
                    yield (name, below), found


def page() -> str:
    """The whole page as Markdown."""
    parts = [_HEAD]
    for path, command in commands():
        usage = " ".join(["ogi", *path, *command.collect_usage_pieces(click.Context(command))])
        parts.append(f"\n## ogi {' '.join(path)}\n\n```\n{usage}\n```\n\n{_text(command)}\n")
        options = [one for one in command.params if isinstance(one, click.Option) and one.name not in _COMMON]
        if options:
            parts.append("\n| option | does |\n| --- | --- |\n")
            parts.extend(_row(option, command) for option in options)
    return "".join(parts)


def _text(command: click.Command) -> str:
    paragraphs = inspect.cleandoc(command.help or "").split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def _row(option: click.Option, command: click.Command) -> str:
    context = click.Context(command)
    names = ", ".join(option.opts) + "".join(f" / {name}" for name in option.secondary_opts)
    if not option.is_flag:
        names += f" {option.make_metavar(context)}"
    notes = option.help or ""
    if option.envvar:
        notes += f" Environment: `{option.envvar}`."
    if option.show_default and option.default is not None and not option.is_flag:
        notes += f" Default: {option.default}."
    if option.required:
        notes += " Required."
    cells = [f"`{names}`", notes]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


if __name__ == "__main__":
    click.echo(page(), nl=False)
