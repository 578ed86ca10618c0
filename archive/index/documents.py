"""Queries about documents: the addresses of reports, and how each of them stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.index.codes import AddressStatus
from archive.index.rows import first, read, value
from archive.index.types import DocumentRow

if TYPE_CHECKING:
    from sqlite_utils import Database


def document(db: Database, url: str) -> DocumentRow | None:
    """The document at an address."""
    return first(db, DocumentRow, "SELECT * FROM documents WHERE url = ?", (url,))


def documents_at(db: Database, url: str) -> list[DocumentRow]:
    """The document at an address, else those to which it leads as the list's address."""
    found = read(db, DocumentRow, "SELECT * FROM documents WHERE url = ?", (url,))
    return found or read(db, DocumentRow, "SELECT * FROM documents WHERE entry_url = ? ORDER BY url", (url,))


def documents_of(db: Database, report: str) -> list[DocumentRow]:
    """All addresses of a report."""
    return read(db, DocumentRow, "SELECT * FROM documents WHERE report = ? ORDER BY url", (report,))


def pending_digest(db: Database, url: str) -> str | None:
    """The content that waits for a second look before it counts."""
    found: str | None = value(db, "SELECT pending_digest FROM documents WHERE url = ?", (url,))
    return found


def put_document(
    db: Database, url: str, *, entry_url: str, report: str, portal: str, at: str, run: str, title: str | None
) -> None:
    """Enter a document that was found in a pass; what it says follows by `set_content`."""
    db.execute(
        "INSERT INTO documents (url, entry_url, report, portal, status, first_seen, first_run, last_seen, is_primary, "
        "is_listed, was_listed, is_correction, is_plain, figures, state, title) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 0, 0, 0, 0, '', ?)",
        (url, entry_url, report, portal, AddressStatus.PRESENT, at, run, at, title),
    )


def set_read(
    db: Database,
    url: str,
    *,
    state: str,
    entry_url: str,
    title: str | None,
    is_correction: bool,
    is_plain: bool,
    figures: int | None,
) -> None:
    """Keep what reading a document gave; `figures` is `None` if it could not be compared, and leaves the number as it was."""
    db.execute(
        "UPDATE documents SET state = ?, entry_url = ?, title = coalesce(?, title), is_correction = ?, is_plain = ?, "
        "figures = coalesce(?, figures) WHERE url = ?",
        (state, entry_url, title, int(is_correction), int(is_plain), figures, url),
    )


def set_present(db: Database, url: str, at: str) -> None:
    """A document was observed."""
    db.execute(
        "UPDATE documents SET status = ?, gone_run = NULL, gone_at = NULL, last_seen = max(last_seen, ?) WHERE url = ?",
        (AddressStatus.PRESENT, at, url),
    )


def set_absent(db: Database, url: str, status: AddressStatus, run: str, at: str) -> None:
    """A document was found gone in a pass: suspect at first, then gone."""
    db.execute(
        "UPDATE documents SET status = ?, gone_run = ?, gone_at = ? WHERE url = ? AND status <> ?",
        (status, run, at, url, status),
    )


def refresh_listed(db: Database, url: str) -> list[str]:
    """Take over whether lists name the documents at an address, or those that it leads to, now. Gives the reports for which that changed."""
    changed = db.execute(
        "SELECT url, report, now FROM (SELECT d.url, d.report, d.is_listed, (EXISTS (SELECT 1 FROM listings l "
        "WHERE l.url = d.url) OR EXISTS (SELECT 1 FROM listings l WHERE l.url = d.entry_url)) AS now FROM documents d "
        "WHERE d.url = ? OR d.entry_url = ?) WHERE now <> is_listed",
        (url, url),
    ).fetchall()
    for found, _, now in changed:
        db.execute(
            "UPDATE documents SET is_listed = ?, was_listed = max(was_listed, ?) WHERE url = ?", (now, now, found)
        )
    return [report for _, report, _ in changed]


def forget_listed(db: Database, url: str) -> None:
    """A list gave up the documents at an address, or those that it leads to, for a reason that says nothing about each: they were never listed.

    One whose report a list names under another address is left: it moved.
    """
    db.execute(
        "UPDATE documents SET is_listed = 0, was_listed = 0 WHERE (url = ? OR entry_url = ?) AND NOT EXISTS (SELECT 1 FROM documents o "
        "JOIN listings l ON l.url = o.url OR l.url = o.entry_url WHERE o.report = documents.report AND l.absent_at IS NULL)",
        (url, url),
    )


def set_withdrawn(db: Database, url: str, digest: str | None) -> None:
    """Keep the payload that stands in a document's place and has nothing of it; `None`: the document is there."""
    db.execute("UPDATE documents SET withdrawn_digest = ? WHERE url = ?", (digest, url))


def set_last_date(db: Database, url: str, label: str | None, published: str | None) -> None:
    """Keep where a document printed its day of publication at the last look, and which."""
    db.execute("UPDATE documents SET last_label = ?, last_published = ? WHERE url = ?", (label, published, url))


def visited_since(db: Database, portal: str, since: str) -> list[DocumentRow]:
    """The documents of a portal whose addresses were asked for since a time, whatever came of it."""
    return read(
        db,
        DocumentRow,
        "SELECT d.* FROM documents d JOIN addresses a ON a.url = d.url WHERE d.portal = ? AND a.visited_at >= ?",
        (portal, since),
    )


def set_primary(db: Database, report: str, url: str) -> None:
    """Of a report's addresses this one counts."""
    db.execute("UPDATE documents SET is_primary = (url = ?) WHERE report = ?", (url, report))


def set_pending(db: Database, url: str, digest: str | None) -> None:
    """Keep a content until it is seen a second time; `None`: nothing waits."""
    db.execute("UPDATE documents SET pending_digest = ? WHERE url = ?", (digest, url))


def set_content(db: Database, url: str, digest: str) -> None:
    """Keep which content the document had last."""
    db.execute("UPDATE documents SET content_digest = ? WHERE url = ?", (digest, url))


def set_shown(db: Database, url: str, version: int, state: str) -> None:
    """An address was found to show a version that was read elsewhere; `state` names its payloads."""
    db.execute("UPDATE documents SET shown_version = ?, shown_state = ? WHERE url = ?", (version, state, url))


def delete_document(db: Database, url: str) -> None:
    """The address shows another report from now on."""
    db.execute("DELETE FROM documents WHERE url = ?", (url,))


def has_successor(db: Database, found: DocumentRow, since: str) -> bool:
    """Whether the report was observed since a time where the list's address leads now."""
    return (
        value(
            db,
            "SELECT 1 FROM documents WHERE report = ? AND url <> ? AND entry_url IN (?, ?) AND status = ? AND last_seen >= ?",
            (found.report, found.url, found.url, found.entry_url, AddressStatus.PRESENT, since),
        )
        is not None
    )
