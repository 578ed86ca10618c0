"""What figures make of the indicators, packed: read back a column at a time, so that a site's first page after a change waits for no parsing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database


def migrate(db: Database) -> None:
    """Make the table anew, and fill it for the versions that there are."""
    from archive.index.facts import fill  # it reads the schema that the migrations before this one make

    db.execute("DROP TABLE report_facts")
    db.execute(
        "CREATE TABLE report_facts (report TEXT NOT NULL, version INTEGER NOT NULL, indicators BLOB NOT NULL, "
        "PRIMARY KEY (report, version)) STRICT, WITHOUT ROWID"
    )
    fill(db)
