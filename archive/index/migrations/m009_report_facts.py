"""What figures make of the indicators, kept beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database


def migrate(db: Database) -> None:
    """Make the table, and fill it for the versions that there are."""
    from archive.index.facts import fill  # it reads the schema that the migrations before this one make

    db.execute(
        "CREATE TABLE report_facts (report TEXT NOT NULL, version INTEGER NOT NULL, indicators TEXT NOT NULL, "
        "PRIMARY KEY (report, version)) STRICT, WITHOUT ROWID"
    )
    fill(db)
