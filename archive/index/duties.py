"""Queries about duties: who owes reports, which were seen, how lists were read. Each asks for all agencies, or for some."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.index.codes import ChangeKind
from archive.index.rows import read, stream, value, values
from archive.index.types import AgencyRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlite_utils import Database

#: How the reason of a pass begins that somebody stopped: it says nothing about the portal.
INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class DutyReport:
    """A report as far as duties need it; `published_on` is the printed date, or the one that the list gives."""

    id: str
    agency: str
    year: int
    first_seen: str
    absent_at: str | None
    published_on: str | None


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A report that vanished, or came back."""

    report: str
    at: str
    kind: str


@dataclass(frozen=True, slots=True)
class UnreadListing:
    """What a list names, and is no document of a report; `verdict` of the last visit, empty if it was never asked for."""

    portal: str
    url: str
    title: str | None
    date: str | None
    agency: str | None
    first_at: str
    verdict: str


@dataclass(frozen=True, slots=True)
class PassReading:
    """How a pass over a portal read its lists: when it ended, whether all of them were read to their end, when the first was read."""

    at: str
    is_ok: bool
    reason: str | None
    is_whole: bool
    read_at: str | None


@dataclass(frozen=True, slots=True)
class ObligationRow:
    """A row of `obligations`."""

    agency: str
    year: int
    kind: str
    region: str | None
    portal: str | None
    due: str
    status: str
    published_on: str | None
    first_seen: str | None
    days_late: int | None
    report: str | None
    reason: str | None
    list_read_at: str | None


def _among(column: str, some: Iterable[str] | None) -> tuple[str, tuple[str, ...]]:
    """A condition that narrows a query to some values of a column, and its parameters; none for all of them."""
    return ("1", ()) if some is None else (f"{column} IN (SELECT value FROM json_each(?))", (json.dumps(list(some)),))


def agencies(db: Database, some: Iterable[str] | None = None) -> list[AgencyRow]:
    """Agencies by name."""
    where, parameters = _among("id", some)
    return read(db, AgencyRow, f"SELECT * FROM agencies WHERE {where} ORDER BY name, id", parameters)


def duty_reports(db: Database, some: Iterable[str] | None = None) -> Iterator[DutyReport]:
    """Reports of agencies. A correction makes no report late: the date of the page that it stands beside counts, or the first version's."""
    where, parameters = _among("r.agency", some)
    return stream(
        db,
        DutyReport,
        "SELECT r.id, r.agency, r.year, r.first_seen, r.absent_at, coalesce("
        "(SELECT min(json_extract(a.entry, '$.date')) FROM documents d JOIN addresses a ON a.url = d.url "
        "WHERE d.report = r.id AND d.is_correction = 0 "
        "AND EXISTS (SELECT 1 FROM documents c WHERE c.report = r.id AND c.is_correction = 1 AND c.is_primary = 1)), "
        "(SELECT v.published_on FROM versions v WHERE v.report = r.id AND v.published_on IS NOT NULL ORDER BY v.version LIMIT 1), "
        f"r.published_on) AS published_on FROM reports r WHERE r.status <> 'new' AND {where}",
        parameters,
    )


def withdrawals(db: Database, some: Iterable[str] | None = None) -> list[Withdrawal]:
    """When reports of agencies vanished and came back, false alarms left out, in order."""
    where, parameters = _among("r.agency", some)
    return read(
        db,
        Withdrawal,
        "SELECT c.report, c.at, c.kind FROM changes c JOIN reports r ON r.id = c.report "
        f"WHERE c.kind IN ('{ChangeKind.VANISHED}', '{ChangeKind.RESTORED}') AND c.is_false_alarm = 0 AND {where} "
        "ORDER BY c.at, c.run, c.position",
        parameters,
    )


