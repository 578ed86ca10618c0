"""Addresses after a pass: what its captures and visits say of each, and which pages must be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.history.costs_itself import costing_itself
from archive.history.presence import after_file_visit
from archive.history.visits import OK, is_whole
from archive.index import addresses as known
from archive.index import documents, register

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlite_utils import Database

    from archive.history.visits import PageVisit
    from archive.index.types import AddressRow, PassCapture

#: Media types of answers that can be the text of a page rather than a file.
_FILLS_PAGES = ("json", "html", "text/plain")


def enter_addresses(
    db: Database, captures: Iterable[PassCapture], visits: Iterable[PageVisit], *, run: str, this_pass: str
) -> dict[str, str]:
    """Update what is known of each address. Gives the pages to be read: address → when it was captured."""
    pages: dict[str, str] = {}
    for capture in captures:
        with costing_itself(db, run, capture.url, capture.at, "a capture can't be entered"):
            register.ensure_portal(db, capture.portal)
            whole = is_whole(capture)
            url = _enter_capture(db, capture, is_whole=whole)
            if capture.role not in ("report", "attachment") or not whole:
                continue
            page = _page_of(db, capture, url)
            if page is not None:
                pages[page] = min(pages.get(page, capture.at), capture.at)
    for visit in visits:
        with costing_itself(db, run, visit.url, visit.at, "a look can't be entered"):
            register.ensure_portal(db, visit.portal)
            for page in _enter_visit(db, visit, this_pass):
                pages.setdefault(page, visit.at)
    return pages


def _enter_capture(db: Database, capture: PassCapture, *, is_whole: bool) -> str:
    """Enter what a capture says of its address. Gives the address under which it is kept."""
    address = known.address(db, capture.url)
    url = capture.url
    if is_whole and capture.role == "attachment" and capture.parent is not None:
        url = own_address(capture, address)
        address = address if url == capture.url else known.address(db, url)
    if address is None:
        known.put_address(db, capture, url)
    elif capture.role != "robots":
        known.update_address(db, capture, url)
    if is_whole:
        known.note_payload(db, capture, url)
    return url


def own_address(capture: PassCapture, address: AddressRow | None) -> str:
    """Under which address an answer that belongs to a page is kept.

    Portals that fill their shells by POST answer for every article at one address: there the first page keeps the address, each other
    one gets it with the page's own as fragment. Files are the same whoever asks for them.

    Args:
        address: What is known of the capture's own address.
    """
    media_type = (capture.media_type or "").lower()
    if not any(kind in media_type for kind in _FILLS_PAGES):
        return capture.url
    is_free = address is None or address.parent in (None, capture.parent) or address.digest == capture.digest
    return capture.url if is_free else f"{capture.url}#{capture.parent}"


def _page_of(db: Database, capture: PassCapture, url: str) -> str | None:
    """The page that a capture belongs to: itself, or the one that it hangs on."""
    if capture.parent is None:
        return url if capture.role == "report" else None
    return known.page_at(db, capture.parent)


def _enter_visit(db: Database, visit: PageVisit, this_pass: str) -> Iterable[str]:
    """Enter a visit. Gives the pages that must be read again for it."""
    known.note_visit(
        db,
        visit.url,
        portal=visit.portal,
        role=visit.role,
        verdict=visit.verdict,
        status=visit.status,
        at=visit.at,
    )
    if visit.role == "report" and visit.verdict == OK and documents.pending_digest(db, visit.url) is not None:
        yield visit.url
    if visit.role != "attachment":
        return
    file = known.address(db, visit.url)
    presence = after_file_visit(file, visit, this_pass=this_pass) if file is not None else None
    if file is None or file.parent is None or presence is None:
        return
    known.set_gone(db, visit.url, presence.gone_run, presence.gone_at, is_gone=presence.is_gone)
    if presence.is_page_touched:
        yield known.page_at(db, file.parent)
