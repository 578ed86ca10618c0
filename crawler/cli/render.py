"""How results reach the terminal: JSON lines for scripts, tables for people. Stdout carries results only."""

from __future__ import annotations

import codecs
import json
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import click

from archive.work.speaking import own
from extract.messages import LANGUAGES, heading, language
from extract.messages.sentences import localized

#: Member of JSON objects, and key of a command's context: sealed segments that the index they are made from lacks.
INDEX_BEHIND = "index_behind"


def emit_json(document: Any) -> None:
    """Print one JSON document on one line, Chinese as it is (escaped where stdout's encoding can't write it).

    An object made from an index that lacks segments says how many.
    """
    context = click.get_current_context(silent=True)
    behind = context.meta.get(INDEX_BEHIND) if context is not None else None
    if behind and isinstance(document, dict):
        document = {**document, INDEX_BEHIND: behind}
    click.echo(json.dumps(document, ensure_ascii=not _writes_chinese(), separators=(", ", ": ")))


def _writes_chinese() -> bool:
    return codecs.lookup(getattr(sys.stdout, "encoding", None) or "utf-8").name in ("utf-8", "gb18030")


def emit_json_lines(rows: Iterable[Any]) -> None:
    """Print one JSON object a line."""
    for row in rows:
        emit_json(row)


def emit_table(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str], empty: str) -> None:
    """Print rows as a plain aligned table for people; `columns` maps keys to headings, `empty` is printed when there are none."""
    if not rows:
        say(empty)
        return
    from crawler.cli.tables import layout

    heads = {key: heading(word) for key, word in columns.items()}
    # A terminal gets a table that fits; a file or pipe gets whole lines.
    lines = layout([_localised(row) for row in rows], heads, terminal_width())
    emit_styled(next(lines), bold=True)
    for line in lines:
        click.echo(line)


def emit_styled(text: str, **style: Any) -> None:
    """Print a line; on a terminal in bold or in a colour, by names that `click.style` takes."""
    is_terminal = sys.stdout.isatty()
    own(sys.stdout, click.style("", reset=False, **style) if is_terminal else "")
    click.echo(text.replace("\n", "\\n"), nl=False)  # names of files have line ends, too
    own(sys.stdout, click.style("") if is_terminal else "")
    click.echo("")


def _localised(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """A row whose sentences are in the language spoken; single words are codes."""
    if language() == LANGUAGES[0]:
        return row
    return {key: localized(cell) if isinstance(cell, str) and " " in cell else cell for key, cell in row.items()}


def say(text: str, *, err: bool = False) -> None:
    """Print a line for people in the language spoken: a sentence of this program, with what stands in it."""
    click.echo(localized(text), err=err)


def emit_text(text: str) -> None:
    """Print a sentence for people: on a terminal wrapped between words, with what follows its first line indented."""
    from crawler.cli.tables import wrapped

    text, width = localized(text), terminal_width()
    lines = wrapped(text, width - 2) if width else [text]
    click.echo("\n  ".join(lines))


def terminal_width() -> int | None:
    """The width of the terminal that stdout is, in cells; `None` if it is none."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None
