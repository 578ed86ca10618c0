"""Rows that a column no longer names: when that counts, and when it is one event of the column.

A report is delisted when two whole readings of its list, far enough from each other (`archive.history.looks`), lack its row. Where many rows go at once, it is the list
that changed: no report gets a verdict, the event is pending until whole readings agree for `SETTLED`, and is reported then as one change. Rows that
come back take it back. A row whose report a list names under another address has moved, and is taken out at once.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from archive.history.looks import is_later
from archive.index import documents, listings
from archive.index.codes import ChangeKind
from archive.index.types import PortalEventRow, as_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlite_utils import Database

    from archive.index.types import AbsentRow
    from archive.warc.visit_log import ListLine

#: A pending event is reported when whole readings agree so long after the second one (a week, less what a calendar may be early).
SETTLED = timedelta(days=6)
#: Rows that go at once are an event of the column: so many, if they are this share of its reports …
MANY, SHARE = 3, 0.3
#: … or so many of one year, or of one agency.
MANY_OF_A_KIND = 10

HELD, CONFIRMED, TAKEN_BACK = "held", "confirmed", "taken back"


@dataclass(frozen=True, slots=True)
class Shrinkage:
    """A confirmed event: rows that a column no longer names, told at one of the reports."""

    column: str
    before: int
    after: int
    at: str
    rows: tuple[AbsentRow, ...]


def is_mass(gone: Sequence[AbsentRow], before: int) -> bool:
    """Whether rows that went at once are an event of their column. `before`: how many of its rows named reports."""
    years = Counter(row.year for row in gone)
    agencies = Counter(row.agency for row in gone)
    most = max((*years.values(), *agencies.values()), default=0)
    return (len(gone) >= MANY and len(gone) >= SHARE * before) or most >= MANY_OF_A_KIND


def settle_rows(db: Database, lines: Iterable[ListLine]) -> tuple[set[str], list[Shrinkage]]:
    """Take out the rows that a pass confirms as gone.

    Args:
        lines: The pass's whole readings; what they lack is noted in `listings`.

    Returns:
        Addresses of the rows that were taken out, and the events that are confirmed now.
    """
    dropped: set[str] = set()
    told: list[Shrinkage] = []
    for line in lines:
        dropped |= _settle_column(db, line, told)
    return dropped, told


def _settle_column(db: Database, line: ListLine, told: list[Shrinkage]) -> set[str]:
    absent = listings.absent_rows(db, line.url)
    before = listings.count_report_rows(db, line.url)
    moved = [row for row in absent if row.is_listed_elsewhere]
    gone = [row for row in absent if not row.is_listed_elsewhere and row.report is not None]
    others = [row for row in absent if row.report is None]
    is_event = is_mass(gone, before)
    confirmed = [row for row in (*others, *(() if is_event else gone)) if is_later(row.absent_at, line.at)]
    if is_event:
        shrunken = _hold(db, line, gone, before)
        told += [shrunken] if shrunken is not None else []
        for row in shrunken.rows if shrunken is not None else ():
            listings.drop_listing(db, line.url, row.url)
            documents.forget_listed(db, row.url)
    else:
        _take_back(db, line)
    for row in (*moved, *confirmed):
        listings.drop_listing(db, line.url, row.url)
    return {row.url for row in (*moved, *confirmed)}


def _hold(db: Database, line: ListLine, gone: Sequence[AbsentRow], before: int) -> Shrinkage | None:
    """Hold an event until later whole readings agree; give it when they do."""
    first = min(row.absent_at for row in gone)
    known = listings.open_event(db, line.url)
    if known is None:
        if is_later(first, line.at):
            made = hashlib.sha256(f"{line.url}\n{first}".encode()).hexdigest()[:16]
            urls = as_json([row.url for row in gone])
            listings.put_event(
                db,
                PortalEventRow(
                    made,
                    line.portal,
                    ChangeKind.COLUMN_SHRANK,
                    line.url,
                    line.at,
                    before,
                    before - len(gone),
                    urls,
                    HELD,
                    None,
                ),
            )
        return None
    if not is_later(known.at, line.at, SETTLED):
        return None
    urls = as_json([row.url for row in gone])
    after = before - len(gone)
    listings.put_event(db, replace(known, rows_gone=urls, rows_after=after, status=CONFIRMED, decided_at=line.at))
    return Shrinkage(line.url, before, after, line.at, tuple(gone))


def _take_back(db: Database, line: ListLine) -> None:
    known = listings.open_event(db, line.url)
    if known is not None:
        listings.put_event(db, replace(known, status=TAKEN_BACK, decided_at=line.at))
