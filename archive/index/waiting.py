"""Queries about what waits for a second look: pages, and rows that lists no longer name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.index.rows import read

if TYPE_CHECKING:
    from sqlite_utils import Database


@dataclass(frozen=True, slots=True)
class AbsentListing:
    """A row that a whole reading of its column did not name, not yet settled."""

    column: str
    url: str
    is_document: bool


@dataclass(frozen=True, slots=True)
class WaitingPage:
    """A page of a report that looked gone, lost most of its text, or came doubtful; by the address that its list gives."""

    url: str
    column: str | None


def absent_listings(db: Database, portal: str) -> list[AbsentListing]:
    """The rows of a portal that were gone once, those of held events among them."""
    return read(
        db,
        AbsentListing,
        'SELECT l.column_url AS "column", l.url, EXISTS (SELECT 1 FROM documents d WHERE d.url = l.url OR d.entry_url = l.url) AS is_document '
        "FROM listings l WHERE l.portal = ? AND l.absent_at IS NOT NULL ORDER BY l.column_url, l.url",
        (portal,),
    )


def waiting_pages(db: Database, portal: str) -> list[WaitingPage]:
    """The pages of a portal that wait for a second look."""
    return read(
        db,
        WaitingPage,
        'SELECT d.entry_url AS url, max(a.column_url) AS "column" FROM documents d JOIN reports r ON r.id = d.report '
        "LEFT JOIN addresses a ON a.url = d.url WHERE d.portal = ? AND d.status <> 'gone' "
        "AND (d.status = 'suspect' OR d.pending_digest IS NOT NULL OR r.status = 'suspect') GROUP BY d.entry_url ORDER BY d.entry_url",
        (portal,),
    )
