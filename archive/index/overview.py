"""Counts over the whole index, for the archivist's one screen and for the monitoring: what is archived, and what the register lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict, cast

from archive.index.codes import LEFT_OUT
from archive.index.figures import figure_count
from archive.index.rows import read, row, value, values
from archive.index.types import PortalRow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlite_utils import Database

#: What a register may lack of an agency, each with the query for the names of those that lack it.
_GAPS = {
    "without_portal": "SELECT name FROM agencies WHERE portal IS NULL ORDER BY name",
    "without_region": "SELECT name FROM agencies WHERE region IS NULL ORDER BY name",
    "kind_guessed": "SELECT name FROM agencies WHERE source = 'found' ORDER BY name",
}


def last_clock(db: Database) -> str | None:
    """The clock of the newest run: `system` or `simulated`. `None` for an empty archive."""
    found: str | None = value(db, "SELECT clock FROM runs ORDER BY ended_at DESC, id LIMIT 1")
    return found


class RunSummary(TypedDict):
    """The newest run, as `ogi status --json` gives it."""

    id: str
    kind: str
    started_at: str
    ended_at: str
    clock: str
    is_whole: bool


class AgencyCounts(TypedDict):
    """How many agencies are known, and how many names are not."""

    agencies: int
    proposed: int
    unresolved_names: int


def last_run(db: Database) -> RunSummary | None:
    """The newest run, as `ogi status --json` gives it."""
    found = row(
        db, "SELECT id, kind, started_at, ended_at, clock, is_whole FROM runs ORDER BY ended_at DESC, id LIMIT 1"
    )
    return cast("RunSummary", found | {"is_whole": bool(found["is_whole"])}) if found else None


def portals(db: Database) -> list[PortalRow]:
    """Every portal with all its columns, by id."""
    return read(db, PortalRow, "SELECT * FROM portals ORDER BY id")


def portals_by_state(db: Database) -> dict[str, int]:
    """How many portals are in each state."""
    return dict(db.execute("SELECT state, count(*) FROM portals GROUP BY state ORDER BY state").fetchall())


def reports_by_status(db: Database) -> dict[str, int]:
    """How many reports have each status."""
    return dict(db.execute("SELECT status, count(*) FROM reports GROUP BY status ORDER BY status").fetchall())


def sizes(db: Database) -> dict[str, int]:
    """How many captures, reports, versions and figures there are."""
    return {
        "captures": value(db, "SELECT count(*) FROM captures"),
        "reports": value(db, "SELECT count(*) FROM reports"),
        "versions": value(db, "SELECT count(*) FROM versions"),
        "figures": figure_count(db),
    }


def left_out(db: Database) -> list[tuple[str, str]]:
    """Addresses of captures that are left out of the index, each with the reason."""
    return [
        (url, why)
        for url, why in db.execute("SELECT url, max(message) FROM notices WHERE code = ? GROUP BY url", (LEFT_OUT,))
    ]


def agency_counts(db: Database, since: str) -> AgencyCounts:
    """How many agencies are known and how many of them were only found, and how many addresses bore a name that nobody knows since a day."""
    return {
        "agencies": value(db, "SELECT count(*) FROM agencies"),
        "proposed": value(db, "SELECT count(*) FROM agencies WHERE source = 'found'"),
        "unresolved_names": value(
            db, "SELECT count(DISTINCT url) FROM notices WHERE code = 'agency-unknown' AND at >= ?", (since,)
        ),
    }


def register_gaps(db: Database) -> dict[str, list[str]]:
    """What the register lacks, each with the names of the agencies that lack it."""
    return {gap: values(db, sql) for gap, sql in _GAPS.items()}


def kinds_that_report(db: Database, year: int) -> list[str]:
    """The kind of each agency that must publish a report for a year."""
    return values(
        db, "SELECT kind FROM agencies WHERE coalesce(since, ?1) <= ?1 AND coalesce(until, ?1) >= ?1", (year,)
    )


def named_agencies(db: Database) -> Iterator[tuple[str, str]]:
    """Name and aliases (a JSON array) of every agency."""
    yield from db.execute("SELECT name, aliases FROM agencies").fetchall()
