"""Reading lists again from captured pages: was a column read to its end, by the pages that somebody else stored?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from archive.index.codes import ProofKind
from archive.warc.visit_log import ListProof
from crawler.families import open_walk
from crawler.imports.sorting import Page, is_report_row
from crawler.pages.exchange import PageBytes

if TYPE_CHECKING:
    from archive.warc.context import Entry

#: Captures of a column's pages within this time belong to one reading.
READING = timedelta(hours=6)


#: Rows of a page after which systems begin the next one. A list of so many rows may go on although its page doesn't say so; one of
#: another number, without any pager, is whole even if nobody stored what a second page's address answers.
FULL_PAGES = frozenset({10, 12, 14, 15, 16, 18, 20, 22, 24, 25, 28, 30, 35, 36, 40, 45, 50, 60, 75, 80, 100, 120})


@dataclass(frozen=True, slots=True)
class Listing:
    """One reading of a column: when it began, what it named, whether it came to its end, and what proves that."""

    column: str
    at: datetime
    complete: bool
    reason: str
    entries: tuple[Entry, ...]
    proof: ListProof


def read_listings(lists: Mapping[str, list[Page]], absent: Set[str] = frozenset()) -> Iterator[Listing]:
    """The readings of all columns, oldest first. A page that another list's pager leads to begins no reading of its own.

    Args:
        lists: Captured pages of lists by address.
        absent: Addresses that answered 404 in the captures.
    """
    found: list[Listing] = []
    followed: set[tuple[str, datetime]] = set()
    for column, pages in lists.items():
        for page in pages:
            listing, used = _read(column, page, lists, absent)
            found.append(listing)
            followed |= {item for item in used if item[0] != column}
    seen = [listing for listing in found if (listing.column, listing.at) not in followed]
    yield from sorted(seen, key=lambda listing: (listing.at, listing.column))


def _read(
    column: str, first: Page, lists: Mapping[str, list[Page]], absent: Set[str]
) -> tuple[Listing, set[tuple[str, datetime]]]:
    walk = open_walk("auto", column, first.page)
    walk.start()
    step = walk.feed(first.page)
    entries = list(step.entries)
    used: set[tuple[str, datetime]] = set()
    pending = list(step.next)
    unknown = ""  # a page that nobody names, and that nobody stored either
    while pending:
        request = pending.pop(0)
        page = _nearest(lists.get(request.url, []), first.at) if request.method == "GET" else None
        is_end = request.url in absent or (request.is_guess and len(entries) not in FULL_PAGES)
        if page is None and is_end:
            step = walk.feed(PageBytes(request.url, 404, (), b"", request))
        elif page is None:
            unknown = unknown or (request.url if request.is_guess else "")
            step = walk.fail(request, "the page is not in the imported files")
        else:
            used.add((request.url, page.at))
            answer = page.page
            step = walk.feed(type(answer)(answer.url, answer.status, answer.headers, answer.body, request))
        entries += step.entries
        pending += step.next
    named = tuple(entry for entry in entries if is_report_row(entry))
    complete = step.finished and step.complete
    reason, kind = step.reason, step.proof
    if complete and unknown and kind is ProofKind.NO_MARK:
        complete, kind = False, None
        reason = f"{unknown}: the page is not in the imported files, and the list may go on there"
    proof = ListProof(kind.value if kind else None, step.quote, step.rows, step.page_rows)
    return Listing(column, first.at, complete, reason, named, proof), used


def _nearest(pages: list[Page], at: datetime) -> Page | None:
    near = [page for page in pages if abs(page.at - at) <= READING]
    return min(near, key=lambda page: abs(page.at - at)) if near else None
