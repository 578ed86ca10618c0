"""Queries about addresses: what is known of each URL, where its bytes are stored, and what hangs on a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.index.rows import first, read, value
from archive.index.types import AddressRow, PassCapture, Payload, StoredFile, StoredPage, as_json

if TYPE_CHECKING:
    from sqlite_utils import Database

    from archive.warc.context import Entry


def address(db: Database, url: str) -> AddressRow | None:
    """What is known of an address."""
    return first(db, AddressRow, "SELECT * FROM addresses WHERE url = ?", (url,))


def put_address(db: Database, capture: PassCapture, url: str) -> None:
    """Enter an address with what its first capture says of it; nothing was visited yet."""
    db.execute(
        "INSERT INTO addresses (url, portal, role, verdict, status, visited_at, visits, parent, column_url, entry, "
        "is_linked, is_gone) VALUES (?, ?, ?, ?, ?, ?, 0, ?, ?, ?, 0, 0)",
        (
            url,
            capture.portal,
            capture.role,
            capture.verdict,
            capture.status,
            capture.at,
            capture.parent,
            capture.column_url,
            capture.entry,
        ),
    )


def update_address(db: Database, capture: PassCapture, url: str) -> None:
    """Take over where a capture found the address: the page that it hangs on, the column and the list entry."""
    db.execute(
        "UPDATE addresses SET portal = ?, role = ?, parent = coalesce(?, parent), column_url = coalesce(?, column_url), "
        "entry = coalesce(?, entry) WHERE url = ?",
        (capture.portal, capture.role, capture.parent, capture.column_url, capture.entry, url),
    )


def note_payload(db: Database, capture: PassCapture, url: str) -> None:
    """Take over a whole answer: its digest, its validators, and that the address is there."""
    db.execute(
        "UPDATE addresses SET changed_at = iif(digest IS ?, changed_at, ?), digest = ?, digest_at = ?, "
        "etag = coalesce(?, iif(digest IS ?, etag, NULL)), last_modified = coalesce(?, iif(digest IS ?, last_modified, NULL)), "
        "gone_run = NULL, gone_at = NULL, is_gone = 0 WHERE url = ?",
        (
            capture.digest,
            capture.at,
            capture.digest,
            capture.at,
            capture.etag,
            capture.digest,
            capture.last_modified,
            capture.digest,
            url,
        ),
    )


def note_visit(db: Database, url: str, *, portal: str, role: str, verdict: str, status: int | None, at: str) -> None:
    """Count a visit and keep its outcome."""
    db.execute(
        "INSERT INTO addresses (url, portal, role, verdict, status, visited_at, visits, is_linked, is_gone) "
        "VALUES (?, ?, ?, ?, ?, ?, 1, 0, 0) ON CONFLICT (url) DO UPDATE SET verdict = excluded.verdict, "
        "status = excluded.status, visited_at = excluded.visited_at, visits = visits + 1",
        (url, portal, role, verdict, status, at),
    )


def set_gone(db: Database, url: str, gone_run: str | None, gone_at: str | None, *, is_gone: bool) -> None:
    """Note the look that first found a file gone, and whether that is settled; `None`: it is there."""
    db.execute(
        "UPDATE addresses SET gone_run = ?, gone_at = ?, is_gone = ? WHERE url = ?",
        (gone_run, gone_at, int(is_gone), url),
    )


def set_entry(db: Database, entry: Entry) -> None:
    """Keep what a list says of an address, if that is known."""
    db.execute("UPDATE addresses SET entry = ? WHERE url = ?", (as_json(entry.to_json()), entry.url))


def mark_linked(db: Database, url: str) -> None:
    """Note that a page's markup names the address."""
    db.execute("UPDATE addresses SET is_linked = 1 WHERE url = ?", (url,))


def stored_page(db: Database, url: str) -> StoredPage | None:
    """An address with the payload that it had last, `None` if it never had one."""
    return first(
        db,
        StoredPage,
        'SELECT a.url, a.portal, a.entry, a.digest, a.digest_at, p.segment, p."offset" FROM addresses a '
        "JOIN payloads p ON p.digest = a.digest WHERE a.url = ?",
        (url,),
    )


def files_of(db: Database, page: str, entry_url: str) -> list[StoredFile]:
    """What hangs on a page and isn't gone, by address. A page has two addresses where the list's one leads to another: files hang on both."""
    return read(
        db,
        StoredFile,
        'SELECT a.url, a.digest, a.digest_at, a.is_linked, p.segment, p."offset" FROM addresses a '
        "JOIN payloads p ON p.digest = a.digest WHERE a.parent IN (?, ?) AND a.url <> ? AND a.is_gone = 0 ORDER BY a.url",
        (page, entry_url, page),
    )


def page_at(db: Database, url: str) -> str:
    """The page that answers for an address: itself, or where the list's address led when it was captured."""
    found = value(db, "SELECT url FROM addresses WHERE url = ? AND digest IS NOT NULL", (url,))
    if found is None:
        found = value(db, "SELECT url FROM documents WHERE entry_url = ? ORDER BY last_seen DESC, url LIMIT 1", (url,))
    if found is None:
        found = value(
            db,
            "SELECT url FROM addresses WHERE role = 'report' AND parent IS NULL AND digest IS NOT NULL "
            "AND json_extract(entry, '$.url') <> url AND json_extract(entry, '$.url') = ? ORDER BY digest_at DESC, url LIMIT 1",
            (url,),
        )
    return str(found) if found is not None else url


def payload(db: Database, digest: str) -> Payload | None:
    """Where the bytes with a digest are stored."""
    return first(db, Payload, 'SELECT digest, segment, "offset" FROM payloads WHERE digest = ?', (digest,))


def payload_like(db: Database, prefix: str) -> Payload | None:
    """Where the bytes are stored whose digest begins so, as visit logs name them."""
    behind = prefix + "~"  # behind every character of a digest
    return first(
        db,
        Payload,
        'SELECT digest, segment, "offset" FROM payloads WHERE digest >= ? AND digest < ?',
        (prefix, behind),
    )


def capture_of(db: Database, url: str, digest: str, until: str, segment: str, offset: int) -> str:
    """The id of the capture in which a payload was seen: the last of its address until a time, else the record that stores it."""
    found = value(
        db,
        "SELECT id FROM captures WHERE url = ? AND digest = ? AND at <= ? ORDER BY at DESC, origin IS NOT NULL, id LIMIT 1",
        (url, digest, until),
    )
    if found is None:
        found = value(db, 'SELECT id FROM captures WHERE segment = ? AND "offset" = ?', (segment, offset))
    return str(found)


def last_status(db: Database, url: str) -> int | None:
    """The HTTP status with which an address was last captured."""
    found: int | None = value(
        db, 'SELECT status FROM captures WHERE url = ? ORDER BY at DESC, segment DESC, "offset" DESC LIMIT 1', (url,)
    )
    return found
