"""What figures make of the indicators, kept beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database


def migrate(db: Database) -> None:
    """Make the table; m012, which makes it anew, fills it."""
    db.execute(
        "CREATE TABLE report_facts (report TEXT NOT NULL, version INTEGER NOT NULL, indicators TEXT NOT NULL, "
        "PRIMARY KEY (report, version)) STRICT, WITHOUT ROWID"
    )
