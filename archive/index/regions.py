"""The packaged regions as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.index.rows import value
from extract.lexicon.regions import packaged_regions

if TYPE_CHECKING:
    from sqlite_utils import Database


def ensure_regions(db: Database) -> None:
    """Fill `regions` if it is empty."""
    if value(db, "SELECT count(*) FROM regions") == 0:
        load_regions(db)


def load_regions(db: Database) -> None:
    """Fill `regions` from the packaged list."""
    db.conn.executemany(
        "INSERT OR REPLACE INTO regions (code, name, parent, level) VALUES (?, ?, ?, ?)",
        [(region.code, region.name, region.parent or None, region.level) for region in packaged_regions().values()],
    )
