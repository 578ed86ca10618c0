"""Lists after a pass: what each column names, and which columns a portal still has."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from archive.index import addresses, listings
from archive.index.codes import ProofKind
from archive.index.types import ListingRow, ListReadingRow
from archive.warc.visit_log import ListLine, PartLine, PassLine

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlite_utils import Database

    from archive.history.visits import PassSpan
    from archive.warc.visit_log import Line


def read_to_their_end(lines: Iterable[Line]) -> set[str]:
    """Portals all of whose lists were read to their end. A report's own page that could not be fetched makes no list incomplete."""
    passed: set[str] = set()
    whole: set[str] = set()
    cut: set[str] = set()
    for line in lines:
        if isinstance(line, PassLine):
            passed.add(line.portal)
        elif isinstance(line, ListLine):
            (whole if line.is_complete else cut).add(line.portal)
    return (passed & whole) - cut


def enter_lists(db: Database, span: PassSpan, lines: Sequence[Line]) -> tuple[set[str], set[str], list[ListLine]]:
    """Take over what the lists name now.

    Returns:
        The addresses that a list names, those that only columns named which the portal gave up, and the readings that may take rows out.

    A list that was not read to its end, or whose portal failed elsewhere, takes nothing out; one that was is the first witness: see
    `archive.history.delisting`. Of a pass over a part of a portal's lists nothing is taken out, because what one list lacks another may name.
    """
    read = [line for line in lines if isinstance(line, ListLine)]
    healthy = read_to_their_end(lines)
    parts = {line.portal: line.is_whole for line in lines if isinstance(line, PartLine)}
    touched: set[str] = set()
    witnesses: list[ListLine] = []
    for line in read:
        _put_reading(db, span, line)
        touched |= _put_entries(db, line)
        if not line.is_complete or not (line.entries is None or _proves_absence(db, line)):
            continue
        if line.portal in healthy or parts.get(line.portal):
            _note_absent(db, line)
            witnesses.append(line)
        elif line.portal in parts and not listings.absent_rows(db, line.url):
            witnesses.append(line)  # names again all that was gone once; of other rows nothing is concluded
    given_up: set[str] = set()
    for portal in sorted(healthy):
        given_up |= _drop_columns(db, portal, {line.url for line in read if line.portal == portal})
    return touched, given_up, witnesses


def _put_entries(db: Database, line: ListLine) -> set[str]:
    """Enter the rows of one reading; gives their addresses."""
    entries = line.entries or ()
    for entry in entries:
        row = ListingRow(
            line.url, entry.url, line.portal, entry.title or None, entry.date, entry.agency, first_at=line.at
        )
        listings.put_listing(db, row)
        addresses.set_entry(db, entry)
    return {entry.url for entry in entries}


def _proves_absence(db: Database, line: ListLine) -> bool:
    """Whether what a list doesn't name is not in it: it shows more than the newest rows, and isn't just one full page without any pager."""
    if line.proof.proof == ProofKind.WINDOW:
        return False
    if line.proof.proof != ProofKind.NO_MARK or line.proof.rows is None:
        return True
    parts = urlsplit(line.url)
    return line.proof.rows not in listings.page_sizes(db, f"{parts.scheme}://{parts.netloc}/")


def _put_reading(db: Database, span: PassSpan, line: ListLine) -> None:
    count = len(line.entries) if line.entries is not None else listings.count_listings(db, line.url)
    listings.put_list_reading(
        db,
        ListReadingRow(
            line.portal,
            line.url,
            line.at,
            span.run,
            line.is_complete,
            line.reason,
            count,
            proof=line.proof.proof,
            quote=line.proof.quote or None,
            rows=line.proof.rows,
            page_rows=line.proof.page_rows,
            way=line.proof.way or None,
            tried=json.dumps(line.proof.tried, ensure_ascii=False) if line.proof.tried else None,
        ),
    )


def _note_absent(db: Database, line: ListLine) -> None:
    """Note what a whole reading of a column no longer names; without entries it names all."""
    if line.entries is None:
        listings.set_all_named(db, line.url)
        return
    for url in sorted(set(listings.listed_urls(db, line.url)) - {entry.url for entry in line.entries}):
        listings.set_absent(db, line.url, url, line.at)


def _drop_columns(db: Database, portal: str, read: set[str]) -> set[str]:
    """Take out the columns that a whole pass over a portal no longer reads: they were given up or moved, which says nothing about their rows."""
    if not read:
        return set()
    gone: set[str] = set()
    for column in listings.columns_of(db, portal):
        if column not in read:
            for url in listings.listed_urls(db, column):
                listings.drop_listing(db, column, url)
                gone.add(url)
    return gone
