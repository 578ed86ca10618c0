"""A consistent copy of the database, also while a harvest writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.index.database import open_database

if TYPE_CHECKING:
    from pathlib import Path


def copy_database(source: Path, target: Path) -> None:
    """Write a compact copy to a file that is not there yet."""
    live = open_database(source, read_only=True)
    try:
        live.conn.execute("PRAGMA query_only = 0")  # VACUUM INTO writes the copy only
        live.conn.execute("VACUUM INTO ?", [str(target)])
    finally:
        live.close()


def withheld_rows(path: Path) -> list[list[str]]:
    """What is withheld: reports and addresses."""
    db = open_database(path, read_only=True)
    try:
        return [list(row) for row in db.execute("SELECT report, url FROM withheld ORDER BY report, url").fetchall()]
    finally:
        db.close()
