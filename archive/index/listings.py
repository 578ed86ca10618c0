"""Queries about lists: what columns name now, and how they were read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.index.rows import first, read, rows, value, values
from archive.index.types import AbsentRow, ListingRow, ListReadingRow, PortalEventRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlite_utils import Database


def put_list_reading(db: Database, reading: ListReadingRow) -> None:
    """Enter one reading of a column."""
    db.execute(
        "INSERT OR REPLACE INTO lists (portal, url, at, run, is_complete, reason, entries, proof, quote, rows, page_rows, way, tried) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            reading.portal,
            reading.url,
            reading.at,
            reading.run,
            int(reading.is_complete),
            reading.reason,
            reading.entries,
            reading.proof,
            reading.quote,
            reading.rows,
            reading.page_rows,
            reading.way,
            reading.tried,
        ),
    )


def count_listings(db: Database, column: str) -> int:
    """How many entries a column names now."""
    return int(value(db, "SELECT count(*) FROM listings WHERE column_url = ?", (column,)))


def put_listing(db: Database, listing: ListingRow) -> None:
    """Enter what a column names; for an entry that is known, `first_at` stays."""
    db.execute(
        "INSERT INTO listings (column_url, url, portal, title, date, agency, first_at) VALUES (?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (column_url, url) DO UPDATE SET title = excluded.title, date = excluded.date, agency = excluded.agency, absent_at = NULL",
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


def is_named(db: Database, *urls: str) -> bool:
    """Whether a column named one of these addresses when it was last read whole."""
    marks = ", ".join("?" for _ in urls)
    return value(db, f"SELECT 1 FROM listings WHERE url IN ({marks}) AND absent_at IS NULL", urls) is not None


def set_absent(db: Database, column: str, url: str, at: str) -> None:
    """A whole reading of a column does not name an address; the first one counts."""
    db.execute(
        "UPDATE listings SET absent_at = coalesce(absent_at, ?) WHERE column_url = ? AND url = ?", (at, column, url)
    )


def set_all_named(db: Database, column: str) -> None:
    """A column names all that it ever did."""
    db.execute("UPDATE listings SET absent_at = NULL WHERE column_url = ? AND absent_at IS NOT NULL", (column,))


def absent_rows(db: Database, column: str) -> list[AbsentRow]:
    """The rows of a column that its whole readings no longer name."""
    return read(
        db,
        AbsentRow,
        "SELECT l.url, l.title, l.absent_at, r.id AS report, r.year, r.agency, coalesce(EXISTS (SELECT 1 FROM documents o "
        "JOIN listings m ON m.url = o.url OR m.url = o.entry_url WHERE o.report = r.id AND m.absent_at IS NULL), 0) AS is_listed_elsewhere "
        "FROM listings l LEFT JOIN documents d ON d.url = (SELECT url FROM documents WHERE url = l.url OR entry_url = l.url "
        "ORDER BY url = l.url DESC, url LIMIT 1) LEFT JOIN reports r ON r.id = d.report "
        "WHERE l.column_url = ? AND l.absent_at IS NOT NULL ORDER BY l.url",
        (column,),
    )


def count_report_rows(db: Database, column: str) -> int:
    """How many rows of a column name reports that the archive has, those that it no longer names among them."""
    return int(
        value(
            db,
            "SELECT count(*) FROM listings l WHERE column_url = ? AND EXISTS (SELECT 1 FROM documents d WHERE d.url = l.url OR d.entry_url = l.url)",
            (column,),
        )
    )


def columns_of(db: Database, portal: str) -> list[str]:
    """The columns of a portal that name something now."""
    return values(db, "SELECT DISTINCT column_url FROM listings WHERE portal = ?", (portal,))


def first_listing_of(db: Database, report: str) -> ListingRow | None:
    """Where a report was listed first, of the listings that stand now."""
    return first(
        db,
        ListingRow,
        "SELECT l.* FROM listings l JOIN documents d ON d.entry_url = l.url OR d.url = l.url "
        "WHERE d.report = ? AND l.absent_at IS NULL ORDER BY l.first_at, l.column_url LIMIT 1",
        (report,),
    )


def open_event(db: Database, column: str) -> PortalEventRow | None:
    """The event of a column that waits for later readings."""
    return first(
        db,
        PortalEventRow,
        "SELECT * FROM portal_events WHERE column_url = ? AND status = 'held' ORDER BY at LIMIT 1",
        (column,),
    )


def put_event(db: Database, event: PortalEventRow) -> None:
    """Enter an event, or what became of it."""
    db.execute(
        "INSERT OR REPLACE INTO portal_events (id, portal, kind, column_url, at, rows_before, rows_after, rows_gone, status, decided_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            event.id,
            event.portal,
            event.kind,
            event.column_url,
            event.at,
            event.rows_before,
            event.rows_after,
            event.rows_gone,
            event.status,
            event.decided_at,
        ),
    )


def last_whole_reading(db: Database, column: str, before: str) -> str | None:
    """When a column was last read to its end before a time."""
    found: str | None = value(
        db, "SELECT max(at) FROM lists WHERE url = ? AND is_complete = 1 AND at < ?", (column, before)
    )
    return found


def latest_readings(db: Database) -> list[ListReadingRow]:
    """The readings of each portal's last pass, by portal and column."""
    return read(
        db,
        ListReadingRow,
        "SELECT l.* FROM lists l WHERE l.run = "
        "(SELECT p.run FROM portal_passes p WHERE p.portal = l.portal ORDER BY p.at DESC, p.run LIMIT 1) "
        "ORDER BY l.portal, l.url, l.at",
    )


