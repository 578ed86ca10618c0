"""What the archive knows of portals' lists, made ready for a job."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

from archive.clock import utc_text
from archive.index import listings
from archive.index.codes import ProofKind
from archive.warc.context import Entry
from crawler.http.hosts import host_key
from crawler.passes.listings import listing_digest
from crawler.passes.memory import GuessMemory, PassMemory

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlite_utils import Database

    from archive.index.types import ListReadingRow

#: A guess at a further page that brought nothing is not repeated for so long.
GUESSES_HOLD = timedelta(days=90)


def memory_of(db: Database, portals: Sequence[str], now: datetime) -> PassMemory:
    """What earlier passes learnt of the portals' lists."""
    recent = listings.readings_since(db, portals, utc_text(now - GUESSES_HOLD))
    return PassMemory(_digests(db, portals), _windows(recent), _guesses(recent))


def columns_of(db: Database, portal: str) -> list[str]:
    """The columns that the portal's last pass read, those among them that an earlier one found by itself."""
    return sorted({reading.url for reading in listings.last_readings(db, portal)})


def _digests(db: Database, portals: Sequence[str]) -> dict[str, str]:
    """What each column named when it was last read to its end, as a digest."""
    entries: dict[str, list[Entry]] = {column: [] for column in listings.columns_read_to_their_end(db, portals)}
    for row in listings.listings_of(db, portals):
        if row.column_url in entries:
            entries[row.column_url].append(Entry(row.url, row.title or "", row.date, row.agency))
    return {column: listing_digest(rows) for column, rows in entries.items()}


def _windows(readings: Iterable[ListReadingRow]) -> dict[str, int]:
    """Columns that show their newest rows only, each with how many."""
    latest = {reading.url: reading for reading in readings}
    return {url: reading.entries or 0 for url, reading in latest.items() if reading.proof == ProofKind.WINDOW}


def _guesses(readings: Iterable[ListReadingRow]) -> dict[str, GuessMemory]:
    """Guesses that worked at a host, and those that brought nothing."""
    found: dict[str, GuessMemory] = {}
    for reading in readings:
        known = found.get(host_key(reading.url), GuessMemory())
        worked = reading.way if reading.way and reading.way.startswith("guess") else known.worked
        tried = (*known.skipped, *json.loads(reading.tried or "[]"))
        skipped = tuple(dict.fromkeys(guess for guess in tried if guess != worked))
        if worked or skipped:
            found[host_key(reading.url)] = GuessMemory(worked, skipped)
    return found
