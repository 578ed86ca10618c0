"""Items from the index: a page with the files that hang on it, as it stands now or as a version was read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.history.item import Item, Part
from archive.index import addresses, register, reports
from archive.index.types import payloads

if TYPE_CHECKING:
    from sqlite_utils import Database

    from archive.files.folder import Archive
    from archive.index.types import DocumentRow, VersionRow


def item_of(db: Database, archive: Archive, url: str) -> Item | None:
    """A page as it was captured last, with what hangs on it; `None` if it never was captured whole."""
    page = addresses.stored_page(db, url)
    if page is None:
        return None
    parts = tuple(
        Part(file.url, file.digest, file.segment, file.offset, is_kept=not file.is_linked, at=file.digest_at)
        for file in addresses.files_of(db, url, page.entry_url)
    )
    return Item(
        str(archive.root),
        Part(page.url, page.digest, page.segment, page.offset, at=page.digest_at),
        parts,
        register.known_names(db, page.portal),
    )


def version_item(db: Database, archive: Archive, version: VersionRow, shown: DocumentRow | None = None) -> Item:
    """The payloads that a version was read from, to be read again; `shown`: those by which this document showed it."""
    parts = []
    for url, digest in payloads((shown.shown_state if shown is not None else None) or version.state):
        place = addresses.payload(db, digest)
        assert place is not None  # a version's payloads are never removed
        parts.append(Part(url, digest, place.segment, place.offset, is_kept=True))
    report = reports.find_report(db, version.report)
    assert report is not None  # versions refer to reports
    return Item(str(archive.root), parts[0], tuple(parts[1:]), register.known_names(db, report.portal))