def portals_by_agency(db: Database, some: Iterable[str] | None = None) -> dict[str, list[str]]:
    """For each agency, the portals on which a name stands for it."""
    where, parameters = _among("agency", some)
    found: dict[str, list[str]] = defaultdict(list)
    sql = f"SELECT DISTINCT agency, scope FROM agency_names WHERE scope <> '' AND {where} ORDER BY agency, scope"
    for agency, portal in db.execute(sql, parameters).fetchall():
        found[agency].append(portal)
    return found


def unread_listings(db: Database, portals: Iterable[str] | None = None) -> list[UnreadListing]:
    """What lists of portals name and no document stands for, the first named first."""
    where, parameters = _among("l.portal", portals)
    return read(
        db,
        UnreadListing,
        "SELECT l.portal, l.url, l.title, l.date, l.agency, l.first_at, coalesce(a.verdict, '') AS verdict FROM listings l "
        "LEFT JOIN addresses a ON a.url = l.url AND a.role = 'report' WHERE NOT EXISTS (SELECT 1 FROM documents d WHERE d.url = l.url) "
        f"AND NOT EXISTS (SELECT 1 FROM documents d WHERE d.entry_url = l.url) AND {where} ORDER BY l.first_at, l.url",
        parameters,
    )


def agency_within(db: Database, portal: str, text: str) -> str | None:
    """The agency whose name on a portal stands within a text in normal form; of several the longest name."""
    found: str | None = value(
        db,
        "SELECT agency FROM agency_names WHERE scope = ? AND length(name) > 2 AND instr(?, name) ORDER BY length(name) DESC, name LIMIT 1",
        (portal, text),
    )
    return found


def portals_with_passes(db: Database) -> list[str]:
    """Portals over which a pass ended."""
    return values(
        db,
        "SELECT p.id FROM portals p WHERE EXISTS (SELECT 1 FROM portal_passes f WHERE f.portal = p.id) ORDER BY p.id",
    )


def pass_readings(db: Database, portal: str) -> Iterator[PassReading]:
    """The passes over a portal, the last first."""
    return stream(
        db,
        PassReading,
        "SELECT p.at, p.is_ok, p.reason, "
        "coalesce((SELECT min(l.is_complete) FROM lists l WHERE l.portal = p.portal AND l.run = p.run), 0) AS is_whole, "
        "(SELECT min(l.at) FROM lists l WHERE l.portal = p.portal AND l.run = p.run) AS read_at "
        "FROM portal_passes p WHERE p.portal = ? ORDER BY p.at DESC, p.run DESC",
        (portal,),
    )


def complete_readings(db: Database) -> dict[str, list[str]]:
    """For each portal, when all its lists were read to their end in one run, in order."""
    found: dict[str, list[str]] = defaultdict(list)
    for portal, at in db.execute(
        "SELECT p.portal, min(l.at) AS at FROM portal_passes p JOIN lists l ON l.portal = p.portal AND l.run = p.run "
        "GROUP BY p.portal, p.run HAVING min(l.is_complete) = 1 ORDER BY at"
    ).fetchall():
        found[portal].append(at)
    return found


def replace_obligations(db: Database, found: Iterable[ObligationRow], as_of: str) -> None:
    """Let these be all obligations, as known on a day."""
    db.execute("DELETE FROM obligations")
    db.conn.executemany(
        "INSERT INTO obligations (agency, year, kind, region, portal, due, status, published_on, first_seen, days_late, report, "
        "reason, list_read_at, as_of) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        ((*_values(row), as_of) for row in found),
    )


def _values(row: ObligationRow) -> Sequence[object]:
    return (
        row.agency,
        row.year,
        row.kind,
        row.region,
        row.portal,
        row.due,
        row.status,
        row.published_on,
        row.first_seen,
        row.days_late,
        row.report,
        row.reason,
        row.list_read_at,
    )


def defined_portals(db: Database) -> list[str]:
    """Portals that a definition describes."""
    return values(db, "SELECT id FROM portals WHERE state <> 'undefined' ORDER BY id")


def county_codes(db: Database) -> set[str]:
    """The counties of GB/T 2260."""
    return set(values(db, "SELECT code FROM regions WHERE level = 'county'"))
