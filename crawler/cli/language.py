"""The language of the command line: chosen by `--lang`, `OGI_LANG` or the locale; help pages are translated where they are shown."""

from __future__ import annotations

import copy
import gettext
import inspect
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

import click

from extract.messages import DOMAIN, FOLDER, LANGUAGES, language, language_of, localize, speaking

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

OPTION = "--lang"
C = TypeVar("C", bound=click.Command)


def chosen_language(args: Sequence[str]) -> tuple[str, bool, list[str]]:
    """The language of a run, whether `--lang` asked for it, and the arguments without that option, which may stand anywhere before `--`.

    Raises:
        click.UsageError: A language that the program doesn't speak.
    """
    left, asked = [], None
    words = iter(args)
    for word in words:
        if word == "--":
            left += [word, *words]
        elif word == OPTION:
            asked = next(words, "")
        elif word.startswith(f"{OPTION}="):
            asked = word.partition("=")[2]
        else:
            left.append(word)
    if asked is not None and asked not in LANGUAGES:
        raise click.UsageError(f"{OPTION} {asked!r}: there are {', '.join(LANGUAGES)}")
    return asked or language_of(os.environ), asked is not None, left


@contextmanager
def spoken(chosen: str, *, is_asked: bool) -> Iterator[None]:
    """Within the block the program and click's own messages speak a language; child processes too, if somebody asked for it."""
    names = {"LANGUAGE": chosen} | ({"OGI_LANG": chosen} if is_asked else {})
    before = {name: os.environ.get(name) for name in names}
    domain = gettext.textdomain()
    gettext.bindtextdomain(DOMAIN, str(FOLDER))
    gettext.textdomain(DOMAIN)  # click asks gettext for its words by the domain and LANGUAGE
    os.environ.update(names)
    try:
        with speaking(chosen):
            yield
    finally:
        gettext.textdomain(domain)
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def help_message(text: str) -> str:
    """A help text as the catalogue holds it: one line a paragraph, an empty line between two."""
    return "\n\n".join(" ".join(part.split()) for part in inspect.cleandoc(text).split("\n\n"))


def localised(command: C) -> C:
    """A command whose help, and that of its options and sub-commands, is in the language spoken now; itself in English."""
    if language() == LANGUAGES[0]:
        return command
    made = copy.copy(command)
    made.help = localize(help_message(command.help or ""))
    made.short_help = localize(help_message(command.short_help or ""))
    made.params = [_localised_parameter(parameter) for parameter in command.params]
    made._help_option = None  # click keeps the option `--help` with its text
    if isinstance(made, click.Group):
        made.commands = {name: localised(one) for name, one in made.commands.items()}
    return made


def _localised_parameter(parameter: click.Parameter) -> click.Parameter:
    if not isinstance(parameter, click.Option) or not parameter.help:
        return parameter
    made = copy.copy(parameter)
    made.help = localize(help_message(parameter.help))
    return made
