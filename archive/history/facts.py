"""What the index knows about a visited document, as `archive.history.presence` asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from archive.history.items import item_of
from archive.index import addresses, documents, listings
from archive.index.codes import AddressStatus
from archive.warc.statuses import is_redirect

if TYPE_CHECKING:
    from sqlite_utils import Database

    from archive.files.folder import Archive
    from archive.history.visits import PageVisit
    from archive.index.types import DocumentRow


class IndexFacts:
    """Facts about one visit to one document; `since` is when the pass began."""

    def __init__(self, db: Database, archive: Archive, document: DocumentRow, visit: PageVisit, since: str) -> None:
        self._db, self._archive = db, archive
        self._document, self._visit, self._since = document, visit, since

    def leads_elsewhere(self) -> bool:
        """The address answered with a redirect when last captured, and the good answer isn't its own."""
        if not is_redirect(addresses.last_status(self._db, self._visit.url)):
            return False
        address = addresses.address(self._db, self._visit.url)
        digest, own = self._visit.digest, address.digest if address is not None else None
        return not (own is not None and digest is not None and own.startswith(digest))  # it may be a prefix

    def has_successor(self) -> bool:
        """See `VisitFacts`."""
        return documents.has_successor(self._db, self._document, self._since)

    def item_state(self) -> str | None:
        """See `VisitFacts`."""
        item = item_of(self._db, self._archive, self._visit.url)
        return item.state if item is not None else None

    def is_withdrawn(self) -> bool:
        """See `VisitFacts`. Of a host that gave no other document whole nothing is known, unless no other one was asked for."""
        gone = self._document.withdrawn_digest
        page = addresses.address(self._db, self._visit.url)
        if gone is None or page is None or page.digest != gone:
            return False
        host = urlsplit(self._document.url).netloc
        others = [
            other
            for other in documents.visited_since(self._db, self._document.portal, self._since)
            if other.url != self._document.url and urlsplit(other.url).netloc == host
        ]
        is_there = [
            other for other in others if other.status == AddressStatus.PRESENT and other.last_seen >= self._since
        ]
        return bool(is_there) or not others

    def is_named(self) -> bool:
        """See `VisitFacts`."""
        return listings.is_named(self._db, self._document.url, self._document.entry_url)
