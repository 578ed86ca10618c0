"""How results reach the terminal: JSON lines for scripts, tables for people. Stdout carries results only."""

from __future__ import annotations

import codecs
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import click


def emit_json(document: Any) -> None:
    """Print one JSON document on one line, Chinese as it is (escaped where stdout's encoding can't write it)."""
    click.echo(json.dumps(document, ensure_ascii=not _writes_chinese(), separators=(", ", ": ")))


def _writes_chinese() -> bool:
    return codecs.lookup(getattr(sys.stdout, "encoding", None) or "utf-8").name in ("utf-8", "gb18030")


def emit_json_lines(rows: Iterable[Any]) -> None:
    """Print one JSON object a line."""
    for row in rows:
        emit_json(row)


def emit_table(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str], empty: str) -> None:
    """Print rows as a plain aligned table for people; `columns` maps keys to headings, `empty` is said when there are none."""
    if not rows:
        click.echo(empty)
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in columns.values():
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*("" if row.get(key) is None else str(row[key]) for key in columns))
    # A terminal folds long cells into its width; a file or pipe gets whole lines.
    console = Console() if sys.stdout.isatty() else Console(width=10_000)
    with console.capture() as printed:
        console.print(table)
    click.echo("\n".join(line.rstrip() for line in printed.get().splitlines()))
