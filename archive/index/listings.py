"""Queries about lists: what columns name now, and how they were read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.index.rows import first, value, values
from archive.index.types import ListingRow, ListReadingRow

if TYPE_CHECKING:
    from sqlite_utils import Database


def put_list_reading(db: Database, reading: ListReadingRow) -> None:
    """Enter one reading of a column."""
    db.execute(
        "INSERT OR REPLACE INTO lists (portal, url, at, run, is_complete, reason, entries) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            reading.portal,
            reading.url,
            reading.at,
            reading.run,
            int(reading.is_complete),
            reading.reason,
            reading.entries,
        ),
    )


def count_listings(db: Database, column: str) -> int:
    """How many entries a column names now."""
    return int(value(db, "SELECT count(*) FROM listings WHERE column_url = ?", (column,)))


def put_listing(db: Database, listing: ListingRow) -> None:
    """Enter what a column names; for an entry that is known, `first_at` stays."""
    db.execute(
        "INSERT INTO listings (column_url, url, portal, title, date, agency, first_at) VALUES (?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (column_url, url) DO UPDATE SET title = excluded.title, date = excluded.date, agency = excluded.agency",
        (
            listing.column_url,
            listing.url,
            listing.portal,
            listing.title,
            listing.date,
            listing.agency,
            listing.first_at,
        ),
    )


def listed_urls(db: Database, column: str) -> list[str]:
    """The addresses that a column names now."""
    return values(db, "SELECT url FROM listings WHERE column_url = ?", (column,))


def drop_listing(db: Database, column: str, url: str) -> None:
    """A column no longer names an address."""
    db.execute("DELETE FROM listings WHERE column_url = ? AND url = ?", (column, url))


def columns_of(db: Database, portal: str) -> list[str]:
    """The columns of a portal that name something now."""
    return values(db, "SELECT DISTINCT column_url FROM listings WHERE portal = ?", (portal,))


def first_listing_of(db: Database, report: str) -> ListingRow | None:
    """Where a report was listed first, of the listings that stand now."""
    return first(
        db,
        ListingRow,
        "SELECT l.* FROM listings l JOIN documents d ON d.entry_url = l.url OR d.url = l.url "
        "WHERE d.report = ? ORDER BY l.first_at, l.column_url LIMIT 1",
        (report,),
    )


def last_whole_reading(db: Database, column: str, before: str) -> str | None:
    """When a column was last read to its end before a time."""
    found: str | None = value(
        db, "SELECT max(at) FROM lists WHERE url = ? AND is_complete = 1 AND at < ?", (column, before)
    )
    return found


def last_whole_pass(db: Database, portal: str, before: str) -> str | None:
    """When all columns of a portal were last read to their end in one pass, before a time."""
    found: str | None = value(
        db,
        "SELECT max(at) FROM (SELECT min(l.at) AS at FROM lists l JOIN portal_passes p ON p.portal = l.portal AND p.run = l.run "
        "WHERE l.portal = ? GROUP BY l.run HAVING min(l.is_complete) = 1) WHERE at < ?",
        (portal, before),
    )
    return found