def last_readings(db: Database, portal: str) -> list[ListReadingRow]:
    """The readings of the columns that a portal's last pass read, by column."""
    return read(
        db,
        ListReadingRow,
        "SELECT * FROM lists WHERE portal = ? AND run = (SELECT l.run FROM lists l JOIN portal_passes p ON p.portal = l.portal "
        "AND p.run = l.run WHERE l.portal = ? ORDER BY l.at DESC LIMIT 1) ORDER BY url",
        (portal, portal),
    )


def columns_read_to_their_end(db: Database, portals: Sequence[str]) -> list[str]:
    """The columns whose last reading came to its end."""
    marks = ", ".join("?" for _ in portals)
    sql = f"SELECT url, is_complete, max(at) AS at FROM lists WHERE portal IN ({marks}) GROUP BY url"
    return [row["url"] for row in rows(db, sql, list(portals)) if row["is_complete"]]


def listings_of(db: Database, portals: Sequence[str]) -> list[ListingRow]:
    """What the columns of portals name now."""
    marks = ", ".join("?" for _ in portals)
    return read(db, ListingRow, f"SELECT * FROM listings WHERE portal IN ({marks})", tuple(portals))


def readings_since(db: Database, portals: Sequence[str], since: str) -> list[ListReadingRow]:
    """All readings of the portals' columns from a time on, the oldest first."""
    marks = ", ".join("?" for _ in portals)
    return read(
        db,
        ListReadingRow,
        f"SELECT * FROM lists WHERE portal IN ({marks}) AND at >= ? ORDER BY at, url",
        (*portals, since),
    )


def page_sizes(db: Database, origin: str) -> set[int]:
    """Numbers of rows with which lists of several pages begin at a host: sizes of its pages.

    Args:
        origin: Scheme and host of its addresses, with a slash at the end.
    """
    end = origin[:-1] + chr(ord("/") + 1)
    return set(
        values(
            db,
            "SELECT DISTINCT page_rows FROM lists WHERE url >= ? AND url < ? AND page_rows IS NOT NULL",
            (origin, end),
        )
    )


def last_whole_pass(db: Database, portal: str, before: str) -> str | None:
    """When all columns of a portal were last read to their end in one pass, before a time."""
    found: str | None = value(
        db,
        "SELECT max(at) FROM (SELECT min(l.at) AS at FROM lists l JOIN portal_passes p ON p.portal = l.portal AND p.run = l.run "
        "WHERE l.portal = ? GROUP BY l.run HAVING min(l.is_complete) = 1) WHERE at < ?",
        (portal, before),
    )
    return found
